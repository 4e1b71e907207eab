#include "cli/doctor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <ostream>

#include "cli/configuration.hpp"
#include "cli/doctor_checks.hpp"
#include "cli/live_radio.hpp"
#include "messages/control_json.hpp"

namespace beacon_gateway {
namespace {

constexpr Sentence kListening{"Listening for {} s …\n", "กำลังฟัง {} วินาที …\n"};
constexpr Sentence kBrokerUp{"the running gateway says: {}", "เกตเวย์ที่ทำงานอยู่บอกว่า: {}"};
constexpr FindingText kNoBroker{{"none: events wait in the store until they expire", "ไม่มี: ข้อความรออยู่ในกล่องจนหมดอายุ"},
                                {"there is no `url` under [broker]", "ไม่มี `url` ใต้ [broker]"},
                                {"ask the integrator for the broker's address", "ขอที่อยู่ของโบรกเกอร์จากผู้ดูแลระบบ"}};
constexpr FindingText kDaemonNotLinked{
    {"the gateway has no link to the broker", "เกตเวย์ยังไม่ได้เชื่อมต่อกับโบรกเกอร์"},
    {"it says: {0}", "เกตเวย์บอกว่า: {0}"},
    {"the way to the broker is free: `journalctl -u beacon-gateway -n 50` says what the broker objects to",
     "ทางไปโบรกเกอร์ปกติ ดูว่าโบรกเกอร์ปฏิเสธอะไรด้วย `journalctl -u beacon-gateway -n 50`"}};
constexpr FindingText kRadioFault{
    {"the radio cannot be started", "เริ่มวิทยุไม่ได้"},
    {"{0}", "{0}"},
    {"correct the [[scanner]] tables of gateway.toml", "แก้ตาราง [[scanner]] ใน gateway.toml"}};
constexpr Sentence kCapturesGood{"{} advertisements in the captures' first records",
                                 "อ่านสัญญาณแรกจากไฟล์บันทึกได้ {} รายการ"};
constexpr FindingText kCaptureFault{
    {"a capture cannot be read", "อ่านไฟล์บันทึกไม่ได้"},
    {"{0}", "{0}"},
    {"correct `file` in gateway.toml, or record it again", "แก้ `file` ใน gateway.toml หรือบันทึกใหม่"}};

class Doctor {
 public:
  Doctor(const Settings& settings, const DoctorOptions& options, const Edges& edges, std::ostream& err,
         Findings& findings)
      : settings_(settings), options_(options), edges_(edges), err_(err), findings_(findings) {}

  void look() {
    const Instant now = edges_.machine_clock();
    check_clock(settings_, now, findings_);
    check_store(settings_, edges_, findings_);
    if (const auto answer = ask("status", true); answer && answer->status == kGood)
      daemon_ = daemon_state_from_json(answer->out, settings_.shop);
    check_daemon(settings_, daemon_, findings_);
    look_at_radio();
    look_at_broker(now.wall);
    check_trusted_keys(settings_.downlink, findings_);
    const auto counts = consents(now.wall);
    check_profiles(daemon_, counts, findings_);
    check_calibration(settings_.shop, findings_);
    check_campaigns(settings_, daemon_, counts, now.wall, findings_);
  }

 private:
  std::optional<ControlAnswer> ask(const char* command, bool json = false) {
    ControlQuestion question;
    question.command = command;
    question.json = json;
    const auto reply = edges_.ask_daemon(settings_.control_socket, to_json(question));
    return reply ? control_answer_from_json(*reply) : std::nullopt;
  }

  void look_at_radio() {
    if (all_captures(settings_)) return look_at_captures();
    check_bluetooth(settings_, edges_.look_at_bluetooth(), findings_);
    if (daemon_)
      check_scanners(settings_, daemon_->radio, findings_);
    else
      listen();
  }

