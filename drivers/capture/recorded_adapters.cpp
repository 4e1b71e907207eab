#include "drivers/capture/recorded_adapters.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "core/address.hpp"

namespace beacon_gateway::capture {

std::optional<std::uint16_t> adapter_index(std::string_view adapter) {
  constexpr std::string_view kPrefix = "hci";
  if (!adapter.starts_with(kPrefix)) return std::nullopt;
  adapter.remove_prefix(kPrefix.size());
  std::uint16_t index = 0;
  const auto [end, error] = std::from_chars(adapter.data(), adapter.data() + adapter.size(), index);
  if (error != std::errc{} || end != adapter.data() + adapter.size()) return std::nullopt;
  return index;
}

std::vector<RecordedAdapter> recorded_adapters(const std::vector<std::string>& scanner_adapters,
                                               const std::vector<BluetoothAdapter>& there) {
  std::set<std::uint16_t> taken;
  std::vector<std::optional<std::uint16_t>> indexes;
  std::vector<RecordedAdapter> adapters;
  for (const std::string& wanted : scanner_adapters) {
    const auto octets = parse_address_octets(wanted);
    const auto found = std::ranges::find_if(there, [&](const BluetoothAdapter& one) {
      return octets ? parse_address_octets(one.address) == octets : one.name == wanted;
    });
    const bool is_there = found != there.end();
    indexes.push_back(adapter_index(is_there ? found->name : wanted));
    if (indexes.back()) taken.insert(*indexes.back());
    adapters.push_back({0, is_there ? parse_address_octets(found->address) : octets});
  }
  std::uint16_t free = 0;
  for (std::size_t i = 0; i < adapters.size(); ++i) {
    while (!indexes[i] && taken.contains(free)) ++free;
    adapters[i].index = indexes[i] ? *indexes[i] : free;
    taken.insert(adapters[i].index);
  }
  return adapters;
}

}  // namespace beacon_gateway::capture
