#include "core/identity/aes.hpp"

#include "core/hex.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway;

TEST_CASE("AES-128 gives FIPS 197's example, Appendix C.1") {
  const Key128 key{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  Block plain{};
  for (std::size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<std::uint8_t>(0x11 * i);
  CHECK(hex_text(aes128_encrypt(key, plain)) == "69c4e0d86a7b0430d8cdb78070b4c55a");
}

TEST_CASE("AES-128 keeps nothing of the key before") {
  const Block plain{1, 2, 3};
  const Block first = aes128_encrypt({7}, plain);
  CHECK(aes128_encrypt({8}, plain) != first);
  CHECK(aes128_encrypt({7}, plain) == first);
}
