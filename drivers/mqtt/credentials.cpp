#include "drivers/mqtt/credentials.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "drivers/mqtt/client_identity.hpp"

namespace beacon_gateway::mqtt {

namespace {

namespace fs = std::filesystem;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bio reader(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

Certificate first_certificate(const std::string& pem) {
  return {PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr), &X509_free};
}

Key private_key(const std::string& pem) {
  // Without it OpenSSL would ask for the passphrase of an encrypted key on the terminal.
  const auto no_passphrase = [](char*, int, int, void*) { return 0; };
  return {PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, no_passphrase, nullptr), &EVP_PKEY_free};
}

std::chrono::sys_seconds instant(const ASN1_TIME* time) {
  using namespace std::chrono;
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return sys_seconds{};  // 1970: has expired
  constexpr int kYearOfTm = 1900;
  const auto date = year{parts.tm_year + kYearOfTm} / (parts.tm_mon + 1) / parts.tm_mday;
  return sys_days{date} + hours{parts.tm_hour} + minutes{parts.tm_min} + seconds{parts.tm_sec};
}

tl::unexpected<std::string> fault(const std::optional<fs::path>& file, const std::string& what) {
  ERR_clear_error();  // else the next failed handshake would be told with it
  return tl::unexpected(file.value_or("").string() + ": " + what);
}

}  // namespace

class Credentials::MemoryFile {
 public:
  explicit MemoryFile(const std::string& content) : descriptor_(::memfd_create("credential", MFD_CLOEXEC)) {
    const auto size = static_cast<ssize_t>(content.size());
    if (descriptor_ < 0 || ::write(descriptor_, content.data(), content.size()) != size)
      throw std::system_error(errno, std::generic_category(), "memfd_create");
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // proc(5): opening it anew starts at the beginning.
  [[nodiscard]] fs::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

std::optional<fs::path> Credentials::path(const std::shared_ptr<const MemoryFile>& file) {
  return file ? std::optional{file->path()} : std::nullopt;
}

tl::expected<std::shared_ptr<const Credentials>, std::string> Credentials::read(const CredentialFiles& files) {
  auto result = std::make_shared<Credentials>();
  const auto take = [&](const std::optional<fs::path>& file) -> std::optional<std::string> {
    result->contents_.emplace_back();
    if (!file) return std::string{};
    std::ifstream stream(*file, std::ios::binary);
    std::ostringstream text;
    if (!stream || !(text << stream.rdbuf())) return std::nullopt;
    return result->contents_.back() = text.str();
  };
  constexpr const char* kUnreadable = "cannot be read: is it there, and may the user beacon-gateway read it?";
  const auto ca = take(files.ca);
  if (!ca) return fault(files.ca, kUnreadable);
  const auto certificate = take(files.certificate);
  if (!certificate) return fault(files.certificate, kUnreadable);
  const auto key = take(files.key);
  if (!key) return fault(files.key, kUnreadable);

  if (files.ca && !first_certificate(*ca)) return fault(files.ca, "no certificate in it: the authority's, as PEM");
  if (files.ca) result->ca_ = std::make_shared<const MemoryFile>(*ca);
  if (files.certificate.has_value() != files.key.has_value())
    return fault(files.certificate ? files.certificate : files.key, "a certificate and its key come together");
  if (!files.certificate) return result;

  const Certificate ours = first_certificate(*certificate);
  if (!ours) return fault(files.certificate, "no certificate in it: this gateway's, as PEM");
  const Key secret = private_key(*key);
  if (!secret) return fault(files.key, "no private key in it, or one with a passphrase: PEM without passphrase");
  if (X509_check_private_key(ours.get(), secret.get()) != 1)
    return fault(files.key, "not the key of the certificate in " + files.certificate->string());
  result->validity_ = {instant(X509_get0_notBefore(ours.get())), instant(X509_get0_notAfter(ours.get()))};
  result->certificate_ = std::make_shared<const MemoryFile>(*certificate);
  result->key_ = std::make_shared<const MemoryFile>(*key);
  const auto name = certificate_name(result->certificate_->path());
  if (!name) return fault(files.certificate, "its subject has no common name (CN), which is the gateway's identity");
  result->common_name_ = *name;
  return result;
}

}  // namespace beacon_gateway::mqtt
