// Profiles, events and visits in which every field is recognisable, and what of them must not be found on a disk.
#pragma once

#include <string>
#include <vector>

#include "core/event.hpp"
#include "core/profile.hpp"
#include "drivers/sqlite/sqlite_journey_store.hpp"
#include "drivers/sqlite/store_key.hpp"
#include "ports/profile_store.hpp"

namespace beacon_gateway_test {

using namespace beacon_gateway;

inline const WallTime kNow{Duration{1'795'000'000'000'000}};  // an instant of November 2026
inline const std::chrono::sys_days kToday = std::chrono::floor<std::chrono::days>(kNow);

inline sqlite::StoreKey store_key(std::uint8_t fill) {
  sqlite::StoreKey::Value octets{};
  octets.fill(fill);
  return sqlite::StoreKey{octets};
}

inline sqlite::StoreSeal sealed_with(std::uint8_t fill) {
  return {store_key(fill), std::nullopt};
}

inline ShopperId id(const std::string& text) {
  return ShopperId::parse(text).value();
}

// Octets of a kind and a shopper: no two are alike.
template <std::size_t kSize>
std::array<std::uint8_t, kSize> octets_of(const std::string& name, char kind) {
  std::array<std::uint8_t, kSize> octets{};
  const std::size_t seed = std::hash<std::string>{}(name + kind);
  for (std::size_t i = 0; i < kSize; ++i)
    octets[i] = static_cast<std::uint8_t>(seed >> (8 * (i % 8))) ^ static_cast<std::uint8_t>(17 * (i / 8));
  return octets;
}

template <std::size_t kSize>
std::string as_text(const std::array<std::uint8_t, kSize>& octets) {
  return {octets.begin(), octets.end()};
}

// Every kind of identifier, and a body of about `body_octets`.
inline Profile full_profile(const std::string& name, std::int64_t version = 1, std::size_t body_octets = 0) {
  Profile profile{.shopper_id = id(name)};
  profile.version = version;
  Address address{octets_of<6>(name, 'a'), AddressType::random_static};
  address.octets[0] |= 0xC0U;
  profile.identifiers = {IBeaconIdentifier{octets_of<16>(name, 'u'), 0x1234, 0x5678},
                         AltBeaconIdentifier{0x0118, octets_of<20>(name, 'b')},
                         EddystoneUidIdentifier{octets_of<10>(name, 'n'), octets_of<6>(name, 'i')},
                         EddystoneEidIdentifier{octets_of<16>(name, 'e'), std::nullopt, 10, 1'760'000'000},
                         RollingTokenIdentifier{octets_of<16>(name, 's'),
                                                900,
                                                {{kToday - std::chrono::days{1}, octets_of<16>(name, 'y')},
                                                 {kToday, octets_of<16>(name, 't')},
                                                 {kToday, octets_of<16>(name, 'z')}}},
                         IrkIdentifier{octets_of<16>(name, 'r')},
                         AddressIdentifier{address}};
  profile.consents = {{Purpose::welcome, kNow, std::nullopt, "notice-" + name, "channel-" + name}};
  profile.language = "th";
  profile.segments = {"segment-" + name};
  profile.attributes = {{"nickname", "มะลิ-" + name}};
  profile.recommendations = {{"sku-" + name, 0.5, "category-" + name, {{"th", "title-" + name}}}};
  profile.staff = true;
  if (body_octets > 0) {
    std::string filler;
    while (filler.size() < body_octets) filler += "filler-" + name + ' ';
    profile.recommendations[0].title.front().second += filler.substr(0, 900);
    for (std::size_t i = 0; i * 150 < body_octets; ++i)
      profile.segments.push_back(filler.substr(0, 120) + std::to_string(i));
  }
  return profile;
}

// What nobody may find of her.
inline std::vector<std::string> secrets_of(const std::string& name) {
  Address address{octets_of<6>(name, 'a'), AddressType::random_static};
  address.octets[0] |= 0xC0U;
  return {name,
          as_text(octets_of<16>(name, 'u')),
          as_text(octets_of<20>(name, 'b')),
          as_text(octets_of<10>(name, 'n')),
          as_text(octets_of<6>(name, 'i')),
          as_text(octets_of<16>(name, 'e')),
          as_text(octets_of<16>(name, 's')),
          as_text(octets_of<16>(name, 'y')),
          as_text(octets_of<16>(name, 't')),
          as_text(octets_of<16>(name, 'z')),
          as_text(octets_of<16>(name, 'r')),
          as_text(address.octets),
          address.text(),
          "มะลิ-" + name};
}

inline void erase(ProfileStore& store, const std::string& shopper,
                  std::optional<WallTime> tombstone_at = std::nullopt) {
  store.erase(std::vector{id(shopper)}, tombstone_at);
}

inline sqlite::JourneyStoreOptions journey_options() {
  Zone door;
  door.id = "door";
  Shop shop;
  shop.zones = {door};
  shop.scanners = {{"hci0", 0, 0}};
  return {{"acme", "s-1", "gw-1"}, shop, false};
}

inline Event zone_entered(const std::string& event_id, const std::string& shopper = "s-1") {
  return {event_id, id(shopper), kNow, "visit-of-" + shopper, ZoneEnteredEvent{"door"}, false};
}

inline Event trigger(const std::string& event_id, WallTime expires, const std::string& shopper = "s-1") {
  TriggerEvent data;
  data.campaign = "welcome";
  data.trigger.expires_at = expires;
  data.trigger.message = {"Hello, nickname-of-" + shopper, "Come in", ""};
  return {event_id, id(shopper), kNow, "visit-of-" + shopper, data, false};
}

inline SavedTrack saved_track(const std::string& shopper) {
  SavedTrack saved{id(shopper), {}, {}};
  saved.visit.visit_id = "visit-of-" + shopper;
  saved.visit.told = true;
  saved.visit.ordinals = {{"type/zone", 2}};
  saved.track.levels = {ScannerLevel{-61.234567890123456, capture_instant(kNow)}};
  saved.track.visit = Visit{capture_instant(kNow),
                            capture_instant(kNow),
                            std::nullopt,
                            {{ZoneIndex{0}, std::chrono::seconds{5}}},
                            ZoneIndex{0}};
  return saved;
}

inline CapRecord cap_of(const std::string& shopper, WallTime at = kNow) {
  return {"welcome", CampaignKind::welcome, "visit-of-" + shopper, at, {}, false};
}

// One of everything that the journey keeps of a shopper.
inline void live_through(JourneyStore& store, const std::string& shopper, int number = 0) {
  store.transact([&] {
    store.record(
        trigger("event-" + std::to_string(number) + "-of-" + shopper, kNow + std::chrono::minutes{1}, shopper));
    store.remember(id(shopper), cap_of(shopper));
    store.note(id(shopper), {kNow, "visit-of-" + shopper, "welcome", "trigger", "reason-of-" + shopper});
    store.save(saved_track(shopper));
  });
}

}  // namespace beacon_gateway_test
