// What toml++ says, in a technician's words.
#include "tests/catch.hpp"
#include "tests/unit/settings/small_shop.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using Lines = std::vector<std::string>;

namespace {

std::vector<std::string> said_of(const std::string& text) {
  return said(read(text));
}

}  // namespace

TEST_CASE("syntax errors name their place and what to write") {
  CHECK(said_of("[gateway]\ntimezone = Asia/Bangkok\n") ==
        Lines{"2:12 error: the value is not understood | a text stands in quotes, as in key = \"text\"; a number or a "
              "date stands without"});
  CHECK(said_of("a = 2,5\n") == Lines{"1:6 error: nothing may follow the value | a decimal number has a point: 2.5; "
                                      "several values stand in brackets: [1, 2]"});
  CHECK(said_of("a = 1\na = 2\n") == Lines{"2:1 error: `a` is given twice | delete one of the two"});
  CHECK(said_of("[a]\n[a]\n") == Lines{"2:1 error: this table is given twice | put all its keys under one header"});
  CHECK(said_of("[gateway\n") ==
        Lines{"1:9 error: the table's name is not closed | write [name] or, where there may be several, [[name]]"});
  CHECK(said_of("a: 5\n") == Lines{"1:2 error: after the key comes = | write key = value"});
  CHECK(said_of("a =\n") == Lines{"1:4 error: the value is missing | write key = value, or delete the line"});
  CHECK(said_of("a = [1, 2\nb = 3\n") ==
        Lines{"2:1 error: the list is not closed | put ] after the last value, or a comma between"});
  CHECK(said_of("a = “x”\n") == Lines{"1:5 error: curly quotes | use the straight \" of the keyboard"});
  CHECK(said_of("a = \"C:\\q\"\n") == Lines{"1:9 error: a \\ in a text must be written twice | write \\\\, or put the "
                                            "text in single quotes: 'C:\\file'"});
  CHECK(said_of("a = \"\"\"x\nb = 1\n") ==
        Lines{"2:7 error: a text is not closed | look for a \"\"\" or ''' without its partner"});
}

TEST_CASE("a text that is not closed is reported at its start, and the rest is read on") {
  const auto lines = said_of(replaced(kSmallShop, "\"acme\"", "\"acme") + "[visit]\nends_afer = \"5m\"\n");
  CHECK(lines == Lines{"2:10 error: the text is not closed | put \" at its end, on the same line",
                       "12:1 error: unknown key `ends_afer` in [visit] | did you mean `ends_after`?"});
  CHECK(said_of(kSmallShop + "[gatewa]\na = 'x").size() == 2);
}

TEST_CASE("Windows line ends and a byte order mark change nothing") {
  std::string text;
  for (const char c : kSmallShop) text += c == '\n' ? "\r\n" : std::string(1, c);
  CHECK(said_of("\xEF\xBB\xBF" + text).empty());
  CHECK(said_of(replaced("\xEF\xBB\xBF" + text, "tenant", "tenent")) ==
        Lines{"2:1 error: unknown key `tenent` in [gateway] | did you mean `tenant`?"});
}

TEST_CASE("text that is not UTF-8: cut, another encoding, UTF-16") {
  CHECK(said_of(replaced(kSmallShop, "\"acme\"", "\"acme\" # \xE0\xB8\x81\xE0\xB8")) ==
        Lines{"2:20 error: the text is cut in the middle of a character | type the last letter again and save as "
              "UTF-8; a Thai letter takes three bytes"});
  CHECK(said_of(replaced(kSmallShop, "\"acme\"", "\"acme\" # \xCA\xC7\xD1\xCA\xB4\xD5")) ==  // TIS-620
        Lines{"2:19 error: this is not UTF-8 | save the file as UTF-8, not as TIS-620 or Windows-874"});
  CHECK(said_of(std::string{"\xFF\xFE[\0g\0", 6}) ==
        Lines{"1:1 error: the file is UTF-16 | save it as UTF-8 (in Notepad: Save as, Encoding: UTF-8)"});
}
