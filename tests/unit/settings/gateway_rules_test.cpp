// Every rule of gateway.toml: what is said of its breach, and exactly where.
#include "tests/catch.hpp"
#include "tests/unit/settings/small_shop.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway_test;
using Lines = std::vector<std::string>;

namespace {

// Said of the small shop with `text` appended, from line 11.
Lines with(const std::string& text) {
  return said(read(kSmallShop + text));
}
// Said of the small shop with one text replaced.
Lines where(const std::string& from, const std::string& to) {
  return said(read(replaced(kSmallShop, from, to)));
}

const std::string kCaptures = replaced(kSmallShop, "adapter = \"hci0\"", "adapter = \"hci0\"\ndriver = \"capture\"");

}  // namespace

TEST_CASE("the small shop is good, with its defaults") {
  const auto result = read(kSmallShop);
  CHECK(said(result).empty());
  REQUIRE(result.settings);
  const Settings& settings = *result.settings;
  CHECK(settings.timezone == "Asia/Bangkok");
  CHECK(settings.shop.zones.at(0).enter_dbm == -72);
  CHECK(settings.shop.zones.at(0).exit_dbm == -80);
  CHECK(settings.journey.daily_cap_per_shopper == 4);
  CHECK(text_in(settings.journey.store_name, "th") == "s-1");
  CHECK(settings.broker.url.empty());
  CHECK(settings.store.sealed);
  CHECK_FALSE(settings.app_may_start);
  CHECK(settings.hash.size() == 16);
}

TEST_CASE("what is required") {
  CHECK(said(read("")) == Lines{"1:1 error: `gateway` is missing in this file",
                                "1:1 error: `scanner` is missing in this file",
                                "1:1 error: `zone` is missing in this file"});
  CHECK(where("tenant = \"acme\"\n", "") == Lines{"1:1 error: `tenant` is missing in [gateway]"});
  CHECK(where("zone = \"door\"\n", "") == Lines{"5:1 error: `zone` is missing in [[scanner]]"});
  CHECK(where("entrance = true", "") ==
        Lines{"8:1 error: no zone is an entrance | visits start at one: write entrance = true in its [[zone]]"});
}

TEST_CASE("names and the time zone") {
  CHECK(where("\"acme\"", "\"ACME\"") == Lines{"2:10 error: `tenant`: \"ACME\" is no name | write \"acme\""});
  CHECK(where("store =", "timezone = \"Asia/Bankok\"\nstore =") ==
        Lines{"3:12 error: `timezone`: unknown time zone \"Asia/Bankok\" | did you mean `Asia/Bangkok`?"});
}

TEST_CASE("unknown keys, and a required one misspelt is told once") {
  CHECK(where("tenant", "tenat") == Lines{"2:1 error: unknown key `tenat` in [gateway] | did you mean `tenant`?"});
  CHECK(
      with("[visit]\nfoo = 1\n") ==
      Lines{"12:1 error: unknown key `foo` in [visit] | known are `min_sightings`, `zone_left_after`, `ends_after` and "
            "`app_may_start`"});
  CHECK(with("[jorney]\n") == Lines{"11:2 error: unknown key `jorney` in this file | did you mean `journey`?"});
  CHECK(where("entrance = true", "entrence = true") ==
        Lines{"10:1 error: unknown key `entrence` in [[zone]] | did you mean `entrance`?"});
  CHECK(where("id = \"door\"", "idd = \"door\"") ==
        Lines{"9:1 error: unknown key `idd` in [[zone]] | did you mean `id`?"});
}

TEST_CASE("wrong types and units") {
  CHECK(with("enter_dbm = \"-72\"\n") ==
        Lines{"11:13 error: `enter_dbm` must be a number, not a text | write the number "
              "without quotes and without a unit"});
  CHECK(
      with("[visit]\nends_after = 10\n") ==
      Lines{
          "12:14 error: `ends_after` must be a duration in quotes, not a whole number | write the number and its unit "
          "in quotes: \"90s\", \"10m\", \"4h\""});
  CHECK(with("[visit]\nends_after = \"10min\"\n") ==
        Lines{"12:14 error: `ends_after`: \"10min\" has an unknown unit | write \"10m\""});
  CHECK(with("[visit]\nmin_sightings = 2.5\n") ==
        Lines{"12:17 error: `min_sightings` must be a whole number, not a number"});
  CHECK(with("[visit]\napp_may_start = \"true\"\n") ==
        Lines{"12:17 error: `app_may_start` must be true or false, not a text | write true or false without quotes"});
  CHECK(with("next_to = \"door\"\n") ==
        Lines{"11:11 error: `next_to` must be a list of texts, not a text | write a list: [\"a\", \"b\"]"});
  CHECK(where("\"gw-1\"", "1") ==
        Lines{"4:6 error: `id` must be a text in quotes, not a whole number | put the value in quotes"});
  CHECK(where("[[zone]]", "[zone]") ==
        Lines{"8:1 error: `zone` must be tables [[zone]], not a table | write [[zone]] with two brackets"});
  CHECK(with("[[visit]]\n") ==
        Lines{"11:1 error: `visit` must be a table [visit], not a list | write [visit] with one bracket"});
}

