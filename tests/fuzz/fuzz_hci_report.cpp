// Any HCI events, several in a row so that fragments meet: reports never hold more than the events did.
#include <algorithm>
#include <span>
#include <vector>

#include "drivers/capture/hci_report.hpp"
#include "tests/fuzz/require.hpp"

using namespace beacon_gateway;
using namespace beacon_gateway::capture;
using beacon_gateway_fuzz::require;

// Each event follows its length in one octet; the lowest bit of the length says from which controller it came.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ReportReader reader;
  std::vector<Report> reports;
  for (std::span input{data, size}; !input.empty();) {
    const std::size_t length = std::min<std::size_t>(input[0], input.size() - 1);
    reader.read(input[0] & 1U, input.subspan(1, length), reports);
    input = input.subspan(1 + length);
  }
  reader.finish();

  std::size_t octets = 0;
  for (const Report& report : reports) {
    octets += report.payload.size;
    require(report.rssi_dbm != 127);
    if (report.address.type != AddressType::public_address)
      require(report.address.type == random_address_type(report.address.octets[0]));
  }
  require(octets <= size);
  const DroppedReports& dropped = reader.dropped();
  require(reports.size() + dropped.malformed + dropped.anonymous + dropped.directed + dropped.abandoned <= size);
  return 0;
}
