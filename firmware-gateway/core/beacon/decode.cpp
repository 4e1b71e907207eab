#include "core/beacon/decode.hpp"

#include <algorithm>
#include <optional>

#include "core/hex.hpp"
#include "core/masked.hpp"

namespace beacon_gateway {
namespace {

using Bytes = std::span<const std::uint8_t>;

// Bluetooth Assigned Numbers, 2.3 "Common Data Types".
constexpr std::uint8_t kSomeServiceUuids128 = 0x06;
constexpr std::uint8_t kAllServiceUuids128 = 0x07;
constexpr std::uint8_t kServiceData16 = 0x16;
constexpr std::uint8_t kServiceData32 = 0x20;
constexpr std::uint8_t kServiceData128 = 0x21;
constexpr std::uint8_t kManufacturerData = 0xFF;

constexpr std::uint16_t kApple = 0x004C;
constexpr std::uint16_t kIBeaconTypeAndLength = 0x0215;
constexpr std::size_t kIBeaconSize = 25;  // company 2, type 1, length 1, uuid 16, major 2, minor 2, power 1
constexpr std::uint16_t kAltBeaconCode = 0xBEAC;
constexpr std::size_t kAltBeaconSize = 26;  // company 2, code 2, id 20, reference RSSI 1, reserved 1

constexpr std::uint32_t kEddystone = 0xFEAA;
constexpr std::uint8_t kUidFrame = 0x00;
constexpr std::uint8_t kUrlFrame = 0x10;
constexpr std::uint8_t kTlmFrame = 0x20;
constexpr std::uint8_t kEidFrame = 0x30;
constexpr std::size_t kUidSize = 18;     // frame 1, power 1, namespace 10, instance 6
constexpr std::size_t kUidReserved = 2;  // sent by some tags and left out by others
constexpr std::size_t kEidSize = 10;     // frame 1, power 1, ephemeral id 8
constexpr std::size_t kTlmSize = 14;     // frame 1, version 1, battery 2, temperature 2, count 4, uptime 4
constexpr std::uint8_t kTlmPlain = 0x00;
constexpr std::size_t kUrlHead = 3;  // frame 1, power 1, scheme 1

std::uint16_t big16(Bytes at) {
  return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}
std::uint32_t big32(Bytes at) {
  return std::uint32_t{big16(at)} << 16 | big16(at.subspan(2));
}
std::uint16_t little16(Bytes at) {
  return static_cast<std::uint16_t>(at[1] << 8 | at[0]);
}
std::uint32_t little32(Bytes at) {
  return std::uint32_t{little16(at.subspan(2))} << 16 | little16(at);
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> copy(Bytes from) {
  std::array<std::uint8_t, kSize> to{};
  std::copy_n(from.begin(), kSize, to.begin());
  return to;
}

// The Bluetooth base UUID (Core 5.4, Vol 3 Part B, 2.5.1) with a short UUID in its first four octets.
Uuid widened(std::uint32_t short_uuid) {
  Uuid uuid{0, 0, 0, 0, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0x80, 0x5F, 0x9B, 0x34, 0xFB};
  for (std::size_t i = 0; i < 4; ++i) uuid[i] = static_cast<std::uint8_t>(short_uuid >> (24 - 8 * i));
  return uuid;
}

Uuid reversed(Bytes on_air) {
  Uuid uuid{};
  std::reverse_copy(on_air.begin(), on_air.begin() + uuid.size(), uuid.begin());
  return uuid;
}

std::optional<Frame> manufacturer_frame(Bytes data) {
  if (data.size() == kIBeaconSize && little16(data) == kApple && big16(data.subspan(2)) == kIBeaconTypeAndLength)
    return IBeacon{copy<16>(data.subspan(4)), big16(data.subspan(20)), big16(data.subspan(22)),
                   static_cast<std::int8_t>(data[24])};
  if (data.size() == kAltBeaconSize && big16(data.subspan(2)) == kAltBeaconCode)
    return AltBeacon{little16(data), copy<20>(data.subspan(4)), static_cast<std::int8_t>(data[24]), data[25]};
  return std::nullopt;
}

std::optional<Frame> url_frame(Bytes data) {
  EddystoneUrl url;
  const std::size_t encoded_size = data.size() - kUrlHead;
  if (encoded_size > url.encoded.size()) return std::nullopt;
  url.power_at_0m_dbm = static_cast<std::int8_t>(data[1]);
  url.scheme = data[2];
  std::ranges::copy(data.subspan(kUrlHead), url.encoded.begin());
  url.encoded_size = static_cast<std::uint8_t>(encoded_size);
  return url;
}

std::optional<Frame> eddystone_frame(Bytes data) {
  if (data.size() < 2) return std::nullopt;
  const auto power = static_cast<std::int8_t>(data[1]);
  switch (data[0]) {
    case kUidFrame:
      if (data.size() < kUidSize || data.size() > kUidSize + kUidReserved) return std::nullopt;
      return EddystoneUid{copy<10>(data.subspan(2)), copy<6>(data.subspan(12)), power};
    case kEidFrame:
      if (data.size() != kEidSize) return std::nullopt;
      return EddystoneEid{copy<8>(data.subspan(2)), power};
    case kTlmFrame:
      if (data.size() != kTlmSize || data[1] != kTlmPlain) return std::nullopt;
      return EddystoneTlm{big16(data.subspan(2)), static_cast<std::int16_t>(big16(data.subspan(4))),
                          big32(data.subspan(6)), big32(data.subspan(10))};
    case kUrlFrame:
      if (data.size() < kUrlHead) return std::nullopt;
      return url_frame(data);
    default:
      return std::nullopt;
  }
}

// One walk over the structures of one advertisement.
class Walk {
 public:
  explicit Walk(std::span<const Uuid> token_service_uuids) : token_service_uuids_(token_service_uuids) {}

  Frames over(Bytes data) {
    while (!data.empty()) {
      const std::size_t length = data[0];
      if (length == 0) break;  // "early termination": only zeros follow
      if (length >= data.size()) {
        frames_.fault = DecodeFault::malformed;
        return frames_;
      }
      structure(data[1], data.subspan(2, length - 1));
      data = data.subspan(1 + length);
    }
    if (frames_.count == 0) frames_.fault = DecodeFault::no_beacon;
    return frames_;
  }

 private:
  void structure(std::uint8_t type, Bytes data) {
    switch (type) {
      case kManufacturerData:
        return keep(manufacturer_frame(data));
      case kServiceData16:
        if (data.size() < 2) return;
        if (little16(data) == kEddystone) return keep(eddystone_frame(data.subspan(2)));
        return token(widened(little16(data)), data.subspan(2));
      case kServiceData32:
        if (data.size() >= 4) token(widened(little32(data)), data.subspan(4));
        return;
      case kServiceData128:
        if (data.size() >= 16) token(reversed(data), data.subspan(16));
        return;
      case kSomeServiceUuids128:
      case kAllServiceUuids128:
        return bare_tokens(data);
      default:
        return;
    }
  }

  [[nodiscard]] bool carries_token(const Uuid& service) const {
    return std::ranges::find(token_service_uuids_, service) != token_service_uuids_.end();
  }

  void token(const Uuid& service, Bytes data) {
    if (!carries_token(service)) return;
    ServiceData frame{service, {}, 0};
    frame.size = static_cast<std::uint8_t>(std::min(data.size(), frame.data.size()));
    std::ranges::copy(data.first(frame.size), frame.data.begin());
    keep(frame);
  }

  // Any service UUID may be a token, but only where tokens are in use. A token service's own UUID announces, no more.
  void bare_tokens(Bytes data) {
    if (token_service_uuids_.empty()) return;
    for (; data.size() >= 16; data = data.subspan(16))
      if (const Uuid uuid = reversed(data); !carries_token(uuid)) keep(ServiceData{uuid, {}, 0});
  }

  void keep(const std::optional<Frame>& frame) {
    if (frame && frames_.count < Frames::kMost) frames_.frames[frames_.count++] = *frame;
  }

  std::span<const Uuid> token_service_uuids_;
  Frames frames_;
};

std::string uuid_text(const Uuid& uuid) {
  std::string text = hex_text(uuid);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, 1, '-');
  return text;
}

std::string decimal(int number) {
  return std::to_string(number);
}

constexpr std::size_t kShownCharacters = 4;  // two octets in hexadecimal, as much as an address shows

// What tells one device from another, whole.
struct NameOf {
  std::string operator()(const IBeacon& f) const {
    return uuid_text(f.uuid) + " " + decimal(f.major) + " " + decimal(f.minor);
  }
  std::string operator()(const AltBeacon& f) const { return decimal(f.company) + " " + hex_text(f.id); }
  std::string operator()(const EddystoneUid& f) const { return hex_text(f.name_space) + " " + hex_text(f.instance); }
  std::string operator()(const EddystoneEid& f) const { return hex_text(f.ephemeral_id); }
  std::string operator()(const EddystoneTlm&) const { return {}; }
  std::string operator()(const EddystoneUrl& f) const { return expand_url(f); }
  std::string operator()(const ServiceData& f) const {
    return uuid_text(f.service_uuid) + (f.size == 0 ? "" : " ") + hex_text(Bytes{f.data}.first(f.size));
  }
};

// What may be shown of any device.
struct DetailOf {
  static std::string power(int dbm, std::string_view at) { return decimal(dbm) + " dBm at " + std::string{at}; }

