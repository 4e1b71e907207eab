// Whatever the bytes: settings or an error, never neither, never a crash; and every fault can be shown.
#include <rapidcheck.h>

#include "tests/catch.hpp"
#include "tests/unit/settings/small_shop.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;

namespace {

void check_outcome(const SettingsResult& result) {
  RC_ASSERT(result.settings.has_value() != any_error(result.faults));
  for (const Fault& fault : result.faults) {
    RC_ASSERT(!rendered(fault).empty());
    RC_ASSERT(!as_json(fault).empty());
  }
}

}  // namespace

TEST_CASE("any bytes") {
  CHECK(rc::check("any bytes as both files", [](const std::string& gateway, const std::string& campaigns) {
    check_outcome(read(gateway, campaigns));
  }));
}

TEST_CASE("a good configuration with any bytes put anywhere") {
  CHECK(rc::check("bytes replaced in good files", [](const std::string& bytes) {
    const auto damaged = [&](std::string text) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
      const auto length = *rc::gen::inRange<std::size_t>(0, 8);
      return text.replace(at, length, bytes);
    };
    check_outcome(read(damaged(kSmallShop), damaged(kGoodCampaign)));
  }));
}
