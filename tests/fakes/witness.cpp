#include "tests/fakes/witness.hpp"

#include <fmt/ranges.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace beacon_gateway_test {

namespace {

namespace fs = std::filesystem;

constexpr auto kPatience = std::chrono::minutes{1};  // a few ms on an idle machine
constexpr auto kLookAgain = std::chrono::milliseconds{2};
constexpr const char* kEnd = "the end";

std::string hex(const std::string& octets) {
  const std::vector<unsigned char> numbers(octets.begin(), octets.end());
  return fmt::format("{:02x}", fmt::join(numbers, ""));
}

void append(const std::string& suffix, const std::string& line) {
  const auto folder = witness_folder();
  if (!folder) return;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  fs::create_directories(*folder);
  std::ofstream file(*folder / (std::to_string(::getpid()) + suffix), std::ios::app);
  file << line << '\n' << std::flush;
  if (!file) throw std::runtime_error("cannot write to " + folder->string());
}

fs::path next_record(const fs::path& folder) {
  static std::atomic<int> runs = 0;
  fs::create_directories(folder);
  return folder / (std::to_string(::getpid()) + "-" + std::to_string(++runs) + ".broker");
}

std::vector<std::string> client(const char* program, const fs::path& socket, std::vector<std::string> options) {
  std::vector<std::string> command{program, "--unix", socket.string(), "-u", "witness", "-V", "mqttv5", "-q", "1"};
  command.insert(command.end(), options.begin(), options.end());
  return command;
}

}  // namespace

std::optional<fs::path> witness_folder() {
  const char* folder = std::getenv("BEACON_GATEWAY_WITNESS");
  return folder == nullptr ? std::nullopt : std::optional<fs::path>{folder};
}

void witness_published(const std::string& topic, const std::string& payload) {
  append(".bytes", topic + " " + hex(payload));
}

void witness_wrong(const std::string& payload) {
  append(".wrong", hex(payload));
}

BrokerWitness::BrokerWitness(const fs::path& folder, fs::path socket)
    : socket_(std::move(socket)),
      record_(next_record(folder)),
      subscriber_(
          client("/usr/bin/mosquitto_sub", socket_, {"-i", "witness", "-c", "-x", "86400", "-F", "%t %x", "-t", "#"}),
          record_, socket_.string() + ".errors") {}

void BrokerWitness::see_the_end() {
  const fs::path log = socket_.string() + ".errors";
  const ChildProcess publisher(
      client("/usr/bin/mosquitto_pub", socket_, {"-i", "witness-end", "-t", "barrier", "-m", kEnd}), log, log);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  const std::string end = "barrier " + hex(kEnd) + "\n";
  while (true) {
    std::ostringstream text;
    text << std::ifstream(record_).rdbuf();
    if (text.str().find(end) != std::string::npos) return;
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("the broker's witness does not see it");
    std::this_thread::sleep_for(kLookAgain);
  }
}

}  // namespace beacon_gateway_test
