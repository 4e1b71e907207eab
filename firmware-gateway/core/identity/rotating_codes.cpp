#include "core/identity/rotating_codes.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cassert>
#include <memory>
#include <span>
#include <stdexcept>

#include "core/identity/aes.hpp"

namespace beacon_gateway {
namespace {

// Writes the lowest octets of `number`, big-endian, as many as there is room for.
void put_big_endian(std::span<std::uint8_t> room, std::uint64_t number) {
  for (std::size_t i = room.size(); i-- > 0; number >>= 8U) room[i] = static_cast<std::uint8_t>(number);
}

constexpr std::size_t kShaBlock = 64;
using Sha256Digest = std::array<std::uint8_t, 32>;

void require(bool good) {
  if (!good) throw std::runtime_error("OpenSSL cannot do SHA-256");
}

class Sha256 {
 public:
  Sha256() { require(algorithm_ && context_); }

  [[nodiscard]] Sha256Digest of(std::span<const std::uint8_t> octets) {
    Sha256Digest digest{};
    require(EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) == 1 &&
            EVP_DigestUpdate(context_.get(), octets.data(), octets.size()) == 1 &&
            EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> algorithm_{EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free};
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

// The key, padded to a block and masked, and the text behind it: what each of HMAC's two hashes is taken of.
template <std::size_t kTextSize>
std::array<std::uint8_t, kShaBlock + kTextSize> padded(const Key128& key, std::uint8_t mask,
                                                       const std::array<std::uint8_t, kTextSize>& text) {
  std::array<std::uint8_t, kShaBlock + kTextSize> octets{};
  std::ranges::copy(key, octets.begin());
  for (std::size_t i = 0; i < kShaBlock; ++i) octets[i] ^= mask;
  std::ranges::copy(text, octets.begin() + kShaBlock);
  return octets;
}

// RFC 2104. By hand: OpenSSL 3's EVP_MAC takes three times as long when every call has another key.
template <std::size_t kTextSize>
Sha256Digest hmac_sha256(const Key128& key, const std::array<std::uint8_t, kTextSize>& text) {
  constexpr std::uint8_t kInnerMask = 0x36;
  constexpr std::uint8_t kOuterMask = 0x5C;
  thread_local Sha256 sha256;
  return sha256.of(padded(key, kOuterMask, sha256.of(padded(key, kInnerMask, text))));
}

// The first octets of `octets`, as many as `Front` holds.
template <typename Front>
Front front_of(std::span<const std::uint8_t> octets) {
  Front front{};
  std::ranges::copy_n(octets.begin(), front.size(), front.begin());
  return front;
}

}  // namespace

std::int64_t rolling_token_number(WallTime now, std::uint32_t period_s) {
  assert(period_s > 0);
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const std::int64_t number = seconds / period_s;
  return number - (seconds % period_s < 0 ? 1 : 0);  // a clock before 1970 rounds down too
}

std::chrono::sys_days rolling_token_day(std::int64_t number, std::uint32_t period_s) {
  return std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{std::chrono::seconds{number * period_s}});
}

RollingToken rolling_token(const Key128& day_key, std::int64_t number) {
  std::array<std::uint8_t, 12> text{'B', 'G', 'T', '1'};
  put_big_endian(std::span{text}.last<8>(), static_cast<std::uint64_t>(number));
  return front_of<RollingToken>(hmac_sha256(day_key, text));
}

Key128 eddystone_temporary_key(const Key128& identity_key, std::uint32_t counter) {
  constexpr std::uint8_t kSalt = 0xFF;
  Block plain{};
  plain[11] = kSalt;
  put_big_endian(std::span{plain}.last<2>(), counter >> 16U);
  return {aes128_encrypt(identity_key, plain)};
}

EphemeralId eddystone_ephemeral_id(const Key128& temporary_key, std::uint8_t rotation_exponent, std::uint32_t counter) {
  assert(rotation_exponent <= 15);
  Block plain{};
  plain[11] = rotation_exponent;
  put_big_endian(std::span{plain}.last<4>(), counter >> rotation_exponent << rotation_exponent);
  return front_of<EphemeralId>(aes128_encrypt(temporary_key, plain));
}

std::optional<ResolvableAddress> resolvable_address(const Address& address) {
  if (address.type != AddressType::random_resolvable) return std::nullopt;
  const auto number = [&](std::size_t first) {
    return static_cast<std::uint32_t>(address.octets[first] << 16U | address.octets[first + 1] << 8U |
                                      address.octets[first + 2]);
  };
  return ResolvableAddress{number(0), number(3)};
}

std::uint32_t address_hash(const Key128& irk, std::uint32_t prand) {
  Block plain{};
  put_big_endian(std::span{plain}.last<3>(), prand);
  const Block cipher = aes128_encrypt(irk, plain);
  return static_cast<std::uint32_t>(cipher[13] << 16U | cipher[14] << 8U | cipher[15]);
}

bool matches(const Key128& irk, const ResolvableAddress& address) {
  return address_hash(irk, address.prand) == address.hash;
}

}  // namespace beacon_gateway
