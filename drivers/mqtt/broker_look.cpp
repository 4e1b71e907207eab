#include "drivers/mqtt/broker_look.hpp"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <vector>

#include "core/broker_url.hpp"
#include "drivers/mqtt/client_identity.hpp"
#include "drivers/mqtt/reason_code.hpp"

namespace beacon_gateway::mqtt {
namespace {

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* tls) const { SSL_free(tls); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(BIO* file) const { BIO_free(file); }
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
template <class Value>
using Owned = std::unique_ptr<Value, Free>;

struct Socket {
  int descriptor = -1;
  Socket() = default;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(); }
  void close() {
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
  }
};

std::optional<WallTime> end_of(const X509* certificate) {
  std::tm time{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) != 1) return std::nullopt;
  return WallTime{std::chrono::seconds{::timegm(&time)}};
}

std::optional<WallTime> end_of(const std::filesystem::path& pem) {
  const Owned<BIO> file{BIO_new_file(pem.c_str(), "r")};
  const Owned<X509> certificate{file ? PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr) : nullptr};
  ERR_clear_error();  // a file that is none has no end
  return end_of(certificate.get());
}

std::string tls_trouble() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason != nullptr ? reason : "the connection was cut";
}

class BrokerLook {
 public:
  BrokerLook(const MqttOptions& options, const BrokerUrl& url, std::chrono::milliseconds patience)
      : options_(options), url_(url), patience_(patience) {
    report_.host = url.host;
    const auto named = options.cert_file ? certificate_name(*options.cert_file) : std::nullopt;
    report_.client_id = named ? *named : default_client_id(options.name);
    if (options.cert_file) report_.own_certificate_ends = end_of(*options.cert_file);
  }

  BrokerReport take(bool log_in) {
    if (connect() && (!url_.encrypted || encrypt()) && log_in) this->log_in();
    return std::move(report_);
  }

 private:
  bool stop(BrokerStep step, std::string why) {
    report_.stopped_at = step;
    report_.why = std::move(why);
    return false;
  }

  // An address in brackets is written without them here.
  [[nodiscard]] std::string bare_host() const {
    const std::string& host = url_.host;
    return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
  }

