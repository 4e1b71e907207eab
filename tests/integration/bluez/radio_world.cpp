#include "tests/integration/bluez/radio_world.hpp"

#include <cstdlib>
#include <thread>

namespace beacon_gateway_test {

using namespace beacon_gateway;

namespace {
Instant machine_clock() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return {MonotonicTime{std::chrono::duration_cast<Duration>(now)},
          std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()), TimeQuality::trusted};
}
}  // namespace

FakeDevice tag(std::uint8_t number) {
  FakeDevice device;
  device.address = Address{{0xC0, 0, 0, 0, 0, number}}.text();
  std::vector<std::uint8_t> ibeacon(23, 0x11);
  ibeacon[0] = 0x02;
  ibeacon[1] = 0x15;
  ibeacon[20] = 0;
  ibeacon[21] = number;
  device.manufacturer[0x004C] = ibeacon;
  return device;
}

bluez::BluezOptions hasty_options(const PrivateBus& bus) {
  bluez::BluezOptions options;
  options.adapters = {"hci0"};
  options.clock = machine_clock;
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address().c_str(), 1);
  options.recovery.rungs = {900ms, 1200ms, 1800ms, 3000ms};
  options.recovery.retry = 50ms;
  options.recovery.grace = 50ms;
  options.status_every = 100ms;
  options.reconnect_after = 50ms;
  return options;
}

bluez::BluezOptions patient_options(const PrivateBus& bus) {
  bluez::BluezOptions options = hasty_options(bus);
  const bluez::BluezOptions as_shipped;
  options.recovery = as_shipped.recovery;
  options.reconnect_after = as_shipped.reconnect_after;
  return options;
}

Listener::Listener(bluez::BluezOptions options) : radio_(std::move(options)) {
  radio_.start({[this](const Advertisement& advertisement) {
                  hear(advertisement);
                  return true;
                },
                {},
                {},
                [this](const RadioStatus& status) {
                  const std::lock_guard lock{mutex_};
                  status_ = status;
                }});
}

Listener::~Listener() {
  radio_.stop();
}

void Listener::hear(const Advertisement& advertisement) {
  const std::lock_guard lock{mutex_};
  ++in_all_;
  if (advertisement.address.octets[0] != 0xC0) return;
  Of& of = heard_[advertisement.address.text()];
  if (of.count++ > 0)
    of.longest_gap = std::max(of.longest_gap, advertisement.instant.monotonic - of.last.instant.monotonic);
  of.last = advertisement;
}

std::uint64_t Listener::heard(const std::string& address) const {
  const std::lock_guard lock{mutex_};
  const auto found = heard_.find(address);
  return found == heard_.end() ? 0 : found->second.count;
}
std::optional<Advertisement> Listener::last(const std::string& address) const {
  const std::lock_guard lock{mutex_};
  const auto found = heard_.find(address);
  return found == heard_.end() ? std::nullopt : std::optional{found->second.last};
}
std::uint64_t Listener::heard_in_all() const {
  const std::lock_guard lock{mutex_};
  return in_all_;
}
std::chrono::milliseconds Listener::longest_gap(const std::string& address) const {
  const std::lock_guard lock{mutex_};
  const auto found = heard_.find(address);
  return found == heard_.end() ? 0ms : std::chrono::duration_cast<std::chrono::milliseconds>(found->second.longest_gap);
}
RadioStatus Listener::status() const {
  const std::lock_guard lock{mutex_};
  return status_;
}
ScannerStatus Listener::scanner(std::size_t index) const {
  const RadioStatus held = status();
  return index < held.scanners.size() ? held.scanners[index] : ScannerStatus{};
}

BeaconStatus Listener::beacon(std::size_t index) const {
  const RadioStatus held = status();
  return index < held.beacons.size() ? held.beacons[index] : BeaconStatus{};
}

bool Listener::hears(const std::string& address) const {
  const std::uint64_t before = heard(address);
  return soon([&] { return heard(address) > before + 2; });
}

bool soon(const std::function<bool()>& is_so, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

}  // namespace beacon_gateway_test
