#include "core/profile.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kNow = std::chrono::sys_days{2026y / 11 / 22} + 3h;
const LocalizedText kGreeting{{"th", "สวัสดี"}, {"en", "Hello"}, {"ja", "こんにちは"}};

Profile consenting(std::vector<Consent> consents) {
  Profile profile{ShopperId::parse("s-1").value()};
  profile.consents = std::move(consents);
  return profile;
}

}  // namespace

TEST_CASE("a consent lives from its grant to just before its end") {
  const Profile profile = consenting({{Purpose::welcome, kNow, kNow + 1h, "", ""}});
  CHECK_FALSE(consents_to(profile, Purpose::welcome, kNow - 1us));
  CHECK(consents_to(profile, Purpose::welcome, kNow));
  CHECK(consents_to(profile, Purpose::welcome, kNow + 1h - 1us));
  CHECK_FALSE(consents_to(profile, Purpose::welcome, kNow + 1h));
}

TEST_CASE("a consent to one purpose is none to another") {
  const Profile profile = consenting({{Purpose::welcome, kNow, std::nullopt, "", ""}});
  CHECK_FALSE(consents_to(profile, Purpose::promotion, kNow));
  CHECK_FALSE(consents_to(profile, Purpose::presence, kNow));
  CHECK(any_live_consent(profile, kNow));
}

TEST_CASE("of several consents to a purpose one that lives is enough") {
  const Profile profile = consenting(
      {{Purpose::welcome, kNow - 2h, kNow - 1h, "", ""}, {Purpose::welcome, kNow - 1h, std::nullopt, "", ""}});
  CHECK(consents_to(profile, Purpose::welcome, kNow));
}

TEST_CASE("no consent at all, and none that still lives") {
  CHECK_FALSE(any_live_consent(consenting({}), kNow));
  CHECK_FALSE(any_live_consent(consenting({{Purpose::assist, kNow - 2h, kNow, "", ""}}), kNow));
}

TEST_CASE("a text is in the language asked for, else in English, else the first given") {
  CHECK(text_in(kGreeting, "ja") == "こんにちは");
  CHECK(text_in(kGreeting, "de") == "Hello");
  CHECK(text_in({{"th", "สวัสดี"}, {"ja", "こんにちは"}}, "de") == "สวัสดี");
  CHECK(text_in({}, "th").empty());
}

TEST_CASE("purposes have names and are found by them") {
  for (std::size_t i = 0; i < kPurposeCount; ++i) {
    const auto purpose = static_cast<Purpose>(i);
    CHECK(purpose_from(name(purpose)) == purpose);
  }
  CHECK(name(Purpose::assist) == "assist");
  CHECK(purpose_from("marketing") == std::nullopt);
}
