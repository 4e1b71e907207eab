// What one D-Bus signal of BlueZ costs our reader in CPU time of its thread, against a reader that does no more with
// sd-bus than walk the same signals: on a private bus, from the same org.bluez of our own. The fake's and the bus
// daemon's time do not count. Both read what has piled up, as a loaded gateway does.
#include <benchmark/benchmark.h>
#include <poll.h>
#include <systemd/sd-bus.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <string_view>

#include "core/advertisement.hpp"
#include "drivers/bluez/session.hpp"
#include "tests/fakes/bluez/fake_bluez.hpp"
#include "tests/fakes/bluez/private_bus.hpp"

namespace beacon_gateway_test {
namespace {

using namespace beacon_gateway;

constexpr std::uint32_t kBurst = 2000;  // signals; far below what the bus daemon queues for one client
constexpr int kPatienceMs = 100;

double thread_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// A shop full of iBeacons that are heard when the bench says so.
struct Shop {
  PrivateBus bus;
  FakeBluez bluez{bus.address()};

  explicit Shop(std::int64_t devices) {
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address().c_str(), 1);
    bluez.plug({});
    bluez.run();
    for (std::int64_t i = 0; i < devices; ++i) {
      FakeDevice device;
      const auto octet = [&](int shift) { return static_cast<std::uint8_t>(i >> shift); };
      device.address = Address{{0xC0, 0, 0, 0, octet(8), octet(0)}}.text();
      device.manufacturer[0x004C] = std::vector<std::uint8_t>(23, octet(0));
      device.manufacturer[0x004C][0] = 0x02;
      device.manufacturer[0x004C][1] = 0x15;
      device.interval = std::chrono::hours{1};
      bluez.advertise(device);
    }
  }
};

class OurReader {
 public:
  OurReader() {
    options_.adapters = {"hci0"};
    options_.clock = [] {
      const auto now = std::chrono::steady_clock::now().time_since_epoch();
      return Instant{MonotonicTime{std::chrono::duration_cast<Duration>(now)},
                     std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now())};
    };
    scanners_.emplace_back().wanted = "hci0";
    auto bus = bluez::Bus::open();
    if (!bus) throw std::runtime_error(bus.error());
    session_ = std::make_unique<bluez::Session>(
        std::move(*bus),
        bluez::Session::Outside{options_, scanners_, beacons_, counters_, [this](const Advertisement&) { ++heard_; }});
  }

  void turn() {
    bool more = false;
    if (!session_->turn(more)) throw std::runtime_error(session_->why());
    pollfd wait{session_->bus().descriptor(), session_->bus().events(), 0};
    if (!more) ::poll(&wait, 1, kPatienceMs);
  }
  [[nodiscard]] std::uint64_t heard() const { return heard_; }

 private:
  bluez::BluezOptions options_;
  std::vector<bluez::ScannerState> scanners_;
  std::vector<bluez::BeaconState> beacons_;
  RadioStatus counters_;
  std::uint64_t heard_ = 0;
  std::unique_ptr<bluez::Session> session_;
};

void require(int result) {
  if (result < 0) throw std::runtime_error("sd-bus");
}

// Reads address, RSSI and data of each signal, and throws them away.
class BareReader {
 public:
  BareReader() {
    require(sd_bus_open_system(&bus_));
    require(sd_bus_add_match(bus_, nullptr,
                             "type='signal',sender='org.bluez',interface='org.freedesktop.DBus.Properties',"
                             "member='PropertiesChanged',path_namespace='/org/bluez'",
                             changed, this));
    require(sd_bus_add_match(bus_, nullptr,
                             "type='signal',sender='org.bluez',interface='org.freedesktop.DBus.ObjectManager',path='/'",
                             added, this));
    require(sd_bus_call_method(bus_, "org.bluez", "/org/bluez/hci0", "org.bluez.Adapter1", "StartDiscovery", nullptr,
                               nullptr, ""));
  }
  ~BareReader() { sd_bus_flush_close_unref(bus_); }
  BareReader(const BareReader&) = delete;
  BareReader& operator=(const BareReader&) = delete;

