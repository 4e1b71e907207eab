#include "messages/downlink_json.hpp"

#include <fstream>
#include <set>

#include "messages/sync_json.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/signer.hpp"
#include "tests/fakes/temporary_directory.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

const std::string kClaims = R"("tenant":"acme","store":"bkk-siam-01","seq":12,"iat":1795316400)";

DownlinkRules rules(bool allow_unsigned) {
  const TemporaryDirectory folder;
  const auto file = folder.path() / "orchestrator.pem";
  std::ofstream{file} << kPublicKey;
  return {{"acme", "bkk-siam-01", "gw-1"},
          std::make_shared<const TrustedKeys>(TrustedKeys::read({file}).value()),
          allow_unsigned,
          {"nickname"}};
}

Downlink read(const std::string& payload, bool allow_unsigned = true) {
  return read_downlink(DownlinkTopic::store_profiles, payload, rules(allow_unsigned));
}

// The message with the fields given, unsigned.
ProfilesMessage message(const std::string& fields) {
  const Downlink downlink = read("{" + fields + "}");
  REQUIRE(std::holds_alternative<ProfilesMessage>(downlink.content));
  return std::get<ProfilesMessage>(downlink.content);
}

DownlinkRefusal refusal(const std::string& payload, bool allow_unsigned = true) {
  const Downlink downlink = read(payload, allow_unsigned);
  REQUIRE(std::holds_alternative<DownlinkRefusal>(downlink.content));
  CHECK_FALSE(downlink.claims);
  return std::get<DownlinkRefusal>(downlink.content);
}

std::string profile(const std::string& id, const std::string& more = "") {
  return R"({"shopper_id":")" + id + R"(","version":1,"identifiers":[],"consents":[])" + more + "}";
}

}  // namespace

