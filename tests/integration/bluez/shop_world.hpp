// The real program in a folder of its own, on a private bus: what tests of its commands against BlueZ start from.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/fakes/temporary_directory.hpp"
#include "tests/integration/bluez/radio_world.hpp"

namespace beacon_gateway_test {

// A configuration directory with a key of its own.
struct Shop {
  TemporaryDirectory directory;
  std::string path = directory.path().string();

  // `tables`: scanners, and whatever else the test wants, before the zone `entrance` and the store.
  explicit Shop(const std::string& tables);

  // Exit status, and what came on both outputs.
  [[nodiscard]] static std::pair<int, std::string> output(const std::string& arguments);
  [[nodiscard]] std::string status(const std::string& options = "") const;
  [[nodiscard]] bool says(const std::string& text, const std::string& options = "") const;
};

// A command of the program that goes on until it is told to stop.
class Running {
 public:
  Running(const Shop& shop, const PrivateBus& bus, const std::vector<std::string>& arguments);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  [[nodiscard]] pid_t process() const { return process_; }
  int stop();  // SIGTERM; the exit status, -1 if it died of a signal

 private:
  pid_t process_ = -1;
};

}  // namespace beacon_gateway_test
