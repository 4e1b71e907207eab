#include "cli/doctor_checks.hpp"

#include <algorithm>

#include "core/presence/calibration.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway;
using beacon_gateway_test::ContainsSubstring;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 22};

Settings shop() {
  Settings settings;
  settings.shop.zones.resize(2);
  settings.shop.zones[0].id = "entrance";
  settings.shop.zones[1].id = "aisle";
  settings.shop.scanners = {{"hci0", 0, 0}, {"00:AA:01:00:00:02", 0, 0}};
  settings.sources.resize(2);
  return settings;
}

BluetoothReport healthy() {
  return {"",
          true,
          "",
          {{"hci0", "00:AA:01:00:00:01", true, MonitorSupport::safe, "5.66"},
           {"hci1", "00:AA:01:00:00:02", true, MonitorSupport::safe, "5.66"}},
          {}};
}

ScannerStatus scanning(std::optional<double> rate, PacketShare hears) {
  ScannerStatus status;
  status.mode = ScanMode::discovery_only;
  status.state = "scanning";
  status.advertisements_a_second = rate;
  status.hears = hears;
  return status;
}

template <class Check>
std::string said(Check check, Language language = Language::en) {
  Findings findings{language};
  check(findings);
  return findings.text();
}
std::string of_bluetooth(const Settings& settings, const BluetoothReport& report, Language language = Language::en) {
  return said([&](Findings& findings) { check_bluetooth(settings, report, findings); }, language);
}
std::string of_scanner(const Settings& settings, const ScannerStatus& status) {
  return said([&](Findings& findings) {
    RadioStatus radio;
    radio.scanners = {status};
    check_scanners(settings, radio, findings);
  });
}
std::string of_campaign(const Campaign& campaign, const std::optional<ConsentCounts>& counts,
                        const std::optional<DaemonState>& daemon = DaemonState{}) {
  Settings settings = shop();
  settings.journey.campaigns = {campaign};
  return said([&](Findings& findings) { check_campaigns(settings, daemon, counts, kNow, findings); });
}
std::string of_broker(const BrokerReport& report) {
  return said([&](Findings& findings) { check_broker(report, true, kNow, findings); });
}

}  // namespace

TEST_CASE("findings are numbered, faults first, each with cause and remedy, in both languages and as JSON") {
  Findings findings{Language::th};
  findings.note("clock", {{"n", "โน้ต {0}"}, {"c", "ค"}, {"r", "ร"}}, 1);
  findings.good("store", {"good", "ดี"});
  CHECK_FALSE(findings.any_fault());
  findings.fault("broker", {{"f", "เสีย \"{0}\""}, {"c", "ค {0}"}, {"r", "ร"}}, "x");
  CHECK(findings.any_fault());
  CHECK_THAT(findings.text(), ContainsSubstring("1. ผิดปกติ broker: เสีย \"x\"\n   สาเหตุ: ค x\n   ให้ทำ: ร\n"));
  CHECK_THAT(findings.text(), ContainsSubstring("2. ควรทราบ clock: โน้ต 1"));
  CHECK_THAT(findings.json(),
             ContainsSubstring(
                 R"({"number":1,"verdict":"fault","check":"broker","text":"เสีย \"x\"","cause":"ค x","remedy":"ร"})"));
}