TEST_CASE("a signed message is read, its claims with it") {
  const std::string text =
      "{" + kClaims + R"(,"revision":42,"withdrawals":["s-2"],"upserts":[)" + profile("s-1") + "]}";
  const std::string payload = sign(text);
  const Downlink downlink = read_downlink(DownlinkTopic::gateway_profiles, payload, rules(false));
  CHECK(downlink.topic == DownlinkTopic::gateway_profiles);
  CHECK(downlink.octets == payload.size());
  CHECK(downlink.claims == SignedClaims{"orchestrator", 12, WallTime{1'795'316'400s}});
  const auto& read = std::get<ProfilesMessage>(downlink.content);
  CHECK(read.revision == 42);
  CHECK(read.withdrawals == std::vector{*ShopperId::parse("s-2")});
  REQUIRE(read.upserts.size() == 1);
  CHECK(read.upserts[0].shopper_id.value() == "s-1");
  CHECK(read.faults.empty());
  CHECK_FALSE(read.full);
}

TEST_CASE("a full set comes in parts, and elsewhere parts mean nothing") {
  const auto part = message(R"("revision":7,"full":true,"part":2,"parts":3)");
  CHECK(part.full);
  CHECK(part.part == 2);
  CHECK(part.parts == 3);
  const auto increment = message(R"("revision":7,"full":false,"part":2,"parts":3)");
  CHECK_FALSE(increment.full);
  CHECK(increment.part == 1);
  CHECK(increment.parts == 1);
}

TEST_CASE("what is not of the schema as a whole is refused") {
  for (const char* fields :
       {"", R"("revision":-1)", R"("revision":"7")", R"("revision":1.5)", R"("revision":9223372036854775808)",
        R"("revision":7,"withdrawals":"s-1")", R"("revision":7,"upserts":{})", R"("revision":7,"full":1)",
        R"("revision":7,"full":true)", R"("revision":7,"full":true,"part":1)",
        R"("revision":7,"full":true,"part":3,"parts":2)", R"("revision":7,"full":true,"part":0,"parts":2)",
        R"("revision":7,"part":"1")", R"("revision":7,)"})
    CHECK(refusal("{" + std::string{fields} + "}") == DownlinkRefusal::malformed);
  CHECK(refusal(sign("7"), false) == DownlinkRefusal::malformed);
  CHECK(refusal(sign("{" + kClaims + "}"), false) == DownlinkRefusal::malformed);
}

TEST_CASE("a profile or withdrawal with a fault is left out, the rest counts, and no value is told") {
  const auto read = message(R"("revision":7,"withdrawals":["a b",7,"s-9"],"upserts":[)" + profile("s-1") + "," +
                            profile("s-2", R"(,"nonsense":true)") + "," + profile("with space") + R"(,7,)" +
                            R"({"shopper_id":"s-3","version":1,"identifiers":[{"kind":"SECRET"}],"consents":[]},)" +
                            profile("s-4", R"(,"segments":[")" + std::string(Profile::kMostBytes, 'x') + R"("])") +
                            "," + profile("s-5") + "]");
  REQUIRE(read.upserts.size() == 2);
  CHECK(read.upserts[1].shopper_id.value() == "s-5");
  REQUIRE(read.withdrawals.size() == 1);
  CHECK(read.faults == std::vector<std::string>{
                           "withdrawals[0]: must be 1 to 64 of A-Z a-z 0-9 . _ -",
                           "withdrawals[1]: must be 1 to 64 of A-Z a-z 0-9 . _ -",
                           "upserts[1].nonsense: unknown field",
                           "upserts[2].shopper_id: must be 1 to 64 of A-Z a-z 0-9 . _ -",
                           "upserts[3]: must be an object, is number",
                           "upserts[4].identifiers[0].kind: the value is not a kind of identifier",
                           "upserts[5]: is larger than 8192 octets",
                       });
}

TEST_CASE("fields that are not known yet are ignored, attributes that nobody uses are left out") {
  const auto read = message(R"("revision":7,"later":{"a":[1]},"upserts":[)" +
                            profile("s-1", R"(,"attributes":{"nickname":"Mali","shoe":"38"},)"
                                           R"("recommendations":[{"sku":"1","title":{"th":"ครีม","en":"Cream"}}])") +
                            "]");
  REQUIRE(read.upserts.size() == 1);
  CHECK(read.upserts[0].attributes == std::map<std::string, std::string>{{"nickname", "Mali"}});
  CHECK(read.upserts[0].recommendations.at(0).title.at(0).first == "th");  // in the order given
}

TEST_CASE("unsigned only where it is allowed, and a signature is checked there too") {
  CHECK(refusal(R"({"revision":7})", false) == DownlinkRefusal::not_signed);
  CHECK(refusal("nonsense", false) == DownlinkRefusal::not_signed);
  CHECK(refusal("nonsense", true) == DownlinkRefusal::not_signed);
  CHECK_FALSE(read(" \n{\"revision\":7}").claims);
  const std::string text = "{" + kClaims + R"(,"revision":7})";
  CHECK(read(text).claims == SignedClaims{"", 12, WallTime{1'795'316'400s}});
  CHECK(refusal(sign(text) + "AAAA", true) == DownlinkRefusal::bad_signature);
  CHECK(refusal(sign(text, R"({"alg":"EdDSA","kid":"nobody"})")) == DownlinkRefusal::unknown_key);
  DownlinkRules nobody = rules(false);
  nobody.trusted_keys = nullptr;
  CHECK(std::get<DownlinkRefusal>(read_downlink({}, sign(text), nobody).content) == DownlinkRefusal::unknown_key);
}

TEST_CASE("claims: all four, ours, and within their ranges") {
  const auto with = [](const std::string& claims) { return "{" + claims + R"(,"revision":7})"; };
  for (const char* other : {R"("tenant":"other","store":"bkk-siam-01","seq":12,"iat":1)",
                            R"("tenant":"acme","store":"bkk-siam-02","seq":12,"iat":1)"}) {
    CHECK(refusal(sign(with(other)), false) == DownlinkRefusal::other_gateway);
    CHECK(refusal(with(other), true) == DownlinkRefusal::other_gateway);
  }
  const std::string ours = R"("tenant":"acme","store":"bkk-siam-01",)";
  for (const std::string& bad :
       {ours + R"("seq":0,"iat":1)", ours + R"("seq":"1","iat":1)", ours + R"("seq":1.0,"iat":1)",
        ours + R"("seq":1,"iat":-1)", ours + R"("seq":1,"iat":7258118401)", ours + R"("seq":1)", ours + R"("iat":1)",
        std::string{R"("tenant":7,"store":"bkk-siam-01","seq":1,"iat":1)"}, std::string{R"("seq":1,"iat":1)"}}) {
    CHECK(refusal(sign(with(bad)), false) == DownlinkRefusal::malformed);
    CHECK(refusal(with(bad), true) == DownlinkRefusal::malformed);
  }
  CHECK(refusal(sign(R"({"revision":7})"), true) == DownlinkRefusal::malformed);
}

TEST_CASE("receipts are a list of event ids, signed like all, and one that is no id refuses them all") {
  const auto receipts = [](const std::string& payload) {
    return read_downlink(DownlinkTopic::receipts, payload, rules(true)).content;
  };
  const std::string one(32, 'a');
  const auto read = receipts(sign("{" + kClaims + R"(,"ids":[")" + one + R"("]})"));
  CHECK(std::get<ReceiptsMessage>(read).event_ids == std::vector<std::string>{one});
  CHECK(std::get<ReceiptsMessage>(receipts(R"({"ids":[]})")).event_ids.empty());
  for (const std::string& ids :
       {std::string{R"("revision":1)"}, std::string{R"("ids":{})"}, R"("ids":[")" + one + R"(",7])",
        R"("ids":[")" + one + "a\"]", R"("ids":[")" + std::string(32, 'A') + "\"]"})
    CHECK(std::get<DownlinkRefusal>(receipts("{" + ids + "}")) == DownlinkRefusal::malformed);
  const auto strict = read_downlink(DownlinkTopic::receipts, R"({"ids":[]})", rules(false));
  CHECK(std::get<DownlinkRefusal>(strict.content) == DownlinkRefusal::not_signed);
}

TEST_CASE("size, depth and width are bounded") {
  const std::string large(kMostDownlinkOctets, ' ');
  CHECK(refusal(large + "{") == DownlinkRefusal::too_large);
  CHECK(refusal(large) == DownlinkRefusal::not_signed);
  CHECK(refusal(R"({"revision":7,"later":)" + std::string(500'000, '[')) == DownlinkRefusal::malformed);
  CHECK(refusal(R"({"revision":7,"later":)" + std::string(32, '[') + std::string(32, ']') + "}") ==
        DownlinkRefusal::malformed);
  CHECK(message(R"("revision":7,"later":)" + std::string(31, '[') + std::string(31, ']')).revision == 7);
  std::string wide = R"("revision":7)";
  for (int i = 1; i < 256; ++i) wide += R"(,"[\"\\":{"a":1})";  // what stands in a string counts for nothing
  CHECK(message(wide).revision == 7);
  CHECK(refusal("{" + wide + R"(,"one":1})") == DownlinkRefusal::malformed);
  std::string ids = R"("a")";
  for (std::size_t i = 0; i < kMostWithdrawals; ++i) ids += R"(,"a")";
  CHECK(refusal(R"({"revision":7,"withdrawals":[)" + ids + "]}") == DownlinkRefusal::malformed);
}

TEST_CASE("every refusal has a name of its own") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kDownlinkRefusals; ++i) names.insert(name(static_cast<DownlinkRefusal>(i)));
  CHECK(names.size() == kDownlinkRefusals);
  CHECK_FALSE(names.contains("?"));
}

TEST_CASE("what the gateway holds is told in one field") {
  CHECK(sync_json(42) == R"({"have_revision":42})");
}
