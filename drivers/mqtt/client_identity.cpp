#include "drivers/mqtt/client_identity.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace beacon_gateway::mqtt {

std::optional<std::string> certificate_name(const std::filesystem::path& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(pem.c_str(), "r"), &BIO_free);
  if (!file) return std::nullopt;
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr), &X509_free);
  if (!certificate) return std::nullopt;

  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const int position = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (position < 0) return std::nullopt;
  unsigned char* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, position)));
  if (length < 0) return std::nullopt;
  std::string name(utf8, utf8 + length);
  OPENSSL_free(utf8);
  if (name.empty()) return std::nullopt;
  return name;
}

std::string default_client_id(const GatewayName& name) {
  return name.tenant + "." + name.store + "." + name.id;
}

}  // namespace beacon_gateway::mqtt
