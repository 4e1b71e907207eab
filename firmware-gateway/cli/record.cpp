#include "cli/record.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <ostream>
#include <span>

#include "cli/configuration.hpp"
#include "cli/known_devices.hpp"
#include "cli/live_radio.hpp"
#include "messages/text_forms.hpp"

namespace beacon_gateway {
namespace {

constexpr Duration kDrawEvery = std::chrono::seconds{1};

// Why the recording had to end before it was asked to; nothing: it had not.
using Trouble = std::optional<std::string>;

class Recording {
 public:
  Recording(const RecordOptions& options, AskWhose whose, CaptureOutput capture, std::ostream& err)
      : options_(options), whose_(std::move(whose)), capture_(std::move(capture)), err_(err) {}

  Hearing listen(LiveRadio& radio) {
    return hear_radio(radio, options_.how_long,
                      {[this](const Advertisement& advertisement) { heard_.push_back(advertisement); },
                       {},
                       [&] {
                         trouble_ = write_batch();
                         if (radio.now()) draw(radio.now()->monotonic);
                         return !trouble_;
                       }});
  }

  [[nodiscard]] const Trouble& trouble() const { return trouble_; }
  [[nodiscard]] std::uint64_t heard() const { return heard_count_; }
  [[nodiscard]] std::uint64_t written() const { return written_; }

 private:
  // Whole and in the file before the next batch is looked at.
  Trouble write_batch() {
    if (heard_.empty()) return {};
    const auto answers = options_.all ? std::nullopt : whose_(heard_);
    if (!options_.all && !answers) return "the gateway that knows the shoppers was stopped";
    for (std::size_t i = 0; i < heard_.size(); ++i) {
      if (answers && (*answers)[i] != Whose::shopper && (*answers)[i] != Whose::test_tag) continue;
      capture_.write(heard_[i]);
      ++written_;
    }
    heard_count_ += heard_.size();
    heard_.clear();
    const auto flushed = capture_.flush();
    return flushed ? Trouble{} : Trouble{flushed.error()};
  }

  void draw(MonotonicTime now) {
    if (!begun_) begun_ = drawn_ = now;
    if (!options_.redraws || now - drawn_ < kDrawEvery) return;
    drawn_ = now;
    err_ << fmt::format("\r{:.0f} s: {} advertisements heard, {} written ",
                        std::chrono::duration<double>(now - *begun_).count(), heard_count_, written_)
         << std::flush;
  }

  const RecordOptions& options_;
  AskWhose whose_;
  CaptureOutput capture_;
  std::ostream& err_;
  std::vector<Advertisement> heard_;  // of this turn
  std::uint64_t heard_count_ = 0;
  std::uint64_t written_ = 0;
  std::optional<MonotonicTime> begun_;
  MonotonicTime drawn_{};
  Trouble trouble_;
};

// Where no daemon gives leave: who may read what it holds anyway.
bool may_record(const Settings& settings, const Asker& asker) {
  std::error_code ignored;  // a store that cannot be asked about is none of ours
  return asker.is_operator || !std::filesystem::exists(settings.store.directory, ignored) ||
         ::access(settings.store.directory.c_str(), R_OK | W_OK) == 0;
}

// Nothing: go on. Leaves the audit line, here or at the daemon.
std::optional<int> refused(const RecordOptions& options, const std::optional<ControlAnswer>& leave,
                           const std::string& purpose, const Settings& settings, const Edges& edges,
                           std::ostream& err) {
  if (leave) {
    if (leave->status != kGood) err << leave->err;
    return leave->status == kGood ? std::nullopt : std::optional{leave->status};
  }
  const Asker asker = edges.asker();
  const bool may = may_record(settings, asker);
  const std::string line = fmt::format("audit: user {} {}{}", asker.user, printable(purpose), may ? "" : ": refused");
  edges.audit(line);
  spdlog::info(line);
  if (may) return std::nullopt;
  err << fmt::format("beacon-gateway: {}: not allowed; ask to be made a member of the group beacon-operators\n",
                     options.all ? "record --all" : "record");
  return kFailed;
}

int told(const RecordOptions& options, const Recording& recording, const Hearing& hearing, std::ostream& err) {
  if (options.redraws) err << '\n';
  err << fmt::format("{}: {} of {} advertisements in {:.0f} s\n", options.capture.string(), recording.written(),
                     recording.heard(), std::chrono::duration<double>(hearing.lasted).count());
  if (hearing.lost > 0) err << fmt::format("beacon-gateway: {} more came too fast and are not in it\n", hearing.lost);
  if (hearing.end == HearingEnd::radio_failed) err << fmt::format("beacon-gateway: radio: {}\n", hearing.why);
  if (recording.trouble()) err << fmt::format("beacon-gateway: the recording ended early: {}\n", *recording.trouble());
  if (recording.written() == 0)
    err << (recording.heard() == 0
                ? "beacon-gateway: nothing was heard; `beacon-gateway doctor` says why\n"
                : "beacon-gateway: nobody known was heard; `beacon-gateway scan` shows what is on the air\n");
  else if (options.all)
    err << "It holds the addresses of strangers: delete it when it has served.\n";
  const bool good = recording.written() > 0 && !recording.trouble() && hearing.end != HearingEnd::radio_failed;
  return good ? kGood : kFailed;
}

}  // namespace

int record(const RecordOptions& options, const Edges& edges, std::ostream& err) {
  const auto settings = usable_settings(options.configuration, err);
  if (!settings) return kBadConfiguration;
  const std::string purpose = fmt::format("record {}{}", options.all ? "--all " : "", options.capture.string());
  const auto leave = ask_leave(purpose, *settings, edges);
  if (const auto status = refused(options, leave, purpose, *settings, edges, err)) return *status;
  AskWhose whose;
  if (!options.all) {
    auto known = known_devices(options.profiles, leave.has_value(), *settings, edges);
    if (!known) {
      err << "beacon-gateway: " << known.error().text << '\n';
      return known.error().status;
    }
    whose = std::move(*known);
  }
  auto radio = edges.make_radio(*settings, std::nullopt);
  if (!radio) {
    err << fmt::format("beacon-gateway: {}\n", radio.error());
    return kFailed;
  }
  std::vector<std::string> adapters;
  for (const Scanner& scanner : settings->shop.scanners) adapters.push_back(scanner.adapter);
  auto capture = edges.create_capture(options.capture, adapters);
  if (!capture) {
    err << fmt::format("beacon-gateway: {}\n", capture.error());
    return kFailed;
  }
  Recording recording{options, std::move(whose), std::move(*capture), err};
  Hearing hearing;
  {
    LiveRadio live{*settings, edges, std::move(*radio)};
    hearing = recording.listen(live);
  }
  return told(options, recording, hearing, err);
}

}  // namespace beacon_gateway
