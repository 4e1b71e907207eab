// Bus, bluetoothd, adapters, and what the scanners hear.
#include <algorithm>

#include "cli/doctor_checks.hpp"
#include "core/address.hpp"

namespace beacon_gateway {
namespace {

// In which sightings start a visit (contract 3.7).
constexpr Duration kStartWindow = std::chrono::seconds{10};

constexpr Sentence kBluetoothGood{"bluetoothd runs, with {} adapters", "bluetoothd ทำงาน มีอะแดปเตอร์ {} ตัว"};
constexpr FindingText kNoBus{{"the system bus cannot be reached", "ติดต่อ system bus ไม่ได้"},
                             {"{0}", "{0}"},
                             {"`systemctl status dbus`", "`systemctl status dbus`"}};
constexpr FindingText kNoBluetoothd{{"bluetoothd does not run", "bluetoothd ไม่ได้ทำงาน"},
                                    {"it was not started, or has crashed", "ยังไม่ได้เริ่ม หรือหยุดทำงานเอง"},
                                    {"`systemctl enable --now bluetooth`; why: `journalctl -u bluetooth -n 50`",
                                     "`systemctl enable --now bluetooth` ดูสาเหตุ: `journalctl -u bluetooth -n 50`"}};
constexpr FindingText kBluezTrouble{
    {"bluetoothd does not list its adapters", "bluetoothd ไม่บอกรายการอะแดปเตอร์"},
    {"{0}", "{0}"},
    {"`systemctl restart bluetooth`; the bus policy comes with the package, in"
     " /usr/share/dbus-1/system.d",
     "`systemctl restart bluetooth` สิทธิ์บนบัสมากับแพ็กเกจ อยู่ใน /usr/share/dbus-1/system.d"}};
constexpr FindingText kNoAdapter{
    {"adapter {0} is not there", "ไม่มีอะแดปเตอร์ {0}"},
    {"it is unplugged, or has got another number; there are: {1}", "ถูกถอด หรือได้หมายเลขใหม่ ที่มีอยู่: {1}"},
    {"plug it in, or write its address as `adapter`, which stays the same",
     "เสียบ หรือใส่ที่อยู่ของมันใน `adapter` ซึ่งไม่เปลี่ยน"}};
constexpr FindingText kByNumber{{"adapter {0} is named by its number", "อะแดปเตอร์ {0} ระบุด้วยหมายเลข"},
                                {"numbers change with the order of plugging, and then zones are swapped",
                                 "หมายเลขเปลี่ยนตามลำดับการเสียบ แล้วโซนจะสลับกัน"},
                                {"write adapter = \"{1}\"", "ใส่ adapter = \"{1}\""}};
constexpr FindingText kOff{{"adapter {0} is off", "อะแดปเตอร์ {0} ปิดอยู่"},
                           {"nothing has turned it on", "ยังไม่มีใครเปิด"},
                           {"a running gateway turns it on; by hand: `bluetoothctl power on`",
                            "เกตเวย์ที่ทำงานอยู่จะเปิดเอง หรือเปิดด้วย `bluetoothctl power on`"}};
constexpr FindingText kSoftBlocked{{"radio {0} is blocked", "วิทยุ {0} ถูกบล็อก"},
                                   {"rfkill: somebody switched Bluetooth off", "rfkill: มีคนปิดบลูทูธ"},
                                   {"`rfkill unblock bluetooth`", "`rfkill unblock bluetooth`"}};
constexpr FindingText kHardBlocked{{"radio {0} is blocked by a switch", "วิทยุ {0} ถูกปิดด้วยสวิตช์"},
                                   {"the box has a key or a firmware setting for it", "กล่องมีปุ่มหรือการตั้งค่าเฟิร์มแวร์"},
                                   {"find the switch, or the setting in the firmware", "หาสวิตช์ หรือการตั้งค่าในเฟิร์มแวร์"}};

constexpr FindingText kNoMonitors{
    {"adapter {0}: bluetoothd offers no monitors", "อะแดปเตอร์ {0}: bluetoothd ไม่มี monitor"},
    {"it runs without -E, so most controllers leave out repeated packets: about a tenth is heard. {1}",
     "ทำงานโดยไม่มี -E ตัวควบคุมส่วนใหญ่จึงตัดสัญญาณที่ซ้ำออก ได้ยินราวหนึ่งในสิบ {1}"},
    {"install bluetooth.service.d/beacon-gateway-monitors.conf, then `systemctl daemon-reload` and `systemctl restart"
     " bluetooth`",
     "ติดตั้ง bluetooth.service.d/beacon-gateway-monitors.conf แล้ว `systemctl daemon-reload` และ `systemctl restart"
     " bluetooth`"}};
constexpr FindingText kMonitorsCrash{
    {"adapter {0}: monitors are not used with BlueZ {2}", "อะแดปเตอร์ {0}: ไม่ใช้ monitor กับ BlueZ {2}"},
    {"a long advertisement would crash it (5.72 to 5.82), so about a tenth is heard. {1}",
     "สัญญาณที่ยาวทำให้รุ่น 5.72 ถึง 5.82 หยุดทำงาน จึงได้ยินราวหนึ่งในสิบ {1}"},
    {"update BlueZ to 5.83 or later when the distribution has it", "อัปเดต BlueZ เป็น 5.83 ขึ้นไปเมื่อมี"}};
constexpr FindingText kMonitorsUnknown{
    {"adapter {0}: monitors are not used, the version of BlueZ is not known",
     "อะแดปเตอร์ {0}: ไม่ใช้ monitor เพราะไม่รู้รุ่นของ BlueZ"},
    {"main.conf sets a DeviceID that hides it, so about a tenth is heard. {1}",
     "DeviceID ใน main.conf ซ่อนรุ่นไว้ จึงได้ยินราวหนึ่งในสิบ {1}"},
    {"take DeviceID out of /etc/bluetooth/main.conf, then `systemctl restart bluetooth`",
     "นำ DeviceID ออกจาก /etc/bluetooth/main.conf แล้ว `systemctl restart bluetooth`"}};

constexpr Sentence kCost{
    "With `min_sightings` = {} a visit then starts about {} s after the door, if no packet is lost.",
    "ด้วย `min_sightings` = {} การเยี่ยมชมจะเริ่มราว {} วินาทีหลังเข้าประตู ถ้าไม่มีสัญญาณหาย"};
constexpr Sentence kNever{
    "With `min_sightings` = {} visits hardly ever start then: a device is heard once in {} s, and the sightings must "
    "lie"
    " within 10 s.",
    "ด้วย `min_sightings` = {} การเยี่ยมชมแทบไม่เริ่มเลย: ได้ยินแต่ละเครื่องทุก {} วินาที และต้องครบภายใน 10 วินาที"};

constexpr Sentence kHearsAll{"{}: {:.1f} advertisements a second, every packet", "{}: {:.1f} สัญญาณต่อวินาที ได้ยินทุกสัญญาณ"};
constexpr Sentence kHears{"{}: {:.1f} advertisements a second", "{}: {:.1f} สัญญาณต่อวินาที"};
constexpr FindingText kFiltered{
    {"{0} hears each device once a scan only", "{0} ได้ยินแต่ละเครื่องเพียงครั้งเดียวต่อการสแกน"},
    {"the controller leaves out repeated packets, so the scan is started anew every {2} s. {1}",
     "ตัวควบคุมตัดสัญญาณที่ซ้ำออก จึงเริ่มสแกนใหม่ทุก {2} วินาที {1}"},
    {"see the finding on monitors; else another adapter", "ดูข้อเกี่ยวกับ monitor หรือเปลี่ยนอะแดปเตอร์"}};
constexpr FindingText kNotScanning{
    {"{0} does not scan: {1}", "{0} ไม่ได้สแกน: {1}"},
    {"{1}", "{1}"},
    {"see the findings on bluetooth; the gateway goes on trying by itself", "ดูข้อเกี่ยวกับ bluetooth เกตเวย์จะลองใหม่เอง"}};
constexpr FindingText kAlarm{{"{0} hears nothing, whatever the gateway does", "{0} ไม่ได้ยินอะไร แม้เกตเวย์ลองทุกวิธีแล้ว"},
                             {"the adapter hangs, or nothing in the shop sends", "อะแดปเตอร์ค้าง หรือไม่มีอะไรในร้านส่งสัญญาณ"},
                             {"unplug it for ten seconds, else restart the box", "ถอดสิบวินาทีแล้วเสียบใหม่ หรือรีสตาร์ตกล่อง"}};
constexpr FindingText kJustStarted{{"{0} has just begun to scan", "{0} เพิ่งเริ่มสแกน"},
                                   {"what it hears is not counted yet", "ยังไม่ได้นับสัญญาณ"},
                                   {"ask again in ten seconds", "ลองอีกครั้งในสิบวินาที"}};
constexpr FindingText kSilent{
    {"{0} scans and has heard nothing in the last seconds", "{0} สแกนอยู่ แต่ไม่ได้ยินอะไรในช่วงที่ผ่านมา"},
    {"nothing sends here, or the adapter is deaf", "ไม่มีอะไรส่งสัญญาณที่นี่ หรืออะแดปเตอร์ไม่รับ"},
    {"switch a tag on beside it and look: `beacon-gateway scan`", "เปิดแท็กข้าง ๆ แล้วดูด้วย `beacon-gateway scan`"}};

std::int64_t in_seconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

const BluetoothAdapter* adapter_of(const Scanner& scanner, const BluetoothReport& report) {
  const auto octets = parse_address_octets(scanner.adapter);
  const auto found = std::ranges::find_if(report.adapters, [&](const BluetoothAdapter& one) {
    return octets ? parse_address_octets(one.address) == octets : one.name == scanner.adapter;
  });
  return found == report.adapters.end() ? nullptr : &*found;
}

void check_monitors(const Scanner& scanner, const BluetoothAdapter& adapter, const VisitRules& rules,
                    Findings& findings) {
  const std::string cost = cost_of_filtering(rules, findings.language());
  const auto tell = [&](const FindingText& text) {
    if (filtering_stops_visits(rules))
      findings.fault("bluetooth", text, scanner.adapter, cost, adapter.bluez_version);
    else
      findings.note("bluetooth", text, scanner.adapter, cost, adapter.bluez_version);
  };
  switch (adapter.monitors) {
    case MonitorSupport::absent:
      return tell(kNoMonitors);
    case MonitorSupport::unknown_version:
      return tell(kMonitorsUnknown);
    case MonitorSupport::crashes:
      return tell(kMonitorsCrash);
    case MonitorSupport::safe:
      return;
  }
}

std::string names_of(const std::vector<BluetoothAdapter>& adapters) {
  std::string text;
  for (const BluetoothAdapter& one : adapters)
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", one.address, one.name);
  return text.empty() ? "-" : text;
}

}  // namespace

bool filtering_stops_visits(const VisitRules& rules) {
  return rules.min_sightings > kStartWindow / kFilteredScanPeriod;
}

std::string cost_of_filtering(const VisitRules& rules, Language language) {
  const std::int64_t period = in_seconds(kFilteredScanPeriod);
  return filtering_stops_visits(rules)
             ? fmt::format(fmt::runtime(kNever.in(language)), rules.min_sightings, period)
             : fmt::format(fmt::runtime(kCost.in(language)), rules.min_sightings, rules.min_sightings * period);
}

void check_bluetooth(const Settings& settings, const BluetoothReport& report, Findings& findings) {
  for (const RadioSwitch& one : report.switches) {
    if (one.hard_blocked) findings.fault("bluetooth", kHardBlocked, one.name);
    if (one.soft_blocked) findings.fault("bluetooth", kSoftBlocked, one.name);
  }
  if (!report.bus_trouble.empty()) return findings.fault("bluetooth", kNoBus, report.bus_trouble);
  if (!report.bluetoothd_runs) return findings.fault("bluetooth", kNoBluetoothd);
  if (!report.bluez_trouble.empty()) return findings.fault("bluetooth", kBluezTrouble, report.bluez_trouble);
  findings.good("bluetooth", kBluetoothGood, report.adapters.size());
  for (std::size_t i = 0; i < settings.shop.scanners.size(); ++i) {
    if (settings.sources[i].driver != ScannerDriver::bluez) continue;
    const Scanner& scanner = settings.shop.scanners[i];
    const BluetoothAdapter* adapter = adapter_of(scanner, report);
    if (adapter == nullptr) {
      findings.fault("bluetooth", kNoAdapter, scanner.adapter, names_of(report.adapters));
      continue;
    }
    if (!adapter->powered) findings.fault("bluetooth", kOff, scanner.adapter);
    if (settings.shop.scanners.size() > 1 && scanner.adapter == adapter->name)
      findings.note("bluetooth", kByNumber, scanner.adapter, adapter->address);
    check_monitors(scanner, *adapter, settings.shop.visit, findings);
  }
}

void check_scanners(const Settings& settings, const RadioStatus& status, Findings& findings) {
  for (const ScannerStatus& one : status.scanners) {
    const std::string& adapter = settings.shop.scanners[one.scanner].adapter;
    if (one.alarm) {
      findings.fault("scanner", kAlarm, adapter);
    } else if (one.mode == ScanMode::none) {
      findings.fault("scanner", kNotScanning, adapter, one.state);
    } else if (!one.advertisements_a_second) {
      findings.note("scanner", kJustStarted, adapter);
    } else if (*one.advertisements_a_second <= 0) {
      findings.fault("scanner", kSilent, adapter);
    } else if (one.hears == PacketShare::once_a_scan) {
      findings.note("scanner", kFiltered, adapter, cost_of_filtering(settings.shop.visit, findings.language()),
                    in_seconds(kFilteredScanPeriod));
    } else {
      findings.good("scanner", one.hears == PacketShare::every_packet ? kHearsAll : kHears, adapter,
                    *one.advertisements_a_second);
    }
  }
}

}  // namespace beacon_gateway
