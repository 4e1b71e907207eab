// Remembers for a while what may be used only once. As large as what comes in that while: its owner bounds the rate.
#pragma once

#include <deque>
#include <string>
#include <unordered_set>
#include <utility>

#include "core/time.hpp"

namespace beacon_gateway {

class NonceBook {
 public:
  explicit NonceBook(Duration kept) : kept_(kept) {}

  // False: it was used before, within what is kept.
  [[nodiscard]] bool use(const std::string& nonce, MonotonicTime now) {
    while (!by_age_.empty() && now - by_age_.front().first > kept_) {
      used_.erase(by_age_.front().second);
      by_age_.pop_front();
    }
    if (!used_.insert(nonce).second) return false;
    by_age_.emplace_back(now, nonce);
    return true;
  }

 private:
  Duration kept_;
  std::deque<std::pair<MonotonicTime, std::string>> by_age_;
  std::unordered_set<std::string> used_;
};

}  // namespace beacon_gateway
