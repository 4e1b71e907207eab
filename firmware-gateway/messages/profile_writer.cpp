#include <nlohmann/json.hpp>

#include "core/masked.hpp"
#include "messages/profile_json.hpp"
#include "messages/text_forms.hpp"

namespace beacon_gateway {
namespace {

using Json = nlohmann::ordered_json;

Json write(const LocalizedText& texts) {
  Json result = Json::object();
  for (const auto& [language, text] : texts) result[language] = text;
  return result;
}

// How a secret is written: whole for the store, masked for a screen.
struct SecretText {
  bool masked;
  [[nodiscard]] std::string operator()(const std::string& text) const {
    constexpr std::size_t kShown = 4;
    return masked ? masked_tail(text, kShown) : text;
  }
};

struct IdentifierWriter {
  SecretText secret;
  Json operator()(const IBeaconIdentifier& one) const {
    return {{"kind", "ibeacon"}, {"uuid", uuid_text(one.uuid)}, {"major", one.major}, {"minor", one.minor}};
  }
  Json operator()(const AltBeaconIdentifier& one) const {
    return {{"kind", "altbeacon"}, {"company", one.company}, {"id", secret(hex_text(one.id))}};
  }
  Json operator()(const EddystoneUidIdentifier& one) const {
    return {{"kind", "eddystone-uid"},
            {"namespace", hex_text(one.name_space)},
            {"instance", secret(hex_text(one.instance))}};
  }
  Json operator()(const EddystoneEidIdentifier& one) const {
    Json result{{"kind", "eddystone-eid"}};
    result[one.temporary_key_from ? "temporary_key" : "identity_key"] = secret(hex_text(one.key));
    if (one.temporary_key_from) result["temporary_key_from"] = *one.temporary_key_from;
    result["rotation_exponent"] = one.rotation_exponent;
    result["clock_offset_s"] = one.clock_offset_s;
    return result;
  }
  Json operator()(const RollingTokenIdentifier& one) const {
    Json keys = Json::array();
    for (const auto& key : one.day_keys)
      keys.push_back({{"day", day_text(key.day)}, {"key", secret(hex_text(key.key))}});
    return {{"kind", "rolling-token"},
            {"service_uuid", uuid_text(one.service_uuid)},
            {"period_s", one.period_s},
            {"day_keys", keys}};
  }
  Json operator()(const IrkIdentifier& one) const { return {{"kind", "irk"}, {"key", secret(hex_text(one.key))}}; }
  Json operator()(const AddressIdentifier& one) const {
    return {{"kind", "address"},
            {"address", secret(one.address.text())},
            {"type", one.address.type == AddressType::public_address ? "public" : "random-static"}};
  }
};

Json write(const Profile& profile, SecretText secret) {
  Json json{{"shopper_id", profile.shopper_id.value()}, {"version", profile.version}};
  json["identifiers"] = Json::array();
  for (const ProfileIdentifier& one : profile.identifiers)
    json["identifiers"].push_back(std::visit(IdentifierWriter{secret}, one));
  json["consents"] = Json::array();
  for (const Consent& one : profile.consents)
    json["consents"].push_back({{"purpose", name(one.purpose)},
                                {"granted_at", wall_time_text(one.granted_at)},
                                {"expires_at", one.expires_at ? Json(wall_time_text(*one.expires_at)) : Json()},
                                {"notice", one.notice},
                                {"channel", one.channel}});
  json["language"] = profile.language;
  json["segments"] = profile.segments;
  json["attributes"] = profile.attributes;
  json["recommendations"] = Json::array();
  for (const Recommendation& one : profile.recommendations)
    json["recommendations"].push_back(
        {{"sku", one.sku}, {"score", one.score}, {"category", one.category}, {"title", write(one.title)}});
  json["staff"] = profile.staff;
  json["test"] = profile.test;
  return json;
}

}  // namespace

std::string profile_to_json(const Profile& profile) {
  return write(profile, SecretText{false}).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string profile_to_masked_json(const Profile& profile) {
  return write(profile, SecretText{true}).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace beacon_gateway