  void turn() {
    const int result = sd_bus_process(bus_, nullptr);
    require(result);
    pollfd wait{sd_bus_get_fd(bus_), static_cast<short>(sd_bus_get_events(bus_)), 0};
    if (result == 0) ::poll(&wait, 1, kPatienceMs);
  }
  [[nodiscard]] std::uint64_t heard() const { return heard_; }

 private:
  static int added(sd_bus_message* /*message*/, void* self, sd_bus_error* /*error*/) {
    ++static_cast<BareReader*>(self)->heard_;
    return 0;
  }

  static int changed(sd_bus_message* message, void* self, sd_bus_error* /*error*/) {
    const char* interface = nullptr;
    require(sd_bus_message_read_basic(message, 's', static_cast<void*>(&interface)));
    if (std::string_view{interface} == "org.bluez.Device1") static_cast<BareReader*>(self)->walk(message);
    return 0;
  }

  void walk(sd_bus_message* message) {
    benchmark::DoNotOptimize(sd_bus_message_get_path(message));
    require(sd_bus_message_enter_container(message, 'a', "{sv}"));
    while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
      const char* name = nullptr;
      require(sd_bus_message_read_basic(message, 's', static_cast<void*>(&name)));
      const std::string_view property{name};
      if (property == "RSSI") {
        std::int16_t rssi_dbm = 0;
        require(sd_bus_message_enter_container(message, 'v', "n"));
        require(sd_bus_message_read_basic(message, 'n', &rssi_dbm));
        require(sd_bus_message_exit_container(message));
        benchmark::DoNotOptimize(rssi_dbm);
      } else if (property == "ManufacturerData") {
        read_data(message);
      } else {
        require(sd_bus_message_skip(message, "v"));
      }
      require(sd_bus_message_exit_container(message));
    }
    require(sd_bus_message_exit_container(message));
    ++heard_;
  }

  static void read_data(sd_bus_message* message) {
    require(sd_bus_message_enter_container(message, 'v', "a{qv}"));
    require(sd_bus_message_enter_container(message, 'a', "{qv}"));
    while (sd_bus_message_enter_container(message, 'e', "qv") > 0) {
      std::uint16_t company = 0;
      const void* data = nullptr;
      std::size_t size = 0;
      require(sd_bus_message_read_basic(message, 'q', &company));
      require(sd_bus_message_enter_container(message, 'v', "ay"));
      require(sd_bus_message_read_array(message, 'y', &data, &size));
      require(sd_bus_message_exit_container(message));
      require(sd_bus_message_exit_container(message));
      benchmark::DoNotOptimize(data);
    }
    require(sd_bus_message_exit_container(message));
    require(sd_bus_message_exit_container(message));
  }

  sd_bus* bus_ = nullptr;
  std::uint64_t heard_ = 0;
};

template <class Reader>
void read_signals(benchmark::State& state) {
  Shop shop{state.range(0)};
  Reader reader;
  while (!shop.bluez.discovering("hci0")) reader.turn();
  const auto read = [&](std::uint32_t signals) {
    const std::uint64_t until = reader.heard() + signals;
    shop.bluez.repeat(signals);
    const double began = thread_seconds();
    while (reader.heard() < until) reader.turn();
    return thread_seconds() - began;
  };
  read(static_cast<std::uint32_t>(state.range(0)));  // every device is known
  for (auto _ : state) state.SetIterationTime(read(kBurst));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kBurst);
}

BENCHMARK(read_signals<OurReader>)->Name("radio/ours")->Arg(10)->Arg(100)->Arg(1000)->UseManualTime();
BENCHMARK(read_signals<BareReader>)->Name("radio/bare")->Arg(10)->Arg(100)->Arg(1000)->UseManualTime();

}  // namespace
}  // namespace beacon_gateway_test
