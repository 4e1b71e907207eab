#include "drivers/sqlite/sequence_mark.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

#include "core/digest.hpp"

namespace beacon_gateway::sqlite {
namespace {

constexpr std::size_t kSlot = 512;
constexpr off_t kSecondSlot = 4096;
constexpr std::string_view kMagic = "beacon-gateway-mark 1 ";

std::string slot_of(std::int64_t sequence) {
  const std::string said = fmt::format("{}{}", kMagic, sequence);
  return fmt::format("{:<511}\n", fmt::format("{} {}", said, digest_hex({said})));
}

std::optional<std::int64_t> number_in(std::string_view slot) {
  if (!slot.starts_with(kMagic)) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = slot.data() + slot.size();
  if (std::from_chars(slot.data() + kMagic.size(), end, number).ec != std::errc{}) return std::nullopt;
  return slot == slot_of(number) ? std::optional{number} : std::nullopt;
}

}  // namespace

std::filesystem::path SequenceMark::file_of(const std::filesystem::path& store) {
  return std::filesystem::path{store}.replace_extension(".mark");
}

SequenceMark::SequenceMark(const std::filesystem::path& store) {
  if (store == ":memory:") return;
  file_ = file_of(store);
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (descriptor_ < 0)
    fail("opened");
  else
    read();
  newest_ = found_.value_or(0);
}

SequenceMark::~SequenceMark() {
  make_durable();
  if (descriptor_ >= 0) ::close(descriptor_);
}

void SequenceMark::read() {
  bool empty = true;
  for (const off_t at : {off_t{0}, kSecondSlot}) {
    std::array<char, kSlot> octets{};
    const ssize_t got = ::pread(descriptor_, octets.data(), octets.size(), at);
    if (got < 0) return fail("read");
    if (got > 0) empty = false;
    const auto number = number_in({octets.data(), static_cast<std::size_t>(got)});
    if (!number || (found_ && *found_ >= *number)) continue;
    found_ = number;
    second_slot_ = at == 0;  // the better one stays while the other is written
  }
  if (!empty && !found_)
    spdlog::error("{}: was damaged: whether the store has lost its newest events is not known", file_.string());
}

void SequenceMark::note(std::int64_t sequence) {
  if (descriptor_ < 0 || sequence <= newest_) return;
  newest_ = sequence;
  durable_ = false;
  const std::string slot = slot_of(sequence);
  const off_t at = second_slot_ ? kSecondSlot : 0;
  second_slot_ = !second_slot_;
  if (::pwrite(descriptor_, slot.data(), slot.size(), at) != static_cast<ssize_t>(slot.size())) fail("written");
}

void SequenceMark::make_durable() {
  if (descriptor_ < 0 || durable_) return;
  durable_ = true;
  if (::fdatasync(descriptor_) != 0) fail("written");
}

void SequenceMark::fail(const char* doing) {
  if (failed_) return;
  failed_ = true;
  spdlog::error("{}: cannot be {}: {}; a loss of the store's newest events would not be noticed", file_.string(), doing,
                std::strerror(errno));
}

}  // namespace beacon_gateway::sqlite
