#include "tests/vm/emulator/advertiser.hpp"

#include <algorithm>

namespace beacon_gateway_vm {
namespace {

constexpr std::uint16_t kSetParameters = 0x2006, kSetData = 0x2008, kSetScanResponse = 0x2009, kSetEnable = 0x200A;
constexpr std::uint16_t kSetSetAddress = 0x2035, kSetExtendedParameters = 0x2036, kSetExtendedData = 0x2037,
                        kSetExtendedScanResponse = 0x2038, kSetExtendedEnable = 0x2039, kReadMostData = 0x203A,
                        kReadSetCount = 0x203B, kRemoveSet = 0x203C, kClearSets = 0x203D;

constexpr std::uint8_t kSuccess = 0x00;
constexpr std::uint8_t kUnknownSet = 0x42;  // "Unknown Advertising Identifier"

// What a command says, past its end as zeros: the kernel's commands are whole.
class Parameters {
 public:
  explicit Parameters(std::span<const std::uint8_t> octets) : octets_(octets) {}
  [[nodiscard]] std::uint32_t number(std::size_t at, std::size_t size = 1) const {
    std::uint32_t value = 0;
    for (std::size_t octet = 0; octet < size && at + octet < octets_.size(); ++octet)
      value |= std::uint32_t{octets_[at + octet]} << (8 * octet);
    return value;
  }
  // Behind the octet that counts them.
  [[nodiscard]] Octets counted(std::size_t at) const {
    const std::size_t first = std::min(at + 1, octets_.size());
    const std::size_t size = std::min<std::size_t>(number(at), octets_.size() - first);
    return {octets_.begin() + static_cast<std::ptrdiff_t>(first),
            octets_.begin() + static_cast<std::ptrdiff_t>(first + size)};
  }

 private:
  std::span<const std::uint8_t> octets_;
};

}  // namespace

std::optional<Octets> Advertiser::answer(std::uint16_t opcode, std::span<const std::uint8_t> parameters) {
  const auto known = legacy(opcode, parameters);
  return known ? known : extended(opcode, parameters);
}

std::optional<Octets> Advertiser::legacy(std::uint16_t opcode, std::span<const std::uint8_t> parameters) {
  constexpr std::uint32_t kScannable = 0x02;  // types 0 and 1 can be connected to, 2 and 3 cannot
  const Parameters told{parameters};
  switch (opcode) {
    case kSetParameters: {
      AdvertisingSet& set = sets_[kLegacy];
      set.least_interval = told.number(0, 2);
      set.most_interval = told.number(2, 2);
      set.connectable = told.number(4) < kScannable;
      set.address_type = static_cast<std::uint8_t>(told.number(5));
      return Octets{kSuccess};
    }
    case kSetData:
      sets_[kLegacy].data = told.counted(0);
      return Octets{kSuccess};
    case kSetScanResponse:
      sets_[kLegacy].scan_response = told.counted(0);
      return Octets{kSuccess};
    case kSetEnable:
      turn(sets_[kLegacy], told.number(0) != 0);
      return Octets{kSuccess};
    default:
      return std::nullopt;
  }
}

std::optional<Octets> Advertiser::extended(std::uint16_t opcode, std::span<const std::uint8_t> parameters) {
  constexpr std::uint8_t kSelectedPowerDbm = 0, kMostSets = 4;
  constexpr std::uint32_t kConnectableBit = 0x01;
  const Parameters told{parameters};
  const auto handle = static_cast<std::uint8_t>(told.number(0));
  const bool known = sets_.contains(handle);
  switch (opcode) {
    case kSetExtendedParameters: {
      AdvertisingSet& set = sets_[handle];
      set.connectable = (told.number(1, 2) & kConnectableBit) != 0;
      set.least_interval = told.number(3, 3);
      set.most_interval = told.number(6, 3);
      set.address_type = static_cast<std::uint8_t>(told.number(10));
      return Octets{kSuccess, kSelectedPowerDbm};
    }
    case kSetExtendedData:
      if (known) sets_[handle].data = told.counted(3);
      return Octets{known ? kSuccess : kUnknownSet};
    case kSetExtendedScanResponse:
      if (known) sets_[handle].scan_response = told.counted(3);
      return Octets{known ? kSuccess : kUnknownSet};
    case kSetSetAddress:
      return Octets{known ? kSuccess : kUnknownSet};
    case kSetExtendedEnable:
      enable(parameters);
      return Octets{kSuccess};
    case kReadMostData:
      return Octets{kSuccess, 0xFB, 0x00};
    case kReadSetCount:
      return Octets{kSuccess, kMostSets};
    case kRemoveSet:
      return Octets{sets_.erase(handle) > 0 ? kSuccess : kUnknownSet};
    case kClearSets:
      reset();
      return Octets{kSuccess};
    default:
      return std::nullopt;
  }
}

void Advertiser::turn(AdvertisingSet& set, bool on) {
  if (on && !set.on) ++starts_;
  set.on = on;
}

// On or off; of no set in particular: off, all of them.
void Advertiser::enable(std::span<const std::uint8_t> parameters) {
  constexpr std::size_t kFirst = 2, kSize = 4;  // handle, duration, most events
  const Parameters told{parameters};
  const bool on = told.number(0) != 0;
  const std::uint32_t count = told.number(1);
  if (count == 0)
    for (auto& [handle, set] : sets_) set.on = false;
  for (std::uint32_t at = 0; at < count; ++at) {
    const auto found = sets_.find(static_cast<std::uint8_t>(told.number(kFirst + kSize * at)));
    if (found != sets_.end()) turn(found->second, on);
  }
}

}  // namespace beacon_gateway_vm
