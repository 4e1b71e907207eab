// The daemon, whom it knows, and whom the campaigns can reach.
#include <algorithm>

#include "cli/doctor_checks.hpp"
#include "messages/text_forms.hpp"

namespace beacon_gateway {
namespace {

constexpr Sentence kRuns{"it runs, and answers on {}", "ทำงานอยู่ และตอบที่ {}"};
constexpr FindingText kNotRunning{
    {"no gateway runs", "เกตเวย์ไม่ได้ทำงาน"},
    {"nobody answers on {0}", "ไม่มีใครตอบที่ {0}"},
    {"`systemctl start beacon-gateway`; if it does not stay: `journalctl -u beacon-gateway -n 50`",
     "`systemctl start beacon-gateway` ถ้าหยุดเองให้ดู `journalctl -u beacon-gateway -n 50`"}};
constexpr FindingText kPaused{{"it is paused: it hears and decides nothing", "หยุดชั่วคราว: ได้ยินแต่ไม่ตัดสินใจ"},
                              {"somebody paused it, for stock-taking perhaps", "มีคนสั่งหยุดไว้ เช่น ตอนตรวจนับสต็อก"},
                              {"`beacon-gateway resume`", "`beacon-gateway resume`"}};

constexpr Sentence kProfilesGood{"{} identifiers are looked for", "กำลังมองหา {} ตัวระบุ"};
constexpr Sentence kProfilesHeld{"{} profiles are held", "มี {} โปรไฟล์"};
constexpr FindingText kNobody{
    {"nobody is known: nobody can be welcomed", "ยังไม่รู้จักใคร จึงต้อนรับใครไม่ได้"},
    {"no profile came from the orchestrator, and none was imported", "ยังไม่มีโปรไฟล์จากผู้ดูแลระบบ และยังไม่ได้นำเข้า"},
    {"see the findings on broker and keys; to try without it: `beacon-gateway profiles import FILE`",
     "ดูข้อเกี่ยวกับ broker และ keys หรือทดลองด้วย `beacon-gateway profiles import FILE`"}};
constexpr FindingText kLeaseOver{
    {"the consent lease is over: nobody is matched", "หมดเวลาที่เชื่อความยินยอมได้: ไม่จับคู่ใคร"},
    {"nothing came from the orchestrator for longer than `consent_lease`; somebody may have withdrawn meanwhile",
     "ไม่มีข้อมูลจากผู้ดูแลระบบนานกว่า `consent_lease` อาจมีลูกค้าถอนความยินยอมแล้ว"},
    {"see the finding on broker; else tell the integrator that no signed message arrives",
     "ดูข้อเกี่ยวกับ broker มิฉะนั้นแจ้งผู้ดูแลระบบว่าไม่มีข้อความที่ลงนามมาถึง"}};

constexpr Sentence kCampaignsGood{"{} of {} can fire", "ทำงานได้ {} จาก {}"};
constexpr Sentence kOfOrchestrator{"{} of the orchestrator decide, version {}; those of campaigns.d wait",
                                   "ใช้แคมเปญจากผู้ดูแลระบบ {} รายการ รุ่น {} ส่วนใน campaigns.d รออยู่"};
constexpr FindingText kMisfit{
    {"nobody gets a message", "ไม่มีใครได้รับข้อความ"},
    {"version {0} of the orchestrator's campaigns does not fit the configuration; `status` says why",
     "แคมเปญรุ่น {0} จากผู้ดูแลระบบไม่ตรงกับการตั้งค่า ดูเหตุผลด้วย `status`"},
    {"give gateway.toml back what they name, then `systemctl reload beacon-gateway`; else tell the integrator",
     "คืนสิ่งที่แคมเปญอ้างถึงใน gateway.toml แล้ว `systemctl reload beacon-gateway` หรือแจ้งผู้ดูแลระบบ"}};
constexpr FindingText kNoCampaign{
    {"none is switched on: nobody gets a message", "ไม่มีแคมเปญที่เปิดอยู่ ไม่มีใครได้รับข้อความ"},
    {"campaigns.d has no campaign with `enabled = true`", "ใน campaigns.d ไม่มีแคมเปญที่ `enabled = true`"},
    {"ask the marketer for the campaigns of this store", "ขอแคมเปญของร้านนี้จากฝ่ายการตลาด"}};
constexpr FindingText kEnded{{"{0} can never fire again", "{0} จะไม่ทำงานอีก"},
                             {"it ended on {1}", "สิ้นสุดแล้วเมื่อ {1}"},
                             {"take its file out, or give it a later `ends`", "นำไฟล์ออก หรือแก้ `ends` ให้ช้าลง"}};
constexpr FindingText kNoTime{{"{0} can never fire", "{0} ไม่มีวันทำงาน"},
                              {"it has no day, or ends before it starts", "ไม่มีวันที่กำหนด หรือสิ้นสุดก่อนเริ่ม"},
                              {"correct its `days`, `starts` and `ends`", "แก้ `days`, `starts` และ `ends`"}};
constexpr FindingText kNoScanner{
    {"{0} can never fire", "{0} ไม่มีวันทำงาน"},
    {"none of its zones has a scanner, and there is no calibration.toml",
     "โซนของแคมเปญไม่มีสแกนเนอร์ และไม่มี calibration.toml"},
    {"give one of its zones a [[scanner]], or walk through the shop: `beacon-gateway walk-test TAG`",
     "เพิ่ม [[scanner]] ให้โซนใดโซนหนึ่ง หรือเดินในร้านด้วย `beacon-gateway walk-test TAG`"}};
constexpr FindingText kNoConsent{
    {"{0} reaches nobody", "{0} ไม่ถึงใครเลย"},
    {"of {2} profiles none has a live consent to {1}", "จาก {2} โปรไฟล์ ไม่มีใครยินยอม {1} อยู่"},
    {"tell the integrator; consents come with the profiles", "แจ้งผู้ดูแลระบบ ความยินยอมมากับโปรไฟล์"}};

bool has_scanner(const Settings& settings, const Campaign& campaign) {
  if (campaign.zones.empty() || settings.shop.calibration) return true;
  return std::ranges::any_of(settings.shop.scanners, [&](const Scanner& scanner) {
    return std::ranges::find(campaign.zones, scanner.zone) != campaign.zones.end();
  });
}

// False, with a finding: it cannot fire.
bool can_fire(const Settings& settings, const Campaign& campaign, const std::optional<ConsentCounts>& counts,
              WallTime now, Findings& findings) {
  if (campaign.days.none() || (campaign.starts && campaign.ends && *campaign.ends <= *campaign.starts)) {
    findings.fault("campaigns", kNoTime, campaign.id);
  } else if (campaign.ends && *campaign.ends <= now) {
    findings.note("campaigns", kEnded, campaign.id, wall_time_text(*campaign.ends));
  } else if (!has_scanner(settings, campaign)) {
    findings.fault("campaigns", kNoScanner, campaign.id);
  } else if (const auto purpose = static_cast<std::size_t>(purpose_of(campaign.kind));
             counts && counts->profiles > 0 && counts->live[purpose] == 0) {
    findings.note("campaigns", kNoConsent, campaign.id, name(purpose_of(campaign.kind)), counts->profiles);
  } else {
    return true;
  }
  return false;
}

}  // namespace

void check_daemon(const Settings& settings, const std::optional<DaemonState>& daemon, Findings& findings) {
  if (!daemon) return findings.fault("gateway", kNotRunning, settings.control_socket.string());
  findings.good("gateway", kRuns, settings.control_socket.string());
  if (daemon->paused) findings.fault("gateway", kPaused);
}

void check_profiles(const std::optional<DaemonState>& daemon, const std::optional<ConsentCounts>& counts,
                    Findings& findings) {
  if (daemon && daemon->lease_over) findings.fault("profiles", kLeaseOver);
  if (!daemon && !counts) return;  // why is said of the store already
  const bool anybody = daemon ? daemon->identifiers > 0 : counts->profiles > 0;
  if (!anybody) return findings.fault("profiles", kNobody);
  if (daemon)
    findings.good("profiles", kProfilesGood, daemon->identifiers);
  else
    findings.good("profiles", kProfilesHeld, counts->profiles);
}

void check_campaigns(const Settings& settings, const std::optional<DaemonState>& daemon,
                     const std::optional<ConsentCounts>& counts, WallTime now, Findings& findings) {
  if (daemon && daemon->orchestrator_set) {
    const auto& set = *daemon->orchestrator_set;
    if (set.fits) return findings.good("campaigns", kOfOrchestrator, set.count, set.version);
    return findings.fault("campaigns", kMisfit, set.version);
  }
  std::size_t enabled = 0;
  std::size_t firing = 0;
  for (const Campaign& campaign : settings.journey.campaigns) {
    if (!campaign.enabled) continue;
    ++enabled;
    if (can_fire(settings, campaign, counts, now, findings)) ++firing;
  }
  if (enabled == 0) return findings.note("campaigns", kNoCampaign);
  if (firing > 0) findings.good("campaigns", kCampaignsGood, firing, enabled);
}

}  // namespace beacon_gateway
