#include "core/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cassert>
#include <memory>

#include "core/hex.hpp"

namespace beacon_gateway {
namespace {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::initializer_list<std::string_view> fields) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  [[maybe_unused]] int good = EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  for (const std::string_view field : fields) {
    const auto length = static_cast<std::uint32_t>(field.size());
    const std::array<unsigned char, 4> prefix{
        static_cast<unsigned char>(length >> 24U), static_cast<unsigned char>(length >> 16U),
        static_cast<unsigned char>(length >> 8U), static_cast<unsigned char>(length)};
    good &= EVP_DigestUpdate(context.get(), prefix.data(), prefix.size());
    good &= EVP_DigestUpdate(context.get(), field.data(), field.size());
  }
  Sha256 result{};
  good &= EVP_DigestFinal_ex(context.get(), result.data(), nullptr);
  assert(good == 1);
  return result;
}

}  // namespace

std::string digest_hex(std::initializer_list<std::string_view> fields) {
  constexpr std::size_t kOctets = 16;
  const Sha256 digest = sha256(fields);
  return hex_text(std::span{digest}.first(kOctets));
}

std::string whole_digest_hex(std::initializer_list<std::string_view> fields) {
  return hex_text(sha256(fields));
}

std::string keyed_digest_hex(std::string_view key, std::string_view text) {
  Sha256 result{};
  unsigned int size = 0;
  [[maybe_unused]] const auto* good =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
           text.size(), result.data(), &size);
  assert(good != nullptr && size == result.size());
  return hex_text(result);
}

std::uint64_t digest_number(std::initializer_list<std::string_view> fields) {
  const Sha256 digest = sha256(fields);
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = (number << 8U) | digest[i];
  return number;
}

}  // namespace beacon_gateway
