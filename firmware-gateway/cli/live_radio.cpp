#include "cli/live_radio.hpp"

#include "cli/configuration.hpp"

namespace beacon_gateway {
namespace {

constexpr std::size_t kEventsPerTurn = 256;
constexpr std::chrono::milliseconds kPatience{100};  // a key is answered at once, as far as a person can tell

}  // namespace

LiveRadio::LiveRadio(const Settings& settings, const Edges& edges, std::unique_ptr<Radio> radio)
    : edges_(edges), captures_(all_captures(settings)), radio_(std::move(radio)) {
  signals_ = edges_.watch_signals([this] { queue_.post(StopRequested{}); }, [] {});
  radio_->start({[this](const Advertisement& advertisement) {
                   if (captures_) return queue_.post_patiently(advertisement);
                   queue_.post(advertisement);
                   return true;
                 },
                 [this] { queue_.post(RadioFinished{}); },
                 [this](const std::string& why) { queue_.post(RadioFailed{why}); },
                 [this](const RadioStatus& status) { queue_.post(status); }});
}

LiveRadio::~LiveRadio() {
  queue_.close();  // first: a capture that waits for room gives up
  radio_->stop();
}

void LiveRadio::turn(const std::function<void(const LoopEvent&)>& handle) {
  events_.clear();
  queue_.take(events_, kEventsPerTurn, kPatience);
  for (const LoopEvent& event : events_) {
    const auto* advertisement = std::get_if<Advertisement>(&event);
    if (advertisement != nullptr && (!now_ || advertisement->instant.monotonic > now_->monotonic))
      now_ = advertisement->instant;
    handle(event);
  }
  if (!captures_) now_ = edges_.machine_clock();
}

Hearing hear_radio(LiveRadio& radio, std::optional<Duration> how_long, const Hearer& hearer) {
  Hearing hearing;
  std::optional<MonotonicTime> begin;
  std::optional<HearingEnd> end;
  while (!end) {
    radio.turn([&](const LoopEvent& event) {
      if (!begin && radio.now()) begin = radio.now()->monotonic;
      const bool over = begin && how_long && radio.now()->monotonic - *begin >= *how_long;
      if (over && !end) end = HearingEnd::time_over;
      if (end) return;
      if (const auto* advertisement = std::get_if<Advertisement>(&event)) {
        hearer.heard(*advertisement);
      } else if (const auto* status = std::get_if<RadioStatus>(&event)) {
        if (hearer.status) hearer.status(*status);
      } else if (const auto* failed = std::get_if<RadioFailed>(&event)) {
        hearing.why = failed->why;
        end = HearingEnd::radio_failed;
      } else if (std::holds_alternative<RadioFinished>(event)) {
        end = HearingEnd::captures_over;
      } else if (std::holds_alternative<StopRequested>(event)) {
        end = HearingEnd::stopped;
      }
    });
    hearing.lost += radio.take_lost();
    if (!begin && radio.now()) begin = radio.now()->monotonic;
    if (begin) hearing.lasted = radio.now()->monotonic - *begin;
    if (!end && how_long && hearing.lasted >= *how_long) end = HearingEnd::time_over;
    if (!hearer.turn() && !end) end = HearingEnd::enough;
  }
  if (how_long) hearing.lasted = std::min(hearing.lasted, *how_long);
  hearing.end = *end;
  return hearing;
}

}  // namespace beacon_gateway
