// HCI events -> advertising reports. Total: every sequence of octets gives reports or a counted reason, none is read
// past its end, and what stood before a fault still counts.
//
// Source: Core 5.4, Vol 4 Part E, 7.7.65.2 (LE Advertising Report), 7.7.65.11 (LE Directed Advertising Report) and
// 7.7.65.13 (LE Extended Advertising Report). The specification writes several reports in one event as arrays of
// fields; controllers and the Linux kernel (net/bluetooth/hci_event.c, hci_le_adv_report_evt) take them as one report
// after another, and so does this.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/advertisement.hpp"

namespace beacon_gateway::capture {

// An Advertisement before it is known whose scanner heard it, and when.
struct Report {
  Address address;
  std::optional<std::int8_t> rssi_dbm;  // absent where the controller says 127
  Payload payload;
};

// What gave no report, by reason.
struct DroppedReports {
  std::uint64_t malformed = 0;  // events cut short, reports longer than a report can be, values that are reserved
  std::uint64_t anonymous = 0;  // extended advertisements without an address
  std::uint64_t directed = 0;   // meant for one host, without data
  std::uint64_t abandoned = 0;  // fragments whose last one never came

  friend bool operator==(const DroppedReports&, const DroppedReports&) = default;
};

// Holds the fragments of extended advertisements until they are whole. Not thread-safe.
class ReportReader {
 public:
  // A controller sends the fragments of one advertisement before those of the next, so more than a few open at once
  // means that their ends were lost; the oldest is then given up.
  static constexpr std::size_t kMostPending = 16;

  // Appends the reports of one event (event code, length, parameters) to `reports`. Other events give none.
  // `origin`: the controller that heard them; fragments are joined only within one.
  void read(std::uint32_t origin, std::span<const std::uint8_t> event, std::vector<Report>& reports);

  // At the end of a capture: counts the fragments that are still waiting as abandoned.
  void finish();

  [[nodiscard]] const DroppedReports& dropped() const { return dropped_; }

 private:
  using Bytes = std::span<const std::uint8_t>;
  struct Pending {
    std::uint32_t origin = 0;
    std::uint8_t set_id = 0;
    bool scan_response = false;
    Report report;
  };

  void read_legacy(std::uint8_t count, Bytes reports, std::vector<Report>& out);
  void read_extended(std::uint32_t origin, std::uint8_t count, Bytes reports, std::vector<Report>& out);
  void join(Pending fragment, std::uint16_t event_type, std::vector<Report>& out);

  std::vector<Pending> pending_;  // oldest first
  DroppedReports dropped_;
};

}  // namespace beacon_gateway::capture
