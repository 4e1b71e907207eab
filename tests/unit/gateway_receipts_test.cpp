// What the gateway itself makes of the orchestrator's receipts: a word that it is there, and nothing more.
#include "gateway.hpp"
#include "tests/catch.hpp"
#include "tests/unit/gateway_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

Downlink receipts(std::int64_t sequence, Duration issued_at) {
  return {DownlinkTopic::receipts, SignedClaims{"key", sequence, kMorning + issued_at},
          ReceiptsMessage{{"0123456789abcdef0123456789abcdef"}}, 100};
}

class LeaseWorld {
 public:
  LeaseWorld() { world.know({shopper(1)}); }
  bool over_at(Duration at) {
    world.gateway().pass_time(capture_instant(kMorning + at));
    return world.gateway().holding().lease_over;
  }
  GatewayWorld world{small_shop(), {}, ClockSource::machine};
};

}  // namespace

TEST_CASE("a receipt renews the consent lease from when it was said") {
  LeaseWorld lease;
  CHECK_FALSE(lease.over_at(20h));
  lease.world.gateway().take(receipts(1, 20h));
  CHECK_FALSE(lease.over_at(44h));
  CHECK(lease.over_at(44h + 1s));
  lease.world.gateway().take(receipts(2, 20h));  // an old one again
  CHECK(lease.over_at(44h + 1s));
}

TEST_CASE("receipts within a minute are one word: the disk is spared") {
  LeaseWorld lease;
  CHECK_FALSE(lease.over_at(20h));
  lease.world.gateway().take(receipts(1, 20h));
  const auto heard = lease.world.gateway().holding().word.heard_at;
  CHECK_FALSE(lease.over_at(20h + 59s));
  lease.world.gateway().take(receipts(2, 20h + 59s));
  CHECK(lease.world.gateway().holding().word.heard_at == heard);
  CHECK_FALSE(lease.over_at(20h + 60s));
  lease.world.gateway().take(receipts(3, 20h + 60s));
  CHECK(lease.world.gateway().holding().word.heard_at == kMorning + 20h + 60s);
}

TEST_CASE("a receipt is true however often it comes, and touches no profile's sequence") {
  GatewayWorld world;
  world.gateway().take(receipts(7, 0s));
  world.gateway().take(receipts(7, 0s));
  CHECK(world.counters()[Count::downlink_messages] == 2);
  CHECK(world.counters()[Count::downlink_repeated] == 0);
  CHECK(world.profiles().newest_signed(static_cast<int>(DownlinkTopic::receipts)) == 0);
  CHECK_FALSE(world.gateway().sync_wanted());
}
