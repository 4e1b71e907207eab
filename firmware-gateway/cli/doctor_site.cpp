// Configuration, clock, store, calibration.
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "cli/configuration.hpp"
#include "cli/doctor_checks.hpp"
#include "core/journey/calendar.hpp"
#include "core/presence/calibration.hpp"
#include "messages/text_forms.hpp"

namespace beacon_gateway {
namespace {

namespace fs = std::filesystem;

// The outbox takes 32 MiB at most, a hundred thousand profiles some 100 MiB while they are exchanged.
constexpr std::uintmax_t kLeastFreeOctets = 256ULL << 20U;
constexpr unsigned kMebibyteShift = 20;

constexpr Sentence kConfigurationGood{"{} scanners, {} zones, {} campaigns; {}",
                                      "สแกนเนอร์ {} ตัว โซน {} โซน แคมเปญ {} รายการ รุ่น {}"};
constexpr FindingText kConfigurationFault{{"{0}: {1}", "{0}: {1}"},
                                          {"the gateway does not take this configuration", "เกตเวย์ไม่รับค่านี้"},
                                          {"{2}; then `beacon-gateway check`", "{2} แล้วใช้ `beacon-gateway check`"}};
constexpr FindingText kConfigurationNote{
    {"{0}: {1}", "{0}: {1}"}, {"it is taken, but may not be what was meant", "ใช้ได้ แต่อาจไม่ใช่สิ่งที่ตั้งใจ"}, {"{2}", "{2}"}};
constexpr Sentence kCorrectIt{"correct this line", "แก้บรรทัดนี้"};

constexpr Sentence kClockGood{"synchronised; in the shop it is {} {:02}:{:02} ({})",
                              "ตรงกับเวลาเครือข่าย เวลาที่ร้านคือ {} {:02}:{:02} ({})"};
constexpr Sentence kClockOfCapture{"that of the captures", "ใช้เวลาในไฟล์บันทึก"};
constexpr FindingText kClockFault{
    {"not synchronised: the box believes it is {0} UTC", "นาฬิกายังไม่ตรง กล่องคิดว่าเป็นเวลา {0} UTC"},
    {"no time server was reached since the start; campaigns with hours stay silent until one is",
     "ยังติดต่อเซิร์ฟเวอร์เวลาไม่ได้ตั้งแต่เริ่ม แคมเปญที่กำหนดเวลาจะเงียบไว้ก่อน"},
    {"`timedatectl` says what it waits for; let UDP 123 (NTP) out of the shop's network, or name a server that can be"
     " reached in /etc/systemd/timesyncd.conf",
     "ดูสาเหตุด้วย `timedatectl` เปิด UDP 123 (NTP) ในเครือข่ายของร้าน หรือใส่เซิร์ฟเวอร์ที่ติดต่อได้ใน"
     " /etc/systemd/timesyncd.conf"}};
constexpr FindingText kZoneNote{{"the time zone is UTC", "เขตเวลาเป็น UTC"},
                                {"no `timezone` is given: hours and days of campaigns are counted in UTC",
                                 "ไม่ได้กำหนด `timezone` ชั่วโมงและวันของแคมเปญจึงนับตาม UTC"},
                                {"in gateway.toml, under [gateway]: timezone = \"Asia/Bangkok\"",
                                 "ใน gateway.toml ใต้ [gateway] ใส่ timezone = \"Asia/Bangkok\""}};

constexpr Sentence kStoreGood{"{}, {}, {} MiB free", "{} {} ว่าง {} MiB"};
constexpr Sentence kSealed{"sealed", "เข้ารหัสแล้ว"};
constexpr Sentence kNotSealed{"not sealed", "ไม่เข้ารหัส"};
constexpr Sentence kStoreToBeMade{"{} will be made at the first start", "จะสร้าง {} เมื่อเริ่มครั้งแรก"};
constexpr FindingText kKeyFault{
    {"it cannot be sealed", "เข้ารหัสไม่ได้"},
    {"{0}", "{0}"},
    {"`beacon-gateway key create FILE`, and do what it says", "ใช้ `beacon-gateway key create FILE` แล้วทำตามที่คำสั่งบอก"}};
constexpr FindingText kOpenFault{
    {"others can read {0}", "ผู้อื่นอ่าน {0} ได้"},
    {"somebody changed its rights: the gateway makes it for its user alone", "มีคนเปลี่ยนสิทธิ์ เกตเวย์สร้างไว้ให้ผู้ใช้ของตนเท่านั้น"},
    {"chmod 700 '{0}'", "chmod 700 '{0}'"}};
constexpr FindingText kRightsNote{
    {"{0} cannot be looked into by you", "คุณไม่มีสิทธิ์ดู {0}"},
    {"it is the gateway's alone", "เป็นของเกตเวย์เท่านั้น"},
    {"run doctor with sudo to have it looked at, too", "ใช้ sudo กับ doctor เพื่อตรวจส่วนนี้ด้วย"}};
constexpr FindingText kFullFault{{"only {1} MiB are free for {0}", "{0} เหลือที่ว่างเพียง {1} MiB"},
                                 {"the disk is nearly full; without room the gateway stops rather than lose a welcome",
                                  "ดิสก์ใกล้เต็ม ถ้าไม่มีที่ว่างเกตเวย์จะหยุดทำงานแทนที่จะทำข้อความหาย"},
                                 {"`journalctl --vacuum-size=50M`; see what is large with `du -xh / | sort -h | tail`",
                                  "`journalctl --vacuum-size=50M` และดูว่าอะไรใหญ่ด้วย `du -xh / | sort -h | tail`"}};

constexpr Sentence kCalibrationGood{"{} spots of the walk", "มี {} จุดจากการเดิน"};
constexpr FindingText kNoCalibration{
    {"none: zones are thresholds", "ยังไม่มี แต่ละโซนใช้เพียงค่าระดับสัญญาณ"},
    {"nobody has walked through the shop with a test tag yet", "ยังไม่มีใครเดินในร้านด้วยแท็กทดสอบ"},
    {"`beacon-gateway walk-test TAG`: ten minutes, and the gateway knows the pavement from the door",
     "ใช้ `beacon-gateway walk-test TAG` สิบนาที แล้วเกตเวย์จะแยกทางเท้าออกจากประตูได้"}};
constexpr FindingText kDeafInWalk{
    {"scanner {0} heard the tag nowhere on the walk", "สแกนเนอร์ {0} ไม่ได้ยินแท็กเลยตอนเดิน"},
    {"it was off, or was added or moved since", "ตอนนั้นปิดอยู่ หรือเพิ่งเพิ่มหรือย้าย"},
    {"walk again: `beacon-gateway walk-test TAG`", "เดินใหม่ด้วย `beacon-gateway walk-test TAG`"}};
constexpr FindingText kStreetAlike{
    {"zone {0} sounds like the street", "โซน {0} ฟังเหมือนหน้าร้าน"},
    {"no scanner hears it 3 dB louder than the street, so visits start late there or on the pavement",
     "ไม่มีสแกนเนอร์ตัวใดได้ยินดังกว่าหน้าร้าน 3 dB การเยี่ยมชมจึงเริ่มช้า หรือเริ่มบนทางเท้า"},
    {"move a scanner deeper into {0}, away from the window, hang others inside, at door and windows, and walk again",
     "ย้ายสแกนเนอร์ให้ลึกเข้าไปใน {0} ห่างจากหน้าต่าง ติดเพิ่มด้านในที่ประตูและหน้าต่าง แล้วเดินใหม่"}};
constexpr double kTellsApartDb = 3;

bool heard_somewhere(const Calibration& calibration, std::size_t scanner) {
  return std::ranges::any_of(calibration.spots,
                             [&](const Spot& spot) { return spot.levels_dbm[scanner] > kUnheardDbm; });
}

// The loudest that a scanner hears of a place, over its spots.
double loudest(const Calibration& calibration, std::optional<std::size_t> zone, std::size_t scanner) {
  double level = kUnheardDbm;
  for (const Spot& spot : calibration.spots)
    if (spot.zone == zone) level = std::max(level, spot.levels_dbm[scanner]);
  return level;
}

}  // namespace

void check_configuration(const SettingsResult& result, Findings& findings) {
  for (const Fault& fault : result.faults) {
    const std::string place =
        fault.file + (fault.at.line > 0 ? fmt::format(":{}:{}", fault.at.line, fault.at.column) : std::string{});
    const std::string hint = fault.hint.empty() ? kCorrectIt.in(findings.language()) : fault.hint;
    if (fault.severity == Severity::error)
      findings.fault("configuration", kConfigurationFault, place, fault.text, hint);
    else
      findings.note("configuration", kConfigurationNote, place, fault.text, hint);
  }
  if (!result.settings) return;
  const Settings& settings = *result.settings;
  findings.good("configuration", kConfigurationGood, settings.shop.scanners.size(), settings.shop.zones.size(),
                settings.journey.campaigns.size(), settings.hash);
}

void check_clock(const Settings& settings, const Instant& now, Findings& findings) {
  if (all_captures(settings)) return findings.good("clock", kClockOfCapture);
  const LocalTime local = local_time(settings.journey.time_zone, now.wall);
  if (now.quality == TimeQuality::trusted)
    findings.good("clock", kClockGood, date_text(local.date), local.time_of_day.count() / 60,
                  local.time_of_day.count() % 60, settings.timezone);
  else
    findings.fault("clock", kClockFault, wall_time_text(now.wall));
  if (settings.timezone == "UTC") findings.note("clock", kZoneNote);
}

void check_store(const Settings& settings, const Edges& edges, Findings& findings) {
  const fs::path& directory = settings.store.directory;
  std::error_code error;
  const fs::file_status status = fs::status(directory, error);
  if (const auto why = edges.store_key_fault(settings.store)) findings.fault("store", kKeyFault, *why);
  if (!fs::exists(status)) return findings.good("store", kStoreToBeMade, directory.string());
  using fs::perms;
  if ((status.permissions() & (perms::group_all | perms::others_all)) != perms::none)
    findings.fault("store", kOpenFault, directory.string());
  const fs::space_info space = fs::space(directory, error);
  const std::uintmax_t free_mib = error ? 0 : space.available >> kMebibyteShift;
  if (!error && space.available < kLeastFreeOctets) findings.fault("store", kFullFault, directory.string(), free_mib);
  if (::access(directory.c_str(), R_OK | W_OK | X_OK) != 0)
    return findings.note("store", kRightsNote, directory.string());
  findings.good("store", kStoreGood, directory.string(),
                (settings.store.sealed ? kSealed : kNotSealed).in(findings.language()), free_mib);
}

void check_calibration(const Shop& shop, Findings& findings) {
  if (!shop.calibration) return findings.note("calibration", kNoCalibration);
  const Calibration& calibration = *shop.calibration;
  bool plausible = true;
  for (std::size_t scanner = 0; scanner < shop.scanners.size(); ++scanner) {
    if (heard_somewhere(calibration, scanner)) continue;
    plausible = false;
    findings.fault("calibration", kDeafInWalk, shop.scanners[scanner].adapter);
  }
  for (std::size_t zone = 0; zone < shop.zones.size(); ++zone) {
    bool differs = false;
    for (std::size_t scanner = 0; scanner < shop.scanners.size(); ++scanner)
      differs |= loudest(calibration, zone, scanner) >= loudest(calibration, std::nullopt, scanner) + kTellsApartDb;
    plausible &= differs;
    if (!differs) findings.note("calibration", kStreetAlike, shop.zones[zone].id);
  }
  if (plausible) findings.good("calibration", kCalibrationGood, calibration.spots.size());
}

}  // namespace beacon_gateway