TEST_CASE("of Bluetooth, what stands in the way is said, and the adapters that are there instead") {
  Settings settings = shop();
  settings.shop.scanners.pop_back();
  CHECK_THAT(of_bluetooth(settings, healthy()), ContainsSubstring("0 faults, 0 notes"));
  BluetoothReport report = healthy();
  report.adapters.erase(report.adapters.begin());
  CHECK_THAT(of_bluetooth(settings, report),
             ContainsSubstring("adapter hci0 is not there") && ContainsSubstring("00:AA:01:00:00:02 (hci1)"));
  report = healthy();
  report.adapters[0].powered = false;
  report.switches = {{"hci0", true, false}};
  CHECK_THAT(of_bluetooth(settings, report), ContainsSubstring("is off") && ContainsSubstring("rfkill unblock"));
  report.bluetoothd_runs = false;
  CHECK_THAT(of_bluetooth(settings, report), ContainsSubstring("bluetoothd does not run"));
  report.bus_trouble = "no such socket";
  CHECK_THAT(of_bluetooth(settings, report), ContainsSubstring("cause: no such socket"));
  CHECK_THAT(of_bluetooth(shop(), healthy()), ContainsSubstring("write adapter = \"00:AA:01:00:00:01\""));
}

TEST_CASE("what a filtering controller costs is said: delay, and from some number of sightings on, the visit") {
  Settings settings = shop();
  settings.shop.scanners.pop_back();
  BluetoothReport report = healthy();
  for (const auto& [monitors, text] : {std::pair{MonitorSupport::absent, "offers no monitors"},
                                       {MonitorSupport::unknown_version, "the version of BlueZ is not known"},
                                       {MonitorSupport::crashes, "not used with BlueZ 5.66"}}) {
    report.adapters[0].monitors = monitors;
    CHECK_THAT(of_bluetooth(settings, report),
               ContainsSubstring(text) && ContainsSubstring("about 9 s after the door"));
    CHECK_THAT(of_bluetooth(settings, report, Language::th), ContainsSubstring("9 วินาที"));
    CHECK_THAT(of_bluetooth(settings, report), ContainsSubstring("0 faults, 1 notes"));
  }
  CHECK_THAT(of_scanner(settings, scanning(5, PacketShare::once_a_scan)), ContainsSubstring("once a scan only"));
  settings.shop.visit.min_sightings = 4;
  CHECK_THAT(of_bluetooth(settings, report), ContainsSubstring("hardly ever start") && ContainsSubstring("1 faults"));
}

TEST_CASE("a scanner that does not scan, is silent or cannot be helped is a fault, and one that hears is good") {
  const Settings settings = shop();
  CHECK_THAT(of_scanner(settings, scanning(5, PacketShare::every_packet)),
             ContainsSubstring("hci0: 5.0 advertisements a second, every packet\n\n0 faults"));
  CHECK_THAT(of_scanner(settings, scanning(0, PacketShare::unknown)),
             ContainsSubstring("1. FAULT scanner: hci0 scans"));
  CHECK_THAT(of_scanner(settings, scanning(std::nullopt, PacketShare::unknown)),
             ContainsSubstring("note scanner: hci0 has just begun") && ContainsSubstring("0 faults"));
  ScannerStatus status;
  status.state = "the adapter is off";
  CHECK_THAT(of_scanner(settings, status), ContainsSubstring("does not scan: the adapter is off"));
  status.alarm = true;
  CHECK_THAT(of_scanner(settings, status), ContainsSubstring("unplug it"));
}

TEST_CASE("campaigns that can never fire are named, with the reason") {
  Campaign campaign;
  campaign.id = "hello";
  CHECK_THAT(of_campaign(campaign, std::nullopt), ContainsSubstring("1 of 1 can fire"));
  ConsentCounts counts;
  counts.profiles = 7;
  CHECK_THAT(of_campaign(campaign, counts), ContainsSubstring("of 7 profiles none has a live consent to welcome"));
  counts.live[static_cast<std::size_t>(Purpose::welcome)] = 1;
  CHECK_THAT(of_campaign(campaign, counts), ContainsSubstring("1 of 1 can fire"));
  campaign.zones = {1};
  CHECK_THAT(of_campaign(campaign, counts), ContainsSubstring("none of its zones has a scanner"));
  campaign.ends = kNow;
  CHECK_THAT(of_campaign(campaign, counts), ContainsSubstring("it ended on 2026-11-22T00:00:00.000Z"));
  campaign.starts = kNow;
  CHECK_THAT(of_campaign(campaign, counts), ContainsSubstring("ends before it starts"));
  campaign.enabled = false;
  CHECK_THAT(of_campaign(campaign, counts), ContainsSubstring("none is switched on"));
}

