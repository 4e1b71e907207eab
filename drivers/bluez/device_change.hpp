// What one D-Bus message says of one device: some of the properties of org.bluez.Device1
// (doc/org.bluez.Device.rst of BlueZ). The octets lie in the message and live as long as its handler.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/beacon/frame.hpp"
#include "drivers/bluez/message.hpp"

namespace beacon_gateway::bluez {

inline constexpr std::string_view kDeviceInterface = "org.bluez.Device1";

using AddressOctets = std::array<std::uint8_t, 6>;

struct DeviceChange {
  // More of one kind than any beacon sends are left out.
  static constexpr std::size_t kMostParts = 8;
  static constexpr std::size_t kMostUuids = 32;

  struct ManufacturerPart {
    std::uint16_t company = 0;
    std::span<const std::uint8_t> octets;
  };
  struct ServicePart {
    Uuid service{};
    std::span<const std::uint8_t> octets;
  };

  std::optional<AddressOctets> address;
  std::optional<bool> random;  // the address's type, as the radio tells it
  std::optional<std::int16_t> rssi_dbm;
  // Absent: not mentioned. Each is the whole property, which replaces what was said of it before.
  std::optional<std::vector<ManufacturerPart>> manufacturer;
  std::optional<std::vector<ServicePart>> services;
  std::optional<std::vector<Uuid>> service_uuids;
};

// Reads a dictionary a{sv} of Device1. A value of another type than BlueZ documents is passed over and counted;
// nothing: no such dictionary.
[[nodiscard]] std::optional<DeviceChange> read_device_change(Message& message, std::uint64_t& odd_values);

// Where in BlueZ's tree a device stands: "/org/bluez/hci0/dev_C0_01_02_03_04_05".
struct DevicePath {
  std::string_view adapter;  // "/org/bluez/hci0"
  AddressOctets octets{};
};
[[nodiscard]] std::optional<DevicePath> parse_device_path(std::string_view path);

}  // namespace beacon_gateway::bluez