  void look_at_captures() {
    std::vector<std::filesystem::path> files;
    std::vector<std::string> adapters;
    for (const ScannerSource& source : settings_.sources)
      if (source.file && std::ranges::find(files, *source.file) == files.end()) files.push_back(*source.file);
    for (const Scanner& scanner : settings_.shop.scanners) adapters.push_back(scanner.adapter);
    const auto captures = edges_.open_captures(files, adapters);
    if (!captures) return findings_.fault("scanner", kCaptureFault, captures.error());
    constexpr std::size_t kEnough = 100;
    std::size_t read = 0;
    while (read < kEnough && captures->next()) ++read;
    findings_.good("scanner", kCapturesGood, read);
  }

  // With a radio of our own, beside which no daemon runs.
  void listen() {
    auto radio = edges_.make_radio(settings_, std::nullopt);
    if (!radio) return findings_.fault("scanner", kRadioFault, radio.error());
    const double seconds = std::chrono::duration<double>(options_.listen).count();
    err_ << fmt::format(fmt::runtime(kListening.in(options_.language)), seconds) << std::flush;
    RadioStatus status;
    std::vector<std::size_t> heard(settings_.shop.scanners.size());
    Hearing hearing;
    {
      LiveRadio live{settings_, edges_, std::move(*radio)};
      hearing = hear_radio(live, options_.listen,
                           {[&](const Advertisement& advertisement) { ++heard[advertisement.scanner]; },
                            [&](const RadioStatus& newest) { status = newest; }, [] { return true; }});
    }
    if (hearing.end == HearingEnd::radio_failed) return findings_.fault("scanner", kRadioFault, hearing.why);
    for (ScannerStatus& one : status.scanners)
      one.advertisements_a_second = static_cast<double>(heard[one.scanner]) / std::max(1.0, seconds);
    check_scanners(settings_, status, findings_);
  }

  void look_at_broker(WallTime now) {
    if (settings_.broker.url.empty()) return findings_.note("broker", kNoBroker);
    const bool log_in = !daemon_;  // two with one client id throw each other out
    const BrokerReport report = edges_.look_at_broker(settings_, log_in);
    check_broker(report, log_in, now, findings_);
    if (!daemon_) return;
    if (daemon_->broker.find("not connected") == std::string::npos)
      findings_.good("broker", kBrokerUp, daemon_->broker);
    else if (!report.stopped_at)
      findings_.fault("broker", kDaemonNotLinked, daemon_->broker);
  }

  // Of the daemon, for operators; else of the store, for whoever can open it.
  std::optional<ConsentCounts> consents(WallTime now) {
    if (daemon_) {
      const auto answer = ask("consents");
      return answer && answer->status == kGood ? ConsentCounts::from_text(answer->out) : std::nullopt;
    }
    const auto file = profiles_file(settings_.store.directory);
    std::error_code ignored;  // what cannot be asked about cannot be opened
    if (!std::filesystem::exists(settings_.store.directory, ignored)) return ConsentCounts{};
    if (edges_.store_key_fault(settings_.store) || !std::filesystem::exists(file, ignored)) return std::nullopt;
    ConsentCounts counts;
    edges_.open_profiles(file, settings_)->for_each([&](const StoredProfile& one) { counts.add(one.profile, now); });
    return counts;
  }

  const Settings& settings_;
  const DoctorOptions& options_;
  const Edges& edges_;
  std::ostream& err_;
  Findings& findings_;
  std::optional<DaemonState> daemon_;  // nothing: none runs
};

}  // namespace

int doctor(const DoctorOptions& options, const Edges& edges, std::ostream& out, std::ostream& err) {
  spdlog::set_level(spdlog::level::off);  // what the drivers would say is said as findings
  Findings findings{options.language};
  const SettingsResult result = read_settings(options.configuration);
  check_configuration(result, findings);
  if (result.settings) Doctor{*result.settings, options, edges, err, findings}.look();
  out << (options.json ? findings.json() : findings.text()) << std::flush;
  return findings.any_fault() ? kFailed : kGood;
}

}  // namespace beacon_gateway
