#include "drivers/capture/btsnoop_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace beacon_gateway::capture {
namespace {

template <typename Number>
Number big_endian(std::span<const std::uint8_t> from) {
  Number number = 0;
  for (const std::uint8_t octet : from.first(sizeof(Number))) number = number << 8 | octet;
  return number;
}

// Unsigned until the end: a damaged file may hold any number.
WallTime wall_time(std::uint64_t timestamp) {
  return WallTime{Duration{static_cast<std::int64_t>(timestamp - kUnixEpoch)}};
}

constexpr std::string_view kInterrupted =
    "; what stands before was read. The recording was interrupted (power, full disk) or the copy is incomplete: copy "
    "or "
    "record it again";
constexpr std::string_view kGarbage = "; what stands before was read. The file is damaged: copy or record it again";

std::string out_of(std::size_t there, std::size_t due) {
  return " (" + std::to_string(there) + " of " + std::to_string(due) + " octets)";
}

}  // namespace

BtsnoopReader::BtsnoopReader(std::unique_ptr<std::istream> stream, std::string name)
    : stream_(std::move(stream)), name_(std::move(name)) {}

tl::expected<BtsnoopReader, CaptureError> BtsnoopReader::open(const std::filesystem::path& file) {
  errno = 0;
  auto stream = std::make_unique<std::ifstream>(file, std::ios::binary);
  if (!*stream) {
    const std::string why = std::error_code{errno, std::generic_category()}.message();
    return tl::unexpected{CaptureError{file.string(), 0, "cannot be opened: " + why}};
  }
  return from(std::move(stream), file.string());
}

tl::expected<BtsnoopReader, CaptureError> BtsnoopReader::from(std::unique_ptr<std::istream> stream, std::string name) {
  BtsnoopReader reader{std::move(stream), std::move(name)};
  if (auto error = reader.read_file_header()) return tl::unexpected{*std::move(error)};
  return reader;
}

std::optional<CaptureError> BtsnoopReader::read_file_header() {
  std::array<std::uint8_t, kFileHeaderSize> header{};
  const std::size_t there = read_into(header);
  if (there == 0) return error_here("empty or not readable: a capture has a header; record it again");
  if (!std::ranges::equal(std::span{header}.first(std::min(there, kMagic.size())),
                          std::span{kMagic}.first(std::min(there, kMagic.size()))))
    return error_here("not a btsnoop capture; record one with `beacon-gateway record` or `btmon -w`");
  if (there < kFileHeaderSize)
    return error_here("the file's header is cut short" + out_of(there, kFileHeaderSize) + ": copy or record it again");

  const auto version = big_endian<std::uint32_t>(std::span{header}.subspan(8));
  const auto datalink = big_endian<std::uint32_t>(std::span{header}.subspan(12));
  if (version != kVersion)
    return CaptureError{name_, 8, "btsnoop version " + std::to_string(version) + "; only version 1 is known"};
  if (datalink != static_cast<std::uint32_t>(Datalink::monitor) && datalink != static_cast<std::uint32_t>(Datalink::h4))
    return CaptureError{name_, 12,
                        "btsnoop datalink " + std::to_string(datalink) +
                            "; only 2001 (BlueZ monitor) and 1002 (HCI H4) can be read: record it with `btmon -w`"};
  datalink_ = Datalink{datalink};
  offset_ = kFileHeaderSize;
  return std::nullopt;
}

std::optional<Record> BtsnoopReader::next() {
  if (damage_) return std::nullopt;
  std::array<std::uint8_t, kRecordHeaderSize> header{};
  const std::size_t there = read_into(header);
  if (there == 0) return stream_->bad() ? damaged("reading failed: check the disk") : std::optional<Record>{};
  if (there < header.size())
    return damaged("a record's header is cut short" + out_of(there, header.size()) + std::string{kInterrupted});

  const std::span fields{header};
  const auto original = big_endian<std::uint32_t>(fields);
  const auto included = big_endian<std::uint32_t>(fields.subspan(4));
  const WallTime at = wall_time(big_endian<std::uint64_t>(fields.subspan(16)));
  if (included > kMostRecordOctets || included > original)
    return damaged("a record claims " + std::to_string(included) + " octets" + std::string{kGarbage});
  if (at < kEarliest || at >= kLatest)
    return damaged("a record's time lies outside 1970 to 2100" + std::string{kGarbage});

  data_.resize(included);
  if (const std::size_t read = read_into(data_); read < included)
    return damaged("a record is cut short" + out_of(read, included) + std::string{kInterrupted});
  offset_ += kRecordHeaderSize + included;
  return shaped(big_endian<std::uint32_t>(fields.subspan(8)), at);
}

Record BtsnoopReader::shaped(std::uint32_t flags, WallTime at) const {
  Record record{at, 0, Opcode::other, data_};
  if (datalink_ == Datalink::h4) {
    if (!data_.empty() && data_[0] == kH4Event) {
      record.opcode = Opcode::event;
      record.data = record.data.subspan(1);
    }
    return record;
  }
  record.adapter = static_cast<std::uint16_t>(flags >> 16);
  for (const Opcode known : {Opcode::new_index, Opcode::event, Opcode::index_info})
    if ((flags & 0xFFFF) == static_cast<std::uint32_t>(known)) record.opcode = known;
  return record;
}

std::size_t BtsnoopReader::read_into(std::span<std::uint8_t> to) {
  stream_->read(reinterpret_cast<char*>(to.data()), static_cast<std::streamsize>(to.size()));
  return static_cast<std::size_t>(stream_->gcount());
}

std::nullopt_t BtsnoopReader::damaged(std::string text) {
  damage_ = error_here(std::move(text));
  return std::nullopt;
}

}  // namespace beacon_gateway::capture
