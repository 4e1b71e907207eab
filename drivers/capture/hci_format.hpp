// The numbers of the HCI events that carry advertising reports, for their reader and their writer.
//
// Source: Core 5.4, Vol 4 Part E, 7.7.65.2, 7.7.65.11 and 7.7.65.13. All numbers are little-endian.
#pragma once

#include <cstddef>
#include <cstdint>

namespace beacon_gateway::capture {

inline constexpr std::uint8_t kLeMetaEvent = 0x3E;
inline constexpr std::uint8_t kAdvertisingReport = 0x02;
inline constexpr std::uint8_t kDirectedReport = 0x0B;
inline constexpr std::uint8_t kExtendedReport = 0x0D;
inline constexpr std::size_t kEventHead = 2;     // event code, length of the parameters
inline constexpr std::size_t kSubeventHead = 2;  // subevent code, number of reports

// Legacy: event type, address type, address 6, length, then the data and the RSSI.
inline constexpr std::size_t kLegacyHead = 9;
inline constexpr std::size_t kMostLegacyData = 31;
inline constexpr std::uint8_t kNonConnectable = 0x03;
inline constexpr std::uint8_t kMostLegacyType = 0x04;  // scan response

// Extended: event type 2, address type, address 6, primary and secondary PHY, set id, TX power, RSSI, interval 2,
// direct address type, direct address 6, length, then the data.
inline constexpr std::size_t kExtendedHead = 24;
inline constexpr std::size_t kSetIdAt = 11;
inline constexpr std::size_t kRssiAt = 13;
inline constexpr std::size_t kExtendedLengthAt = 23;
inline constexpr std::uint16_t kScanResponse = 1 << 3;
inline constexpr std::uint16_t kDataStatus = 3 << 5;
inline constexpr std::uint16_t kComplete = 0 << 5;
inline constexpr std::uint16_t kMoreToCome = 1 << 5;
inline constexpr std::uint16_t kCutByController = 2 << 5;

inline constexpr std::size_t kMostExtendedData = 229;  // 255 octets of parameters less the two heads

inline constexpr std::uint8_t kPublicAddress = 0x00;
inline constexpr std::uint8_t kRandomAddress = 0x01;
inline constexpr std::uint8_t kPublicIdentity = 0x02;  // identity addresses: the controller resolved them
inline constexpr std::uint8_t kRandomIdentity = 0x03;
inline constexpr std::uint8_t kAnonymous = 0xFF;
inline constexpr std::uint8_t kNoRssi = 127;

}  // namespace beacon_gateway::capture
