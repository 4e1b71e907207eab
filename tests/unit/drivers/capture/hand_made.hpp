// Captures and HCI events laid out by hand, apart from the product's writer, and a folder for files.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "drivers/capture/btsnoop_reader.hpp"

namespace beacon_gateway_test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

inline Bytes reversed(const Bytes& bytes) {
  return {bytes.rbegin(), bytes.rend()};
}

// 2026-11-21 10:00 in Bangkok, and seconds after it.
inline beacon_gateway::WallTime shop_time(double seconds) {
  using namespace std::chrono;
  return sys_days{year{2026} / 11 / 21} + hours{3} + microseconds{static_cast<std::int64_t>(seconds * 1e6)};
}

// A capture's text, a record at a time.
class HandMadeCapture {
 public:
  static constexpr std::uint32_t kMonitor = 2001;
  static constexpr std::uint32_t kH4 = 1002;

  explicit HandMadeCapture(std::uint32_t datalink = kMonitor, std::uint32_t version = 1) {
    text_ = std::string("btsnoop\0", 8);
    big_endian(version, 4);
    big_endian(datalink, 4);
  }

  HandMadeCapture& record(std::uint32_t flags, beacon_gateway::WallTime at, const Bytes& data) {
    constexpr std::uint64_t kYear2000InFile = 0x00E03AB44A676000;
    constexpr std::uint64_t kYear2000 = 946684800;
    const auto unix_microseconds = static_cast<std::uint64_t>(at.time_since_epoch().count());
    return raw_record(data.size(), data.size(), flags, unix_microseconds - kYear2000 * 1000000 + kYear2000InFile, data);
  }
  HandMadeCapture& raw_record(std::uint64_t original, std::uint64_t included, std::uint32_t flags, std::uint64_t time,
                              const Bytes& data) {
    big_endian(original, 4);
    big_endian(included, 4);
    big_endian(flags, 4);
    big_endian(0, 4);
    big_endian(time, 8);
    text_.append(data.begin(), data.end());
    return *this;
  }
  HandMadeCapture& event(std::uint16_t adapter, beacon_gateway::WallTime at, const Bytes& data) {
    return record(std::uint32_t{adapter} << 16 | 3, at, data);
  }
  HandMadeCapture& new_index(std::uint16_t adapter, beacon_gateway::WallTime at, const Bytes& address) {
    return record(std::uint32_t{adapter} << 16, at,
                  joined({{0, 1}, reversed(address), {'h', 'c', 'i', 0, 0, 0, 0, 0}}));
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void big_endian(std::uint64_t number, int octets) {
    while (octets-- > 0) text_ += static_cast<char>(number >> (8 * octets) & 0xFF);
  }
  std::string text_;
};

inline tl::expected<beacon_gateway::capture::BtsnoopReader, beacon_gateway::capture::CaptureError> reader_of(
    const std::string& text, std::string name = "hand-made") {
  return beacon_gateway::capture::BtsnoopReader::from(std::make_unique<std::istringstream>(text), std::move(name));
}

inline const Bytes kStranger{0xC0, 1, 2, 3, 4, 5};

// One report of a legacy event: non-connectable, random address.
inline Bytes legacy_report(const Bytes& address, const Bytes& data, std::uint8_t rssi) {
  return joined({{3, 1}, reversed(address), {static_cast<std::uint8_t>(data.size())}, data, {rssi}});
}

inline Bytes le_event(std::uint8_t subevent, std::uint8_t count, const Bytes& reports) {
  return joined({{0x3E, static_cast<std::uint8_t>(reports.size() + 2), subevent, count}, reports});
}

inline Bytes legacy_event(const Bytes& address = kStranger, const Bytes& data = {2, 1, 6}, std::uint8_t rssi = 0xC4) {
  return le_event(0x02, 1, legacy_report(address, data, rssi));
}

// One report of an extended event. `status`: 0 complete, 1 more to come, 2 cut by the controller.
inline Bytes extended_report(const Bytes& address, std::uint8_t set_id, std::uint8_t status, const Bytes& data,
                             std::uint8_t address_type = 1) {
  return joined({{static_cast<std::uint8_t>(status << 5), 0, address_type},
                 reversed(address),
                 {1, 1, set_id, 127, 0xC4, 0, 0, 0, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(data.size())},
                 data});
}

// A folder of its own, gone at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "capture-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path file(const std::string& name, const std::string& text) const {
    std::ofstream{path_ / name, std::ios::binary} << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace beacon_gateway_test
