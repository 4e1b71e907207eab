// What the gateway holds of a shopper (contract 3.5): identifiers, consents, language, segments, recommendations.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/address.hpp"
#include "core/beacon/frame.hpp"
#include "core/shopper_id.hpp"
#include "core/time.hpp"

namespace beacon_gateway {

enum class Purpose : std::uint8_t { presence, welcome, promotion, survey, assist };
inline constexpr std::size_t kPurposeCount = 5;
[[nodiscard]] std::string_view name(Purpose purpose) noexcept;
[[nodiscard]] std::optional<Purpose> purpose_from(std::string_view text) noexcept;

// The record of one act of consent. Live: granted_at <= now < expires_at.
struct Consent {
  Purpose purpose = Purpose::presence;
  WallTime granted_at{};
  std::optional<WallTime> expires_at;
  std::string notice;   // version of the privacy notice shown
  std::string channel;  // where it was given

  [[nodiscard]] bool live(WallTime now) const { return granted_at <= now && (!expires_at || now < *expires_at); }
  friend bool operator==(const Consent&, const Consent&) = default;
};

// A secret key, most significant octet first. A type of its own, so that no log or message can take it for octets.
struct Key128 {
  std::array<std::uint8_t, 16> octets{};

  [[nodiscard]] static constexpr std::size_t size() noexcept { return 16; }
  [[nodiscard]] constexpr const std::uint8_t* data() const noexcept { return octets.data(); }
  [[nodiscard]] constexpr std::uint8_t* data() noexcept { return octets.data(); }
  [[nodiscard]] constexpr const std::uint8_t* begin() const noexcept { return data(); }
  [[nodiscard]] constexpr const std::uint8_t* end() const noexcept { return data() + size(); }
  [[nodiscard]] constexpr std::uint8_t operator[](std::size_t at) const noexcept { return octets[at]; }

  friend auto operator<=>(const Key128&, const Key128&) = default;
};

struct IBeaconIdentifier {
  Uuid uuid{};
  std::uint16_t major = 0;
  std::uint16_t minor = 0;
  friend bool operator==(const IBeaconIdentifier&, const IBeaconIdentifier&) = default;
};
struct AltBeaconIdentifier {
  std::uint16_t company = 0;
  std::array<std::uint8_t, 20> id{};
  friend bool operator==(const AltBeaconIdentifier&, const AltBeaconIdentifier&) = default;
};
struct EddystoneUidIdentifier {
  std::array<std::uint8_t, 10> name_space{};
  std::array<std::uint8_t, 6> instance{};
  friend bool operator==(const EddystoneUidIdentifier&, const EddystoneUidIdentifier&) = default;
};
struct EddystoneEidIdentifier {
  Key128 key{};
  std::optional<std::int64_t> temporary_key_from;  // present: `key` is the temporary key of that period's 65 536 s
  std::uint8_t rotation_exponent = 0;              // 0..15
  std::int64_t clock_offset_s = 0;
  friend bool operator==(const EddystoneEidIdentifier&, const EddystoneEidIdentifier&) = default;
};
struct RollingTokenIdentifier {
  struct DayKey {
    std::chrono::sys_days day{};
    Key128 key{};
    friend bool operator==(const DayKey&, const DayKey&) = default;
  };
  Uuid service_uuid{};
  std::uint32_t period_s = 0;  // divides 86 400
  std::vector<DayKey> day_keys;
  friend bool operator==(const RollingTokenIdentifier&, const RollingTokenIdentifier&) = default;
};
struct IrkIdentifier {
  Key128 key{};
  friend bool operator==(const IrkIdentifier&, const IrkIdentifier&) = default;
};
struct AddressIdentifier {
  Address address;  // public or random static
  friend bool operator==(const AddressIdentifier&, const AddressIdentifier&) = default;
};
using ProfileIdentifier =
    std::variant<IBeaconIdentifier, AltBeaconIdentifier, EddystoneUidIdentifier, EddystoneEidIdentifier,
                 RollingTokenIdentifier, IrkIdentifier, AddressIdentifier>;

// Texts by language tag ("th", "en"), in the order given.
using LocalizedText = std::vector<std::pair<std::string, std::string>>;

// The text in `language`, else in English, else the first given; empty for no texts at all.
[[nodiscard]] std::string_view text_in(const LocalizedText& texts, std::string_view language);

struct Recommendation {
  std::string sku;
  double score = 0;
  std::string category;
  LocalizedText title;
  friend bool operator==(const Recommendation&, const Recommendation&) = default;
};

struct Profile {
  static constexpr std::size_t kMostIdentifiers = 8;
  static constexpr std::size_t kMostBytes = 8192;  // of its JSON form

  ShopperId shopper_id;
  std::int64_t version = 0;
  std::vector<ProfileIdentifier> identifiers{};
  std::vector<Consent> consents{};
  std::string language{};
  std::vector<std::string> segments{};
  std::map<std::string, std::string> attributes{};
  std::vector<Recommendation> recommendations{};  // as given; the best score first when used
  bool staff = false;
  bool test = false;

  friend bool operator==(const Profile&, const Profile&) = default;
};

[[nodiscard]] bool consents_to(const Profile& profile, Purpose purpose, WallTime now);
[[nodiscard]] bool any_live_consent(const Profile& profile, WallTime now);

}  // namespace beacon_gateway
