#include "cli/walk_marks.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;

namespace {

Shop two_rooms() {
  Shop shop;
  shop.zones = {{"door", true, -72, -80, {}}, {"aisle", false, -75, -82, {}}};
  return shop;
}

std::vector<std::string> faults_of(std::string_view text) {
  return read_walk_marks(text, "m.csv", two_rooms()).faults;
}

WallTime at_ms(std::int64_t ms) {
  return WallTime{std::chrono::milliseconds{ms}};
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("marks say where she stood from when on") {
  const auto read = read_walk_marks(
      "\xEF\xBB\xBF"
      "from,zone\r\n10.25,street\r\n\n 20 , door \n30,street",
      "m.csv", two_rooms());
  CHECK(read.faults.empty());
  REQUIRE(read.marks == std::vector<WalkMark>{
                            {at_ms(10250), std::nullopt}, {at_ms(20000), ZoneIndex{0}}, {at_ms(30000), std::nullopt}});
  CHECK(mark_at(read.marks, at_ms(10249)) == nullptr);
  CHECK(mark_at(read.marks, at_ms(10250)) == &read.marks[0]);
  CHECK(mark_at(read.marks, at_ms(29999)) == &read.marks[1]);
  CHECK(mark_at(read.marks, at_ms(99999)) == &read.marks[2]);
}

TEST_CASE("every fault of the marks is told with its line") {
  CHECK(faults_of("from,zone\n10,dor\nx,door\n-1,door\n12\n20,door\n20,aisle\nnan,door\n1e3,door\n") ==
        Lines{"m.csv:2: error: there is no zone \"dor\"; did you mean `door`?",
              "m.csv:3: error: \"x\" is no time; write unix seconds, as in 1772424005.10",
              "m.csv:4: error: \"-1\" is no time; write unix seconds, as in 1772424005.10",
              "m.csv:5: error: there is no comma; write `from,zone`",
              "m.csv:7: error: is not after the line before it; the times must rise",
              "m.csv:8: error: \"nan\" is no time; write unix seconds, as in 1772424005.10",
              "m.csv:9: error: \"1e3\" is no time; write unix seconds, as in 1772424005.10"});
  CHECK(faults_of("10,door\n") == Lines{"m.csv:1: error: the first line must be `from,zone`"});
  for (const char* empty : {"", "from,zone\n"})
    CHECK(faults_of(empty) ==
          Lines{"m.csv:1: error: there is no mark; write a line for each place, as in `1772424005.10,street`"});
}
