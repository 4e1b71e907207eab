#include "messages/daemon_state.hpp"

#include "messages/radio_status_json.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway;

TEST_CASE("what status says of the daemon is read back, scanners by their adapters") {
  Shop shop;
  shop.zones.emplace_back().id = "entrance";
  shop.scanners = {{"hci0", 0, 0}, {"hci1", 0, 0}};
  RadioStatus radio;
  radio.scanners.resize(1);
  radio.scanners[0].scanner = 1;
  radio.scanners[0].mode = ScanMode::discovery_only;
  radio.scanners[0].hears = PacketShare::once_a_scan;
  radio.scanners[0].state = "scanning";
  radio.scanners[0].advertisements_a_second = 2.5;
  const auto state =
      daemon_state_from_json(R"({"broker":"mqtt://b not connected","paused":true,"identifiers":3,"lease_over":true,)"
                             R"("scanners":)" +
                                 radio_status_json(radio, shop) + "}",
                             shop);
  REQUIRE(state);
  CHECK(state->paused);
  CHECK(state->lease_over);
  CHECK(state->identifiers == 3);
  CHECK(state->broker == "mqtt://b not connected");
  REQUIRE(state->radio.scanners.size() == 1);
  CHECK(state->radio.scanners[0].scanner == 1);
  CHECK(state->radio.scanners[0].mode == ScanMode::discovery_only);
  CHECK(state->radio.scanners[0].hears == PacketShare::once_a_scan);
  CHECK(state->radio.scanners[0].state == "scanning");
  CHECK(state->radio.scanners[0].advertisements_a_second == 2.5);
}

TEST_CASE("whose campaigns decide") {
  const auto set_of = [](const char* campaigns) {
    return daemon_state_from_json(std::string{R"({"campaigns":)"} + campaigns + "}", Shop{})->orchestrator_set;
  };
  CHECK_FALSE(set_of(R"({"of":"files","version":4,"count":2,"fits":true})"));
  const auto set = set_of(R"({"of":"orchestrator","version":5,"count":2,"fits":false})");
  REQUIRE(set);
  CHECK(set->version == 5);
  CHECK(set->count == 2);
  CHECK_FALSE(set->fits);
}

TEST_CASE("a rate that nobody has counted yet is none, not a zero") {
  Shop shop;
  shop.zones.emplace_back().id = "entrance";
  shop.scanners = {{"hci0", 0, 0}};
  RadioStatus radio;
  radio.scanners.resize(1);
  const auto state = daemon_state_from_json(R"({"scanners":)" + radio_status_json(radio, shop) + "}", shop);
  REQUIRE(state);
  CHECK_FALSE(state->radio.scanners.at(0).advertisements_a_second);
}

TEST_CASE("a daemon of another version is read as far as it goes, and what is no status is none") {
  CHECK(daemon_state_from_json("{}", Shop{})->identifiers == 0);
  CHECK(daemon_state_from_json(R"({"scanners":[{"adapter":"hci9"}]})", Shop{})->radio.scanners.empty());
  CHECK_FALSE(daemon_state_from_json("paused", Shop{}));
  CHECK_FALSE(daemon_state_from_json(R"({"paused":"yes"})", Shop{}));
}
