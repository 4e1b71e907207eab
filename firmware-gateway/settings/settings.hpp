// The configuration as values: everything that `gateway.toml`, `campaigns.d/*.toml` and `calibration.toml` say, checked
// and with defaults filled in. Immutable after reading; a reload makes a new one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/beacon/wake_up.hpp"
#include "core/gateway_name.hpp"
#include "core/journey/campaign.hpp"
#include "core/presence/shop.hpp"

namespace beacon_gateway {

enum class ScannerDriver : std::uint8_t { bluez, capture };

// Where a scanner's advertisements come from; parallel to Shop::scanners.
struct ScannerSource {
  ScannerDriver driver = ScannerDriver::bluez;
  std::optional<std::filesystem::path> file;  // of a capture
  double speed = 1.0;                         // of a capture; 0: as fast as possible
};

// One [[beacon]]: what is advertised, and on which adapter.
struct BeaconSettings {
  std::string adapter;
  std::variant<IBeacon, LineBeacon> identity;
  std::optional<std::filesystem::path> rotation_key_file;  // absent: it says the same for ever
  std::chrono::seconds rotation_period{};
  friend bool operator==(const BeaconSettings&, const BeaconSettings&) = default;
};

struct RadioSettings {
  std::optional<IBeacon> canary;  // a beacon that is always on; its measured power counts for nothing
  friend bool operator==(const RadioSettings&, const RadioSettings&) = default;
};

struct IdentitySettings {
  std::vector<Uuid> ibeacon_uuids;  // only these are looked up; empty: all
  std::vector<Uuid> token_service_uuids;
  std::size_t most_irks = 1677;  // at which one stranger's address in 10 000 is taken for a shopper's by chance
};

enum class ReceiptPolicy : std::uint8_t { required, optional, off };

struct BrokerSettings {
  std::string url;  // "mqtts://host:port" or "mqtt://host:port"; empty: no broker, events stay in the outbox
  std::optional<std::filesystem::path> ca_file;
  std::optional<std::filesystem::path> cert_file;
  std::optional<std::filesystem::path> key_file;
  ReceiptPolicy receipts = ReceiptPolicy::optional;
  bool insecure = false;
};

struct DownlinkSettings {
  std::vector<std::filesystem::path> trusted_keys;
  bool allow_unsigned = false;
};

struct StoreSettings {
  std::filesystem::path directory = "/var/lib/beacon-gateway";
  std::optional<std::filesystem::path> key_file;           // absent: the systemd credential `store-key`
  std::optional<std::filesystem::path> previous_key_file;  // while a key is being exchanged; or `store-key-previous`
  bool sealed = true;
};

struct PrivacySettings {
  Duration consent_lease = std::chrono::hours{24};
  std::vector<std::string> attributes;
};

struct Settings {
  GatewayName name;
  std::string timezone = "UTC";
  std::filesystem::path control_socket = "/run/beacon-gateway/control";
  Shop shop;
  std::vector<ScannerSource> sources;  // parallel to shop.scanners
  std::vector<BeaconSettings> beacons;
  RadioSettings radio;
  bool app_may_start = false;
  IdentitySettings identity;
  BrokerSettings broker;
  DownlinkSettings downlink;
  StoreSettings store;
  PrivacySettings privacy;
  JourneyRules journey;
  std::string
      hash;  // first 16 hex digits of SHA-256 over the files as read, in order of their names: which configuration runs
};

}  // namespace beacon_gateway