  bool connect() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* found = nullptr;
    const int result = ::getaddrinfo(bare_host().c_str(), std::to_string(url_.port).c_str(), &hints, &found);
    if (result != 0) return stop(BrokerStep::name, ::gai_strerror(result));
    const Owned<addrinfo> list{found};
    std::string why;
    for (const addrinfo* one = list.get(); one != nullptr; one = one->ai_next) {
      why = connect_to(*one);
      if (why.empty()) return true;
      socket_.close();
    }
    return stop(BrokerStep::connection, why);
  }

  // Why not; empty: connected.
  std::string connect_to(const addrinfo& address) {
    const timeval patience{patience_.count() / 1000, (patience_.count() % 1000) * 1000};
    socket_.descriptor = ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC, address.ai_protocol);
    if (socket_.descriptor < 0) return std::strerror(errno);
    // The first bounds connect(2) as well (socket(7)).
    ::setsockopt(socket_.descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_.descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (::connect(socket_.descriptor, address.ai_addr, address.ai_addrlen) == 0) return {};
    return errno == EINPROGRESS ? "no answer" : std::strerror(errno);
  }

  bool encrypt() {
    context_.reset(SSL_CTX_new(TLS_client_method()));
    if (!context_ || SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION) != 1)
      return stop(BrokerStep::encryption, tls_trouble());
    const auto fails = [&](const std::optional<std::filesystem::path>& file, auto load) {
      return file && load(file->c_str()) != 1 && !stop(BrokerStep::encryption, file->string() + ": " + tls_trouble());
    };
    SSL_CTX* const context = context_.get();
    if (!options_.ca_file && SSL_CTX_set_default_verify_paths(context) != 1)
      return stop(BrokerStep::encryption, tls_trouble());
    if (fails(options_.ca_file, [&](const char* file) { return SSL_CTX_load_verify_file(context, file); }) ||
        fails(options_.cert_file,
              [&](const char* file) { return SSL_CTX_use_certificate_chain_file(context, file); }) ||
        fails(options_.key_file,
              [&](const char* file) { return SSL_CTX_use_PrivateKey_file(context, file, SSL_FILETYPE_PEM); }))
      return false;
    tls_.reset(SSL_new(context));
    // Judged below, so that a certificate that is not trusted can still be told about.
    SSL_set_verify(tls_.get(), SSL_VERIFY_NONE, nullptr);
    std::string host = bare_host();  // not const: the macro for the next call wants it so
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), host.c_str()) != 1) {
      ERR_clear_error();  // a name, then
      SSL_set1_host(tls_.get(), host.c_str());
      SSL_ctrl(tls_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data());
    }
    SSL_set_fd(tls_.get(), socket_.descriptor);
    if (SSL_connect(tls_.get()) != 1) return stop(BrokerStep::encryption, tls_trouble());
    report_.broker_certificate_ends = end_of(SSL_get0_peer_certificate(tls_.get()));
    const long verdict = SSL_get_verify_result(tls_.get());
    return verdict == X509_V_OK || stop(BrokerStep::encryption, X509_verify_cert_error_string(verdict));
  }

  void log_in() {
    constexpr std::uint8_t kConnectAnswer = 0x20;
    constexpr std::size_t kFlagsAt = 0;
    constexpr std::size_t kReasonAt = 1;
    std::array<std::uint8_t, 2> head{};  // packet type, remaining length; a longer one is not told apart and not needed
    std::array<std::uint8_t, 2> body{};
    if (!send(connect_packet()) || !receive(head)) {
      stop(BrokerStep::login, "the broker hung up, or did not answer");
      return;
    }
    std::array<std::uint8_t, 1> rest{};  // of the length: up to three octets more (MQTT 5.0, 1.5.5)
    for (std::uint8_t last = head[1]; (last & 0x80U) != 0; last = rest[0])
      if (!receive(rest)) return static_cast<void>(stop(BrokerStep::login, "the broker's answer is cut"));
    if (head[0] != kConnectAnswer || !receive(body)) {
      stop(BrokerStep::login, "what answers is no MQTT broker");
      return;
    }
    if (body[kReasonAt] != 0) stop(BrokerStep::login, reason_text(body[kReasonAt]));
    if (body[kReasonAt] == 0) (void)send(disconnect_packet((body[kFlagsAt] & 1U) != 0));
  }

  // MQTT 5.0, 3.1: clean start off, so that what is kept for us stays; one message in flight, so that little is sent.
  [[nodiscard]] std::vector<std::uint8_t> connect_packet() const {
    std::vector<std::uint8_t> body{0,    4,    'M', 'Q', 'T',  'T',  5, 0, 0, 20,  // keep alive
                                   8,    0x11, 0,   1,   0x51, 0x80,  // session expiry: a day, as the uplink's
                                   0x21, 0,    1};                    // receive maximum
    const std::string& id = report_.client_id;
    body.push_back(static_cast<std::uint8_t>(id.size() >> 8U));
    body.push_back(static_cast<std::uint8_t>(id.size()));
    body.insert(body.end(), id.begin(), id.end());
    std::vector<std::uint8_t> packet{0x10};
    std::size_t left = body.size();
    do {  // the length in sevens of bits, the least significant first
      packet.push_back(static_cast<std::uint8_t>((left & 0x7FU) | (left > 0x7F ? 0x80U : 0U)));
      left >>= 7U;
    } while (left > 0);
    packet.insert(packet.end(), body.begin(), body.end());
    return packet;
  }

  // MQTT 5.0, 3.14: a session that was not there before ends with us.
  [[nodiscard]] static std::vector<std::uint8_t> disconnect_packet(bool had_session) {
    if (had_session) return {0xE0, 0};
    return {0xE0, 7, 0, 5, 0x11, 0, 0, 0, 0};
  }

  bool send(const std::vector<std::uint8_t>& octets) {
    std::size_t done = 0;
    if (tls_) return SSL_write_ex(tls_.get(), octets.data(), octets.size(), &done) == 1;
    return ::send(socket_.descriptor, octets.data(), octets.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(octets.size());
  }
  template <std::size_t kSize>
  bool receive(std::array<std::uint8_t, kSize>& octets) {
    for (std::size_t done = 0; done < kSize;) {
      std::size_t part = 0;
      if (tls_) {
        if (SSL_read_ex(tls_.get(), octets.data() + done, kSize - done, &part) != 1) return false;
      } else {
        const ssize_t read = ::recv(socket_.descriptor, octets.data() + done, kSize - done, 0);
        if (read <= 0) return false;
        part = static_cast<std::size_t>(read);
      }
      done += part;
    }
    return true;
  }

  const MqttOptions& options_;
  const BrokerUrl& url_;
  const std::chrono::milliseconds patience_;
  BrokerReport report_;
  Socket socket_;
  Owned<SSL_CTX> context_;
  Owned<SSL> tls_;
};

}  // namespace

BrokerReport look_at_broker(const MqttOptions& options, bool log_in, std::chrono::milliseconds patience) {
  const auto url = parse_broker_url(options.url);
  if (url) return BrokerLook{options, *url, patience}.take(log_in);
  BrokerReport report;
  report.stopped_at = BrokerStep::name;
  report.why = "this is no broker's address";
  return report;
}

}  // namespace beacon_gateway::mqtt