TEST_CASE("ranges") {
  CHECK(with("enter_dbm = 30\n") == Lines{"11:13 error: `enter_dbm` is 30 | it must be -120 to 20"});
  CHECK(with("enter_dbm = nan\n") == Lines{"11:13 error: `enter_dbm` is nan | it must be -120 to 20"});
  CHECK(with("[visit]\nmin_sightings = 0\n") == Lines{"12:17 error: `min_sightings` is 0 | it must be 1 to 100"});
  CHECK(with("[visit]\nzone_left_after = \"2h\"\n") ==
        Lines{"12:19 error: `zone_left_after` is 2h | it must be 1s to 1h"});
  CHECK(where("zone = \"door\"", "zone = \"door\"\noffset_db = -41") ==
        Lines{"8:13 error: `offset_db` is -41 | it must be -40 to 40"});
  CHECK(with("[journey]\ndaily_cap_per_shopper = 0\n") ==
        Lines{"12:25 error: `daily_cap_per_shopper` is 0 | it must be 1 to 100"});
}

TEST_CASE("zones: levels, duplicates, references") {
  CHECK(
      with("enter_dbm = -80\nexit_dbm = -72\n") ==
      Lines{
          "12:12 error: `exit_dbm` is above `enter_dbm` | a shopper leaves at a weaker signal than she enters: about 8 "
          "dB below"});
  CHECK(read(kSmallShop + "enter_dbm = -60\n").settings->shop.zones.at(0).exit_dbm == -68);
  CHECK(read(kSmallShop + "exit_dbm = -90\n").settings->shop.zones.at(0).enter_dbm == -82);
  CHECK(read(kSmallShop + "[[zone]]\nid = \"aisle\"\n").settings->shop.zones.at(1).enter_dbm == -75);
  CHECK(with("[[zone]]\nid = \"door\"\n") ==
        Lines{"12:6 error: `id`: there are two zones \"door\" | every zone has its own id; scanners may share a zone"});
  CHECK(with("next_to = [\"dor\"]\n") == Lines{"11:11 error: there is no zone \"dor\" | did you mean `door`?"});
}

TEST_CASE("scanners") {
  CHECK(where("zone = \"door\"", "zone = \"aisle\"") ==
        Lines{"7:8 error: there is no zone \"aisle\" | the zones are `door`"});
  CHECK(with("[[scanner]]\nadapter = \"hci0\"\nzone = \"door\"\n") ==
        Lines{"12:11 error: `adapter`: there are two scanners on hci0 | one radio is one scanner and covers one zone"});
  CHECK(where("adapter =", "driver = \"blues\"\nadapter =") ==
        Lines{"6:10 error: `driver`: unknown value \"blues\" | did you mean `bluez`?"});
  CHECK(where("adapter =", "driver = \"mgmt\"\nadapter =") ==
        Lines{"6:10 error: `driver`: this gateway has no driver \"mgmt\" | write \"bluez\"; with the drop-in "
              "bluetooth.service.d/beacon-gateway-monitors.conf it hears every packet too"});
  CHECK(where("adapter =", "speed = 2\nadapter =") ==
        Lines{"6:9 warning: `speed` counts only with driver = \"capture\""});
  CHECK(
      said(read(kCaptures + "[[scanner]]\nadapter = \"hci1\"\ndriver = \"capture\"\nzone = \"door\"\nspeed = 0\n")) ==
      Lines{"16:9 error: `speed` differs from that of another capture | captures are played on one clock: give all the "
            "same speed"});
  CHECK(with("[[scanner]]\nadapter = \"hci1\"\ndriver = \"capture\"\nzone = \"door\"\n") ==
        Lines{"13:10 warning: `driver` differs from that of the first scanner | `run` takes no captures beside radios, "
              "and refuses this; `replay` does not care"});
  CHECK(said(read(kCaptures + "[[scanner]]\nadapter = \"hci1\"\ndriver = \"capture\"\nzone = \"door\"\nspeed = -1\n"))
            .at(0) == "16:9 error: `speed` is -1 | it must be 0 to 1e+06");
}

