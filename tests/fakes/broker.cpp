#include "tests/fakes/broker.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "tests/fakes/loopback.hpp"

namespace beacon_gateway_test {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kStartDeadline = std::chrono::seconds{10};  // it takes 20 ms on an idle machine
constexpr auto kLookAgain = std::chrono::milliseconds{5};
constexpr const char* kProgram = "/usr/sbin/mosquitto";

}  // namespace

Broker::Broker(BrokerOptions options) : options_(std::move(options)), port_(free_port()) {
  write_configuration();
  start();
}

Broker::~Broker() {
  if (process_ > 0) signal_and_reap(SIGKILL);
}

std::string Broker::url() const {
  return "mqtt://127.0.0.1:" + std::to_string(port_);
}

void Broker::write_configuration() {
  std::ofstream file(directory() / "mosquitto.conf");
  if (::geteuid() == 0) file << "user root\n";  // else it changes to a user that cannot read our folder
  file << "listener " << port_ << " 127.0.0.1\nallow_anonymous true\n";
  if (options_.autosave)
    file << "persistence true\npersistence_location " << directory().string()
         << "/\nautosave_on_changes true\nautosave_interval 1\n";
  if (!options_.acl.empty()) {
    std::ofstream(directory() / "acl") << options_.acl;
    file << "acl_file " << (directory() / "acl").string() << "\n";
  }
  if (options_.max_packet_size) file << "max_packet_size " << *options_.max_packet_size << "\n";
  file << options_.extra << "\n";
}

void Broker::start() {
  const auto deadline = Clock::now() + kStartDeadline;
  launch();
  while (!accepts()) {
    if (Clock::now() > deadline) throw std::runtime_error("mosquitto does not listen: " + log());
    if (exited()) launch();  // the port of a broker that has just gone may need another try
    std::this_thread::sleep_for(kLookAgain);
  }
}

void Broker::launch() {
  const std::string configuration = (directory() / "mosquitto.conf").string();
  const std::string log_file = (directory() / "log").string();
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("fork");
  if (process_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execl(kProgram, "mosquitto", "-v", "-c", configuration.c_str(), nullptr);
  ::_exit(EXIT_FAILURE);
}

bool Broker::accepts() const {
  return static_cast<bool>(connect_to_loopback(port_));
}

bool Broker::exited() {
  if (::waitpid(process_, nullptr, WNOHANG) != process_) return false;
  process_ = -1;
  return true;
}

void Broker::signal_and_reap(int signal) {
  if (process_ <= 0) throw std::runtime_error("mosquitto does not run");
  ::kill(process_, signal);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

void Broker::stop() {
  signal_and_reap(SIGTERM);
}
void Broker::kill() {
  signal_and_reap(SIGKILL);
}
void Broker::freeze() {
  ::kill(process_, SIGSTOP);
}
void Broker::thaw() {
  ::kill(process_, SIGCONT);
}

void Broker::set_acl(const std::string& acl) {
  std::ofstream(directory() / "acl") << acl;
  ::kill(process_, SIGHUP);
}

std::string Broker::log() const {
  std::ostringstream text;
  text << std::ifstream(directory() / "log").rdbuf();
  return text.str();
}

}  // namespace beacon_gateway_test
