// A walk through a small shop: plays sightings into a Track as the gateway does (every deadline up to an instant is
// passed before it) and keeps what presence tells, as text that reads like the story it is.
//
// The shop: zone `entrance` (enter -72, exit -80) under the scanners kDoor and kWindow, zone `aisle` (enter -75,
// exit -82) under kAisle. Seconds count from the start of the walk.
#pragma once

#include <array>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/presence/app_report.hpp"
#include "core/presence/presence.hpp"

namespace beacon_gateway_test {

inline constexpr beacon_gateway::ScannerIndex kDoor = 0;
inline constexpr beacon_gateway::ScannerIndex kWindow = 1;
inline constexpr beacon_gateway::ScannerIndex kAisle = 2;
inline constexpr beacon_gateway::ZoneIndex kEntranceZone = 0;
inline constexpr beacon_gateway::ZoneIndex kAisleZone = 1;

inline beacon_gateway::Shop small_shop() {
  beacon_gateway::Shop shop;
  shop.zones = {{"entrance", true, -72, -80, {}}, {"aisle", false, -75, -82, {}}};
  shop.scanners = {{"hci0", kEntranceZone, 0}, {"hci1", kEntranceZone, 0}, {"hci2", kAisleZone, 0}};
  return shop;
}

inline beacon_gateway::Instant at(double seconds) {
  constexpr std::chrono::sys_days kStart{std::chrono::year{2026} / 11 / 22};
  return beacon_gateway::capture_instant(kStart + beacon_gateway::Duration{std::llround(seconds * 1e6)});
}

inline double seconds_of(beacon_gateway::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

inline double seconds_of(const beacon_gateway::Instant& instant) {
  return seconds_of(instant.monotonic - at(0).monotonic);
}

struct Told {
  double seconds = 0;
  beacon_gateway::PresenceChange change;
};

struct Row {
  double seconds = 0;
  beacon_gateway::ScannerIndex scanner = kDoor;
  int rssi_dbm = 0;
};

class Walk {
 public:
  explicit Walk(beacon_gateway::Shop shop = small_shop()) : shop_(std::move(shop)), presence_(shop_) {}

  Walk& hear(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      wait_until(row.seconds);
      const std::size_t before = changes_.size();
      // Strangers are heard everywhere all the time.
      for (std::size_t i = 0; i < shop_.scanners.size(); ++i)
        presence_.note_alive(static_cast<beacon_gateway::ScannerIndex>(i), at(row.seconds));
      presence_.observe(track_, row.scanner, row.rssi_dbm, at(row.seconds), changes_);
      keep(before, row.seconds);
    }
    return *this;
  }

  // Three loud advertisements at the door, one a second: a visit is open from `seconds` on.
  Walk& come_in(double seconds = 2) {
    return hear({{seconds - 2, kDoor, -60}, {seconds - 1, kDoor, -60}, {seconds, kDoor, -60}});
  }

  // Her app says so, and the word is here at once.
  Walk& report(double seconds, std::optional<beacon_gateway::ZoneIndex> zone) {
    wait_until(seconds);
    const std::size_t before = changes_.size();
    beacon_gateway::take_report(track_, shop_, {zone, at(seconds)}, changes_);
    keep(before, seconds);
    return *this;
  }

  Walk& wait_until(double seconds) {
    while (const auto due = deadline()) {
      if (*due > seconds) break;
      pass_deadline();
    }
    return *this;
  }

  void pass_deadline() {
    const double due = deadline().value();
    const std::size_t before = changes_.size();
    presence_.pass_deadline(track_, changes_);
    keep(before, due);
  }

  // The next deadline, in seconds.
  [[nodiscard]] std::optional<double> deadline() const {
    const auto next = presence_.next_deadline(track_);
    return next ? std::optional{seconds_of(*next)} : std::nullopt;
  }

  // Every change but ZoneDwelled, a line each: "2 visit.started entrance", "47 zone.left entrance 0", ...
  [[nodiscard]] std::vector<std::string> story() const;

  [[nodiscard]] double mean_dbm(beacon_gateway::ScannerIndex scanner) const {
    return track_.levels.at(scanner).value().mean_dbm;
  }
  [[nodiscard]] bool visiting() const { return track_.visit.has_value(); }
  [[nodiscard]] const std::vector<Told>& told() const { return told_; }
  [[nodiscard]] const beacon_gateway::Track& track() const { return track_; }

  template <class Change>
  [[nodiscard]] std::vector<Change> all() const {
    std::vector<Change> result;
    for (const Told& one : told_)
      if (const auto* change = std::get_if<Change>(&one.change)) result.push_back(*change);
    return result;
  }

 private:
  void keep(std::size_t before, double seconds) {
    for (std::size_t i = before; i < changes_.size(); ++i) told_.push_back({seconds, changes_[i]});
  }

  beacon_gateway::Shop shop_;
  beacon_gateway::Presence presence_;
  beacon_gateway::Track track_;
  std::vector<beacon_gateway::PresenceChange> changes_;
  std::vector<Told> told_;
};

inline std::vector<std::string> Walk::story() const {
  const auto number = [](double value) {
    std::array<char, 32> text{};
    const int length = std::snprintf(text.data(), text.size(), "%g", value);
    return std::string{text.data(), static_cast<std::size_t>(length)};
  };
  const auto zone = [&](beacon_gateway::ZoneIndex index) { return shop_.zones.at(index).id; };
  std::vector<std::string> lines;
  for (const Told& one : told_) {
    std::string line;
    if (const auto* started = std::get_if<beacon_gateway::VisitStarted>(&one.change))
      line = "visit.started " + zone(started->zone);
    else if (const auto* entered = std::get_if<beacon_gateway::ZoneEntered>(&one.change))
      line = "zone.entered " + zone(entered->zone);
    else if (const auto* left = std::get_if<beacon_gateway::ZoneLeft>(&one.change))
      line = "zone.left " + zone(left->zone) + " " + number(seconds_of(left->dwell));
    else if (const auto* ended = std::get_if<beacon_gateway::VisitEnded>(&one.change))
      line = "visit.ended " + number(seconds_of(ended->left));
    else
      continue;
    lines.push_back(number(one.seconds).append(" ").append(line));
  }
  return lines;
}

}  // namespace beacon_gateway_test
