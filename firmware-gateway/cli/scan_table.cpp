#include "cli/scan_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/beacon/decode.hpp"
#include "settings/utf8.hpp"

namespace beacon_gateway {
namespace {

// So much of a new packet goes into the shown level: steady enough to read, and there within a second or two.
constexpr double kFreshShare = 0.25;

std::int64_t second_of(MonotonicTime at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

std::size_t place_of(std::int64_t second) {
  return static_cast<std::size_t>(second % ScanTable::kRateSeconds);
}

bool is_ours(std::optional<Whose> whose) {
  return whose && *whose != Whose::stranger;
}

double seconds_between(MonotonicTime from, MonotonicTime to) {
  return std::max(0.0, std::chrono::duration<double>(to - from).count());
}

const char* word(AddressType type) {
  switch (type) {
    case AddressType::public_address:
      return "public";
    case AddressType::random_static:
      return "static";
    case AddressType::random_resolvable:
      return "resolvable";
    case AddressType::random_non_resolvable:
      return "private";
  }
  return "";
}

}  // namespace

const char* word(std::optional<Whose> whose) {
  if (!whose) return "?";
  switch (*whose) {
    case Whose::shopper:
      return "shopper";
    case Whose::test_tag:
      return "test tag";
    case Whose::staff:
      return "staff";
    case Whose::stranger:
      break;
  }
  return "-";
}

void ScanTable::hear(const Advertisement& advertisement, std::optional<Whose> whose) {
  ++advertisements_;
  const MonotonicTime at = advertisement.instant.monotonic;
  const Key key{advertisement.address, advertisement.scanner};
  auto found = rows_.find(key);
  if (found == rows_.end()) {
    if (rows_.size() >= kMostRows && !is_ours(whose)) {
      ++without_row_;
      return;
    }
    found = rows_.emplace(key, Row{}).first;
    found->second.first = found->second.last = at;
  }
  Row& row = found->second;
  row.whose = whose;
  // A device sends its formats in turn; what says nothing does not wipe out what was said.
  if (auto frames = frames_of(advertisement, in_clear(whose)); !frames.empty()) row.frames = std::move(frames);
  if (const auto rssi = advertisement.rssi_dbm) {
    const double level = *rssi + settings_.shop.scanners[advertisement.scanner].offset_db;
    row.level_dbm = row.level_dbm ? *row.level_dbm + kFreshShare * (level - *row.level_dbm) : level;
  }
  const std::int64_t before = second_of(row.last);
  const std::int64_t second = std::max(before, second_of(at));
  for (std::int64_t gone = std::max(before + 1, second - kRateSeconds + 1); gone <= second; ++gone)
    row.by_second[place_of(gone)] = 0;
  ++row.by_second[place_of(second)];
  ++row.packets;
  row.last = std::max(row.last, at);
}

void ScanTable::forget_before(MonotonicTime at) {
  std::erase_if(rows_, [&](const auto& row) { return row.second.last < at; });
}

std::size_t ScanTable::devices() const {
  std::size_t count = 0;
  const Address* newest = nullptr;  // rows of one device stand together
  for (const auto& [key, row] : rows_) {
    if (newest == nullptr || *newest != key.first) ++count;
    newest = &key.first;
  }
  return count;
}

std::string ScanTable::frames_of(const Advertisement& advertisement, bool reveal) const {
  std::string text;
  for (const Frame& frame : decode(advertisement.payload.bytes(), settings_.identity.token_service_uuids))
    text += (text.empty() ? "" : " + ") + describe(frame, reveal);
  return text;
}

std::string ScanTable::device_text(const Rows::value_type& row) const {
  const Address& address = row.first.first;
  return in_clear(row.second.whose) ? address.text() : address.masked();
}

std::vector<const ScanTable::Rows::value_type*> ScanTable::ordered() const {
  std::vector<const Rows::value_type*> rows;
  for (const auto& row : rows_) rows.push_back(&row);
  std::ranges::stable_sort(rows, [](const auto* a, const auto* b) {
    if (is_ours(a->second.whose) != is_ours(b->second.whose)) return is_ours(a->second.whose);
    return a->second.level_dbm.value_or(-1000) > b->second.level_dbm.value_or(-1000);  // below any level
  });
  return rows;
}

// The ring holds the last ten seconds up to the newest packet; of a newcomer fewer count.
double ScanTable::rate(const Row& row) {
  std::uint32_t packets = 0;
  for (const std::uint32_t one : row.by_second) packets += one;
  const auto seconds = std::min<std::int64_t>(kRateSeconds, second_of(row.last) - second_of(row.first) + 1);
  return static_cast<double>(packets) / static_cast<double>(seconds);
}

std::string ScanTable::text(MonotonicTime now, std::size_t most) const {
  std::string text = fmt::format("{:<17} {:<17} {:<10} {:>4} {:>7} {:>6}  {:<8} {}\n", "SCANNER", "DEVICE", "ADDRESS",
                                 "dBm", "PER SEC", "AGE s", "KNOWN", "SENDS");
  const auto rows = ordered();
  for (std::size_t i = 0; i < std::min(most, rows.size()); ++i) {
    const auto& [key, row] = *rows[i];
    text += fmt::format("{:<17} {:<17} {:<10} {:>4} {:>7.1f} {:>6.1f}  {:<8} {}\n",
                        settings_.shop.scanners[key.second].adapter, device_text(*rows[i]), word(key.first.type),
                        row.level_dbm ? fmt::format("{:.0f}", *row.level_dbm) : "-", rate(row),
                        seconds_between(row.last, now), word(row.whose), row.frames.empty() ? "-" : row.frames);
  }
  if (rows.size() > most) text += fmt::format("… and {} rows more\n", rows.size() - most);
  if (without_row_ > 0)
    text += fmt::format("{} advertisements of devices beyond the {} rows that are kept\n", without_row_, kMostRows);
  return text;
}

std::string ScanTable::json(MonotonicTime now) const {
  std::string text;
  for (const auto* one : ordered()) {
    const auto& [key, row] = *one;
    const Scanner& scanner = settings_.shop.scanners[key.second];
    text += fmt::format(
        R"({{"what":"device","scanner":{},"zone":{},"device":{},"address_type":"{}","rssi_dbm":{},"per_second":{:.1f},)"
        R"("packets":{},"age_s":{:.1f},"known":{},"sends":{}}})"
        "\n",
        json_text(scanner.adapter), json_text(settings_.shop.zones[scanner.zone].id), json_text(device_text(*one)),
        word(key.first.type), row.level_dbm ? fmt::format("{:.0f}", *row.level_dbm) : "null", rate(row), row.packets,
        seconds_between(row.last, now), row.whose ? json_text(word(row.whose)) : "null", json_text(row.frames));
  }
  return text;
}

}  // namespace beacon_gateway
