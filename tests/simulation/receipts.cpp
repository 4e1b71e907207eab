#include "tests/simulation/receipts.hpp"

namespace beacon_gateway_test {

using namespace beacon_gateway;  // NOLINT(google-build-using-namespace): a test's vocabulary
using namespace std::chrono_literals;

Receipts::Receipts(std::uint64_t seed) : dice_(seed, DiceFor::receipts), policy_(ReceiptPolicy::off) {
  if (dice_.percent(50))
    policy_ = ReceiptPolicy::required;
  else if (dice_.percent(50))
    policy_ = ReceiptPolicy::optional;
}

void Receipts::confirm(const std::vector<std::string>& ids, Duration now) {
  if (policy_ == ReceiptPolicy::off) return;
  for (const std::string& id : ids) {
    if (friendly_) {
      under_way_.emplace(now, id);
      continue;
    }
    if (dice_.percent(15)) continue;  // lost
    const Duration comes = now + (dice_.percent(70) ? dice_.between(Duration{}, 5s) : dice_.between(5s, 10min));
    under_way_.emplace(comes, id);
    if (dice_.percent(10)) under_way_.emplace(comes + dice_.between(Duration{}, 1h), id);
    if (dice_.percent(10)) under_way_.emplace(comes, std::string(id.rbegin(), id.rend()));  // another gateway's
  }
}

std::vector<std::string> Receipts::take(Duration now) {
  std::vector<std::string> ids;
  const auto due = under_way_.upper_bound(now);
  for (auto one = under_way_.begin(); one != due; ++one) ids.push_back(one->second);
  under_way_.erase(under_way_.begin(), due);
  return ids;
}

}  // namespace beacon_gateway_test
