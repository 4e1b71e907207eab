#include "drivers/mqtt/reason_code.hpp"

#include "tests/catch.hpp"

using beacon_gateway::SendOutcome;
using beacon_gateway::mqtt::outcome_of;
using beacon_gateway::mqtt::reason_text;

TEST_CASE("below 0x80 the row is done, subscribers or not") {
  CHECK(outcome_of(0x00) == SendOutcome::accepted);
  CHECK(outcome_of(0x10) == SendOutcome::accepted);
  CHECK(outcome_of(0x7F) == SendOutcome::accepted);
}

TEST_CASE("what no broker would take later is refused") {
  const int code = GENERATE(0x80, 0x83, 0x90, 0x95, 0x99, 0xFF);
  CHECK(outcome_of(code) == SendOutcome::refused);
}

TEST_CASE("what somebody has to put right is held") {
  CHECK(outcome_of(0x87) == SendOutcome::held);
  CHECK(outcome_of(0x97) == SendOutcome::held);
}

TEST_CASE("what is about the link alone is sent again") {
  CHECK(outcome_of(0x91) == SendOutcome::lost);
}

TEST_CASE("a reason is told by number and name") {
  CHECK(reason_text(0x87) == "0x87 not authorized");
  CHECK(reason_text(0x04) == "0x04");
}
