#include "core/identity/aes.hpp"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace beacon_gateway {
namespace {

void require(bool good) {
  if (!good) throw std::runtime_error("OpenSSL cannot do AES-128");
}

// A cipher fetched once and a context kept: looking the cipher up by name for each key costs three times the work.
class Aes128 {
 public:
  Aes128() {
    require(cipher_ && context_ && EVP_EncryptInit_ex2(context_.get(), cipher_.get(), nullptr, nullptr, nullptr));
  }

  [[nodiscard]] Block encrypt(const Key128& key, const Block& plain) {
    Block result{};
    int written = 0;
    require(EVP_EncryptInit_ex2(context_.get(), nullptr, key.data(), nullptr, nullptr) == 1 &&
            EVP_EncryptUpdate(context_.get(), result.data(), &written, plain.data(), static_cast<int>(plain.size())) ==
                1 &&
            written == static_cast<int>(result.size()));
    return result;
  }

 private:
  std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)> cipher_{EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr),
                                                                  &EVP_CIPHER_free};
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
};

}  // namespace

Block aes128_encrypt(const Key128& key, const Block& plain) {
  thread_local Aes128 aes;
  return aes.encrypt(key, plain);
}

}  // namespace beacon_gateway
