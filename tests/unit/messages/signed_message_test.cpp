#include "messages/signed_message.hpp"

#include <algorithm>
#include <fstream>

#include "tests/catch.hpp"
#include "tests/fakes/signer.hpp"
#include "tests/fakes/temporary_directory.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;

namespace {

// Another Ed25519 key, and one of another kind.
const std::string kOtherKey =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAcs/6yVohP10uYSFmKtF/L0RQ/Bi3aBHqBvr1qLKkSw4=\n"
    "-----END PUBLIC KEY-----\n";
const std::string kX25519Key =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VuAyEAzyu9l+PHionj1+cEDyqXQFQ+ZyOoUn6kZWLybduw/Xs=\n"
    "-----END PUBLIC KEY-----\n";

// RFC 8037, A.3 and A.4.
const std::string kThumbprint = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
const std::string kExample =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

std::filesystem::path file(const TemporaryDirectory& folder, const std::string& name, const std::string& text) {
  const auto path = folder.path() / name;
  std::ofstream{path} << text;
  return path;
}

TrustedKeys trusting(const std::vector<std::string>& names, const std::string& last = kPublicKey) {
  const TemporaryDirectory folder;
  std::vector<std::filesystem::path> files;
  for (const auto& name : names) files.push_back(file(folder, name, &name == &names.back() ? last : kOtherKey));
  const auto keys = TrustedKeys::read(files);
  REQUIRE(keys);
  return *keys;
}

DownlinkRefusal refusal(const std::string& text, const TrustedKeys& keys = trusting({"orchestrator.pem"})) {
  const auto message = verify(text, keys);
  REQUIRE_FALSE(message);
  return message.error();
}

}  // namespace

TEST_CASE("the example of RFC 8037 is verified, and its key has the thumbprint that the RFC tells") {
  const TrustedKeys keys = trusting({"rfc-8037.pem"});
  REQUIRE(keys.all().size() == 1);
  CHECK(keys.all()[0].thumbprint == kThumbprint);
  const auto message = verify(kExample, keys);
  REQUIRE(message);
  CHECK(message->payload == "Example of Ed25519 signing");
  CHECK(message->key_id == "rfc-8037");
}

TEST_CASE("a key goes by its file's name or by its thumbprint") {
  const TrustedKeys keys = trusting({"other.pem", "orchestrator.pem"});
  CHECK(verify(sign("{}"), keys)->key_id == "orchestrator");
  CHECK(verify(sign("{}", R"({"alg":"EdDSA","kid":")" + kThumbprint + R"("})"), keys)->key_id == "orchestrator");
  CHECK(refusal(sign("{}", R"({"alg":"EdDSA","kid":"other"})"), keys) == DownlinkRefusal::bad_signature);
  CHECK(refusal(sign("{}", R"({"alg":"EdDSA","kid":"nobody"})"), keys) == DownlinkRefusal::unknown_key);
  CHECK(refusal(sign("{}", R"({"alg":"EdDSA","kid":7})"), keys) == DownlinkRefusal::unknown_key);
}

TEST_CASE("without a kid every key is tried, as long as they are few") {
  std::vector<std::string> names;
  while (names.size() < kMostKeysTried) names.push_back("key-" + std::to_string(names.size()) + ".pem");
  CHECK(verify(kExample, trusting(names))->key_id == "key-7");
  CHECK(refusal(kExample, trusting(names, kOtherKey)) == DownlinkRefusal::bad_signature);
  names.push_back("one-too-many.pem");
  CHECK(refusal(kExample, trusting(names)) == DownlinkRefusal::unknown_key);
  CHECK(refusal(kExample, TrustedKeys{}) == DownlinkRefusal::unknown_key);
}

TEST_CASE("any changed octet of header, payload or signature is noticed") {
  for (std::size_t i = 0; i < kExample.size(); ++i) {
    std::string changed = kExample;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    INFO(i);
    CHECK_FALSE(verify(changed, trusting({"a.pem"})));
  }
  const std::string signature = kExample.substr(kExample.rfind('.') + 1);
  CHECK(refusal(kExample.substr(0, kExample.rfind('.') + 1)) == DownlinkRefusal::bad_signature);
  CHECK(refusal(kExample + signature) == DownlinkRefusal::bad_signature);
}

TEST_CASE("only EdDSA, and no rules of signing that we do not know") {
  for (const char* header : {R"({"alg":"none"})", R"({"alg":"HS256"})", R"({"alg":"eddsa"})", R"({"alg":["EdDSA"]})",
                             R"({"kid":"a"})", R"({"alg":"EdDSA","crit":["b64"],"b64":false})"})
    CHECK(refusal(sign("{}", header)) == DownlinkRefusal::wrong_algorithm);
  CHECK(refusal(base64url_text(R"({"alg":"none"})") + ".e30.") == DownlinkRefusal::wrong_algorithm);
  CHECK(verify(sign("{}", R"({"alg":"EdDSA","typ":"JOSE","jku":"https://example"})"), trusting({"a.pem"})));
}

TEST_CASE("what is no compact JWS is not signed") {
  const std::string deep(100'000, '[');
  for (const std::string& text : {std::string{}, std::string{"."}, std::string{".."}, std::string{"{}"}, kExample + ".",
                                  "." + kExample, kExample + "=", kExample + "\n", base64url_text("7") + ".e30.AA",
                                  base64url_text("{") + ".e30.AA", base64url_text(deep) + ".e30.AA"})
    CHECK(refusal(text) == DownlinkRefusal::not_signed);
}

TEST_CASE("base64url: the vectors of RFC 4648, and nothing lax") {
  const std::vector<std::pair<std::string, std::string>> vectors{
      {"", ""},           {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"foobar", "Zm9vYmFy"},
      {"\xFB\xFF", "-_8"}};
  for (const auto& [octets, text] : vectors) {
    CHECK(base64url_text(octets) == text);
    CHECK(octets_from_base64url(text) == octets);
  }
  for (const char* bad : {"Zg==", "Zh", "Zm9", "Z", "A", "Zm9vA", "Zm9vY", "+/8", "Zm 9v", "Zm9v\n", "Zm9\xC3"})
    CHECK_FALSE(octets_from_base64url(bad));
}

TEST_CASE("a key file that will not do is named, with the remedy") {
  const TemporaryDirectory folder;
  const auto error = [&](const std::string& name, const std::string& text) {
    return TrustedKeys::read({file(folder, name, text)}).error();
  };
  CHECK_THAT(error("x25519.pem", kX25519Key), ContainsSubstring("x25519.pem: holds a key of another kind"));
  CHECK_THAT(error("empty.pem", ""), ContainsSubstring("empty.pem: holds no public key"));
  CHECK_THAT(error("empty.pem", ""), ContainsSubstring("openssl pkey"));
  CHECK_THAT(TrustedKeys::read({folder.path() / "none.pem"}).error(), ContainsSubstring("none.pem: cannot be read"));

  std::filesystem::create_directory(folder.path() / "b");
  const auto twice = TrustedKeys::read({file(folder, "a.pem", kPublicKey), file(folder, "b/a.pem", kOtherKey)});
  REQUIRE_FALSE(twice);
  CHECK_THAT(twice.error(), ContainsSubstring("another key file has the same name"));
}
