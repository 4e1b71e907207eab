#include "drivers/capture/btsnoop_writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "drivers/capture/hci_format.hpp"

namespace beacon_gateway::capture {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

constexpr std::uint8_t kPhyOneMegabit = 0x01;
constexpr std::uint8_t kNoSetId = 0xFF;
constexpr std::uint8_t kNoTxPower = 127;
constexpr std::uint8_t kBusVirtual = 0;  // the gateway does not know on which bus the adapter sits

void add(Buffer& buffer, Bytes octets) {
  buffer.insert(buffer.end(), octets.begin(), octets.end());
}
void add_reversed(Buffer& buffer, Bytes octets) {
  buffer.insert(buffer.end(), octets.rbegin(), octets.rend());
}

template <typename Number>
void add_big_endian(Buffer& buffer, Number number) {
  for (std::size_t i = sizeof(Number); i-- > 0;) buffer.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

std::uint8_t address_type(const Address& address) {
  return address.type == AddressType::public_address ? kPublicAddress : kRandomAddress;
}

std::uint8_t rssi_octet(const Advertisement& advertisement) {
  return advertisement.rssi_dbm ? static_cast<std::uint8_t>(*advertisement.rssi_dbm) : kNoRssi;
}

Buffer event(std::uint8_t subevent, const Buffer& report) {
  Buffer bytes{kLeMetaEvent, static_cast<std::uint8_t>(kSubeventHead + report.size()), subevent, 1};
  add(bytes, report);
  return bytes;
}

Buffer legacy_event(const Advertisement& advertisement) {
  Buffer report{kNonConnectable, address_type(advertisement.address)};
  add_reversed(report, advertisement.address.octets);
  report.push_back(advertisement.payload.size);
  add(report, advertisement.payload.bytes());
  report.push_back(rssi_octet(advertisement));
  return event(kAdvertisingReport, report);
}

Buffer extended_event(const Advertisement& advertisement, Bytes data, std::uint16_t status) {
  Buffer report{static_cast<std::uint8_t>(status), 0, address_type(advertisement.address)};
  add_reversed(report, advertisement.address.octets);
  add(report, Buffer{kPhyOneMegabit, kPhyOneMegabit, kNoSetId, kNoTxPower, rssi_octet(advertisement)});
  report.resize(kExtendedLengthAt);  // no periodic interval, no direct address
  report.push_back(static_cast<std::uint8_t>(data.size()));
  add(report, data);
  return event(kExtendedReport, report);
}

}  // namespace

BtsnoopWriter::BtsnoopWriter(std::unique_ptr<std::ostream> stream, std::string name)
    : stream_(std::move(stream)), name_(std::move(name)) {
  Buffer header;
  add(header, kMagic);
  add_big_endian(header, kVersion);
  add_big_endian(header, static_cast<std::uint32_t>(Datalink::monitor));
  stream_->write(reinterpret_cast<const char*>(header.data()), static_cast<std::streamsize>(header.size()));
  offset_ = header.size();
}

tl::expected<BtsnoopWriter, CaptureError> BtsnoopWriter::create(const std::filesystem::path& file) {
  const auto failed = [&](const char* text) {
    return tl::unexpected{CaptureError{file.string(), 0, std::string{"cannot be written: "} + text}};
  };
  const int made = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (made < 0)
    return failed(errno == EEXIST ? "there is such a file already; remove it, or name another" : std::strerror(errno));
  ::close(made);
  auto stream = std::make_unique<std::ofstream>();
  stream->rdbuf()->pubsetbuf(nullptr, 0);  // a write each: a buffer would cut records in two
  stream->open(file, std::ios::binary | std::ios::app);
  if (!*stream) return failed(std::strerror(errno));
  return BtsnoopWriter{std::move(stream), file.string()};
}

void BtsnoopWriter::add_adapter(std::uint16_t index, const std::array<std::uint8_t, 6>& address, WallTime at) {
  Buffer data{0, kBusVirtual};
  add_reversed(data, address);
  const std::string name = "hci" + std::to_string(index);  // at most 8 characters
  data.insert(data.end(), name.begin(), name.end());
  data.resize(kNewIndexSize);
  write_record(index, Opcode::new_index, at, data);
}

void BtsnoopWriter::write(std::uint16_t adapter, const Advertisement& advertisement) {
  const WallTime at = advertisement.instant.wall;
  const Payload& payload = advertisement.payload;
  if (payload.size <= kMostLegacyData && !payload.truncated)
    return write_record(adapter, Opcode::event, at, legacy_event(advertisement));

  Bytes data = payload.bytes();
  for (; data.size() > kMostExtendedData; data = data.subspan(kMostExtendedData))
    write_record(adapter, Opcode::event, at, extended_event(advertisement, data.first(kMostExtendedData), kMoreToCome));
  write_record(adapter, Opcode::event, at,
               extended_event(advertisement, data, payload.truncated ? kCutByController : kComplete));
}

void BtsnoopWriter::write_record(std::uint16_t adapter, Opcode opcode, WallTime at, Bytes data) {
  Buffer record;
  add_big_endian(record, static_cast<std::uint32_t>(data.size()));
  add_big_endian(record, static_cast<std::uint32_t>(data.size()));
  add_big_endian(record, std::uint32_t{adapter} << 16 | static_cast<std::uint32_t>(opcode));
  add_big_endian(record, std::uint32_t{0});  // drops
  add_big_endian(record, static_cast<std::uint64_t>(at.time_since_epoch().count()) + kUnixEpoch);
  add(record, data);
  stream_->write(reinterpret_cast<const char*>(record.data()), static_cast<std::streamsize>(record.size()));
  offset_ += record.size();
}

tl::expected<void, CaptureError> BtsnoopWriter::flush() {
  if (stream_->flush()) return {};
  return tl::unexpected{CaptureError{name_, offset_, "cannot be written: is the disk full?"}};
}

}  // namespace beacon_gateway::capture
