#include "messages/signed_message.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cassert>
#include <memory>
#include <nlohmann/json.hpp>

#include "messages/json_bounds.hpp"

namespace beacon_gateway {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned kBitsPerCharacter = 6;
constexpr std::size_t kSignatureOctets = 64;  // RFC 8032, 5.1.6

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// RFC 7638, 3 with the members of RFC 8037, 2: SHA-256 of the key as JSON, in the order of the alphabet.
std::string thumbprint_of(const Ed25519PublicKey& key) {
  const std::string_view octets{reinterpret_cast<const char*>(key.data()), key.size()};
  const std::string json = fmt::format(R"({{"crv":"Ed25519","kty":"OKP","x":"{}"}})", base64url_text(octets));
  std::array<unsigned char, 32> digest{};
  [[maybe_unused]] const int good = EVP_Digest(json.data(), json.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  assert(good == 1);
  return base64url_text({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

tl::expected<TrustedKey, std::string> read_key(const std::filesystem::path& file) {
  constexpr std::string_view kRemedy =
      "wanted is an Ed25519 public key in PEM, as `openssl pkey -in PRIVATE.pem -pubout` writes it";
  const std::unique_ptr<BIO, decltype(&BIO_free)> source{BIO_new_file(file.c_str(), "r"), &BIO_free};
  if (!source) {
    ERR_clear_error();
    return tl::unexpected(fmt::format("{}: cannot be read: does it exist, and may this user read it?", file.string()));
  }
  const Key key{PEM_read_bio_PUBKEY(source.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
  ERR_clear_error();
  if (!key) return tl::unexpected(fmt::format("{}: holds no public key; {}", file.string(), kRemedy));
  TrustedKey trusted;
  trusted.id = file.stem().string();
  std::size_t size = trusted.key.size();
  if (EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_public_key(key.get(), trusted.key.data(), &size) != 1)
    return tl::unexpected(fmt::format("{}: holds a key of another kind; {}", file.string(), kRemedy));
  trusted.thumbprint = thumbprint_of(trusted.key);
  return trusted;
}

bool signed_by(const TrustedKey& trusted, std::string_view text, std::string_view signature) {
  const Key key{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, trusted.key.data(), trusted.key.size()),
                &EVP_PKEY_free};
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  const auto octets = [](std::string_view of) { return reinterpret_cast<const unsigned char*>(of.data()); };
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(text), text.size()) == 1;
  ERR_clear_error();  // by thread: the next reader of errors shall not find ours
  return good;
}

struct Header {
  std::optional<std::string> kid;
};

tl::expected<Header, DownlinkRefusal> read_header(std::string_view encoded) {
  const auto text = octets_from_base64url(encoded);
  if (!text || !within_bounds(*text)) return tl::unexpected(DownlinkRefusal::not_signed);
  const auto header = nlohmann::json::parse(*text, nullptr, false);
  if (!header.is_object()) return tl::unexpected(DownlinkRefusal::not_signed);
  const auto algorithm = header.find("alg");
  if (algorithm == header.end() || *algorithm != "EdDSA" || header.contains("crit"))
    return tl::unexpected(DownlinkRefusal::wrong_algorithm);
  const auto kid = header.find("kid");
  if (kid == header.end()) return Header{};
  if (!kid->is_string()) return tl::unexpected(DownlinkRefusal::unknown_key);
  return Header{kid->get<std::string>()};
}

}  // namespace

std::string base64url_text(std::string_view octets) {
  std::string text;
  unsigned pending = 0;
  unsigned bits = 0;
  for (const char octet : octets) {
    pending = (pending << 8U) | static_cast<unsigned char>(octet);
    for (bits += 8; bits >= kBitsPerCharacter; bits -= kBitsPerCharacter)
      text += kAlphabet[(pending >> (bits - kBitsPerCharacter)) & 0x3FU];
  }
  if (bits > 0) text += kAlphabet[(pending << (kBitsPerCharacter - bits)) & 0x3FU];
  return text;
}

std::optional<std::string> octets_from_base64url(std::string_view text) {
  static constexpr std::uint8_t kNone = 0xFF;
  static constexpr auto kValues = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(kNone);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
      values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
  }();
  std::string octets;
  octets.reserve(text.size() * 3 / 4);
  unsigned pending = 0;
  unsigned bits = 0;
  for (const char character : text) {
    const unsigned value = kValues[static_cast<unsigned char>(character)];
    if (value == kNone) return std::nullopt;
    pending = ((pending << kBitsPerCharacter) | value) & 0xFFFFU;
    bits += kBitsPerCharacter;
    if (bits < 8) continue;
    bits -= 8;
    octets += static_cast<char>(pending >> bits);
  }
  const bool whole = bits < kBitsPerCharacter && (pending & ((1U << bits) - 1)) == 0;
  return whole ? std::optional{std::move(octets)} : std::nullopt;
}

tl::expected<TrustedKeys, std::string> TrustedKeys::read(const std::vector<std::filesystem::path>& files) {
  TrustedKeys keys;
  for (const auto& file : files) {
    auto key = read_key(file);
    if (!key) return tl::unexpected(std::move(key.error()));
    if (std::ranges::any_of(keys.keys_, [&](const TrustedKey& other) { return other.id == key->id; }))
      return tl::unexpected(fmt::format(
          "{}: another key file has the same name: the name is the key's id, give each its own", file.string()));
    keys.keys_.push_back(std::move(*key));
  }
  return keys;
}

const TrustedKey* TrustedKeys::find(std::string_view kid) const {
  const auto found =
      std::ranges::find_if(keys_, [&](const TrustedKey& key) { return key.id == kid || key.thumbprint == kid; });
  return found == keys_.end() ? nullptr : &*found;
}

tl::expected<VerifiedMessage, DownlinkRefusal> verify(std::string_view compact_jws, const TrustedKeys& keys) {
  const auto refused = [](DownlinkRefusal why) { return tl::unexpected(why); };
  const std::size_t first = compact_jws.find('.');
  const std::size_t second = compact_jws.rfind('.');
  if (first == std::string_view::npos || first == second) return refused(DownlinkRefusal::not_signed);

  const auto header = read_header(compact_jws.substr(0, first));
  if (!header) return refused(header.error());
  auto payload = octets_from_base64url(compact_jws.substr(first + 1, second - first - 1));  // a third dot is no letter
  if (!payload) return refused(DownlinkRefusal::not_signed);
  const auto signature = octets_from_base64url(compact_jws.substr(second + 1));
  if (!signature) return refused(DownlinkRefusal::not_signed);

  std::vector<const TrustedKey*> candidates;
  if (header->kid) {
    if (const TrustedKey* key = keys.find(*header->kid)) candidates.push_back(key);
  } else if (keys.all().size() <= kMostKeysTried) {
    for (const TrustedKey& key : keys.all()) candidates.push_back(&key);
  }
  if (candidates.empty()) return refused(DownlinkRefusal::unknown_key);
  if (signature->size() != kSignatureOctets) return refused(DownlinkRefusal::bad_signature);
  for (const TrustedKey* key : candidates)
    if (signed_by(*key, compact_jws.substr(0, second), *signature))
      return VerifiedMessage{std::move(*payload), key->id};
  return refused(DownlinkRefusal::bad_signature);
}

}  // namespace beacon_gateway
