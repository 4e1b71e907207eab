#include "messages/control_json.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;

TEST_CASE("questions and answers come back as they were asked and given") {
  const ControlQuestion question{"profiles import", "s-1", "a.jsonl", "line\n\"มะลิ\"", true, true, true};
  CHECK(control_question_from_json(to_json(question)) == question);
  CHECK(control_question_from_json(to_json(ControlQuestion{})) == ControlQuestion{});
  const ControlAnswer answer{78, "out\n", "err \\"};
  CHECK(control_answer_from_json(to_json(answer)) == answer);
}

TEST_CASE("what is not one of ours is nothing") {
  for (const auto* bad :
       {"", "{}", "[]", "7", "{\"command\":1}", "{\"status\":\"0\",\"out\":\"\",\"err\":\"\"}", "\xFF"}) {
    CHECK_FALSE(control_question_from_json(bad));
    CHECK_FALSE(control_answer_from_json(bad));
  }
}
