#include "cli/profile_file.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;

namespace {

using Lines = std::vector<std::string>;

std::string line(const std::string& id) {
  return R"({"shopper_id":")" + id + R"(","version":1,"identifiers":[],"consents":[]})";
}

}  // namespace

TEST_CASE("one profile a line, and empty lines, a missing last line end and CRLF do no harm") {
  const ProfileFile file = read_profile_lines("\n" + line("s-1") + "\r\n  \t\n" + line("s-2"), "a.jsonl", {});
  CHECK(file.faults.empty());
  REQUIRE(file.profiles.size() == 2);
  CHECK(file.profiles[1].shopper_id.value() == "s-2");
  CHECK(read_profile_lines("", "a.jsonl", {}).profiles.empty());
}

TEST_CASE("every fault is told with its line, and the rest is read on") {
  const ProfileFile file =
      read_profile_lines(line("s-1") + "\n{\n\n" +
                             R"({"shopper_id":"s 2","version":1,"identifiers":[],"consents":[]})" + "\n" + line("s-3"),
                         "dir/a.jsonl", {});
  CHECK(file.faults == Lines{"dir/a.jsonl:2: error: is not JSON, at octet 2",
                             "dir/a.jsonl:4: error: shopper_id: must be 1 to 64 of A-Z a-z 0-9 . _ -"});
  CHECK(file.profiles.size() == 2);
}

TEST_CASE("a shopper named twice is a fault that tells both lines") {
  const ProfileFile file = read_profile_lines(line("s-1") + "\n" + line("s-2") + "\n" + line("s-1"), "a.jsonl", {});
  CHECK(file.faults == Lines{"a.jsonl:3: error: shopper_id: s-1 stands in line 1 already"});
}

TEST_CASE("a line that is not UTF-8 is a fault") {
  const std::string thai_in_tis_620 =
      R"({"shopper_id":"s-1","version":1,"identifiers":[],"consents":[],"attributes":{"nickname":")"
      "\xC1\xD0\xC5\xD4"
      R"("}})";
  const ProfileFile file = read_profile_lines(thai_in_tis_620, "a.jsonl", {"nickname"});
  REQUIRE(file.faults.size() == 1);
  CHECK(file.faults[0].find("a.jsonl:1: error: is not JSON, at octet 9") == 0);
}