TEST_CASE("beacons") {
  CHECK(with("[[beacon]]\nadapter = \"hci0\"\nuuid = \"5a4bcfce-174e-4bac-a814-092e77f6b7e5\"\nmajor = 1\nminor = 2\n")
            .empty());
  CHECK(with("[[beacon]]\nadapter = \"hci0\"\nkind = \"line\"\n") ==
        Lines{"11:1 error: `hardware_id` is missing in [[beacon]]"});
  const std::string line = "[[beacon]]\nadapter = \"hci0\"\nkind = \"line\"\nhardware_id = \"32AF519E88\"\n";
  CHECK(std::get<LineBeacon>(read(kSmallShop + line).settings->beacons.at(0).identity) ==
        LineBeacon{{0x32, 0xAF, 0x51, 0x9E, 0x88}});
  CHECK(with(line + "minor = 3\n") == Lines{"15:9 warning: `minor` counts only with kind = \"ibeacon\""});
  CHECK(with(line + line) ==
        Lines{"15:1 error: this [[beacon]] stands here twice | one advertisement of each is enough"});
  CHECK(with(line + "rotation_period = \"5m\"\n") ==
        Lines{"15:19 warning: `rotation_period` counts only with `rotation_key_file`"});
  CHECK(with(line + "rotation_key_file = \"k\"\nrotation_period = \"90500ms\"\n") ==
        Lines{"16:19 error: `rotation_period` is no whole number of seconds | write \"15m\""});
  CHECK(with("[[beacon]]\nadapter = \"hci0\"\nkind = \"line\"\nhardware_id = \"32af519e8\"\n") ==
        Lines{"14:15 error: `hardware_id`: \"32af519e8\" is no hardware id | the LINE console gives 10 hex digits"});
  CHECK(with("[identity]\nibeacon_uuids = [\"5a4b\"]\n").at(0).substr(0, 46) ==
        "12:18 error: `ibeacon_uuids`: \"5a4b\" is no UUI");
}

TEST_CASE("the canary") {
  const auto result = read(
      kSmallShop + "[radio]\ncanary = { uuid = \"5a4bcfce-174e-4bac-a814-092e77f6b7e5\", major = 9, minor = 7 }\n");
  REQUIRE(result.settings);
  CHECK(result.settings->radio.canary->minor == 7);
  CHECK_FALSE(read(kSmallShop).settings->radio.canary);
  CHECK(with("[radio]\ncanary = { uuid = \"5a4bcfce-174e-4bac-a814-092e77f6b7e5\", major = 9 }\n") ==
        Lines{"12:10 error: `minor` is missing in [radio] canary"});
}

TEST_CASE("the broker and the downlink") {
  CHECK(
      with("[broker]\nurl = \"mqtt://10.0.0.1\"\n[downlink]\ntrusted_keys = [\"o.pub\"]\n") ==
      Lines{"12:7 error: `url`: mqtt:// sends everything in clear over the network | use mqtts://, or, in a laboratory "
            "only, insecure = true"});
  CHECK(
      with("[broker]\nurl = \"mqtt://10.0.0.1\"\ninsecure = true\n[downlink]\ntrusted_keys = [\"o.pub\"]\n") ==
      Lines{"12:7 warning: `url`: mqtt:// sends everything in clear over the network | use mqtts:// wherever shoppers "
            "are real"});
  CHECK(with("[broker]\nurl = \"mqtt://localhost\"\n[downlink]\nallow_unsigned = true\n").empty());
  CHECK(
      with("[broker]\nurl = \"mqtts://b.example\"\n[downlink]\nallow_unsigned = true\n") ==
      Lines{
          "14:18 error: `allow_unsigned` is accepted only with a broker on this machine | anybody at that broker could "
          "write profiles: name the orchestrator's key in trusted_keys"});
  CHECK(with("[broker]\nurl = \"b.example\"\n[downlink]\nallow_unsigned = true\n") ==
        Lines{"12:7 error: \"b.example\" is no broker's address | write \"mqtts://HOST:8883\""});
  CHECK(
      with("[broker]\nurl = \"mqtts://b.example\"\n") ==
      Lines{"12:7 warning: `url`: nothing from the orchestrator will be believed: no key is trusted | name the file of "
            "its public key in [downlink] trusted_keys"});
  CHECK(with("[broker]\ncert_file = \"c.pem\"\n") == Lines{"12:13 error: `cert_file` needs `key_file` beside it | a "
                                                           "certificate is of no use without its private key"});
  CHECK(with("[broker]\nreceipts = \"maybe\"\n") ==
        Lines{"12:12 error: `receipts`: unknown value \"maybe\" | known are `required`, `optional` and `off`"});
}

