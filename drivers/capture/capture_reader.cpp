#include "drivers/capture/capture_reader.hpp"

#include <algorithm>

#include "drivers/capture/recorded_adapters.hpp"

namespace beacon_gateway::capture {
namespace {

std::string counted(std::uint64_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string{what};
}

}  // namespace

std::vector<std::string> warnings(const CaptureSummary& summary) {
  std::vector<std::string> lines;
  for (const CaptureError& damage : summary.damage) lines.push_back(damage.message());
  for (const auto& [index, count] : summary.unassigned)
    lines.push_back("hci" + std::to_string(index) + ": " + counted(count, "advertisements belong to no scanner"));
  if (summary.steps_back > 0) lines.push_back(counted(summary.steps_back, "records step back in time"));
  if (summary.dropped.malformed > 0) lines.push_back(counted(summary.dropped.malformed, "malformed reports"));
  if (summary.dropped.abandoned > 0)
    lines.push_back(counted(summary.dropped.abandoned, "extended advertisements never became whole"));
  return lines;
}

tl::expected<CaptureReader, CaptureError> CaptureReader::open(const std::vector<std::filesystem::path>& files,
                                                              const std::vector<std::string>& scanner_adapters) {
  std::vector<BtsnoopReader> captures;
  for (const auto& file : files) {
    auto capture = BtsnoopReader::open(file);
    if (!capture) return tl::unexpected{std::move(capture).error()};
    captures.push_back(*std::move(capture));
  }
  return CaptureReader{std::move(captures), scanner_adapters};
}

CaptureReader::CaptureReader(std::vector<BtsnoopReader> captures, const std::vector<std::string>& scanner_adapters) {
  for (const std::string& adapter : scanner_adapters)
    scanners_.push_back({adapter_index(adapter), parse_address_octets(adapter)});
  for (BtsnoopReader& capture : captures) sources_.push_back({std::move(capture), {}, {}});
  for (Source& source : sources_) advance(source);
}

std::optional<Advertisement> CaptureReader::next() {
  while (next_report_ == reports_.size())
    if (!read_record()) return std::nullopt;
  const Report& report = reports_[next_report_++];
  ++summary_.advertisements;
  return Advertisement{scanner_, report.address, report.rssi_dbm, report.payload, capture_instant(now_)};
}

CaptureSummary CaptureReader::summary() const {
  CaptureSummary summary = summary_;
  summary.dropped = report_reader_.dropped();
  return summary;
}

// Reads the earliest record of all captures; false at their end.
bool CaptureReader::read_record() {
  reports_.clear();
  next_report_ = 0;
  // The first of the earliest, so that files named first go first.
  const auto earliest = std::ranges::min_element(
      sources_, [](const Source& a, const Source& b) { return a.head && (!b.head || a.head->at < b.head->at); });
  if (earliest == sources_.end() || !earliest->head) {
    report_reader_.finish();
    return false;
  }

  const Record& record = *earliest->head;
  ++summary_.records;
  if (record.at < now_) ++summary_.steps_back;
  now_ = std::max(now_, record.at);
  if (record.opcode == Opcode::new_index) note_address(*earliest, record, kNewIndexAddressAt);
  if (record.opcode == Opcode::index_info) note_address(*earliest, record, kIndexInfoAddressAt);
  if (record.opcode == Opcode::event) {
    const auto origin = static_cast<std::uint32_t>((earliest - sources_.begin()) << 16 | record.adapter);
    report_reader_.read(origin, record.data, reports_);
    if (const auto scanner = scanner_of(*earliest, record.adapter)) {
      scanner_ = *scanner;
    } else if (!reports_.empty()) {
      summary_.unassigned[record.adapter] += reports_.size();
      reports_.clear();
    }
  }
  advance(*earliest);
  return true;
}

void CaptureReader::advance(Source& source) {
  source.head = source.reader.next();
  if (!source.head && source.reader.damage()) summary_.damage.push_back(*source.reader.damage());
}

void CaptureReader::note_address(Source& source, const Record& record, std::size_t at) {
  AddressOctets address{};
  if (record.data.size() < at + address.size()) return;
  std::ranges::reverse_copy(record.data.subspan(at, address.size()), address.begin());
  if (address == AddressOctets{}) return;  // the controller has not been asked yet: Index Info will tell
  source.addresses[record.adapter] = address;
  addresses_[record.adapter] = address;
}

std::optional<ScannerIndex> CaptureReader::scanner_of(const Source& source, std::uint16_t adapter) const {
  std::optional<AddressOctets> address;
  for (const AddressByIndex* known : {&source.addresses, &addresses_})
    if (const auto found = known->find(adapter); !address && found != known->end()) address = found->second;
  const auto scanner = std::ranges::find_if(scanners_, [&](const AdapterOfScanner& candidate) {
    return candidate.index == adapter || (address && candidate.address == address);
  });
  if (scanner == scanners_.end()) return std::nullopt;
  return static_cast<ScannerIndex>(scanner - scanners_.begin());
}

}  // namespace beacon_gateway::capture
