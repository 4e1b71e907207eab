// One packet a scan or every packet, by the gaps alone.
#include "drivers/bluez/packet_share.hpp"

#include "tests/catch.hpp"

namespace beacon_gateway::bluez {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void note(ShareMeter& meter, int times, Duration since_last, Duration since_start = std::chrono::hours{1}) {
  for (int i = 0; i < times; ++i) meter.note(since_last, since_start);
}

TEST_CASE("nothing is known before enough was heard") {
  ShareMeter meter;
  note(meter, 19, seconds{1});
  for (int i = 0; i < 100; ++i) meter.note(std::nullopt, seconds{10});  // strangers who pass
  CHECK(meter.hears() == PacketShare::unknown);
  note(meter, 1, seconds{1});
  CHECK(meter.hears() == PacketShare::every_packet);
  meter.reset();
  CHECK(meter.hears() == PacketShare::unknown);
}

TEST_CASE("one packet a scan of the kernel is told, and a few quick ones do not hide it") {
  ShareMeter meter;
  note(meter, 3, milliseconds{900});
  note(meter, 17, milliseconds{10'240});
  CHECK(meter.hears() == PacketShare::once_a_scan);
}

TEST_CASE("what our own start lets through proves nothing") {
  ShareMeter meter;
  note(meter, 20, milliseconds{10'240});
  note(meter, 100, milliseconds{20}, milliseconds{10});
  CHECK(meter.hears() == PacketShare::once_a_scan);
  note(meter, 20, milliseconds{20}, milliseconds{500});
  CHECK(meter.hears() == PacketShare::every_packet);
}

TEST_CASE("who comes again only when the scan starts anew was held back") {
  ShareMeter meter;
  note(meter, 100, std::chrono::minutes{10}, milliseconds{10});  // who was away
  CHECK(meter.hears() == PacketShare::unknown);
  note(meter, 20, seconds{3}, milliseconds{100});
  CHECK(meter.hears() == PacketShare::once_a_scan);
  note(meter, 20, milliseconds{200}, milliseconds{500});
  CHECK(meter.hears() == PacketShare::every_packet);
}

}  // namespace
}  // namespace beacon_gateway::bluez
