// Captures -> advertisements of our scanners, on the captures' own clock (contract 3.6).
//
// Several captures are merged by time; at one time the file named first goes first, and a file's records keep their
// order. An advertisement's instant is its record's, or the latest before it where the record steps back: time never
// runs backwards. Reads as it goes, in bounded memory. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "core/advertisement.hpp"
#include "drivers/capture/btsnoop_reader.hpp"
#include "drivers/capture/hci_report.hpp"

namespace beacon_gateway::capture {

struct CaptureSummary {
  std::uint64_t records = 0;
  std::uint64_t advertisements = 0;                   // delivered
  std::map<std::uint16_t, std::uint64_t> unassigned;  // advertisements of adapters that no scanner has, by index
  std::uint64_t steps_back = 0;                       // records earlier than one before them
  DroppedReports dropped;
  std::vector<CaptureError> damage;  // at most one a file: where its reading ended early
};

// A line for each thing of a summary that a person should know; none for a capture without blemish.
[[nodiscard]] std::vector<std::string> warnings(const CaptureSummary& summary);

class CaptureReader {
 public:
  // `scanner_adapters` in the order of the configuration: "hciN", or an adapter's address. Fails if a file cannot be
  // opened or is no capture at all; what is damaged further on is in the summary.
  [[nodiscard]] static tl::expected<CaptureReader, CaptureError> open(const std::vector<std::filesystem::path>& files,
                                                                      const std::vector<std::string>& scanner_adapters);
  CaptureReader(std::vector<BtsnoopReader> captures, const std::vector<std::string>& scanner_adapters);

  // The next advertisement of one of our scanners; nothing at the end of all captures.
  [[nodiscard]] std::optional<Advertisement> next();

  // Of what was read so far.
  [[nodiscard]] CaptureSummary summary() const;

 private:
  using AddressOctets = std::array<std::uint8_t, 6>;
  using AddressByIndex = std::map<std::uint16_t, AddressOctets>;
  struct Source {
    BtsnoopReader reader;
    std::optional<Record> head;
    AddressByIndex addresses;
  };
  struct AdapterOfScanner {
    std::optional<std::uint16_t> index;
    std::optional<AddressOctets> address;
  };

  void advance(Source& source);
  [[nodiscard]] bool read_record();
  void note_address(Source& source, const Record& record, std::size_t at);
  [[nodiscard]] std::optional<ScannerIndex> scanner_of(const Source& source, std::uint16_t adapter) const;

  std::vector<AdapterOfScanner> scanners_;
  std::vector<Source> sources_;
  AddressByIndex addresses_;  // of all captures: one that lacks the record of an index has it from another
  ReportReader report_reader_;
  std::vector<Report> reports_;  // of the newest record
  std::size_t next_report_ = 0;
  ScannerIndex scanner_ = 0;  // of the newest record
  WallTime now_ = kEarliest;
  CaptureSummary summary_;
};

}  // namespace beacon_gateway::capture
