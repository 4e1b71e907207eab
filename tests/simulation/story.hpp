// What happened in a simulated day, a line each, for whoever reads a failing seed. Costs nothing while it is not kept.
#pragma once

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/time.hpp"

namespace beacon_gateway_test {

// An invariant does not hold: the simulation has found something.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Story {
 public:
  explicit Story(bool kept) : kept_(kept) {}

  void set_time(beacon_gateway::Duration since_morning) { now_ = since_morning; }

  template <class... Args>
  void tell(fmt::format_string<Args...> text, Args&&... args) {
    if (!kept_) return;
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(now_);
    lines_.push_back(fmt::format("{:%T}  {}", milliseconds, fmt::format(text, std::forward<Args>(args)...)));
  }

  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  bool kept_;
  beacon_gateway::Duration now_{};
  std::vector<std::string> lines_;
};

}  // namespace beacon_gateway_test