TEST_CASE("relative paths start at the configuration's directory") {
  const auto result = read(kSmallShop + "[store]\nkey_file = \"keys/../store.key\"\ndirectory = \"/srv/x\"\n");
  REQUIRE(result.settings);
  CHECK(result.settings->store.key_file == "/etc/beacon-gateway/store.key");
  CHECK(result.settings->store.directory == "/srv/x");
}

TEST_CASE("the store's previous key is another file than the present one") {
  const auto result = read(kSmallShop + "[store]\nkey_file = \"new.key\"\nprevious_key_file = \"old.key\"\n");
  REQUIRE(result.settings);
  CHECK(result.settings->store.previous_key_file == "/etc/beacon-gateway/old.key");
  CHECK(with("[store]\nprevious_key_file = \"old.key\"\n").empty());  // the present one is a credential
  CHECK(
      with("[store]\nkey_file = \"a/../k\"\nprevious_key_file = \"k\"\n") ==
      Lines{"13:21 error: `previous_key_file` is the same file as `key_file` | name the key that the store was sealed "
            "with so far, or delete the line"});
}

TEST_CASE("an open store only with captures") {
  CHECK(with("[store]\nsealed = false\n") ==
        Lines{"12:10 error: `sealed` = false is accepted only where every scanner is a capture | delete the line; "
              "`beacon-gateway key create FILE` makes the store's key"});
  CHECK(
      said(read(kCaptures + "[store]\nsealed = false\n")) ==
      Lines{
          "13:10 warning: `sealed` = false: whoever has the disk can read the store | for recordings and trials only"});
  CHECK(said(read(replaced(kCaptures, "capture", "captur") + "[store]\nsealed = false\n")).size() == 2);
}

TEST_CASE("quiet hours and opening hours") {
  CHECK(with("[journey]\nquiet_hours = \"9-21\"\n").at(0).substr(0, 51) ==
        "12:15 error: `quiet_hours`: \"9-21\" is no span of ho");
  CHECK(with("[journey.opening_hours]\nmon = \"10:00-22:00\"\nexceptions = [{ date = 2569-12-31, closed = true }]\n") ==
        Lines{"13:24 error: `date`: the year 2569 is too far away | Buddhist-era year? 2569 is 2026"});
  CHECK(with("[journey.opening_hours]\nmon = \"10:00-22:00\"\nexceptions = [{ date = 2026-12-31 }]\n") ==
        Lines{"13:15 error: neither `hours` nor `closed` is given | write closed = true, or hours = \"10:00-18:00\""});
  CHECK(with("[journey.opening_hours]\nmon = \"10:00-22:00\"\nexceptions = [{ date = 2026-12-31, closed = true }, "
             "{ date = 2026-12-31, closed = true }]\n") ==
        Lines{"13:62 error: `date` 2026-12-31 is given twice | keep one of the two"});
  CHECK(with("[journey.opening_hours]\nmon = \"10:00-22:00\"\nexceptions = [{ date = \"2026-12-31\", closed = true "
             "}]\n") ==
        Lines{"13:24 error: `date` must be a date such as 2026-12-31, not a text | write the date without quotes"});
  CHECK(with("[journey.opening_hours]\nexceptions = []\n") ==
        Lines{"11:1 warning: no weekday has hours: the shop counts as closed on every day but the exceptions"});
  const auto result = read(kSmallShop + "[journey.opening_hours]\nsun = \"10:00-24:00\"\n");
  REQUIRE(result.settings);
  CHECK(result.settings->journey.opening_hours.configured);
  CHECK(result.settings->journey.opening_hours.by_weekday[6]->end == std::chrono::hours{24});
}

TEST_CASE("the store's name: one text, or one a language") {
  const auto named = [](const std::string& value) {
    return read(replaced(kSmallShop, "id = \"gw-1\"", "id = \"gw-1\"\nstore_name = " + value))
        .settings->journey.store_name;
  };
  CHECK(text_in(named("\"Acme\""), "th") == "Acme");
  CHECK(text_in(named("{ th = \"เอซี\", en = \"Acme\" }"), "th") == "เอซี");
}

TEST_CASE("attributes that texts may use") {
  CHECK(with("[privacy]\nattributes = [\"store_name\"]\n").size() == 1);
  CHECK(with("[privacy]\nconsent_lease = \"1s\"\n") ==
        Lines{"12:17 error: `consent_lease` is 1s | it must be 1m to 31d"});
}
