#include "cli/scan.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <limits>
#include <ostream>

#include "cli/configuration.hpp"
#include "cli/known_devices.hpp"
#include "cli/live_radio.hpp"
#include "cli/radio_status.hpp"
#include "cli/scan_table.hpp"
#include "messages/radio_status_json.hpp"

namespace beacon_gateway {
namespace {

constexpr Duration kDrawEvery = std::chrono::seconds{1};
constexpr Duration kShownFor = std::chrono::seconds{30};  // after it was last heard; on a screen that is drawn anew
constexpr std::size_t kMostAsked = 256;                   // in one question
constexpr std::size_t kLeastRows = 3;
constexpr std::size_t kAllRows = std::numeric_limits<std::size_t>::max();

// ECMA-48: to the upper left corner; erase from here; and DEC's private mode 7, without which long lines wrap.
constexpr const char* kFromAbove = "\x1b[H\x1b[?7l";
constexpr const char* kEraseRest = "\x1b[J\x1b[?7h";

class Scan {
 public:
  Scan(const Settings& settings, const ScanOptions& options, const Screen& screen, AskWhose whose, std::ostream& out)
      : settings_(settings),
        options_(options),
        screen_(screen),
        whose_(std::move(whose)),
        out_(out),
        table_(settings, options.all) {}

  Hearing listen(LiveRadio& radio) {
    return hear_radio(radio, options_.how_long,
                      {[this](const Advertisement& advertisement) { heard_.push_back(advertisement); },
                       [this](const RadioStatus& status) { status_ = status; },
                       [&] {
                         if (radio.now()) now_ = radio.now()->monotonic;
                         turn();
                         return true;
                       }});
  }

  void tell(const Hearing& hearing) {
    if (options_.json) {
      out_ << table_.json(now_) << scanners_json(hearing) << std::flush;
      return;
    }
    out_ << (screen_.rows > 0 ? fmt::format("{}{}", kFromAbove, kEraseRest) : "") << table_.text(now_, kAllRows)
         << radio_status_text(status_, settings_.shop)
         << fmt::format(
                "{} advertisements of {} devices in {:.0f} s{}\n", table_.advertisements(), table_.devices(),
                std::chrono::duration<double>(hearing.lasted).count(),
                hearing.lost > 0 ? fmt::format("; {} more came too fast and are not in the table", hearing.lost) : "")
         << std::flush;
  }

  [[nodiscard]] bool heard_anything() const { return table_.advertisements() > 0; }

 private:
  void turn() {
    for (std::size_t begin = 0; begin < heard_.size(); begin += kMostAsked) {
      const std::span<const Advertisement> part{heard_.data() + begin, std::min(kMostAsked, heard_.size() - begin)};
      const auto answers = whose_ ? whose_(part) : std::nullopt;
      for (std::size_t i = 0; i < part.size(); ++i)
        table_.hear(part[i], answers ? std::optional{(*answers)[i]} : std::nullopt);
      if (whose_ && !answers) whose_ = {};  // the daemon was stopped: nobody can say any more
    }
    heard_.clear();
    if (screen_.rows == 0 || now_ - drawn_ < kDrawEvery) return;
    drawn_ = now_;
    draw();
  }

  void draw() {
    table_.forget_before(now_ - kShownFor);
    const std::string scanners = radio_status_text(status_, settings_.shop);
    const auto below = static_cast<std::size_t>(std::ranges::count(scanners, '\n')) + 4;  // heads, "more", the hint
    const std::size_t room = screen_.rows > below + kLeastRows ? screen_.rows - below : kLeastRows;
    std::string text = kFromAbove;
    for (const char one : table_.text(now_, room) + scanners + "Ctrl-C ends.")
      text += one == '\n' ? std::string{"\x1b[K\n"} : std::string{one};  // ECMA-48, 8.3.41: erase the rest of the line
    out_ << text << kEraseRest << std::flush;
  }

  [[nodiscard]] std::string scanners_json(const Hearing& hearing) const {
    return fmt::format(
        R"({{"what":"summary","scanners":{},"advertisements":{},"devices":{},"seconds":{:.1f},"lost":{}}})"
        "\n",
        radio_status_json(status_, settings_.shop), table_.advertisements(), table_.devices(),
        std::chrono::duration<double>(hearing.lasted).count(), hearing.lost);
  }

  const Settings& settings_;
  const ScanOptions& options_;
  const Screen screen_;
  AskWhose whose_;  // nothing: nobody can say
  std::ostream& out_;
  ScanTable table_;
  RadioStatus status_;
  std::vector<Advertisement> heard_;  // of this turn
  MonotonicTime now_{};
  MonotonicTime drawn_{};
};

}  // namespace

Screen standard_screen() {
  winsize size{};
  if (::isatty(STDOUT_FILENO) != 1 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  constexpr std::size_t kUsualRows = 24;  // of a terminal that does not say
  return {size.ws_row > 0 ? size.ws_row : kUsualRows};
}

int scan(const ScanOptions& options, const Edges& edges, const Screen& screen, std::ostream& out, std::ostream& err) {
  const auto settings = usable_settings(options.configuration, err);
  if (!settings) return kBadConfiguration;
  const auto leave = options.profiles ? std::nullopt : ask_leave(options.all ? "scan --all" : "scan", *settings, edges);
  AskWhose whose;
  if (!leave || leave->status == kGood) {
    auto known = known_devices(options.profiles, leave.has_value(), *settings, edges);
    if (!known) {
      err << "beacon-gateway: " << known.error().text << '\n';
      return known.error().status;
    }
    whose = std::move(*known);
  } else {
    err << leave->err << "beacon-gateway: so nobody is known here: KNOWN is \"?\"\n";
  }
  auto radio = edges.make_radio(*settings, std::nullopt);
  if (!radio) {
    err << fmt::format("beacon-gateway: {}\n", radio.error());
    return kFailed;
  }
  const Screen drawn_on = options.json ? Screen{} : screen;
  if (drawn_on.rows > 0) spdlog::set_level(spdlog::level::off);  // the table tells; the log would tear it
  Scan scan{*settings, options, drawn_on, std::move(whose), out};
  Hearing hearing;
  {
    LiveRadio live{*settings, edges, std::move(*radio)};
    hearing = scan.listen(live);
  }
  scan.tell(hearing);
  if (hearing.end == HearingEnd::radio_failed) err << fmt::format("beacon-gateway: radio: {}\n", hearing.why);
  if (!scan.heard_anything()) err << "beacon-gateway: nothing was heard; `beacon-gateway doctor` says why\n";
  return scan.heard_anything() && hearing.end != HearingEnd::radio_failed ? kGood : kFailed;
}

}  // namespace beacon_gateway
