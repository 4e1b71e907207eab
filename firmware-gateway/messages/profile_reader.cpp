#include "messages/profile_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "messages/text_forms.hpp"

namespace beacon_gateway {
namespace {

using Json = nlohmann::ordered_json;

// A refusal on its way out of the reader; it never leaves this file.
struct Refused {
  std::string text;
};

[[noreturn]] void refuse(const std::string& path, std::string_view what) {
  throw Refused{path.empty() ? std::string{what} : fmt::format("{}: {}", path, what)};
}

std::string below(const std::string& path, std::string_view key) {
  return path.empty() ? std::string{key} : fmt::format("{}.{}", path, key);
}

void only(const Json& object, const std::string& path, std::initializer_list<std::string_view> known) {
  if (!object.is_object()) refuse(path, fmt::format("must be an object, is {}", object.type_name()));
  for (const auto& [key, value] : object.items())
    if (std::ranges::find(known, key) == known.end()) refuse(below(path, printable(key)), "unknown field");
}

const Json& required(const Json& object, const std::string& path, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) refuse(below(path, key), "is missing");
  return *found;
}

std::string text(const Json& json, const std::string& path, std::size_t most = 200) {
  if (!json.is_string()) refuse(path, fmt::format("must be a text, is {}", json.type_name()));
  const auto& value = json.get_ref<const std::string&>();
  if (value.size() > most) refuse(path, fmt::format("is longer than {} octets", most));
  return value;
}

std::int64_t whole(const Json& json, const std::string& path, std::int64_t least, std::int64_t most) {
  // The value is not told: where a number belongs, a key may stand by mistake.
  if (!json.is_number_integer())
    refuse(path, fmt::format("must be a whole number, is {}", json.is_number() ? "a fraction" : json.type_name()));
  // 2^63 and above are unsigned in the parser and would come out negative.
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > static_cast<std::uint64_t>(most))
    refuse(path, fmt::format("must be {} to {}", least, most));
  const auto value = json.get<std::int64_t>();
  if (value < least || value > most) refuse(path, fmt::format("must be {} to {}", least, most));
  return value;
}

bool flag(const Json& json, const std::string& path) {
  if (!json.is_boolean()) refuse(path, fmt::format("must be true or false, is {}", json.type_name()));
  return json.get<bool>();
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> hex(const Json& json, const std::string& path) {
  std::array<std::uint8_t, kSize> octets{};
  if (!octets_from_hex(text(json, path), octets)) refuse(path, fmt::format("must be {} hex digits", 2 * kSize));
  return octets;
}

Uuid uuid(const Json& json, const std::string& path) {
  const auto value = uuid_from_text(text(json, path));
  if (!value) refuse(path, "must be a UUID such as 5a4bcfce-174e-4bac-a814-092e77f6b7e5");
  return *value;
}

WallTime time(const Json& json, const std::string& path) {
  const auto value = wall_time_from_text(text(json, path));
  if (!value) refuse(path, "must be a UTC time such as 2026-01-05T03:00:00Z");
  return *value;
}

Address address(const Json& json, const std::string& path) {
  Address result;
  const auto octets = parse_address_octets(text(required(json, path, "address"), below(path, "address")));
  if (!octets) refuse(below(path, "address"), "must be six octets such as C0:01:02:03:04:05");
  result.octets = *octets;
  const std::string type = text(required(json, path, "type"), below(path, "type"));
  if (type == "public") return result;
  if (type != "random-static") refuse(below(path, "type"), "must be public or random-static: other addresses change");
  result.type = AddressType::random_static;
  if (random_address_type(result.octets[0]) != AddressType::random_static)
    refuse(below(path, "address"), "is not a random static one: its first octet must be C0 to FF");
  return result;
}

EddystoneEidIdentifier eddystone_eid(const Json& json, const std::string& path) {
  constexpr std::int64_t kLargestExponent = 15;            // Eddystone-EID: rotation period 2^K s, K 0..15
  constexpr std::int64_t kLargestOffset = 0x7FFFFFFFFFFF;  // any unix second of the next million years
  EddystoneEidIdentifier result;
  const bool identity = json.contains("identity_key");
  if (identity == json.contains("temporary_key")) refuse(path, "needs either identity_key or temporary_key");
  if (identity) {
    only(json, path, {"kind", "identity_key", "rotation_exponent", "clock_offset_s"});
    result.key.octets = hex<16>(json["identity_key"], below(path, "identity_key"));
  } else {
    only(json, path, {"kind", "temporary_key", "temporary_key_from", "rotation_exponent", "clock_offset_s"});
    result.key.octets = hex<16>(json["temporary_key"], below(path, "temporary_key"));
    result.temporary_key_from = whole(required(json, path, "temporary_key_from"), below(path, "temporary_key_from"),
                                      -kLargestOffset, kLargestOffset);
  }
  result.rotation_exponent = static_cast<std::uint8_t>(
      whole(required(json, path, "rotation_exponent"), below(path, "rotation_exponent"), 0, kLargestExponent));
  result.clock_offset_s =
      whole(required(json, path, "clock_offset_s"), below(path, "clock_offset_s"), -kLargestOffset, kLargestOffset);
  return result;
}

RollingTokenIdentifier rolling_token(const Json& json, const std::string& path) {
  constexpr std::int64_t kSecondsPerDay = 86400;
  constexpr std::size_t kMostDayKeys = 32;  // a month ahead, for gateways that are seldom online
  only(json, path, {"kind", "service_uuid", "period_s", "day_keys"});
  RollingTokenIdentifier result;
  result.service_uuid = uuid(required(json, path, "service_uuid"), below(path, "service_uuid"));
  const std::int64_t period = whole(required(json, path, "period_s"), below(path, "period_s"), 1, kSecondsPerDay);
  if (kSecondsPerDay % period != 0) refuse(below(path, "period_s"), "must divide 86400");
  result.period_s = static_cast<std::uint32_t>(period);
  const Json& keys = required(json, path, "day_keys");
  if (!keys.is_array() || keys.size() > kMostDayKeys)
    refuse(below(path, "day_keys"), fmt::format("must be a list of at most {}", kMostDayKeys));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string here = fmt::format("{}.day_keys[{}]", path, i);
    only(keys[i], here, {"day", "key"});
    const auto day = day_from_text(text(required(keys[i], here, "day"), below(here, "day")));
    if (!day) refuse(below(here, "day"), "must be a date such as 2026-11-21");
    result.day_keys.push_back({*day, {hex<16>(required(keys[i], here, "key"), below(here, "key"))}});
  }
  return result;
}