  std::string operator()(const IBeacon& f) const { return power(f.measured_power_dbm, "1 m"); }
  std::string operator()(const AltBeacon& f) const { return power(f.reference_rssi_dbm, "1 m"); }
  std::string operator()(const EddystoneUid& f) const { return power(f.power_at_0m_dbm, "0 m"); }
  std::string operator()(const EddystoneEid& f) const { return power(f.power_at_0m_dbm, "0 m"); }
  std::string operator()(const EddystoneUrl& f) const { return power(f.power_at_0m_dbm, "0 m"); }
  std::string operator()(const ServiceData& f) const { return decimal(f.size) + " octets"; }
  std::string operator()(const EddystoneTlm& f) const {
    constexpr std::int16_t kNoTemperature = -0x8000;
    std::string text;
    if (f.battery_mv != 0) text += decimal(f.battery_mv) + " mV, ";
    if (f.temperature_256th_c != kNoTemperature) text += decimal(f.temperature_256th_c / 256) + " °C, ";
    return text + std::to_string(f.advertisement_count) + " sent, up " + std::to_string(f.uptime_tenths_s / 10) + " s";
  }
};

}  // namespace

Frames decode(std::span<const std::uint8_t> advertising_data, std::span<const Uuid> token_service_uuids) noexcept {
  return Walk{token_service_uuids}.over(advertising_data);
}

std::string expand_url(const EddystoneUrl& url) {
  constexpr std::array<std::string_view, 4> kSchemes{"http://www.", "https://www.", "http://", "https://"};
  constexpr std::array<std::string_view, 14> kExpansions{".com/", ".org/", ".edu/", ".net/", ".info/", ".biz/", ".gov/",
                                                         ".com",  ".org",  ".edu",  ".net",  ".info",  ".biz",  ".gov"};
  std::string text;
  if (url.scheme < kSchemes.size()) text += kSchemes[url.scheme];
  for (const std::uint8_t octet :
       Bytes{url.encoded}.first(std::min<std::size_t>(url.encoded_size, url.encoded.size()))) {
    if (octet < kExpansions.size()) {
      text += kExpansions[octet];
    } else if (octet > 0x20 && octet < 0x7F) {
      text += static_cast<char>(octet);
    }
  }
  return text;
}

std::string_view frame_kind(const Frame& frame) noexcept {
  constexpr std::array<std::string_view, std::variant_size_v<Frame>> kKinds{
      "ibeacon", "altbeacon", "eddystone-uid", "eddystone-eid", "eddystone-tlm", "eddystone-url", "service-data"};
  return kKinds[frame.index()];
}

std::string describe(const Frame& frame, bool reveal) {
  const std::string name = std::visit(NameOf{}, frame);
  std::string text{frame_kind(frame)};
  if (!name.empty()) text += " " + (reveal ? name : masked_tail(name, kShownCharacters));
  return text + ", " + std::visit(DetailOf{}, frame);
}

}  // namespace beacon_gateway
