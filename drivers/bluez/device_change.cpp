#include "drivers/bluez/device_change.hpp"

#include <algorithm>
#include <string>

#include "core/address.hpp"
#include "messages/text_forms.hpp"

namespace beacon_gateway::bluez {
namespace {

// A dictionary of octets by `read_key`; keys or values of another kind are passed over.
template <class Part, class ReadKey>
std::vector<Part> read_parts(Message& message, const char* contents, const char* entry, ReadKey&& read_key,
                             std::uint64_t& odd_values) {
  std::vector<Part> parts;
  if (!message.enter_array(contents)) return parts;
  while (message.enter_entry(entry)) {
    const auto key = read_key();
    const char* type = message.good() ? message.enter_variant() : nullptr;
    if (type == nullptr) return parts;
    if (key && std::string_view{type} == "ay") {
      const auto octets = message.octets();
      if (octets && parts.size() < DeviceChange::kMostParts) parts.push_back({*key, *octets});
    } else {
      ++odd_values;
      static_cast<void>(message.skip(type));
    }
    if (!message.leave() || !message.leave()) return parts;
  }
  static_cast<void>(message.good() && message.leave());
  return parts;
}

std::vector<Uuid> read_uuids(Message& message) {
  std::vector<Uuid> uuids;
  if (!message.enter_array("s")) return uuids;
  while (!message.at_end()) {
    const auto text = message.text();
    if (!text) return uuids;
    const auto uuid = uuid_from_text(*text);
    if (uuid && uuids.size() < DeviceChange::kMostUuids) uuids.push_back(*uuid);
  }
  static_cast<void>(message.leave());
  return uuids;
}

bool read_one(Message& message, std::string_view name, std::string_view type, DeviceChange& change,
              std::uint64_t& odd_values) {
  if (name == "RSSI" && type == "n") {
    change.rssi_dbm = message.int16();
  } else if (name == "ManufacturerData" && type == "a{qv}") {
    change.manufacturer =
        read_parts<DeviceChange::ManufacturerPart>(message, "{qv}", "qv", [&] { return message.uint16(); }, odd_values);
  } else if (name == "ServiceData" && type == "a{sv}") {
    change.services = read_parts<DeviceChange::ServicePart>(
        message, "{sv}", "sv",
        [&] {
          const auto text = message.text();
          return text ? uuid_from_text(*text) : std::nullopt;
        },
        odd_values);
  } else if (name == "UUIDs" && type == "as") {
    change.service_uuids = read_uuids(message);
  } else if (name == "Address" && type == "s") {
    if (const auto text = message.text()) change.address = parse_address_octets(*text);
  } else if (name == "AddressType" && type == "s") {
    if (const auto text = message.text()) change.random = *text == "random";
  } else {
    constexpr std::array<std::string_view, 6> kOurs{"RSSI",  "ManufacturerData", "ServiceData",
                                                    "UUIDs", "Address",          "AddressType"};
    if (std::ranges::find(kOurs, name) != kOurs.end()) ++odd_values;
    return false;
  }
  return true;
}

}  // namespace

std::optional<DeviceChange> read_device_change(Message& message, std::uint64_t& odd_values) {
  DeviceChange change;
  const bool whole = read_properties(message, [&](std::string_view name, std::string_view type) {
    return read_one(message, name, type, change, odd_values);
  });
  if (!whole) return std::nullopt;
  return change;
}

std::optional<DevicePath> parse_device_path(std::string_view path) {
  constexpr std::string_view kDevice = "/dev_";
  constexpr std::size_t kAddressText = 17;
  if (path.size() < kDevice.size() + kAddressText) return std::nullopt;
  std::string address{path.substr(path.size() - kAddressText)};
  const std::string_view before = path.substr(0, path.size() - kAddressText);
  if (!before.ends_with(kDevice)) return std::nullopt;
  std::ranges::replace(address, '_', ':');
  const auto octets = parse_address_octets(address);
  if (!octets) return std::nullopt;
  return DevicePath{before.substr(0, before.size() - kDevice.size()), *octets};
}

}  // namespace beacon_gateway::bluez
