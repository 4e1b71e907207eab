#include "cli/walk_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "messages/text_forms.hpp"
#include "settings/calibration_settings.hpp"

namespace beacon_gateway {
namespace {

using Place = std::optional<ZoneIndex>;

// Of a moment's share that is named rightly (fit.hpp). Well: one wrong moment in ten, which the filter, knowing what
// was before, lets pass. Hardly: half way to a toss of a coin.
constexpr double kWell = 0.9;
constexpr double kFairly = 0.75;
// A walk to all corners of a room and back takes a minute; from half of it on, the corners are in it.
constexpr int kLongEnoughSeconds = 30;

constexpr Sentence kHeard{"Heard of the tag {}, in seconds:\n", "ได้ยินแท็ก {} กี่วินาที:\n"};
constexpr Sentence kApart{"How well places that touch can be told apart:\n", "แยกบริเวณที่ติดกันออกจากกันได้ดีแค่ไหน:\n"};
constexpr Sentence kWellWord{"well", "ชัดเจน"};
constexpr Sentence kFairlyWord{"fairly well", "พอใช้"};
constexpr Sentence kHardlyWord{"hardly", "แทบแยกไม่ได้"};
constexpr Sentence kAllGood{"Put the file into the configuration directory as calibration.toml, then: check, reload.\n",
                            "วางไฟล์ไว้ในโฟลเดอร์ configuration ชื่อ calibration.toml แล้วใช้คำสั่ง check และ reload\n"};
constexpr Sentence kMend{"Do what is said above and walk again; the file is usable, but will err at these places.\n",
                         "ทำตามคำแนะนำข้างบนแล้วเดินใหม่ ไฟล์นี้ใช้ได้ แต่จะผิดพลาดที่บริเวณเหล่านี้\n"};

constexpr Sentence kMoveInside{
    "    Move the scanner of {} deeper into its zone, away from the window, and hang others at the front: over the\n"
    "    door just inside, 1.5 and 3.5 m behind it, and one at each wide window.\n",
    "    ย้ายสแกนเนอร์ของ {} ให้ลึกเข้าไปในโซน ห่างจากหน้าต่าง และติดเพิ่มที่หน้าร้าน:\n"
    "    เหนือประตูด้านใน หลังประตูเข้ามา 1.5 กับ 3.5 เมตร และหนึ่งตัวที่หน้าต่างกว้างทุกบาน\n"};
constexpr Sentence kAddScanner{"    {} has no scanner of its own: add one in its middle.\n",
                               "    {} ไม่มีสแกนเนอร์ของตัวเอง: เพิ่มหนึ่งตัวไว้กลางโซน\n"};
constexpr Sentence kMoveApart{
    "    Move the scanners of {} and {} further apart, each to the far side of its zone, or make the two one zone.\n",
    "    ย้ายสแกนเนอร์ของ {} และ {} ให้ห่างกัน แต่ละตัวไปอยู่ด้านไกลของโซนตัวเอง หรือรวมสองโซนเป็นโซนเดียว\n"};
constexpr Sentence kWalkLonger{"    Walk longer in {}: a minute, to all its corners; it was heard for {} s only.\n",
                               "    เดินใน {} ให้นานขึ้น: หนึ่งนาที ให้ทั่วทุกมุม ได้ยินเพียง {} วินาที\n"};

constexpr Sentence kMissing{"No calibration: too little was heard.\n", "ยังสร้างไฟล์ไม่ได้: ได้ยินน้อยเกินไป\n"};
constexpr Sentence kTooShort{"  {}: {} of {} moments needed. Walk there again for a minute, slowly.\n",
                             "  {}: ได้ {} จาก {} ช่วงที่ต้องมี เดินที่นั่นอีกครั้งช้า ๆ หนึ่งนาที\n"};
constexpr Sentence kZoneSilent{
    "  {}: not heard at all. Is its scanner running (`beacon-gateway check`), is somebody standing there?\n",
    "  {}: ไม่ได้ยินเลย สแกนเนอร์ทำงานหรือไม่ (`beacon-gateway check`) มีคนถือแท็กยืนอยู่ที่นั่นหรือไม่\n"};
constexpr Sentence kStreetSilent{"  {}: not heard at all. Walk closer along the shop front, up to the door and back.\n",
                                 "  {}: ไม่ได้ยินเลย เดินให้ใกล้หน้าร้านมากขึ้น จนถึงประตูแล้วเดินกลับ\n"};
constexpr Sentence kTagSilent{
    "The tag was never heard: is it switched on, is it this tag, is its UUID among [identity] ibeacon_uuids?\n",
    "ไม่ได้ยินแท็กเลย: เปิดแท็กแล้วหรือยัง ใช่แท็กนี้หรือไม่ UUID ของแท็กอยู่ใน [identity] ibeacon_uuids หรือไม่\n"};

template <class... Values>
std::string said(const Sentence& sentence, Language language, const Values&... values) {
  return fmt::format(fmt::runtime(sentence.in(language)), values...);
}

// The street first, as people walk.
std::vector<Place> places_of(const Shop& shop) {
  std::vector<Place> places{std::nullopt};
  for (std::size_t zone = 0; zone < shop.zones.size(); ++zone) places.emplace_back(static_cast<ZoneIndex>(zone));
  return places;
}

// Seconds of the clock in which the tag was heard at a place, by whatever scanner.
int seconds_heard(const Walk& walk, Place place) {
  std::set<std::chrono::sys_seconds> seconds;
  for (const WalkSighting& sighting : walk.sightings)
    if (sighting.zone == place) seconds.insert(std::chrono::floor<std::chrono::seconds>(sighting.at.wall));
  return static_cast<int>(seconds.size());
}

bool has_scanner(const Shop& shop, ZoneIndex zone) {
  return std::ranges::find(shop.scanners, zone, &Scanner::zone) != shop.scanners.end();
}

std::string advice(const Separation& pair, const Shop& shop, const Walk& walk, Language language) {
  std::string text;
  bool moved = false;
  for (const Place place : {pair.one, pair.other}) {
    if (place && !has_scanner(shop, *place)) {
      text += said(kAddScanner, language, place_name(shop, place));
      moved = true;
    }
  }
  const Place inside = pair.one ? pair.one : pair.other;
  if (!moved && pair.one && pair.other)
    text += said(kMoveApart, language, place_name(shop, pair.one), place_name(shop, pair.other));
  else if (!moved)
    text += said(kMoveInside, language, place_name(shop, inside));
  for (const Place place : {pair.one, pair.other}) {
    if (const int heard_s = seconds_heard(walk, place); heard_s < kLongEnoughSeconds)
      text += said(kWalkLonger, language, place_name(shop, place), heard_s);
  }
  return text;
}

std::string missing_report(const Fit& fit, const Shop& shop, const Walk& walk, Language language) {
  if (walk.sightings.empty()) return said(kTagSilent, language);
  std::string text = said(kMissing, language);
  for (const TooLittleHeard& one : fit.missing) {
    const std::string_view name = place_name(shop, one.zone);
    if (seconds_heard(walk, one.zone) > 0)
      text += said(kTooShort, language, name, one.windows, one.needed);
    else
      text += said(one.zone ? kZoneSilent : kStreetSilent, language, name);
  }
  return text;
}

std::string separation_report(const Fit& fit, const Shop& shop, const Walk& walk, Language language) {
  std::string text = said(kApart, language);
  bool hardly = false;
  for (const Separation& pair : fit.separations) {
    const Sentence& word = pair.share >= kWell ? kWellWord : pair.share >= kFairly ? kFairlyWord : kHardlyWord;
    text += fmt::format("  {} / {}: {} ({:.0f} %)\n", place_name(shop, pair.one), place_name(shop, pair.other),
                        word.in(language), pair.share * 100);
    if (pair.share >= kFairly) continue;
    hardly = true;
    text += advice(pair, shop, walk, language);
  }
  return text + said(hardly ? kMend : kAllGood, language);
}

}  // namespace

std::string calibration_file(const Fit& fit, const Shop& shop, const Walk& walk) {
  std::string text = fmt::format(
      "# Made by `beacon-gateway walk-test` from a walk with the tag {}, {} advertisements,\n# {} to {}.\n"
      "# Levels are of that tag, with the scanners' offset_db added: walk again after changing one, after moving a\n"
      "# scanner, and after changing zones.\n# Heard:",
      walk.tag, walk.sightings.size(), wall_time_text(walk.sightings.front().at.wall),
      wall_time_text(walk.sightings.back().at.wall));
  const char* separator = " ";
  for (const Place place : places_of(shop)) {
    text += fmt::format("{}{} {} s", separator, place_name(shop, place), seconds_heard(walk, place));
    separator = ", ";
  }
  return text + ".\n" + calibration_toml(fit.calibration, shop);
}

std::string walk_report(const Fit& fit, const Shop& shop, const Walk& walk, Language language) {
  std::string text = said(kHeard, language, walk.tag);
  for (const Place place : places_of(shop))
    text += fmt::format("  {:<12} {:>4}\n", place_name(shop, place), seconds_heard(walk, place));
  return text + (fit.missing.empty() ? separation_report(fit, shop, walk, language)
                                     : missing_report(fit, shop, walk, language));
}

}  // namespace beacon_gateway
