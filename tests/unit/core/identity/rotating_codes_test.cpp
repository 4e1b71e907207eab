#include "core/identity/rotating_codes.hpp"

#include "core/hex.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway;
using namespace std::chrono_literals;

namespace {

constexpr auto kDay20 = std::chrono::sys_days{2026y / 11 / 20};
constexpr auto kDay21 = std::chrono::sys_days{2026y / 11 / 21};
constexpr auto kDay22 = std::chrono::sys_days{2026y / 11 / 22};

// The key of docs/rolling-token.md of one of its three days.
Key128 day_key(std::chrono::sys_days day) {
  if (day == kDay20)
    return {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F};
  if (day == kDay21)
    return {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF};
  REQUIRE(day == kDay22);
  return {0xF0, 0xE1, 0xD2, 0xC3, 0xB4, 0xA5, 0x96, 0x87, 0x78, 0x69, 0x5A, 0x4B, 0x3C, 0x2D, 0x1E, 0x0F};
}

constexpr Key128 kCountingKey{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// The sample data of Bluetooth Core 5.4, Vol 3 Part H, Appendix D.7.
constexpr Key128 kSampleIrk{0xEC, 0x02, 0x34, 0xA3, 0x57, 0xC8, 0xAD, 0x05,
                            0x34, 0x10, 0x10, 0xA6, 0x0A, 0x39, 0x7D, 0x9B};
constexpr Address kSampleAddress{{0x70, 0x81, 0x94, 0x0D, 0xFB, 0xAA}, AddressType::random_resolvable};

}  // namespace

TEST_CASE("A rolling token is the specification's, also across midnight") {
  struct Vector {
    WallTime time;
    std::uint32_t period_s;
    std::int64_t number;
    std::chrono::sys_days day;
    const char* token;
  };
  // The vectors of docs/rolling-token.md, which Python computes a second time.
  const auto vector =
      GENERATE(Vector{kDay21 - 1s, 900, 1994687, kDay20, "51224a49ff41e7b44198a78fc144d580"},
               Vector{kDay21, 900, 1994688, kDay21, "7ae5e026d28dafcff6b6f2e4a47e6fb7"},
               Vector{kDay21 + 3h + 7min + 30s, 900, 1994700, kDay21, "e6b03ea0f74d27b8e214b47bdd417280"},
               Vector{kDay21 + 3h + 7min + 30s, 300, 5984101, kDay21, "38c6c84d7bef71f5f2715e0e1b8be869"},
               Vector{kDay21 + 12h, 86400, 20778, kDay21, "8b429334686e2638a7e567176cb463db"},
               Vector{kDay22 - 1us, 900, 1994783, kDay21, "b85118ffd2d7626dc05159e10e5dce2e"},
               Vector{kDay22, 900, 1994784, kDay22, "b98932f74a9e6e6699b2df2fb458e8f0"},
               Vector{kDay22 + 15min - 1s, 900, 1994784, kDay22, "b98932f74a9e6e6699b2df2fb458e8f0"},
               Vector{kDay22 + 15min, 900, 1994785, kDay22, "dea8ad137647379b1bb4c08946056fa4"});
  CHECK(rolling_token_number(vector.time, vector.period_s) == vector.number);
  CHECK(rolling_token_day(vector.number, vector.period_s) == vector.day);
  CHECK(hex_text(rolling_token(day_key(vector.day), vector.number)) == vector.token);
}

TEST_CASE("A clock before 1970 counts periods downwards") {
  CHECK(rolling_token_number(WallTime{}, 900) == 0);
  CHECK(rolling_token_number(WallTime{} - 1us, 900) == -1);
  CHECK(rolling_token_number(WallTime{} - 900s, 900) == -1);
  CHECK(rolling_token_number(WallTime{} - 901s, 900) == -2);
  CHECK(rolling_token_day(-1, 900) == std::chrono::sys_days{1969y / 12 / 31});
}

TEST_CASE("An Eddystone-EID is what others compute") {
  struct Vector {
    Key128 identity_key;
    std::uint8_t exponent;
    std::uint32_t counter;
    const char* temporary_key;
    const char* ephemeral_id;
  };
  // github.com/RadiusNetworks/ephemeral_calc, spec/encryptor_spec.rb: the ids; all else: Python's cryptography 38.
  constexpr Key128 kPublished{0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
                              0x09, 0x0A, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16};
  const auto vector =
      GENERATE_COPY(Vector{kPublished, 10, 0, "6f291c5c48264b8a0b38a19e7fed73cc", "a9b76a71c5f89290"},
                    Vector{kPublished, 10, 2000, "6f291c5c48264b8a0b38a19e7fed73cc", "4144413e45fefa58"},
                    Vector{kCountingKey, 10, 0, "68d14ef25b6abcc46b96568081ec8a52", "df8e76bbfec4efc5"},
                    Vector{kCountingKey, 10, 0x3FF, "68d14ef25b6abcc46b96568081ec8a52", "df8e76bbfec4efc5"},
                    Vector{kCountingKey, 10, 0x400, "68d14ef25b6abcc46b96568081ec8a52", "f7a6081d867e3474"},
                    Vector{kCountingKey, 0, 0xFFFF, "68d14ef25b6abcc46b96568081ec8a52", "0f15b6085790d6a3"},
                    Vector{kCountingKey, 0, 0x10000, "89b9b57c9f9b105a9541f31958492269", "d54fde48f2682348"},
                    Vector{kCountingKey, 15, 0xFFFFFFFF, "26bd22233aac409684f72dd489d1222d", "2b0a5389efad8131"},
                    Vector{kCountingKey, 12, 0x12345678, "c90ff3b2c496abdeb698ef97e23d880c", "9e789b7d0cdd805e"});
  const Key128 temporary = eddystone_temporary_key(vector.identity_key, vector.counter);
  CHECK(hex_text(temporary) == vector.temporary_key);
  CHECK(hex_text(eddystone_ephemeral_id(temporary, vector.exponent, vector.counter)) == vector.ephemeral_id);
}

TEST_CASE("The hash of a resolvable address is the Core specification's sample") {
  CHECK(address_hash(kSampleIrk, 0x708194) == 0x0DFBAA);
}

TEST_CASE("A resolvable address falls into prand and hash, and its key matches it") {
  const auto address = resolvable_address(kSampleAddress);
  REQUIRE(address);
  CHECK(*address == ResolvableAddress{0x708194, 0x0DFBAA});
  CHECK(matches(kSampleIrk, *address));
  CHECK_FALSE(matches(kCountingKey, *address));
  CHECK_FALSE(matches(kSampleIrk, {0x708195, 0x0DFBAA}));
}

TEST_CASE("An address of another type is not resolvable") {
  for (const AddressType type :
       {AddressType::public_address, AddressType::random_static, AddressType::random_non_resolvable})
    CHECK_FALSE(resolvable_address({kSampleAddress.octets, type}));
}
