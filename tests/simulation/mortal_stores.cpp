#include "tests/simulation/mortal_stores.hpp"

namespace beacon_gateway_test {

using namespace beacon_gateway;  // NOLINT(google-build-using-namespace): a test's vocabulary

void MortalJourneyStore::transact(const std::function<void()>& work) {
  mortality_.point("before BEGIN of the journey");
  ledger_.begin();
  try {
    inner().transact([&] {
      work();
      mortality_.point("before COMMIT of the journey");
    });
  } catch (...) {
    ledger_.roll_back();
    throw;
  }
  ledger_.commit(inner().totals());
  mortality_.point("after COMMIT of the journey");
}

void MortalJourneyStore::record(const Event& event) {
  mortality_.point("before an event is recorded");
  const std::int64_t before = inner().newest_sequence();
  inner().record(event);
  const std::int64_t after = inner().newest_sequence();
  if (after != before) ledger_.recorded(event, after);
}

void MortalJourneyStore::remember(const ShopperId& shopper, const CapRecord& cap) {
  mortality_.point("before a cap is written");
  ledger_.touched(shopper);
  inner().remember(shopper, cap);
}

void MortalJourneyStore::note(const ShopperId& shopper, const DecisionRecord& decision) {
  ledger_.touched(shopper);
  inner().note(shopper, decision);
}

void MortalJourneyStore::save(const SavedTrack& track) {
  mortality_.point("before a track is saved");
  ledger_.touched(track.shopper_id);
  inner().save(track);
}

void MortalJourneyStore::drop_track(const ShopperId& shopper) {
  inner().drop_track(shopper);
}

void MortalJourneyStore::save_position(const CapturePosition& position) {
  inner().save_position(position);
}

void MortalJourneyStore::end_row(std::int64_t sequence, RowEnd end) {
  mortality_.point("before a row ends");
  ledger_.row_ended(sequence, end);
  inner().end_row(sequence, end);
}

void MortalJourneyStore::withdraw(const ShopperId& shopper, Purpose purpose) {
  ledger_.withdrawn(shopper, purpose);
  inner().withdraw(shopper, purpose);
}

void MortalJourneyStore::forget_before(WallTime caps, WallTime decisions) {
  inner().forget_before(caps, decisions);
}

void MortalJourneyStore::erase(std::span<const ShopperId> shoppers) {
  for (const ShopperId& shopper : shoppers) ledger_.erased(shopper);
  inner().erase(shoppers);
}

void MortalJourneyStore::scrub() {
  mortality_.point("before the journey is scrubbed");
  inner().scrub();
  mortality_.point("after the journey was scrubbed");
}

template <class Write>
auto MortalProfileStore::between_points(const char* what, const Write& write) {
  mortality_.point(what);
  if constexpr (std::is_void_v<decltype(write())>) {
    write();
    mortality_.point(what);
  } else {
    auto result = write();
    mortality_.point(what);
    return result;
  }
}

ShopperNumber MortalProfileStore::put(const Profile& profile) {
  return between_points("around a profile's put", [&] { return inner().put(profile); });
}

void MortalProfileStore::erase(std::span<const ShopperId> shoppers, std::optional<WallTime> tombstone_at) {
  between_points("around the erasure of profiles", [&] { inner().erase(shoppers, tombstone_at); });
}

void MortalProfileStore::finish_erasures() {
  between_points("around the end of erasures", [&] { inner().finish_erasures(); });
}

void MortalProfileStore::save_correction(ShopperNumber number, const ClockCorrection& correction) {
  between_points("around a clock's correction", [&] { inner().save_correction(number, correction); });
}

void MortalProfileStore::forget_before(std::chrono::sys_days keys, WallTime tombstones) {
  between_points("around the day's forgetting", [&] { inner().forget_before(keys, tombstones); });
}

void MortalProfileStore::save_word(const OrchestratorWord& word) {
  between_points("around the orchestrator's word", [&] { inner().save_word(word); });
}

void MortalProfileStore::save_newest_signed(int topic, std::int64_t sequence) {
  between_points("around a message's number", [&] { inner().save_newest_signed(topic, sequence); });
}

void MortalProfileStore::save_campaigns(const CampaignSet& set) {
  between_points("around a set of campaigns", [&] { inner().save_campaigns(set); });
}

bool MortalProfileStore::stage(const FullSetPart& part, std::span<const Profile> profiles,
                               std::span<const ShopperId> kept) {
  return between_points("around a part of a full set", [&] { return inner().stage(part, profiles, kept); });
}

FullSetOutcome MortalProfileStore::use_staged() {
  return between_points("around a full set's coming into force", [&] { return inner().use_staged(); });
}

void MortalProfileStore::transact(const std::function<void()>& work) {
  between_points("around a transaction of the profiles", [&] {
    inner().transact([&] {
      work();
      mortality_.point("before COMMIT of the profiles");
    });
  });
}

}  // namespace beacon_gateway_test
