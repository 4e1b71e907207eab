#include "core/journey/message.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;

namespace {

// A shop in two languages that may use the nickname, and a Thai shopper with nothing but a language.
struct Letter {
  JourneyRules rules;
  Profile profile{ShopperId::parse("s-1").value()};

  Letter() {
    rules.store_name = {{"th", "ร้านสยาม"}, {"en", "Siam Store"}};
    rules.attributes = {"nickname"};
    profile.language = "en";
  }

  [[nodiscard]] std::string body(const std::string& pattern) const {
    const Variant variant{"a", 1, {{"en", "-"}}, {{"en", pattern}}, ""};
    return compose(variant, rules, profile, "en").body;
  }
};

Variant speaking(const std::vector<std::string>& languages) {
  Variant variant;
  for (const std::string& language : languages) variant.title.emplace_back(language, language);
  return variant;
}

}  // namespace

TEST_CASE("a variant speaks the profile's language, else English, else its first") {
  Letter letter;
  letter.profile.language = "th";
  CHECK(language_of(speaking({"en", "th"}), letter.profile) == "th");
  CHECK(language_of(speaking({"ja", "en"}), letter.profile) == "en");
  CHECK(language_of(speaking({"ja", "de"}), letter.profile) == "ja");
  letter.profile.language = "";
  CHECK(language_of(speaking({"th", "en"}), letter.profile) == "en");
}

TEST_CASE("a message without placeholders is sent as it stands, with its link") {
  const Letter letter;
  const Variant variant{"a", 1, {{"en", "Welcome"}}, {{"en", "Nice  to see you"}}, "acme://home"};
  CHECK(compose(variant, letter.rules, letter.profile, "en") == Message{"Welcome", "Nice  to see you", "acme://home"});
}

TEST_CASE("a Thai message has the store's Thai name and the shopper's nickname") {
  Letter letter;
  letter.profile.attributes["nickname"] = "มะลิ";
  const Variant variant{
      "a", 1, {{"th", "สวัสดีค่ะ {nickname} ยินดีต้อนรับสู่ {store_name}"}, {"en", "Welcome"}}, {{"th", "ยินดีค่ะ"}}, ""};
  const Message message = compose(variant, letter.rules, letter.profile, "th");
  CHECK(message.title == "สวัสดีค่ะ มะลิ ยินดีต้อนรับสู่ ร้านสยาม");
  CHECK(message.body == "ยินดีค่ะ");
}

TEST_CASE("the best recommendation fills its placeholder, in the message's language") {
  Letter letter;
  letter.profile.recommendations = {{"1", 0.2, "", {{"en", "Soap"}}}, {"2", 0.9, "", {{"th", "ครีม"}, {"en", "Cream"}}}};
  CHECK(letter.body("Try {recommendation.title}!") == "Try Cream!");
  CHECK(best_recommendations(letter.profile, "th").front().title == "ครีม");
}

TEST_CASE("what has no value takes its fallback, else leaves no double space") {
  Letter letter;
  CHECK(letter.body("Hello {nickname|dear guest} at {store_name}") == "Hello dear guest at Siam Store");
  CHECK(letter.body("Hello {nickname} at {store_name}") == "Hello at Siam Store");
  CHECK(letter.body("{nickname} hello") == "hello");
  CHECK(letter.body("Hello {nickname} {recommendation.title} there") == "Hello there");
  CHECK(letter.body("Hello {nickname}") == "Hello");
  CHECK(letter.body("{nickname}").empty());
  CHECK(letter.body("{nickname|}").empty());
}

TEST_CASE("a value goes before the fallback") {
  Letter letter;
  letter.profile.attributes["nickname"] = "Mali";
  CHECK(letter.body("Hello {nickname|dear guest}") == "Hello Mali");
}

TEST_CASE("an attribute that the rules do not allow is not used") {
  Letter letter;
  letter.profile.attributes["income"] = "1";
  CHECK(letter.body("You earn {income|well}") == "You earn well");
}

TEST_CASE("a value is text: braces in it are no placeholder") {
  Letter letter;
  letter.profile.attributes["nickname"] = "{store_name}";
  CHECK(letter.body("Hello {nickname}") == "Hello {store_name}");
}

TEST_CASE("a brace that is not closed stands as it is") {
  CHECK(Letter{}.body("Hello {nickname") == "Hello {nickname");
}

TEST_CASE("at most three recommendations go along, by score and then SKU") {
  Letter letter;
  letter.profile.recommendations = {{"d", 0.5, "", {{"en", "D"}}},
                                    {"c", 0.5, "", {{"en", "C"}}},
                                    {"a", 0.1, "", {{"en", "A"}}},
                                    {"b", 0.9, "", {{"en", "B"}}}};
  CHECK(best_recommendations(letter.profile, "en") == std::vector<RecommendedItem>{{"b", "B"}, {"c", "C"}, {"d", "D"}});
  CHECK(best_recommendations(Letter{}.profile, "en").empty());
}
