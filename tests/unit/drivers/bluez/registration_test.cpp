// What BlueZ refuses or lets go of is asked for again, ever more slowly, and not for ever slowly.
#include "drivers/bluez/registration.hpp"

#include "tests/catch.hpp"

namespace beacon_gateway::bluez {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr MonotonicTime kStart{std::chrono::hours{5}};

// How long until it is asked for again, in seconds.
std::int64_t wait_of(const Registration& registration, MonotonicTime now) {
  const auto wake = registration.wake();
  return wake ? std::chrono::duration_cast<seconds>(*wake - now).count() : -1;
}

TEST_CASE("it is asked for at once, and not while an answer is awaited or it is held") {
  Registration registration;
  CHECK(registration.due(kStart));
  const unsigned attempt = registration.ask();
  CHECK_FALSE(registration.due(kStart + minutes{60}));
  CHECK_FALSE(registration.wake());
  registration.granted(attempt, kStart);
  CHECK(registration.held());
  CHECK_FALSE(registration.due(kStart + minutes{60}));
}

TEST_CASE("refusals are answered ever more slowly, up to five minutes") {
  Registration registration;
  MonotonicTime now = kStart;
  for (const int expected : {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300}) {
    registration.refused(registration.ask(), now);
    CHECK(wait_of(registration, now) == expected);
    CHECK_FALSE(registration.due(now));
    now += seconds{expected};
    CHECK(registration.due(now));
  }
  CHECK(registration.refusals() == 11);
}

TEST_CASE("what was held for long is asked for quickly again, what is let go of at once is not") {
  Registration registration;
  MonotonicTime now = kStart;
  for (const int expected : {1, 2, 4}) {
    registration.granted(registration.ask(), now);
    registration.released(now);
    CHECK(wait_of(registration, now) == expected);
    now += seconds{expected};
  }
  registration.granted(registration.ask(), now);
  now += minutes{5};
  registration.released(now);
  CHECK(wait_of(registration, now) == 1);
  CHECK(registration.releases() == 4);
  registration.released(now);  // of what is not held
  CHECK(registration.releases() == 4);
}

TEST_CASE("the answer to an earlier question changes nothing") {
  Registration registration;
  const unsigned earlier = registration.ask();
  registration.forget();
  CHECK(registration.due(kStart));
  const unsigned present = registration.ask();
  registration.granted(earlier, kStart);
  CHECK_FALSE(registration.held());
  registration.refused(earlier, kStart);
  CHECK_FALSE(registration.wake());
  registration.granted(present, kStart);
  CHECK(registration.held());
}

}  // namespace
}  // namespace beacon_gateway::bluez
