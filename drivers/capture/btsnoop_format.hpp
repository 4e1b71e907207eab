// The numbers of the btsnoop file format, for its reader and its writer.
//
// Sources: BlueZ src/shared/btsnoop.h and btsnoop.c; RFC 1761 (snoop), from which the layout comes. All numbers in
// headers are big-endian. File: 8 octets of magic, version, datalink. Record: original length, included length, flags,
// cumulative drops (32 bits each), microseconds since year 0 (64 bits), then the included octets.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "core/time.hpp"

namespace beacon_gateway::capture {

inline constexpr std::array<std::uint8_t, 8> kMagic{'b', 't', 's', 'n', 'o', 'o', 'p', 0};
inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kFileHeaderSize = 16;
inline constexpr std::size_t kRecordHeaderSize = 24;

enum class Datalink : std::uint32_t {
  h4 = 1002,       // each record starts with the H4 packet type; one controller
  monitor = 2001,  // as `btmon -w` writes it: flags = adapter index << 16 | opcode
};

// btsnoop.c counts from 0x00E03AB44A676000, which is 2000-01-01; this is the same less 946 684 800 s.
inline constexpr std::uint64_t kUnixEpoch = 0x00DCDDB30F2F8000;

// Of a monitor record. The others (commands, ACL data, notes, ...) say nothing about advertisements.
enum class Opcode : std::uint16_t { new_index = 0, event = 3, index_info = 10, other = 0xFFFF };

// New Index: type, bus, address (little-endian), name (8). Index Info: address (little-endian), manufacturer (2).
inline constexpr std::size_t kNewIndexAddressAt = 2;
inline constexpr std::size_t kNewIndexSize = 16;
inline constexpr std::size_t kIndexInfoAddressAt = 0;

// Core 5.4, Vol 4 Part A, 2: the H4 packet type of an event.
inline constexpr std::uint8_t kH4Event = 0x04;

// An H4 type octet, an ACL header and the most that its 16-bit length can say: no honest record is longer.
inline constexpr std::uint32_t kMostRecordOctets = 1 + 4 + 65535;

// No Bluetooth LE capture is older than 1970 or younger than 2100 (and calendar.hpp knows no later day): any other time
// comes from damage, and one such record would drag the clock of the whole replay along.
inline constexpr WallTime kEarliest{};
inline constexpr WallTime kLatest = std::chrono::sys_days{std::chrono::year{2100} / 1 / 1};

}  // namespace beacon_gateway::capture
