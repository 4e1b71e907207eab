#include <string>

#include "messages/profile_json.hpp"
#include "messages/text_forms.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway;
using beacon_gateway_test::ContainsSubstring;

namespace {

const std::vector<std::string> kNickname{"nickname"};

// The example of contract 3.5, every kind of identifier in it.
const std::string kProfile =
    R"({"shopper_id":"s-1","version":7,"identifiers":[)"
    R"({"kind":"ibeacon","uuid":"5a4bcfce-174e-4bac-a814-092e77f6b7e5","major":1,"minor":2},)"
    R"({"kind":"altbeacon","company":280,"id":"000102030405060708090a0b0c0d0e0f10111213"},)"
    R"({"kind":"eddystone-uid","namespace":"00010203040506070809","instance":"0a0b0c0d0e0f"},)"
    R"({"kind":"eddystone-eid","identity_key":"000102030405060708090a0b0c0d0e0f","rotation_exponent":10,"clock_offset_s":1760000000},)"
    R"({"kind":"eddystone-eid","temporary_key":"000102030405060708090a0b0c0d0e0f","temporary_key_from":1763683200,"rotation_exponent":15,"clock_offset_s":-5},)"
    R"({"kind":"rolling-token","service_uuid":"5a4bcfce-174e-4bac-a814-092e77f6b7e5","period_s":900,"day_keys":[{"day":"2026-11-21","key":"000102030405060708090a0b0c0d0e0f"}]},)"
    R"({"kind":"irk","key":"000102030405060708090a0b0c0d0e0f"},)"
    R"({"kind":"address","address":"C0:01:02:03:04:05","type":"random-static"}],)"
    R"("consents":[{"purpose":"welcome","granted_at":"2026-01-05T03:00:00Z","expires_at":null,"notice":"v3-th","channel":"app"}],)"
    R"("language":"th","segments":["gold"],"attributes":{"nickname":"มะลิ"},)"
    R"("recommendations":[{"sku":"1001","score":0.8,"category":"skincare","title":{"th":"ครีม","en":"Cream"}}],"staff":false,"test":true})";

// The example with its first `from` made `to`.
std::string with(const std::string& from, const std::string& to) {
  std::string text = kProfile;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string fault(const std::string& json) {
  const auto profile = profile_from_json(json, kNickname);
  return profile ? "accepted" : profile.error().text;
}

std::string small(const std::string& identifiers, const std::string& more = "") {
  return R"({"shopper_id":"s-1","version":1,"identifiers":[)" + identifiers + R"(],"consents":[])" + more + "}";
}

}  // namespace

TEST_CASE("the contract's example is read, every part of it") {
  const auto read = profile_from_json(kProfile, kNickname);
  REQUIRE(read);
  CHECK(read->shopper_id.value() == "s-1");
  CHECK(read->version == 7);
  REQUIRE(read->identifiers.size() == 8);
  CHECK(std::get<IBeaconIdentifier>(read->identifiers[0]).minor == 2);
  CHECK(std::get<AltBeaconIdentifier>(read->identifiers[1]).id[19] == 0x13);
  CHECK(std::get<EddystoneUidIdentifier>(read->identifiers[2]).instance[5] == 0x0F);
  CHECK_FALSE(std::get<EddystoneEidIdentifier>(read->identifiers[3]).temporary_key_from);
  CHECK(std::get<EddystoneEidIdentifier>(read->identifiers[4]).temporary_key_from == 1'763'683'200);
  CHECK(std::get<EddystoneEidIdentifier>(read->identifiers[4]).clock_offset_s == -5);
  CHECK(day_text(std::get<RollingTokenIdentifier>(read->identifiers[5]).day_keys.at(0).day) == "2026-11-21");
  CHECK(std::get<IrkIdentifier>(read->identifiers[6]).key[15] == 0x0F);
  CHECK(std::get<AddressIdentifier>(read->identifiers[7]).address.octets[0] == 0xC0);  // most significant first
  REQUIRE(read->consents.size() == 1);
  CHECK(read->consents[0].purpose == Purpose::welcome);
  CHECK_FALSE(read->consents[0].expires_at);
  CHECK(read->attributes.at("nickname") == "มะลิ");
  CHECK(read->recommendations.at(0).title == LocalizedText{{"th", "ครีม"}, {"en", "Cream"}});
  CHECK(read->test);
  CHECK_FALSE(read->staff);
}

TEST_CASE("only id, version, identifiers and consents are required") {
  CHECK(fault(small("")) == "accepted");
  CHECK(fault(R"({"version":1,"identifiers":[],"consents":[]})") == "shopper_id: is missing");
  CHECK(fault(R"({"shopper_id":"s-1","identifiers":[],"consents":[]})") == "version: is missing");
  CHECK(fault(R"({"shopper_id":"s-1","version":1,"consents":[]})") == "identifiers: is missing");
  CHECK(fault(R"({"shopper_id":"s-1","version":1,"identifiers":[]})") == "consents: is missing");
}

TEST_CASE("an unknown field refuses the profile, wherever it stands, and says where") {
  CHECK(fault(with(R"({"shopper_id")", R"({"name":"x","shopper_id")")) == "name: unknown field");
  CHECK(fault(with(R"("major":1)", R"("major":1,"x":1)")) == "identifiers[0].x: unknown field");
  CHECK(fault(with(R"("company":280)", R"("company":280,"x":1)")) == "identifiers[1].x: unknown field");
  CHECK(fault(with(R"("instance")", R"("x":1,"instance")")) == "identifiers[2].x: unknown field");
  CHECK(fault(with(R"("identity_key")", R"("x":1,"identity_key")")) == "identifiers[3].x: unknown field");
  CHECK(fault(with(R"("identity_key")", R"("temporary_key_from":1,"identity_key")")) ==
        "identifiers[3].temporary_key_from: unknown field");
  CHECK(fault(with(R"("temporary_key")", R"("x":1,"temporary_key")")) == "identifiers[4].x: unknown field");
  CHECK(fault(with(R"("period_s")", R"("x":1,"period_s")")) == "identifiers[5].x: unknown field");
  CHECK(fault(with(R"({"day")", R"({"x":1,"day")")) == "identifiers[5].day_keys[0].x: unknown field");
  CHECK(fault(with(R"("kind":"irk")", R"("kind":"irk","x":1)")) == "identifiers[6].x: unknown field");
  CHECK(fault(with(R"("kind":"address")", R"("kind":"address","x":1)")) == "identifiers[7].x: unknown field");
  CHECK(fault(with(R"({"purpose")", R"({"x":1,"purpose")")) == "consents[0].x: unknown field");
  CHECK(fault(with(R"({"sku")", R"({"x":1,"sku")")) == "recommendations[0].x: unknown field");
}

TEST_CASE("a bad value refuses the profile and says where") {
  CHECK(fault(with(R"("s-1")", R"("s 1")")) == "shopper_id: must be 1 to 64 of A-Z a-z 0-9 . _ -");
  CHECK(fault(with(R"("version":7)", R"("version":-1)")) == "version: must be 0 to 9223372036854775807");
  CHECK(fault(with(R"("version":7)", R"("version":18446744073709551615)")) ==
        "version: must be 0 to 9223372036854775807");
  CHECK(fault(with(R"("version":7)", R"("version":7.5)")) == "version: must be a whole number, is a fraction");
  CHECK(fault(with(R"("major":1)", R"("major":65536)")) == "identifiers[0].major: must be 0 to 65535");
  CHECK(fault(with(R"("major":1)", R"("major":true)")) == "identifiers[0].major: must be a whole number, is boolean");
  CHECK_THAT(fault(with("5a4bcfce-", "5a4bcfce")), ContainsSubstring("identifiers[0].uuid: must be a UUID"));
  CHECK(fault(with("10111213", "101112")) == "identifiers[1].id: must be 40 hex digits");
  CHECK(fault(with("0a0b0c0d0e0f\"}", "0a0b0c0d0e0\"}")) == "identifiers[2].instance: must be 12 hex digits");
  CHECK(fault(with(R"("rotation_exponent":10)", R"("rotation_exponent":16)")) ==
        "identifiers[3].rotation_exponent: must be 0 to 15");
  CHECK(fault(with(R"("kind":"irk")", R"("kind":"irq")")) ==
        "identifiers[6].kind: \"irq\" is not a kind of identifier");
  CHECK(fault(with(R"("2026-11-21")", R"("2569-11-21")")) ==
        "identifiers[5].day_keys[0].day: must be a date such as 2026-11-21");
  CHECK_THAT(fault(with(R"("welcome")", R"("marketing")")), ContainsSubstring("consents[0].purpose: \"marketing\""));
  CHECK_THAT(fault(with("2026-01-05T03:00:00Z", "2026-01-05")), ContainsSubstring("consents[0].granted_at: must be"));
  CHECK(fault(with(R"("score":0.8)", R"("score":"0.8")")) == "recommendations[0].score: must be a number");
  CHECK(fault(with(R"("th":"ครีม")", R"("th":1)")) == "recommendations[0].title.th: must be a text, is number");
  CHECK(fault(with(R"("staff":false)", R"("staff":0)")) == "staff: must be true or false, is number");
  CHECK(fault(with(R"({"nickname":"มะลิ"})", R"({"nickname":1})")) == "attributes.nickname: must be a text, is number");
  CHECK(fault(with(R"("segments":["gold"])", R"("segments":"gold")")) == "segments: must be a list of at most 64");
  CHECK_THAT(fault(with(R"("language":"th")", R"("language":"th\"")")), ContainsSubstring("language: must be"));
  CHECK(fault("[]") == "must be an object, is array");
  CHECK(fault(small("7")) == "identifiers[0]: must be an object");
}

TEST_CASE("an Eddystone-EID has one of its two keys") {
  const std::string rest = R"("rotation_exponent":10,"clock_offset_s":0})";
  const std::string key = R"(:"000102030405060708090a0b0c0d0e0f",)";
  const std::string neither_nor = "identifiers[0]: needs either identity_key or temporary_key";
  CHECK(fault(small(R"({"kind":"eddystone-eid",)" + rest)) == neither_nor);
  CHECK(fault(small(R"({"kind":"eddystone-eid","identity_key")" + key + R"("temporary_key")" + key + rest)) ==
        neither_nor);
  CHECK(fault(small(R"({"kind":"eddystone-eid","temporary_key")" + key + rest)) ==
        "identifiers[0].temporary_key_from: is missing");
}

TEST_CASE("a rolling token's period divides the day") {
  const auto token = [](const std::string& period) {
    return small(R"({"kind":"rolling-token","service_uuid":"5a4bcfce-174e-4bac-a814-092e77f6b7e5","period_s":)" +
                 period + R"(,"day_keys":[]})");
  };
  for (const auto* good : {"1", "900", "86400"}) CHECK(fault(token(good)) == "accepted");
  CHECK(fault(token("7")) == "identifiers[0].period_s: must divide 86400");
  CHECK(fault(token("0")) == "identifiers[0].period_s: must be 1 to 86400");
  CHECK(fault(token("172800")) == "identifiers[0].period_s: must be 1 to 86400");
}

TEST_CASE("an address is one that lasts") {
  const auto address = [](const std::string& text, const std::string& type) {
    return fault(small(R"({"kind":"address","address":")" + text + R"(","type":")" + type + "\"}"));
  };
  CHECK(address("00:01:02:03:04:05", "public") == "accepted");
  CHECK(address("C0:01:02:03:04:05", "random-static") == "accepted");
  CHECK(address("ff:01:02:03:04:05", "random-static") == "accepted");
  CHECK_THAT(address("40:01:02:03:04:05", "random-static"), ContainsSubstring("its first octet must be C0 to FF"));
  CHECK_THAT(address("40:01:02:03:04:05", "random-resolvable"),
             ContainsSubstring("identifiers[0].type: must be public"));
  CHECK_THAT(address("C0-01-02-03-04-05", "public"), ContainsSubstring("identifiers[0].address: must be six octets"));
}

TEST_CASE("limits: eight identifiers, eight KiB") {
  const std::string irk = R"({"kind":"irk","key":"000102030405060708090a0b0c0d0e0f"})";
  std::string eight = irk;
  for (int i = 1; i < 8; ++i) eight += ',' + irk;
  CHECK(fault(small(eight)) == "accepted");
  CHECK(fault(small(eight + ',' + irk)) == "identifiers: must be a list of at most 8");

  const std::string spaces(Profile::kMostBytes - small("").size(), ' ');
  CHECK(fault(small("") + spaces) == "accepted");
  CHECK(fault(small("") + spaces + ' ') == "is larger than 8192 octets");
}

TEST_CASE("attributes that nobody asked for are not kept") {
  const std::string json = small("", R"(,"attributes":{"nickname":"มะลิ","income":"high"})");
  CHECK(profile_from_json(json, kNickname)->attributes == std::map<std::string, std::string>{{"nickname", "มะลิ"}});
  CHECK(profile_from_json(json, {})->attributes.empty());
  CHECK(stored_profile_from_json(json)->attributes.size() == 2);
}

TEST_CASE("a fault never quotes what may be a key") {
  const std::string key = "cafe0102030405060708090a0b0c0d0e";
  for (const std::string& bad :
       {R"({"key":")" + key, '"' + key + '"' + key, small(R"({"kind":"irk","key":")" + key + "0\"}"),
        small(R"({"kind":"ibeacon","uuid":")" + key + R"(","major":1,"minor":2})"),
        small(R"({"kind":"ibeacon","uuid":"5a4bcfce-174e-4bac-a814-092e77f6b7e5","major":")" + key + R"(","minor":2})"),
        small(R"({"kind":"address","address":")" + key + R"(","type":"public"})")}) {
    INFO(bad);
    CHECK(fault(bad) != "accepted");
    CHECK(fault(bad).find(key.substr(0, 8)) == std::string::npos);
  }
}

TEST_CASE("what is no JSON is a fault with its place, and not an exception") {
  CHECK(fault("") == "is not JSON, at octet 1");
  CHECK_THAT(fault("{\"shopper_id\":\"s-1\",}"), ContainsSubstring("is not JSON, at octet 21"));
  CHECK_THAT(fault("\xE0\xB8"), ContainsSubstring("is not JSON"));
  CHECK_THAT(fault(small("", R"(,"language":)"
                             "\"\xFF\"")),
             ContainsSubstring("is not JSON"));
  CHECK_THAT(fault(with(R"("score":0.8)", R"("score":1e999)")), ContainsSubstring("cannot be read as JSON"));
  CHECK_THAT(fault(std::string(8000, '[')), ContainsSubstring("is not JSON"));
}
