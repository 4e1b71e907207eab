// What is logged while it lives, instead of going to the terminal. One at a time.
#pragma once

#include <memory>
#include <string>

namespace beacon_gateway_test {

class LogBook {
 public:
  LogBook();
  ~LogBook();
  LogBook(const LogBook&) = delete;
  LogBook& operator=(const LogBook&) = delete;

  // How often the words were said.
  [[nodiscard]] std::size_t count(const std::string& words) const;

 private:
  struct Pages;
  std::unique_ptr<Pages> pages_;
};

}  // namespace beacon_gateway_test