ProfileIdentifier identifier(const Json& json, const std::string& path) {
  if (!json.is_object()) refuse(path, "must be an object");
  const std::string kind = text(required(json, path, "kind"), below(path, "kind"));
  constexpr std::int64_t kLargest16Bit = 0xFFFF;
  const auto field = [&](const char* key) -> const Json& { return required(json, path, key); };
  if (kind == "ibeacon") {
    only(json, path, {"kind", "uuid", "major", "minor"});
    return IBeaconIdentifier{uuid(field("uuid"), below(path, "uuid")),
                             static_cast<std::uint16_t>(whole(field("major"), below(path, "major"), 0, kLargest16Bit)),
                             static_cast<std::uint16_t>(whole(field("minor"), below(path, "minor"), 0, kLargest16Bit))};
  }
  if (kind == "altbeacon") {
    only(json, path, {"kind", "company", "id"});
    return AltBeaconIdentifier{
        static_cast<std::uint16_t>(whole(field("company"), below(path, "company"), 0, kLargest16Bit)),
        hex<20>(field("id"), below(path, "id"))};
  }
  if (kind == "eddystone-uid") {
    only(json, path, {"kind", "namespace", "instance"});
    return EddystoneUidIdentifier{hex<10>(field("namespace"), below(path, "namespace")),
                                  hex<6>(field("instance"), below(path, "instance"))};
  }
  if (kind == "eddystone-eid") return eddystone_eid(json, path);
  if (kind == "rolling-token") return rolling_token(json, path);
  if (kind == "irk") {
    only(json, path, {"kind", "key"});
    return IrkIdentifier{{hex<16>(field("key"), below(path, "key"))}};
  }
  if (kind == "address") {
    only(json, path, {"kind", "address", "type"});
    return AddressIdentifier{address(json, path)};
  }
  refuse(below(path, "kind"), fmt::format("\"{}\" is not a kind of identifier", printable(kind)));
}

Consent consent(const Json& json, const std::string& path) {
  only(json, path, {"purpose", "granted_at", "expires_at", "notice", "channel"});
  const std::string purpose_text = text(required(json, path, "purpose"), below(path, "purpose"));
  const auto purpose = purpose_from(purpose_text);
  if (!purpose)
    refuse(below(path, "purpose"),
           fmt::format("\"{}\" is none of presence, welcome, promotion, survey, assist", printable(purpose_text)));
  Consent result;
  result.purpose = *purpose;
  result.granted_at = time(required(json, path, "granted_at"), below(path, "granted_at"));
  if (const auto found = json.find("expires_at"); found != json.end() && !found->is_null())
    result.expires_at = time(*found, below(path, "expires_at"));
  result.notice = text(required(json, path, "notice"), below(path, "notice"));
  result.channel = text(required(json, path, "channel"), below(path, "channel"));
  return result;
}

LocalizedText localized(const Json& json, const std::string& path) {
  constexpr std::size_t kLongestText = 1000;
  if (!json.is_object()) refuse(path, "must be an object of texts by language");
  LocalizedText result;
  for (const auto& [language, value] : json.items())
    result.emplace_back(language, text(value, below(path, printable(language)), kLongestText));
  return result;
}

