#include "messages/track_json.hpp"

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>

#include "messages/text_forms.hpp"

namespace beacon_gateway {
namespace {

using Json = nlohmann::json;

std::int64_t encode(const Instant& at) {
  return at.wall.time_since_epoch().count();
}

// On both clocks as long ago as the wall clock says, but never in the future.
Instant decode_instant(const Json& json, const Instant& now) {
  const WallTime wall{Duration{json.get<std::int64_t>()}};
  const Duration ago = std::max(now.wall - wall, Duration{});
  return {now.monotonic - ago, wall, TimeQuality::trusted};
}

template <class Named, class Name>
std::optional<std::uint16_t> index_of(const std::vector<Named>& list, Name Named::* name, const Json& wanted) {
  const auto found = std::ranges::find(list, wanted.get<Name>(), name);
  if (found == list.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - list.begin());
}

Json encode(const Visit& visit, const Shop& shop) {
  Json dwell = Json::array();
  for (const auto& [zone, duration] : visit.dwell) dwell.push_back({shop.zones[zone].id, duration.count()});
  Json result{{"started", encode(visit.started)}, {"last_convincing", encode(visit.last_convincing)}, {"dwell", dwell}};
  if (visit.last_zone) result["last_zone"] = shop.zones[*visit.last_zone].id;
  if (visit.confidence) result["confidence"] = *visit.confidence;
  if (visit.held_elsewhere) result["held_elsewhere"] = true;
  if (visit.stay) {
    result["stay"] = {{"zone", shop.zones[visit.stay->zone].id},
                      {"entered", encode(visit.stay->entered)},
                      {"last_convincing", encode(visit.stay->last_convincing)}};
    if (visit.stay->confidence) result["stay"]["confidence"] = *visit.stay->confidence;
  }
  return result;
}

std::optional<double> decode_confidence(const Json& json) {
  return json.contains("confidence") ? std::optional{json.at("confidence").get<double>()} : std::nullopt;
}

Visit decode_visit(const Json& json, const Shop& shop, const Instant& now) {
  Visit visit;
  visit.started = decode_instant(json.at("started"), now);
  visit.last_convincing = decode_instant(json.at("last_convincing"), now);
  for (const Json& one : json.at("dwell"))
    if (const auto zone = index_of(shop.zones, &Zone::id, one.at(0)))
      visit.dwell.emplace_back(*zone, Duration{one.at(1).get<std::int64_t>()});
  if (json.contains("last_zone")) visit.last_zone = index_of(shop.zones, &Zone::id, json.at("last_zone"));
  visit.confidence = decode_confidence(json);
  visit.held_elsewhere = json.value("held_elsewhere", false);
  if (!json.contains("stay")) return visit;
  const Json& stay = json.at("stay");
  if (const auto zone = index_of(shop.zones, &Zone::id, stay.at("zone")))
    visit.stay = ZoneStay{*zone, decode_instant(stay.at("entered"), now),
                          decode_instant(stay.at("last_convincing"), now), decode_confidence(stay)};
  return visit;
}

// Some 200 numbers, exact to the bit: as hex they are half of what they would be as decimals.
Json encode(const Belief& belief) {
  std::vector<std::uint8_t> octets;
  for (const float share : belief.shares)
    for (const unsigned shift : {24U, 16U, 8U, 0U})
      octets.push_back(static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(share) >> shift));
  return {{"shares", hex_text(octets)}, {"calibration", belief.calibration}, {"since", encode(belief.since)},
          {"at", encode(belief.at)},    {"interval_s", belief.interval_s},   {"still_s", belief.still_s}};
}

// Empty, which begins it anew, where it is not what we write.
Belief decode_belief(const Json& json, const Instant& now) {
  constexpr std::size_t kDigits = 8;
  const auto text = json.at("shares").get<std::string>();
  std::vector<std::uint8_t> octets(text.size() / 2);
  if (text.size() % kDigits != 0 || !octets_from_hex(text, octets)) return {};
  Belief belief{{},
                json.at("calibration").get<std::uint32_t>(),
                decode_instant(json.at("since"), now),
                decode_instant(json.at("at"), now),
                json.at("interval_s").get<float>(),
                json.value("still_s", 0.0F)};
  for (std::size_t i = 0; i < octets.size(); i += sizeof(float)) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < sizeof(float); ++k) bits = bits << 8U | octets[i + k];
    belief.shares.push_back(std::bit_cast<float>(bits));
  }
  return belief;
}

