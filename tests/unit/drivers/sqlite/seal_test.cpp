#include "drivers/sqlite/seal.hpp"

#include "core/digest.hpp"
#include "core/hex.hpp"
#include "drivers/sqlite/packed.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway::sqlite;

namespace {

SecretKey key(std::uint8_t fill) {
  SecretKey::Value octets{};
  octets.fill(fill);
  return SecretKey{octets};
}

}  // namespace

TEST_CASE("what is sealed opens again, whatever its length, and bears none of it") {
  Seal seal{key(1), key(2)};
  for (const std::string& plain : {std::string{}, std::string{"x"}, std::string(10'000, 'y'), std::string{"a\0b", 3}}) {
    const std::string sealed = seal.seal("t.c", "row", plain);
    CHECK(sealed.size() == plain.size() + 28);
    CHECK(seal.open("t.c", "row", sealed) == plain);
  }
  CHECK(seal.seal("t.c", "row", "the same text").find("same") == std::string::npos);
  CHECK(seal.seal("t.c", "row", "the same text") != seal.seal("t.c", "row", "the same text"));
}

TEST_CASE("nothing opens in another place or with another key, nor what was altered or cut") {
  Seal seal{key(1), key(2)};
  const std::string sealed = seal.seal("table.column", "row", "text");
  CHECK_FALSE(seal.open("table.other", "row", sealed));
  CHECK_FALSE(seal.open("table.column", "rov", sealed));
  CHECK_FALSE(seal.open("table.columnr", "ow", sealed));
  Seal other{key(3), key(2)};
  CHECK_FALSE(other.open("table.column", "row", sealed));
  for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    std::string altered = sealed;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << bit % 8));
    CHECK_FALSE(seal.open("table.column", "row", altered));
  }
  for (std::size_t size = 0; size < sealed.size(); ++size)
    CHECK_FALSE(seal.open("table.column", "row", sealed.substr(0, size)));
  CHECK(seal.open("table.column", "row", sealed) == "text");  // no refusal spoils the next opening
}

TEST_CASE("without a key octets stay as they are") {
  Seal seal{std::nullopt, key(2)};
  CHECK(seal.seal("t.c", "row", "text") == "text");
  CHECK(seal.open("t.c", "row", "text") == "text");
}

TEST_CASE("the hash is the first half of HMAC-SHA-256, and another with every key") {
  Seal seal{std::nullopt, key(2)};
  Seal other{std::nullopt, key(3)};
  for (const std::string text : {"s-1", "s-2", ""}) {
    const std::string hash = seal.hash(text);
    const std::vector<std::uint8_t> octets{hash.begin(), hash.end()};
    CHECK(beacon_gateway::hex_text(octets) == beacon_gateway::keyed_digest_hex(key(2).octets(), text).substr(0, 32));
    CHECK(other.hash(text) != hash);
  }
}

TEST_CASE("packed texts come apart as they were put together, or not at all") {
  const std::string octets = packed({"", "one", std::string(300, 'x')});
  const auto texts = unpacked<3>(octets);
  REQUIRE(texts);
  CHECK(*texts == std::array<std::string, 3>{"", "one", std::string(300, 'x')});
  CHECK_FALSE(unpacked<2>(octets));
  CHECK_FALSE(unpacked<4>(octets));
  CHECK_FALSE(unpacked<3>(octets.substr(1)));
  CHECK_FALSE(unpacked<3>(octets.substr(0, octets.size() - 1)));
}
