// Any files, read as captures from end to end and merged with themselves: time never runs backwards, every count is
// bounded by the input, and what people see is one clean line.
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "drivers/capture/capture_reader.hpp"
#include "tests/fuzz/require.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway::capture;
using beacon_gateway_fuzz::require;
using beacon_gateway_fuzz::require_printable;

namespace {

constexpr std::size_t kCopies = 2;

void check(CaptureReader& reader, std::size_t size) {
  WallTime latest = kEarliest;
  while (const auto advertisement = reader.next()) {
    require(advertisement->instant == capture_instant(advertisement->instant.wall));
    require(advertisement->instant.wall >= latest && advertisement->instant.wall < kLatest);
    require(advertisement->scanner < 2);
    latest = advertisement->instant.wall;
  }
  require(!reader.next());

  const CaptureSummary summary = reader.summary();
  require(summary.records * kRecordHeaderSize <= size * kCopies);
  require(summary.advertisements <= size * kCopies);
  require(summary.steps_back <= summary.records);
  require(summary.damage.size() <= kCopies);
  for (const CaptureError& damage : summary.damage) require(damage.offset <= size);
  for (const std::string& line : warnings(summary)) require_printable(line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<BtsnoopReader> captures;
  for (std::size_t i = 0; i < kCopies; ++i) {
    auto capture = BtsnoopReader::from(std::make_unique<std::istringstream>(text), "input");
    if (!capture) {
      require_printable(capture.error().message());
      return 0;
    }
    captures.push_back(*std::move(capture));
  }
  CaptureReader reader{std::move(captures), {"hci0", "C0:FF:EE:00:00:01"}};
  check(reader, size);
  return 0;
}
