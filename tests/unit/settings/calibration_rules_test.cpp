#include "settings/calibration_settings.hpp"
#include "tests/catch.hpp"
#include "tests/unit/settings/small_shop.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;

namespace {

const std::string kTwoRooms = kSmallShop +
                              "[[zone]]\nid = \"aisle\"\n"
                              "[[scanner]]\nadapter = \"00:11:22:33:44:55\"\nzone = \"aisle\"\n";

const std::string kGoodCalibration =
    "[[spot]]\n"                                                    // 1
    "zone = \"street\"\n"                                           // 2
    "levels_dbm = { hci0 = -91.7 }\n"                               // 3
    "[[spot]]\n"                                                    // 4
    "zone = \"door\"\n"                                             // 5
    "levels_dbm = { hci0 = -60, \"00:11:22:33:44:55\" = -80.5 }\n"  // 6
    "[[spot]]\n"                                                    // 7
    "zone = \"aisle\"\n"                                            // 8
    "levels_dbm = { \"00:11:22:33:44:55\" = -59.25 }\n"             // 9
    ;

SettingsResult read_calibrated(const std::string& calibration, const std::string& gateway = kTwoRooms) {
  return read_settings({{"gateway.toml", gateway}, {"calibration.toml", calibration}}, "/etc/beacon-gateway");
}

std::vector<std::string> faults_of(const std::string& calibration, const std::string& gateway = kTwoRooms) {
  const auto result = read_calibrated(calibration, gateway);
  CHECK_FALSE(result.settings);
  return said(result);
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a calibration is read by the adapters' names, and a scanner that is absent hears nothing") {
  const auto result = read_calibrated(kGoodCalibration);
  REQUIRE(result.settings);
  CHECK(result.faults.empty());
  REQUIRE(result.settings->shop.calibration);
  CHECK(result.settings->shop.calibration->spots == std::vector<Spot>{{std::nullopt, {-91.7, kUnheardDbm}},
                                                                      {ZoneIndex{0}, {-60, -80.5}},
                                                                      {ZoneIndex{1}, {kUnheardDbm, -59.25}}});
  CHECK(result.settings->hash != read_calibrated(kGoodCalibration + "#").settings->hash);
  CHECK_FALSE(read(kTwoRooms).settings->shop.calibration);
}

TEST_CASE("what a calibration says of what is not in the shop is told with what was perhaps meant") {
  CHECK(faults_of(replaced(kGoodCalibration, "\"aisle\"", "\"isle\"")) ==
        Lines{"8:8 error: `zone`: there is no zone \"isle\" | did you mean `aisle`?"});
  CHECK(faults_of(replaced(kGoodCalibration, "\"street\"", "\"pavement\"")) ==
        Lines{"2:8 error: `zone`: there is no zone \"pavement\" | known are `street`, `door` and `aisle`"});
  CHECK(faults_of(replaced(kGoodCalibration, "{ hci0 = -60", "{ hci1 = -60")) ==
        Lines{"6:16 error: unknown key `hci1` in levels_dbm | did you mean `hci0`?"});
  CHECK(faults_of(replaced(kGoodCalibration, "levels_dbm = { hci0 = -91.7 }", "level_dbm = { hci0 = -91.7 }")) ==
        Lines{"3:1 error: unknown key `level_dbm` in [[spot]] | did you mean `levels_dbm`?"});
  CHECK(faults_of(kGoodCalibration + "[spots]\n") ==
        Lines{"10:2 error: unknown key `spots` in this file | did you mean `spot`?"});
}

TEST_CASE("levels are numbers that a radio can report") {
  for (const char* level : {"-100.1", "20.5", "nan"})
    CHECK_THAT(faults_of(replaced(kGoodCalibration, "-91.7", level)).at(0), ContainsSubstring("it must be -100 to 20"));
  CHECK_THAT(faults_of(replaced(kGoodCalibration, "-91.7", "\"-91\"")).at(0),
             ContainsSubstring("3:23 error: `hci0` must be a number"));
  CHECK_THAT(faults_of(replaced(kGoodCalibration, "{ hci0 = -91.7 }", "-91.7")).at(0),
             ContainsSubstring("`levels_dbm` must be a table"));
  CHECK(faults_of(replaced(kGoodCalibration, "{ hci0 = -91.7 }", "{}")) ==
        Lines{"3:14 error: `levels_dbm` names no scanner | a spot that nobody hears tells nothing: delete it"});
}

TEST_CASE("every place has its spots, the street too, and no place too many") {
  const std::string hint = " | walk the shop again (`beacon-gateway walk-test`), or delete calibration.toml";
  CHECK(faults_of(kGoodCalibration.substr(kGoodCalibration.find("[[spot]]", 1))) ==
        Lines{"1:1 error: there is no [[spot]] of `street`" + hint});
  CHECK(faults_of(kGoodCalibration.substr(0, kGoodCalibration.find("[[spot]]", 1))) ==
        Lines{"1:1 error: there is no [[spot]] of `door` and `aisle`" + hint});
  CHECK(faults_of("") == Lines{"1:1 error: `spot` is missing in this file"});

  std::string many = kGoodCalibration;
  for (std::size_t i = 1; i < kMostSpotsOfAPlace; ++i)
    many += "[[spot]]\nzone = \"aisle\"\nlevels_dbm = { hci0 = -50 }\n";
  CHECK(read_calibrated(many).settings->shop.calibration->spots.size() == kMostSpotsOfAPlace + 2);
  many += "[[spot]]\nzone = \"aisle\"\nlevels_dbm = { hci0 = -50 }\n";
  CHECK(faults_of(many) == Lines{"116:8 error: `zone`: there are more than 36 spots of aisle" + hint});
}

TEST_CASE("a shop has no more spots than the filter can follow") {
  std::string gateway = kTwoRooms;
  std::string many = kGoodCalibration;
  std::size_t spots = 3;
  for (std::size_t zone = 0; spots <= kMostSpots; ++zone) {
    const std::string id = "room-" + std::to_string(zone);
    gateway += "[[zone]]\nid = \"" + id + "\"\n";
    for (std::size_t i = 0; i < kMostSpotsOfAPlace && spots <= kMostSpots; ++i, ++spots)
      many += "[[spot]]\nzone = \"" + id + "\"\nlevels_dbm = { hci0 = -50 }\n";
  }
  const Lines faults = faults_of(many, gateway);
  REQUIRE(faults.size() == 1);
  CHECK(faults.front().find("there are more than 512 spots | walk the shop again") != std::string::npos);
}

TEST_CASE("a zone cannot be called street once there is a calibration") {
  const std::string gateway = kTwoRooms + "[[zone]]\nid = \"street\"\n";
  CHECK(read(gateway).settings);
  CHECK(faults_of(kGoodCalibration, gateway) ==
        Lines{"1:1 error: a zone of gateway.toml is called \"street\", which in a calibration means outside | "
              "give that zone another id"});
}

TEST_CASE("a scanner that gateway.toml spells wrongly, or has twice, is one fault and not one for each spot") {
  CHECK(faults_of(kGoodCalibration, replaced(kTwoRooms, "hci0", "hciO")).size() == 1);
  const auto lines = faults_of(kGoodCalibration, kTwoRooms + "[[scanner]]\nadapter = \"hci0\"\nzone = \"aisle\"\n");
  CHECK(lines == Lines{"17:11 error: `adapter`: there are two scanners on hci0 | one radio is one scanner and covers "
                       "one zone"});
}

TEST_CASE("what is printed is read back as the same calibration") {
  const auto settings = read_calibrated(kGoodCalibration).settings;
  Calibration calibration = *settings->shop.calibration;
  calibration.spots.push_back({ZoneIndex{1}, {-0.1, 20}});
  calibration.spots[2].levels_dbm[1] = -59.3;  // printed to the tenth
  const auto again = read_calibrated("# a header\n" + calibration_toml(calibration, settings->shop));
  REQUIRE(again.settings);
  CHECK(*again.settings->shop.calibration == calibration);
}
