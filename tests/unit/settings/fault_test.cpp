#include "settings/fault.hpp"

#include "settings/utf8.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway;

TEST_CASE("a fault shows its place, the line, a caret under the column, and a hint") {
  const Fault fault{Severity::error, "gateway.toml", {3, 8}, "text", "write this", "key = \"x\""};
  CHECK(rendered(fault) ==
        "gateway.toml:3:8: error: text\n"
        "key = \"x\"\n"
        "       ^\n"
        "hint: write this\n");
}

TEST_CASE("a fault of a whole file has no line and no caret") {
  CHECK(rendered({Severity::warning, "x.bak", {0, 0}, "left out", "", ""}) == "x.bak: warning: left out\n");
}

TEST_CASE("Thai marks take no column: the caret stands under the letter that is meant") {
  // ส ว ั ส ด ี = six characters in four columns; the closing quote is the 12th character, in the 10th column.
  const Fault fault{Severity::error, "f", {1, 12}, "t", "", "th = \"สวัสดี\""};
  CHECK(rendered(fault) == "f:1:12: error: t\nth = \"สวัสดี\"\n          ^\n");
  CHECK(columns(U'ั') == 0);
  CHECK(columns(U'ำ') == 1);  // SARA AM stands beside its consonant
  CHECK(columns(U'中') == 2);
  CHECK(letters("สวัสดี") == 4);
}

TEST_CASE("a tab before the caret is repeated, so that the caret stands right for every tab width") {
  const Fault fault{Severity::error, "f", {1, 4}, "t", "", "\ta\tb"};
  CHECK(rendered(fault) == "f:1:4: error: t\n\ta\tb\n\t \t^\n");
}

TEST_CASE("a configuration cannot write to the terminal") {
  const Fault fault{Severity::error, "f", {1, 1}, "unknown \"\x1B[2J\"", "", "a = \"\x1B[2J\""};
  CHECK(rendered(fault) == "f:1:1: error: unknown \"\uFFFD[2J\"\na = \"\uFFFD[2J\"\n^\n");
}

TEST_CASE("an endless line is cut") {
  const Fault fault{Severity::error, "f", {1, 2}, "t", "", std::string(1000, 'x')};
  CHECK(rendered(fault).size() < 600);
}

TEST_CASE("a fault as JSON") {
  const Fault fault{Severity::error, "a\"b", {3, 8}, "back\\slash\n", "สวัสดี", "not shown"};
  CHECK(as_json(fault) ==
        R"({"severity":"error","file":"a\"b","line":3,"column":8,"text":"back\\slash\u000a","hint":"สวัสดี"})");
}

TEST_CASE("UTF-8: good, cut, and another encoding") {
  CHECK(first_code_point("ก").value == U'ก');
  CHECK(first_code_point("😀").size == 4);
  CHECK(first_code_point("\xE0\xB8").state == Utf8::cut);
  CHECK(first_code_point("\xE0\xB8").size == 2);
  CHECK(first_code_point("\xE0\xB8\"").size == 2);
  CHECK(first_code_point("\xB8").state == Utf8::bad);
  CHECK(first_code_point("\xC0\x80").state == Utf8::bad);      // overlong
  CHECK(first_code_point("\xED\xA0\x80").state == Utf8::cut);  // a surrogate half
  CHECK(first_code_point("\xF5\x80\x80\x80").state == Utf8::bad);
}