TEST_CASE("where a set of the orchestrator decides, campaigns.d is not judged") {
  Campaign campaign;
  campaign.enabled = false;
  DaemonState daemon;
  daemon.orchestrator_set = {7, 3, true};
  CHECK_THAT(of_campaign(campaign, std::nullopt, daemon),
             ContainsSubstring("3 of the orchestrator decide, version 7") && ContainsSubstring("0 faults, 0 notes"));
  daemon.orchestrator_set->fits = false;
  CHECK_THAT(of_campaign(campaign, std::nullopt, daemon), ContainsSubstring("FAULT campaigns: nobody gets a message"));
}

TEST_CASE("each step to the broker has its finding, and certificates are told of before they end") {
  BrokerReport report;
  report.host = "broker.example";
  report.client_id = "acme.s-1.gw-1";
  CHECK_THAT(of_broker(report), ContainsSubstring("broker.example lets acme.s-1.gw-1 in"));
  report.own_certificate_ends = kNow + 24h * 40;
  report.broker_certificate_ends = kNow + 24h * 3;
  CHECK_THAT(of_broker(report), ContainsSubstring("note broker: the broker's certificate ends in 3 days"));
  report.own_certificate_ends = kNow - 1s;
  CHECK_THAT(of_broker(report), ContainsSubstring("FAULT broker: the certificate of this box ends in -1 days"));
  report.why = "because";
  for (const auto& [step, text] : {std::pair{BrokerStep::name, "does not resolve"},
                                   {BrokerStep::connection, "does not answer"},
                                   {BrokerStep::encryption, "encrypted link"},
                                   {BrokerStep::login, "does not let acme.s-1.gw-1 in"}}) {
    report.stopped_at = step;
    CHECK_THAT(of_broker(report), ContainsSubstring(text) && ContainsSubstring("cause: because"));
  }
}

TEST_CASE("a calibration that cannot be of this shop is said so") {
  Shop shop_now = shop().shop;
  const auto of_calibration = [&] { return said([&](Findings& findings) { check_calibration(shop_now, findings); }); };
  CHECK_THAT(of_calibration(), ContainsSubstring("0 faults, 1 notes"));
  shop_now.calibration = std::make_shared<const Calibration>(
      Calibration{{{std::nullopt, {-90, -95}}, {ZoneIndex{0}, {-60, -80}}, {ZoneIndex{1}, {-80, -60}}}});
  CHECK_THAT(of_calibration(), ContainsSubstring("3 spots of the walk\n\n0 faults, 0 notes"));
  shop_now.calibration = std::make_shared<const Calibration>(Calibration{
      {{std::nullopt, {-60, kUnheardDbm}}, {ZoneIndex{0}, {-58, kUnheardDbm}}, {ZoneIndex{1}, {-50, kUnheardDbm}}}});
  CHECK_THAT(of_calibration(), ContainsSubstring("scanner 00:AA:01:00:00:02 heard the tag nowhere") &&
                                   ContainsSubstring("zone entrance sounds like the street"));
}

TEST_CASE("counts of consents leave staff out and cross the control socket") {
  ConsentCounts counts;
  Profile profile{*ShopperId::parse("s-1")};
  profile.consents = {{Purpose::welcome, kNow - 1h, kNow + 1h, "", ""}, {Purpose::survey, kNow - 2h, kNow, "", ""}};
  counts.add(profile, kNow);
  profile.staff = true;
  counts.add(profile, kNow);
  CHECK(counts.text() == "1 0 1 0 0 0");
  CHECK(ConsentCounts::from_text(counts.text()) == counts);
  CHECK_FALSE(ConsentCounts::from_text("1 2"));
}
