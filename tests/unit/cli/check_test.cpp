#include "cli/check.hpp"

#include <sstream>

#include "tests/catch.hpp"

using beacon_gateway_test::ContainsSubstring;

namespace {

const std::filesystem::path kConfig = BEACON_GATEWAY_CONFIG;

// A daemon listens nowhere; check asks the edges for nothing else.
beacon_gateway::Edges no_daemon() {
  beacon_gateway::Edges edges;
  edges.ask_daemon = [](const std::filesystem::path&, const std::string&) { return std::nullopt; };
  return edges;
}

struct Outcome {
  int status;
  std::string out;
  std::string err;
};

Outcome checked(const std::filesystem::path& directory, bool json) {
  std::ostringstream out;
  std::ostringstream err;
  const int status = beacon_gateway::check(directory, no_daemon(), out, err, json);
  return {status, out.str(), err.str()};
}

}  // namespace

TEST_CASE("check tells a good configuration on one page") {
  const auto [status, out, err] = checked(kConfig / "examples/shop-morning", false);
  CHECK(status == 0);
  CHECK_THAT(out, ContainsSubstring("Gateway gw-1 of store bkk-siam-01, tenant acme, time zone Asia/Bangkok"));
  CHECK_THAT(out, ContainsSubstring("hci1 covers aisle, from a capture"));
  CHECK_THAT(out, ContainsSubstring("Presence: simple mode, no calibration.toml. A visit starts with"));
  CHECK_THAT(out, ContainsSubstring("3 sightings within 10s in entrance at -72 dBm or stronger"));
  CHECK_THAT(out, ContainsSubstring("to every shopper in gold who consents to promotion"));
  CHECK_THAT(out, ContainsSubstring("at most 1 a visit, 2 a day, 4h apart"));
  CHECK_THAT(out, ContainsSubstring("NOT sealed"));
  CHECK_THAT(out, ContainsSubstring("The configuration is good: 1 warning."));
  CHECK_THAT(err, ContainsSubstring(": warning: `sealed` = false"));
  CHECK(std::count(out.begin(), out.end(), '\n') < 50);
}

TEST_CASE("check says what an adapter that leaves out packets costs, where one could") {
  CHECK_THAT(checked(kConfig, false).out, ContainsSubstring("about 9 s after the door"));
  CHECK(checked(kConfig / "examples/shop-morning", false).out.find("after the door") == std::string::npos);
}

TEST_CASE("check refuses a bad configuration with 78 and describes nothing") {
  const auto [status, out, err] = checked(kConfig / "no-such-directory", false);
  CHECK(status == 78);
  CHECK(out.empty());
  CHECK_THAT(err, ContainsSubstring("gateway.toml: error: there is no such file"));
  CHECK_THAT(err, ContainsSubstring("The configuration is not accepted: 1 error, 0 warnings."));
}

TEST_CASE("check as JSON: one object a line, the count last, nothing on standard error") {
  const auto good = checked(kConfig / "examples/shop-morning", true);
  CHECK(good.status == 0);
  CHECK(good.err.empty());
  CHECK_THAT(good.out, ContainsSubstring(R"({"severity":"warning","file":)"));
  CHECK_THAT(good.out, ContainsSubstring(R"({"errors":0,"warnings":1,"configuration":")"));
  const auto bad = checked(kConfig / "no-such-directory", true);
  CHECK(bad.status == 78);
  CHECK_THAT(bad.out, ContainsSubstring(R"({"errors":1,"warnings":0,"configuration":""})"));
}
