// The beacon content of an advertisement, decoded. Plain values of fixed size; every multi-octet number is in host
// order, every identifier in printed order (most significant octet first).
#pragma once

#include <array>
#include <cstdint>
#include <variant>

namespace beacon_gateway {

using Uuid = std::array<std::uint8_t, 16>;  // printed order

// Apple, "Proximity Beacon Specification" R1: company 0x004C, type 0x02, length 0x15.
struct IBeacon {
  Uuid uuid{};
  std::uint16_t major = 0;
  std::uint16_t minor = 0;
  std::int8_t measured_power_dbm = 0;  // at 1 m
  friend bool operator==(const IBeacon&, const IBeacon&) = default;
};

// AltBeacon protocol specification 1.0 (github.com/AltBeacon/spec): any company, code 0xBEAC.
struct AltBeacon {
  std::uint16_t company = 0;
  std::array<std::uint8_t, 20> id{};
  std::int8_t reference_rssi_dbm = 0;  // at 1 m
  std::uint8_t manufacturer_reserved = 0;
  friend bool operator==(const AltBeacon&, const AltBeacon&) = default;
};

// Eddystone protocol specification (github.com/google/eddystone): service data of 0xFEAA; power is at 0 m.
struct EddystoneUid {
  std::array<std::uint8_t, 10> name_space{};
  std::array<std::uint8_t, 6> instance{};
  std::int8_t power_at_0m_dbm = 0;
  friend bool operator==(const EddystoneUid&, const EddystoneUid&) = default;
};
struct EddystoneEid {
  std::array<std::uint8_t, 8> ephemeral_id{};
  std::int8_t power_at_0m_dbm = 0;
  friend bool operator==(const EddystoneEid&, const EddystoneEid&) = default;
};
// Plain telemetry (version 0) only; the encrypted form has no fields that we may read.
struct EddystoneTlm {
  std::uint16_t battery_mv = 0;          // 0: not supported by the tag
  std::int16_t temperature_256th_c = 0;  // signed 8.8 fixed point; 0x8000: not supported
  std::uint32_t advertisement_count = 0;
  std::uint32_t uptime_tenths_s = 0;
  friend bool operator==(const EddystoneTlm&, const EddystoneTlm&) = default;
};
// As sent: scheme prefix code, then the encoded rest (at most 17 octets). `expand_url` makes the text.
struct EddystoneUrl {
  std::int8_t power_at_0m_dbm = 0;
  std::uint8_t scheme = 0;
  std::array<std::uint8_t, 17> encoded{};
  std::uint8_t encoded_size = 0;
  friend bool operator==(const EddystoneUrl&, const EddystoneUrl&) = default;
};

// Service data, or a bare 128-bit service UUID, that may carry a rolling token. `size` octets of `data` count.
struct ServiceData {
  Uuid service_uuid{};                  // short UUIDs are widened with the Bluetooth base UUID
  std::array<std::uint8_t, 16> data{};  // longer data are cut: a token has 8
  std::uint8_t size = 0;
  friend bool operator==(const ServiceData&, const ServiceData&) = default;
};

using Frame = std::variant<IBeacon, AltBeacon, EddystoneUid, EddystoneEid, EddystoneTlm, EddystoneUrl, ServiceData>;

}  // namespace beacon_gateway
