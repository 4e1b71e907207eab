#include "tests/fakes/broker.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
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
constexpr const char* kWitness = "witness";  // in the name of its socket and of its clients, so in its lines of the log

}  // namespace

Broker::Broker(BrokerOptions options) : options_(std::move(options)), port_(free_port()) {
  write_configuration();
  start();
}

Broker::~Broker() {
  if (!process_) return;
  try {
    end(SIGKILL);
  } catch (const std::runtime_error& error) {
    std::cerr << error.what() << '\n';  // the check of the records finds one without its end
  }
}

std::string Broker::url() const {
  return "mqtt://127.0.0.1:" + std::to_string(port_);
}

void Broker::write_configuration() {
  std::ofstream file(directory() / "mosquitto.conf");
  if (::geteuid() == 0) file << "user root\n";  // else it changes to a user that cannot read our folder
  // None is dropped. 0 would say the same, but this mosquitto then ends the connection with each PUBACK that refuses
  // (eclipse-mosquitto/mosquitto#3244).
  file << "allow_anonymous true\nmax_queued_messages 1000000\n";
  file << "listener 0 " << witness_socket().string() << "\nlistener " << port_ << " 127.0.0.1\n";
  if (!options_.acl.empty()) {
    write_acl(options_.acl);
    file << "acl_file " << (directory() / "acl").string() << "\n";
  }
  if (options_.max_packet_size) file << "max_packet_size " << *options_.max_packet_size << "\n";
  file << options_.extra << "\n";
}

// Its rules for all come first: those for one user follow his name.
void Broker::write_acl(const std::string& acl) const {
  std::ofstream(directory() / "acl") << acl << "\nuser " << kWitness << "\ntopic readwrite #\n";
}

void Broker::start() {
  const auto deadline = Clock::now() + kStartDeadline;
  launch();
  while (!accepts()) {
    if (Clock::now() > deadline) throw std::runtime_error("mosquitto does not listen: " + log());
    if (process_->exited()) launch();  // the port of a broker that has just gone may need another try
    std::this_thread::sleep_for(kLookAgain);
  }
  if (options_.witness) let_witness_in();
}

void Broker::launch() {
  const auto log_file = directory() / "log";
  process_.emplace(std::vector<std::string>{kProgram, "-v", "-c", (directory() / "mosquitto.conf").string()}, log_file,
                   log_file);
}

void Broker::let_witness_in() {
  const auto deadline = Clock::now() + kStartDeadline;
  const auto said_before = whole_log().size();
  witness_.emplace(*options_.witness, witness_socket());
  while (whole_log().find("Sending SUBACK to witness", said_before) == std::string::npos) {
    if (Clock::now() > deadline) throw std::runtime_error("no witness of mosquitto: " + whole_log());
    std::this_thread::sleep_for(kLookAgain);
  }
}

bool Broker::accepts() const {
  return static_cast<bool>(connect_to_loopback(port_));
}

void Broker::end(int signal) {
  if (!process_) throw std::runtime_error("mosquitto does not run");
  thaw();
  if (witness_) witness_->see_the_end();
  process_->signal(signal);
  process_->wait();
  process_.reset();
  witness_.reset();
}

void Broker::stop() {
  end(SIGTERM);
}
void Broker::kill() {
  end(SIGKILL);
}
void Broker::freeze() {
  process_.value().signal(SIGSTOP);
}
void Broker::thaw() {
  process_.value().signal(SIGCONT);
}

void Broker::set_acl(const std::string& acl) {
  write_acl(acl);
  process_.value().signal(SIGHUP);
}

std::string Broker::whole_log() const {
  std::ostringstream text;
  text << std::ifstream(directory() / "log").rdbuf();
  return text.str();
}

std::string Broker::log() const {
  std::istringstream whole(whole_log());
  std::string text;
  for (std::string line; std::getline(whole, line);)
    if (line.find(kWitness) == std::string::npos) text += line + "\n";
  return text;
}

}  // namespace beacon_gateway_test
