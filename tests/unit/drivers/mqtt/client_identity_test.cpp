#include "drivers/mqtt/client_identity.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>

#include "tests/catch.hpp"

using beacon_gateway::mqtt::certificate_name;
using beacon_gateway::mqtt::default_client_id;

namespace {

// A file of its own that goes with the test.
class TemporaryFile {
 public:
  TemporaryFile() {
    std::string name = (std::filesystem::temp_directory_path() / "beacon-gateway-test-XXXXXX").string();
    const int descriptor = ::mkstemp(name.data());
    REQUIRE(descriptor >= 0);
    ::close(descriptor);
    path_ = name;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// An unsigned certificate will do: only its name is read.
void write_certificate(const std::filesystem::path& path, const std::string& common_name) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"),
                                                                &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  X509_set_pubkey(certificate.get(), key.get());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 60);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  if (!common_name.empty()) {
    std::string text = common_name;
    X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, reinterpret_cast<unsigned char*>(text.data()),
                               static_cast<int>(text.size()), -1, 0);
  }
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(path.c_str(), "w"), &BIO_free);
  REQUIRE(PEM_write_bio_X509(file.get(), certificate.get()) == 1);
}

}  // namespace

TEST_CASE("the client id is the certificate's common name") {
  const TemporaryFile file;
  write_certificate(file.path(), "gw-1.bkk-siam-01.acme");
  CHECK(certificate_name(file.path()) == "gw-1.bkk-siam-01.acme");
}

TEST_CASE("no name, no certificate and no file give no identity") {
  const TemporaryFile nameless;
  write_certificate(nameless.path(), "");
  CHECK_FALSE(certificate_name(nameless.path()));

  const TemporaryFile text;
  std::ofstream(text.path()) << "not a certificate\n";
  CHECK_FALSE(certificate_name(text.path()));

  CHECK_FALSE(certificate_name("/nowhere/at/all.pem"));
}

TEST_CASE("without a certificate the client id is made of the names") {
  CHECK(default_client_id({"acme", "bkk-siam-01", "gw-1"}) == "acme.bkk-siam-01.gw-1");
}
