// What we ask of the place where decisions become facts: caps, open visits and the outbox, in one transaction.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/event.hpp"
#include "core/journey/decide.hpp"
#include "core/journey/visit_state.hpp"
#include "core/outbox_row.hpp"
#include "core/outbox_totals.hpp"
#include "core/presence/track.hpp"
#include "ports/store_unavailable.hpp"

namespace beacon_gateway {

// A shopper whom presence follows, as saved.
struct SavedTrack {
  ShopperId shopper_id;
  Track track;
  VisitState visit;
};

// How far a capture was read: the instant of the newest advertisement, and how many bore that instant.
struct CapturePosition {
  WallTime at{};
  std::int64_t count = 0;
  friend bool operator==(const CapturePosition&, const CapturePosition&) = default;
};

// One campaign's outcome for one shopper, for `explain`.
struct DecisionRecord {
  WallTime at{};
  std::string visit_id;
  std::string campaign;
  std::string outcome;  // "trigger", "suppressed", "expired", ...
  std::string reason;   // of a suppression; else empty
};

// What finally became of a row.
enum class RowEnd : std::uint8_t { delivered, expired, dead_letter, withdrawn, evicted };

// One thread. A disk that takes nothing is a StoreUnavailable: what cannot be recorded must not be decided.
class JourneyStore {
 public:
  virtual ~JourneyStore() = default;

  // Zones and scanners by which tracks are saved and read from now on.
  virtual void reconfigure(const Shop& shop) = 0;

  // Everything that `work` writes is durable when this returns, or nothing of it happened. Not nested.
  virtual void transact(const std::function<void()>& work) = 0;

  // After a StoreUnavailable, of this store or of the profiles beside it: gives back what is held in reserve, so that
  // rows can at least end, and tries. True: all is as it should be again. Not inside `transact`.
  [[nodiscard]] virtual bool recover() = 0;

  // The following write only inside `transact`.
  // The event gets the next sequence number and waits in the outbox. One whose id waits there already is passed over.
  virtual void record(const Event& event) = 0;
  virtual void remember(const ShopperId& shopper, const CapRecord& cap) = 0;
  virtual void note(const ShopperId& shopper, const DecisionRecord& decision) = 0;
  virtual void save(const SavedTrack& track) = 0;
  virtual void drop_track(const ShopperId& shopper) = 0;
  virtual void save_position(const CapturePosition& position) = 0;
  virtual void end_row(std::int64_t sequence, RowEnd end) = 0;
  // Waiting rows of the shopper that need this consent end as withdrawn.
  virtual void withdraw(const ShopperId& shopper, Purpose purpose) = 0;
  // Caps and decisions of before these instants; caps of a shopper who is still there stay, however long the visit.
  virtual void forget_before(WallTime caps, WallTime decisions) = 0;

  // Caps, decisions, visit and waiting events of these persons, but not what is recorded with another subject: the
  // receipt of an erasure. Inside `transact`; then call `scrub`.
  virtual void erase(std::span<const ShopperId> shoppers) = 0;
  // What was deleted so far is on disk no more. Not inside `transact`.
  virtual void scrub() = 0;

  [[nodiscard]] virtual std::vector<CapRecord> history(const ShopperId& shopper) = 0;
  [[nodiscard]] virtual std::vector<DecisionRecord> decisions(const ShopperId& shopper, std::size_t most) = 0;
  // Monotonic times are put back relative to `now`.
  [[nodiscard]] virtual std::vector<SavedTrack> tracks(const Instant& now) = 0;
  [[nodiscard]] virtual std::optional<CapturePosition> position() = 0;
  // The time of the newest event: no later one may be older.
  [[nodiscard]] virtual WallTime newest_event_time() = 0;
  // Waiting rows above `sequence`, in order. One that was altered or damaged is not among them: it ends here, counted
  // and with a line in the log. The same holds wherever rows are read.
  [[nodiscard]] virtual std::vector<OutboxRow> waiting_after(std::int64_t sequence, std::size_t most) = 0;
  // Of the waiting row whose event has this id.
  [[nodiscard]] virtual std::optional<std::int64_t> waiting_sequence(const std::string& event_id) = 0;
  // The sequence number last given, from memory: whether there is anything new costs nothing to ask.
  [[nodiscard]] virtual std::int64_t newest_sequence() = 0;
  // When the next waiting row expires, or has waited for as long as the bounds allow.
  [[nodiscard]] virtual std::optional<WallTime> next_expiry() = 0;
  // Waiting rows of which that instant is at or before `now`, in order.
  [[nodiscard]] virtual std::vector<OutboxRow> expired_at(WallTime now, std::size_t most) = 0;
  // Which rows must end so that the outbox keeps its bounds, with some room for what is then told of them: what is over
  // at `now` (nothing: nobody knows the time), then by Worth; no receipt of an erasure. Costs nothing within the
  // bounds.
  [[nodiscard]] virtual std::vector<OutboxRow> surplus(std::optional<WallTime> now) = 0;
  [[nodiscard]] virtual OutboxTotals totals() = 0;
};

}  // namespace beacon_gateway