// Letters, digits and dashes are all that a BCP 47 tag (RFC 5646) has; empty where a stored profile has none.
std::string language(const Json& json) {
  constexpr std::size_t kLongestTag = 35;  // RFC 5646, 4.4.1
  std::string value = text(json, "language", kLongestTag);
  constexpr std::string_view kOfTags = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
  if (value.find_first_not_of(kOfTags) != std::string::npos) refuse("language", "must be a tag such as th or en-GB");
  return value;
}

Recommendation recommendation(const Json& json, const std::string& path) {
  only(json, path, {"sku", "score", "category", "title"});
  Recommendation result;
  result.sku = text(required(json, path, "sku"), below(path, "sku"));
  if (const auto found = json.find("score"); found != json.end()) {
    if (!found->is_number()) refuse(below(path, "score"), "must be a number");
    result.score = found->get<double>();
  }
  if (const auto found = json.find("category"); found != json.end())
    result.category = text(*found, below(path, "category"));
  result.title = localized(required(json, path, "title"), below(path, "title"));
  return result;
}

template <class Read>
auto list(const Json& object, const char* key, std::size_t most, Read read) {
  std::vector<std::invoke_result_t<Read, const Json&, std::string>> result;
  const auto found = object.find(key);
  if (found == object.end()) return result;
  if (!found->is_array() || found->size() > most) refuse(key, fmt::format("must be a list of at most {}", most));
  for (std::size_t i = 0; i < found->size(); ++i) result.push_back(read((*found)[i], fmt::format("{}[{}]", key, i)));
  return result;
}

// `kept_attributes`: absent for a profile that was filtered before.
Profile read_profile(const Json& json, const std::vector<std::string>* kept_attributes) {
  constexpr std::size_t kMostConsents = 32;  // five purposes, with their history
  constexpr std::size_t kMostSegments = 64;
  constexpr std::size_t kMostRecommendations = 16;  // three are shown
  only(json, "",
       {"shopper_id", "version", "identifiers", "consents", "language", "segments", "attributes", "recommendations",
        "staff", "test"});
  const auto id = ShopperId::parse(text(required(json, "", "shopper_id"), "shopper_id"));
  if (!id) refuse("shopper_id", "must be 1 to 64 of A-Z a-z 0-9 . _ -");
  Profile profile{.shopper_id = *id};
  profile.version = whole(required(json, "", "version"), "version", 0, INT64_MAX);
  required(json, "", "identifiers");
  profile.identifiers = list(json, "identifiers", Profile::kMostIdentifiers, identifier);
  required(json, "", "consents");
  profile.consents = list(json, "consents", kMostConsents, consent);
  if (const auto found = json.find("language"); found != json.end()) profile.language = language(*found);
  profile.segments =
      list(json, "segments", kMostSegments, [](const Json& one, const std::string& path) { return text(one, path); });
  if (const auto found = json.find("attributes"); found != json.end()) {
    if (!found->is_object()) refuse("attributes", "must be an object of texts");
    for (const auto& [key, value] : found->items()) {
      std::string checked = text(value, below("attributes", printable(key)));
      if (kept_attributes == nullptr || std::ranges::find(*kept_attributes, key) != kept_attributes->end())
        profile.attributes[key] = std::move(checked);
    }
  }
  profile.recommendations = list(json, "recommendations", kMostRecommendations, recommendation);
  if (const auto found = json.find("staff"); found != json.end()) profile.staff = flag(*found, "staff");
  if (const auto found = json.find("test"); found != json.end()) profile.test = flag(*found, "test");
  return profile;
}

tl::expected<Profile, ProfileFault> read(std::string_view json, const std::vector<std::string>* kept_attributes) {
  try {
    return read_profile(Json::parse(json), kept_attributes);
  } catch (const Refused& refused) {
    return tl::unexpected(ProfileFault{refused.text});
  } catch (const Json::parse_error& error) {
    // The library's text quotes the input, which may hold a key: only the place is told.
    return tl::unexpected(ProfileFault{fmt::format("is not JSON, at octet {}", error.byte)});
  } catch (const Json::exception& error) {
    return tl::unexpected(ProfileFault{fmt::format("cannot be read as JSON (error {})", error.id)});
  }
}

}  // namespace

tl::expected<Profile, ProfileFault> profile_from_json(std::string_view json,
                                                      const std::vector<std::string>& kept_attributes) {
  if (json.size() > Profile::kMostBytes)
    return tl::unexpected(ProfileFault{fmt::format("is larger than {} octets", Profile::kMostBytes)});
  return read(json, &kept_attributes);
}

tl::expected<Profile, ProfileFault> stored_profile_from_json(std::string_view json) {
  return read(json, nullptr);
}

}  // namespace beacon_gateway
