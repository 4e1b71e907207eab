#include "cli/walk_test.hpp"

#include <fmt/format.h>

#include <ostream>

#include "cli/text_file.hpp"
#include "cli/walk_marks.hpp"
#include "cli/walk_report.hpp"
#include "cli/walk_tag.hpp"
#include "settings/calibration_settings.hpp"
#include "settings/read_settings.hpp"

namespace beacon_gateway {
namespace {

// Without calibration.toml: a new one is wanted just when the old one no longer fits.
std::optional<Settings> settings_to_calibrate(const std::filesystem::path& directory, std::ostream& err) {
  SettingsResult result = read_settings_without_calibration(directory);
  for (const Fault& fault : result.faults)
    if (fault.severity == Severity::error) err << rendered(fault);
  if (!result.settings) return std::nullopt;
  if (const auto why = street_as_zone(result.settings->shop)) {
    err << fmt::format("beacon-gateway: error: {}; {}\n", why->text, why->hint);
    return std::nullopt;
  }
  return std::move(result.settings);
}

// What captures and marks say together.
struct Recording {
  std::vector<WalkSighting> sightings;
  bool damaged = false;
};

// Nothing, after saying why on `err`, if they cannot be read.
std::optional<Recording> read_recording(const WalkTestOptions& options, const Settings& settings, const Edges& edges,
                                        TagListener& tag, std::ostream& err) {
  const auto text = text_of_file(*options.marks);
  if (!text) {
    err << text.error() << '\n';
    return std::nullopt;
  }
  const WalkMarks read = read_walk_marks(*text, options.marks->string(), settings.shop);
  for (const std::string& fault : read.faults) err << fault << '\n';
  if (!read.faults.empty()) return std::nullopt;
  std::vector<std::string> adapters;
  for (const Scanner& scanner : settings.shop.scanners) adapters.push_back(scanner.adapter);
  const auto captures = edges.open_captures(options.captures, adapters);
  if (!captures) {
    err << captures.error() << '\n';
    return std::nullopt;
  }
  Recording recording;
  std::size_t before_the_marks = 0;
  while (const auto advertisement = captures->next()) {
    auto sighting = tag.hear(*advertisement);
    if (!sighting) continue;
    const WalkMark* mark = mark_at(read.marks, sighting->at.wall);
    before_the_marks += mark == nullptr ? 1 : 0;
    if (mark == nullptr) continue;
    sighting->zone = mark->zone;
    recording.sightings.push_back(*sighting);
  }
  for (const std::string& warning : captures->warnings()) err << "beacon-gateway: " << warning << '\n';
  if (before_the_marks > 0)
    err << fmt::format("beacon-gateway: {} advertisements of the tag are from before the first mark; passed over\n",
                       before_the_marks);
  recording.damaged = captures->damaged();
  return recording;
}

}  // namespace

int walk_test(const WalkTestOptions& options, const Edges& edges, const Terminal& terminal, std::ostream& out,
              std::ostream& err) {
  if (options.captures.empty() == options.marks.has_value()) {
    err << "beacon-gateway: a recorded walk needs both --capture FILE and --marks FILE, a live one neither\n";
    return kWrongUsage;
  }
  const auto settings = settings_to_calibrate(options.configuration, err);
  if (!settings) return kBadConfiguration;
  auto identity = find_tag(options.tag, options.profiles, *settings, edges);
  if (!identity) {
    err << identity.error().text;
    return identity.error().status;
  }
  TagListener tag{std::move(*identity), *settings, edges.random_key()};
  std::optional<Recording> recording;
  if (options.marks) {
    recording = read_recording(options, *settings, edges, tag, err);
  } else if (auto sightings = walk_live(*settings, edges, tag, terminal, options.language, err)) {
    recording = Recording{std::move(*sightings)};
  }
  if (!recording) return kFailed;
  const Walk walk{ShopperId::parse(options.tag)->masked(), std::move(recording->sightings)};
  const Fit fit = fit_calibration(settings->shop, walk.sightings);
  err << walk_report(fit, settings->shop, walk, options.language);
  if (!fit.missing.empty()) return kFailed;
  out << calibration_file(fit, settings->shop, walk) << std::flush;
  return recording->damaged ? kFailed : kGood;
}

}  // namespace beacon_gateway
