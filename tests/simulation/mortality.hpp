// When the simulated process dies: the stores pass a point before and after everything they make durable.
#pragma once

#include <cstdint>
#include <optional>

namespace beacon_gateway_test {

// Thrown where the process ends; unwinds all of it, so that an open transaction is rolled back as a real death would.
struct ProcessKilled {
  const char* where;
};

class Mortality {
 public:
  // Dies at the point after so many others; nothing: lives on.
  void die_after(std::optional<int> points) { left_ = points; }

  void point(const char* where) {
    ++passed_;
    if (!left_ || --*left_ >= 0) return;
    left_.reset();
    throw ProcessKilled{where};
  }

  [[nodiscard]] std::uint64_t passed() const { return passed_; }

 private:
  std::optional<int> left_;
  std::uint64_t passed_ = 0;
};

}  // namespace beacon_gateway_test
