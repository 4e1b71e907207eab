#include "settings/read_settings.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/unit/settings/small_shop.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
namespace fs = std::filesystem;

namespace {

const fs::path kConfig = BEACON_GATEWAY_CONFIG;

std::string bytes_of(const fs::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream{path, std::ios::binary}.rdbuf();
  return bytes.str();
}

// A configuration directory of its own, gone with the test.
class Directory {
 public:
  Directory() {
    std::string pattern = (fs::temp_directory_path() / "settings-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = pattern;
    fs::create_directory(path_ / "campaigns.d");
  }
  ~Directory() { fs::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream{path_ / name, std::ios::binary} << bytes;
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// The commented defaults, made real: "# key = value" and "# [table]" without their "# ".
std::string uncommented(const std::string& text) {
  std::istringstream lines{text};
  std::string result;
  for (std::string line; std::getline(lines, line);) {
    const bool is_key = line.starts_with("# ") && line.find(" = ") != std::string::npos &&
                        line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", 2) == line.find(" = ");
    const bool is_table = line.starts_with("# [");
    result += (is_key || is_table ? line.substr(2) : line) + '\n';
  }
  return result;
}

}  // namespace

TEST_CASE("four mistakes of four kinds are told in one run, byte for byte") {
  const std::string gateway =
      replaced(replaced(kSmallShop, "id = \"gw-1\"", "id = \"gw-1\"\ntimezone = \"Asia/Bankok\""), "entrance = true",
               "entrance = true\n\n[journey]\nquiet_hour = \"21:30-09:30\"\n"
               "[visit]\n\tends_after = \"10min\" # สิบนาที");
  // ยินดีต้อนรับ cut within its last letter, as a byte-wise tool leaves it.
  const std::string campaign = replaced(kGoodCampaign, "\"ยินดีต้อนรับ\"", "\"ยินดีต้อนรั\xE0\xB8\"");
  std::string told;
  for (const Fault& fault : read(gateway, campaign).faults) told += rendered(fault);
  CHECK(told ==
        "/etc/beacon-gateway/gateway.toml:5:12: error: `timezone`: unknown time zone \"Asia/Bankok\"\n"
        "timezone = \"Asia/Bankok\"\n"
        "           ^\n"
        "hint: did you mean `Asia/Bangkok`?\n"
        "/etc/beacon-gateway/gateway.toml:14:1: error: unknown key `quiet_hour` in [journey]\n"
        "quiet_hour = \"21:30-09:30\"\n"
        "^\n"
        "hint: did you mean `quiet_hours`?\n"
        "/etc/beacon-gateway/gateway.toml:16:15: error: `ends_after`: \"10min\" has an unknown unit\n"
        "\tends_after = \"10min\" # สิบนาที\n"
        "\t             ^\n"
        "hint: write \"10m\"\n"
        "/etc/beacon-gateway/campaigns.d/c.toml:8:23: error: the text is cut in the middle of a character\n"
        "body.th = \"ยินดีต้อนรั\uFFFD\"\n"
        "                  ^\n"
        "hint: type the last letter again and save as UTF-8; a Thai letter takes three bytes\n");
}

TEST_CASE("the same four, the last one with its closing quote lost too") {
  const std::string campaign = replaced(kGoodCampaign, "\"ยินดีต้อนรับ\"", "\"ยินดี\xE0\xB8");
  const auto lines = said(read(replaced(kSmallShop, "\"door\"", "\"dor\""), campaign + "lnk = \"x\"\n"));
  REQUIRE(lines.size() == 4);
  CHECK(lines[1].find("8:11 error: the text is not closed") == 0);
  CHECK(lines[2].find("8:17 error: the text is cut") == 0);
  CHECK(lines[3].find("9:1 error: unknown key `lnk`") == 0);
}

TEST_CASE("the default configuration and the examples are good") {
  for (const fs::path& directory : {kConfig, kConfig / "examples/shop-morning", kConfig / "examples/measured-walks"}) {
    INFO(directory);
    const auto result = read_settings(directory);
    CHECK(result.settings);
    for (const Fault& fault : result.faults) CHECK(fault.text.find("`sealed` = false") == 0);
  }
}

TEST_CASE("every commented default of config/ is a key that is known, with a value that is good") {
  const auto result =
      read_settings({{"gateway.toml", uncommented(bytes_of(kConfig / "gateway.toml"))},
                     {"campaigns.d/welcome.toml", uncommented(bytes_of(kConfig / "campaigns.d/welcome.toml"))}},
                    "/etc/beacon-gateway");
  for (const Fault& fault : result.faults) {
    INFO(rendered(fault));
    CHECK(fault.severity == Severity::warning);
  }
  REQUIRE(result.settings);
  CHECK(result.settings->beacons.size() == 1);
  CHECK(result.settings->journey.opening_hours.configured);
  CHECK(result.settings->shop.zones.at(0).enter_dbm == read_settings(kConfig).settings->shop.zones.at(0).enter_dbm);
}

TEST_CASE("files on the disk: order of names, what is left out, what cannot be read") {
  const Directory directory;
  CHECK(said(read_settings(directory.path())) ==
        std::vector<std::string>{
            "0:0 error: there is no such file | --config DIR names the directory that holds gateway.toml"});

  directory.write("gateway.toml", kSmallShop);
  directory.write("campaigns.d/b.toml", kGoodCampaign);
  directory.write("campaigns.d/a.toml", replaced(kGoodCampaign, "hello", "other"));
  directory.write("campaigns.d/c.toml.bak", "not TOML");
  directory.write("campaigns.d/.c.toml.swp", "not TOML");
  directory.write(
      "calibration.toml",
      "[[spot]]\nzone = \"street\"\nlevels_dbm.hci0 = -90\n[[spot]]\nzone = \"door\"\nlevels_dbm.hci0 = -60\n");
  const auto result = read_settings(directory.path());
  REQUIRE(result.settings);
  CHECK(result.settings->journey.campaigns.size() == 2);
  CHECK(result.settings->shop.calibration);
  CHECK(said(result) == std::vector<std::string>{"0:0 warning: left out: only *.toml is read here"});

  directory.write("calibration.toml", "[anything\n");
  CHECK_FALSE(read_settings(directory.path()).settings);
  const auto without = read_settings_without_calibration(directory.path());
  REQUIRE(without.settings);
  CHECK_FALSE(without.settings->shop.calibration);
  fs::remove(directory.path() / "calibration.toml");
  fs::create_directory(directory.path() / "campaigns.d/d.toml");
  CHECK_FALSE(read_settings(directory.path()).settings);
  fs::remove(directory.path() / "campaigns.d/d.toml");
  directory.write("campaigns.d/d.toml", std::string(2'000'000, '#'));
  CHECK(said(read_settings(directory.path())).at(1) ==
        "0:0 error: the file has more than 1 MiB | is it a configuration?");
}

TEST_CASE("the hash says which configuration runs") {
  const std::string hash = read(kSmallShop, kGoodCampaign).settings->hash;
  CHECK(read(kSmallShop, kGoodCampaign).settings->hash == hash);
  CHECK(read(kSmallShop + "\n", kGoodCampaign).settings->hash != hash);
  CHECK(read(kSmallShop, "#\n" + kGoodCampaign).settings->hash != hash);
}

TEST_CASE("a thousand mistakes are not all told") {
  std::string text = kSmallShop;
  for (int i = 0; i < 1000; ++i) text += "wrong" + std::to_string(i) + " = 1\n";
  const auto lines = said(read(text));
  CHECK(lines.size() == 101);
  CHECK(lines.back().find("too many faults") != std::string::npos);
}
