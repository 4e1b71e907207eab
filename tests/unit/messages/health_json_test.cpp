#include "messages/health_json.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;
using beacon_gateway_test::ContainsSubstring;

TEST_CASE("health tells the time, the open visits, the outbox and every counter by its name") {
  Counters counters;
  counters.add(Count::triggers, 7);
  const std::string json =
      health_json({WallTime{std::chrono::seconds{1'795'000'000}},
                   3,
                   {.recorded = 10, .delivered = 5, .expired = 1, .dead_letter = 1, .withdrawn = 1, .waiting = 2},
                   counters});
  CHECK_THAT(
      json,
      ContainsSubstring(
          R"({"time":"2026-11-18T11:06:40.000Z","open_visits":3,"outbox":{"recorded":10,"delivered":5,)"
          R"("expired":1,"dead_letter":1,"withdrawn":1,"evicted":0,"damaged":0,"missing":0,"waiting":2,"octets":0,)"
          R"("begun_anew":0},"warnings":[],"counters":{)"));
  CHECK_THAT(json, ContainsSubstring(R"("triggers":7)"));
  for (std::size_t i = 0; i < kCounts; ++i)
    CHECK_THAT(json, ContainsSubstring('"' + std::string{name(static_cast<Count>(i))} + "\":"));
}

TEST_CASE("health names the warnings and leaves their words to status") {
  const std::string json = health_json({{}, 0, {}, {}, {{warning::kNoConsumer, "words"}, {warning::kEventsHeld, ""}}});
  CHECK_THAT(json, ContainsSubstring(R"("warnings":["no_consumer","events_held"])"));
  CHECK_THAT(json, !ContainsSubstring("words"));
}
