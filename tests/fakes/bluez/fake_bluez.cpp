#include "tests/fakes/bluez/fake_bluez.hpp"

#include <algorithm>

#include "tests/fakes/bluez/fake_world.hpp"

namespace beacon_gateway_test {

FakeBluez::FakeBluez(std::string bus_address) : world_(std::make_unique<World>(std::move(bus_address))) {}
FakeBluez::~FakeBluez() = default;

void FakeBluez::run() {
  run_late(milliseconds{0});
}
void FakeBluez::run_late(milliseconds adapters_after) {
  world_->act([&] { world_->open(adapters_after); });
}
void FakeBluez::stop() {
  world_->act([&] {
    world_->say_goodbye();
    world_->close();
  });
}
void FakeBluez::kill() {
  world_->act([&] { world_->close(); });
}

void FakeBluez::plug(const FakeAdapter& adapter) {
  world_->act([&] {
    auto& plugged = world_->adapters_[adapter.name];
    plugged.facts = adapter;
    world_->show(plugged);
  });
}
void FakeBluez::unplug(const std::string& name) {
  world_->act([&] {
    world_->hide(world_->adapters_.at(name));
    world_->adapters_.erase(name);
  });
}
void FakeBluez::power(const std::string& name, bool on) {
  world_->act([&] { world_->set_powered(world_->adapters_.at(name), on); });
}
void FakeBluez::end_discovery(const std::string& name) {
  world_->act([&] { world_->set_discovering(world_->adapters_.at(name), false); });
}

void FakeBluez::advertise(const FakeDevice& device) {
  world_->act([&] { world_->air_.insert_or_assign(device.address, World::OnAir{device, Clock::now()}); });
}
void FakeBluez::hush(const std::string& address) {
  world_->act([&] { world_->air_.erase(address); });
}
void FakeBluez::silence(bool silent) {
  world_->act([&] { world_->silent_ = silent; });
}
void FakeBluez::repeat(std::uint32_t count) {
  world_->act([&] {
    while (count > 0) {
      for (auto& [address, on_air] : world_->air_) {
        if (count == 0) return;
        --count;
        on_air.device.rssi_dbm = static_cast<std::int16_t>(-50 - static_cast<int>(count % 30));
        for (auto& [name, adapter] : world_->adapters_) world_->report(adapter, on_air.device);
      }
    }
  });
}
void FakeBluez::flood(std::uint32_t count, std::uint32_t a_second) {
  world_->act([&] {
    world_->flood_left_ = count;
    world_->flood_a_second_ = a_second;
    world_->flood_at_ = Clock::now();
  });
}
std::uint32_t FakeBluez::flood_left() {
  return world_->act([&] { return world_->flood_left_; });
}
void FakeBluez::keep_old_parts(bool keep) {
  world_->act([&] { world_->keeps_old_ = keep; });
}

void FakeBluez::answer(const std::string& member, const std::string& error) {
  world_->act([&] {
    world_->answers_.erase(member);
    if (!error.empty()) world_->answers_[member] = error;
  });
}
void FakeBluez::send_odd_messages() {
  world_->act([&] { world_->send_odd(); });
}
void FakeBluez::send_as_impostor(const FakeDevice& device) {
  world_->act([&] { world_->send_as_impostor(device); });
}
void FakeBluez::release_advertisements() {
  world_->act([&] {
    for (auto& [name, adapter] : world_->adapters_) world_->release_advertisements(adapter);
  });
}
std::vector<FakeAdvertisement> FakeBluez::advertised(const std::string& name) {
  return world_->act([&] {
    std::vector<FakeAdvertisement> on_air;
    for (const World::Advertised& one : world_->adapters_[name].advertised)
      if (one.active) on_air.push_back(one.content);
    return on_air;
  });
}
void FakeBluez::release_monitors() {
  world_->act([&] {
    for (auto& [name, adapter] : world_->adapters_) world_->release_monitors(adapter);
  });
}
void FakeBluez::forget_devices() {
  world_->act([&] {
    for (auto& [name, adapter] : world_->adapters_) world_->drop_devices(adapter);
  });
}

std::uint32_t FakeBluez::calls(const std::string& member) {
  return world_->act([&] { return world_->calls_[member]; });
}
std::string FakeBluez::filter() {
  return world_->act([&] { return world_->filter_; });
}
std::uint32_t FakeBluez::monitors() {
  return world_->act([&] {
    std::uint32_t count = 0;
    for (const auto& [name, adapter] : world_->adapters_)
      count += static_cast<std::uint32_t>(std::ranges::count_if(adapter.monitors, &World::Monitor::active));
    return count;
  });
}
std::uint32_t FakeBluez::monitor_patterns() {
  return world_->act([&] { return world_->patterns_; });
}
bool FakeBluez::discovering(const std::string& name) {
  return world_->act([&] { return world_->adapters_[name].discovering; });
}

}  // namespace beacon_gateway_test
