#include "drivers/capture/capture_radio.hpp"

#include <algorithm>
#include <cassert>

namespace beacon_gateway::capture {
namespace {

// A pause longer than any that is meant, and short enough for the clock's arithmetic.
constexpr std::chrono::duration<double> kLongestPause = std::chrono::hours{24 * 365};

}  // namespace

CaptureRadio::CaptureRadio(CaptureReader reader, Playback playback) : reader_(std::move(reader)), playback_(playback) {
  assert(playback_.speed >= 0);
}

void CaptureRadio::start(RadioListener listener) {
  assert(!thread_.joinable());
  listener_ = std::move(listener);
  thread_ = std::jthread{[this](const std::stop_token& stop) { play(stop); }};
}

void CaptureRadio::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void CaptureRadio::play(const std::stop_token& stop) {
  while (const auto advertisement = reader_.next()) {
    if (stop.stop_requested()) return;
    const WallTime at = advertisement->instant.wall;
    if (playback_.resume_from && at < *playback_.resume_from) continue;
    if (!wait_for(at, stop)) return;
    if (!listener_.heard(*advertisement)) return;
  }
  if (stop.stop_requested()) return;
  for (const CaptureError& damage : reader_.summary().damage) listener_.failed(damage.message());
  listener_.finished();
}

// False: stop was requested meanwhile.
bool CaptureRadio::wait_for(WallTime at, const std::stop_token& stop) {
  if (playback_.speed == 0) return true;
  const auto now = std::chrono::steady_clock::now();
  if (!first_) first_ = Start{at, now};
  const std::chrono::duration<double> since_first = at - first_->capture;
  const auto offset = std::min(since_first / playback_.speed, kLongestPause);
  const auto due = first_->machine + std::chrono::duration_cast<std::chrono::steady_clock::duration>(offset);
  std::unique_lock lock{mutex_};
  pause_.wait_until(lock, stop, due, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace beacon_gateway::capture