// A level of before there was a settled mean is one.
ScannerLevel decode_level(const Json& json, const Instant& now) {
  const auto dbm = json.at("dbm").get<double>();
  return {dbm, decode_instant(json.at("heard"), now), json.value("settled_dbm", dbm)};
}

Track decode_track(const Json& json, const Shop& shop, const Instant& now) {
  Track track;
  track.levels.resize(shop.scanners.size());
  for (const Json& level : json.at("levels"))
    if (const auto scanner = index_of(shop.scanners, &Scanner::adapter, level.at("scanner")))
      track.levels[*scanner] = decode_level(level, now);
  for (const Json& one : json.at("start_sightings"))
    if (const auto scanner = index_of(shop.scanners, &Scanner::adapter, one.at(1)))
      track.start_sightings.push_back({decode_instant(one.at(0), now), *scanner});
  if (json.contains("belief")) track.belief = decode_belief(json.at("belief"), now);
  if (json.contains("visit")) track.visit = decode_visit(json.at("visit"), shop, now);
  return track;
}

VisitState decode_state(const Json& json) {
  const bool rotating = json.at("assurance").get<std::string>() == name(Assurance::rotating);
  return {json.at("visit_id").get<std::string>(),
          rotating ? Assurance::rotating : Assurance::fixed,
          json.at("told").get<bool>(),
          json.at("ordinals").get<std::map<std::string, int>>(),
          std::nullopt,
          json.value("kept_by", std::string{}),
          json.value("adopted", false)};
}

}  // namespace

std::string track_to_json(const Track& track, const VisitState& visit, const Shop& shop) {
  Json levels = Json::array();
  for (std::size_t i = 0; i < track.levels.size(); ++i)
    if (const auto& level = track.levels[i])
      levels.push_back({{"scanner", shop.scanners[i].adapter},
                        {"dbm", level->mean_dbm},
                        {"heard", encode(level->heard)},
                        {"settled_dbm", level->settled_dbm}});
  Json sightings = Json::array();
  for (const StartSighting& one : track.start_sightings)
    sightings.push_back({encode(one.at), shop.scanners[one.scanner].adapter});
  Json json{{"levels", levels}, {"start_sightings", sightings}};
  if (!track.belief.shares.empty()) json["belief"] = encode(track.belief);
  if (visit.suspect_until) json["suspect_until"] = visit.suspect_until->time_since_epoch().count();
  if (track.visit) {
    json["visit"] = encode(*track.visit, shop);
    json["state"] = {{"visit_id", visit.visit_id},
                     {"assurance", name(visit.assurance)},
                     {"told", visit.told},
                     {"ordinals", visit.ordinals}};
    if (!visit.kept_by.empty()) json["state"]["kept_by"] = visit.kept_by;
    if (visit.adopted) json["state"]["adopted"] = true;
  }
  return json.dump();
}

std::optional<TrackAndVisit> track_from_json(std::string_view text, const Shop& shop, const Instant& now) {
  try {
    const Json json = Json::parse(text);
    TrackAndVisit result{decode_track(json, shop, now), {}};
    if (result.track.visit) result.visit = decode_state(json.at("state"));
    if (json.contains("suspect_until"))
      result.visit.suspect_until = WallTime{Duration{json.at("suspect_until").get<std::int64_t>()}};
    return result;
  } catch (const Json::exception&) {
    return std::nullopt;  // the caller counts it and starts that shopper anew
  }
}

}  // namespace beacon_gateway
