// Scanning wins over advertising, and only a beacon that is to blame stays away.
#include "drivers/bluez/yielding.hpp"

#include "tests/catch.hpp"

namespace beacon_gateway::bluez {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr MonotonicTime kStart{std::chrono::hours{5}};

TEST_CASE("a beacon beside a scan that works stays on the air") {
  Yielding yielding;
  CHECK_FALSE(yielding.look(kStart, false, true));
  CHECK_FALSE(yielding.look(kStart + minutes{600}, false, true));
  CHECK(yielding.yields() == 0);
}

TEST_CASE("a scan that hears again as soon as the beacon left: the beacon stays away for an hour") {
  Yielding yielding;
  CHECK(yielding.look(kStart, true, true));
  CHECK(yielding.look(kStart + seconds{1}, true, false));
  CHECK_FALSE(yielding.to_blame());
  CHECK(yielding.look(kStart + seconds{3}, false, false));
  CHECK(yielding.to_blame());
  CHECK(yielding.look(kStart + minutes{59}, false, false));
  CHECK_FALSE(yielding.look(kStart + minutes{61}, false, false));
  CHECK_FALSE(yielding.to_blame());
  CHECK(yielding.yields() == 1);
}

TEST_CASE("a scan that hears again much later had another reason: the beacon is back at once") {
  Yielding yielding;
  CHECK(yielding.look(kStart, true, true));
  CHECK(yielding.look(kStart + minutes{400}, true, false));
  CHECK_FALSE(yielding.look(kStart + minutes{401}, false, false));
  CHECK_FALSE(yielding.to_blame());
}

TEST_CASE("while the scan is in trouble a beacon does not go on the air, and nobody counts it") {
  Yielding yielding;
  CHECK(yielding.look(kStart, true, false));
  CHECK_FALSE(yielding.look(kStart + seconds{1}, false, false));
  CHECK(yielding.yields() == 0);
}

}  // namespace
}  // namespace beacon_gateway::bluez
