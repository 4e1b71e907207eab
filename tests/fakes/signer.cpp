#include "tests/fakes/signer.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "messages/signed_message.hpp"

namespace beacon_gateway_test {

std::string sign(std::string_view payload, std::string_view header) {
  using beacon_gateway::base64url_text;
  static const std::string kPrivate =
      beacon_gateway::octets_from_base64url("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").value();
  const auto octets = [](const std::string& of) { return reinterpret_cast<const unsigned char*>(of.data()); };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(kPrivate), kPrivate.size()), &EVP_PKEY_free};
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
  const std::string text = base64url_text(header) + "." + base64url_text(payload);
  std::array<unsigned char, 64> signature{};
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, octets(text), text.size()) != 1)
    throw std::runtime_error("cannot sign");
  return text + "." + base64url_text({reinterpret_cast<const char*>(signature.data()), size});
}

}  // namespace beacon_gateway_test
