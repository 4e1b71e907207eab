#include "core/digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <cassert>
#include <memory>

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
  constexpr std::string_view kDigits = "0123456789abcdef";
  const Sha256 digest = sha256(fields);
  std::string text;
  text.reserve(2 * kOctets);
  for (std::size_t i = 0; i < kOctets; ++i) {
    text += kDigits[digest[i] >> 4U];
    text += kDigits[digest[i] & 0x0FU];
  }
  return text;
}

std::uint64_t digest_number(std::initializer_list<std::string_view> fields) {
  const Sha256 digest = sha256(fields);
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = (number << 8U) | digest[i];
  return number;
}

}  // namespace beacon_gateway
