#include "drivers/sqlite/seal.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <sys/random.h>

#include <algorithm>
#include <stdexcept>

namespace beacon_gateway::sqlite {
namespace {

constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;
constexpr std::size_t kHashSize = 16;

// What fails here is memory or the library itself, never the data.
void must(int good) {
  if (good != 1) throw std::runtime_error("the cryptographic library refuses to work");
}

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;

// `for_sealing` or for opening, keyed once: setting the key costs more than a row.
CipherContext cipher_context(const SecretKey& key, bool for_sealing) {
  CipherContext context{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
  must(EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), nullptr, for_sealing ? 1 : 0));
  return context;
}

MacContext mac_context(const SecretKey& key) {
  EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  MacContext context{EVP_MAC_CTX_new(hmac), &EVP_MAC_CTX_free};
  EVP_MAC_free(hmac);  // the context holds it
  std::string digest = "SHA256";
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
      OSSL_PARAM_construct_end()};
  must(EVP_MAC_init(context.get(), key.data(), SecretKey::kSize, parameters.data()));
  return context;
}

// Column and row are told apart by the zero octet: no column's name has one.
void associate(EVP_CIPHER_CTX* context, std::string_view column, std::string_view row) {
  constexpr unsigned char kEnd = 0;
  int ignored = 0;
  must(EVP_CipherUpdate(context, nullptr, &ignored, octets(column), static_cast<int>(column.size())));
  must(EVP_CipherUpdate(context, nullptr, &ignored, &kEnd, 1));
  must(EVP_CipherUpdate(context, nullptr, &ignored, octets(row), static_cast<int>(row.size())));
}

}  // namespace

std::optional<SecretKey> SecretKey::from(std::string octets) {
  if (octets.size() != kSize) return std::nullopt;
  SecretKey key{Value{}};
  std::ranges::copy(octets, key.value_.begin());
  OPENSSL_cleanse(octets.data(), octets.size());
  return key;
}

SecretKey SecretKey::random() {
  SecretKey key{Value{}};
  if (::getrandom(key.value_.data(), kSize, 0) != static_cast<ssize_t>(kSize))
    throw std::runtime_error("the system gives no random numbers");
  return key;
}

SecretKey::~SecretKey() {
  OPENSSL_cleanse(value_.data(), value_.size());
}

void append_number(std::string& key, std::int64_t number) {
  constexpr unsigned kHighest = 56;
  const auto bits = static_cast<std::uint64_t>(number);
  for (unsigned shift = 0; shift <= kHighest; shift += 8)
    key += static_cast<char>(static_cast<std::uint8_t>(bits >> (kHighest - shift)));
}

std::string row_key(std::string_view octets, std::initializer_list<std::int64_t> numbers) {
  std::string key{octets};
  for (const std::int64_t number : numbers) append_number(key, number);
  return key;
}

struct Seal::Contexts {
  std::optional<CipherContext> sealing;  // both, or in clear neither
  std::optional<CipherContext> opening;
  MacContext hashing;
};

Seal::Seal(const std::optional<SecretKey>& data_key, const SecretKey& lookup_key)
    : contexts_(std::make_unique<Contexts>(Contexts{{}, {}, mac_context(lookup_key)})) {
  if (!data_key) return;
  contexts_->sealing = cipher_context(*data_key, true);
  contexts_->opening = cipher_context(*data_key, false);
}

Seal::~Seal() = default;
Seal::Seal(Seal&&) noexcept = default;
Seal& Seal::operator=(Seal&&) noexcept = default;

std::string Seal::seal(std::string_view column, std::string_view row, std::string_view plain) {
  if (!contexts_->sealing) return std::string{plain};
  EVP_CIPHER_CTX* context = contexts_->sealing->get();
  std::string sealed(kNonceSize + plain.size() + kTagSize, '\0');
  unsigned char* const nonce = octets(sealed);
  unsigned char* const body = nonce + kNonceSize;
  int written = 0;
  must(RAND_bytes(nonce, kNonceSize));
  must(EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce));
  associate(context, column, row);
  must(EVP_EncryptUpdate(context, body, &written, octets(plain), static_cast<int>(plain.size())));
  must(EVP_EncryptFinal_ex(context, body + written, &written));  // writes nothing: GCM is a stream
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagSize, body + plain.size()));
  return sealed;
}

std::optional<std::string> Seal::open(std::string_view column, std::string_view row, std::string_view sealed) {
  if (!contexts_->opening) return std::string{sealed};
  if (sealed.size() < kNonceSize + kTagSize) return std::nullopt;
  EVP_CIPHER_CTX* context = contexts_->opening->get();
  const std::string_view body = sealed.substr(kNonceSize, sealed.size() - kNonceSize - kTagSize);
  std::array<unsigned char, kTagSize> tag{};
  std::ranges::copy(sealed.substr(sealed.size() - kTagSize), tag.begin());
  std::string plain(body.size(), '\0');
  int written = 0;
  must(EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, octets(sealed)));
  associate(context, column, row);
  must(EVP_DecryptUpdate(context, octets(plain), &written, octets(body), static_cast<int>(body.size())));
  must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()));
  if (EVP_DecryptFinal_ex(context, octets(plain) + written, &written) != 1) return std::nullopt;
  return plain;
}

std::string Seal::hash(std::string_view text) {
  EVP_MAC_CTX* context = contexts_->hashing.get();
  std::array<unsigned char, EVP_MAX_MD_SIZE> whole{};
  std::size_t size = 0;
  must(EVP_MAC_init(context, nullptr, 0, nullptr));
  must(EVP_MAC_update(context, octets(text), text.size()));
  must(EVP_MAC_final(context, whole.data(), &size, whole.size()));
  return {whole.begin(), whole.begin() + kHashSize};
}

}  // namespace beacon_gateway::sqlite
