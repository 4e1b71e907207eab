#include "drivers/capture/hci_report.hpp"

#include <algorithm>

#include "drivers/capture/hci_format.hpp"

namespace beacon_gateway::capture {
namespace {

using Bytes = std::span<const std::uint8_t>;

std::optional<std::int8_t> rssi_from(std::uint8_t octet) {
  if (octet == kNoRssi) return std::nullopt;
  return static_cast<std::int8_t>(octet);
}

std::optional<Address> address_from(std::uint8_t type, Bytes on_air) {
  Address address;
  std::reverse_copy(on_air.begin(), on_air.begin() + 6, address.octets.begin());
  switch (type) {
    case kPublicAddress:
    case kPublicIdentity:
      return address;
    case kRandomAddress:
    case kRandomIdentity:
      address.type = random_address_type(address.octets[0]);
      return address;
    default:
      return std::nullopt;
  }
}

// Adds what still fits.
void append(Payload& payload, const Payload& more) {
  const std::size_t room = Payload::kCapacity - payload.size;
  const Bytes fits = more.bytes().first(std::min<std::size_t>(room, more.size));
  std::ranges::copy(fits, payload.octets.begin() + payload.size);
  payload.size = static_cast<std::uint8_t>(payload.size + fits.size());
  payload.truncated = payload.truncated || more.truncated || fits.size() < more.size;
}

}  // namespace

void ReportReader::read(std::uint32_t origin, Bytes event, std::vector<Report>& reports) {
  if (event.empty() || event[0] != kLeMetaEvent) return;
  if (event.size() < kEventHead + 1 || event[1] == 0 || event.size() - kEventHead < event[1]) {
    ++dropped_.malformed;
    return;
  }
  const Bytes parameters = event.subspan(kEventHead, event[1]);
  const std::uint8_t subevent = parameters[0];
  if (subevent == kDirectedReport) ++dropped_.directed;
  if (subevent != kAdvertisingReport && subevent != kExtendedReport) return;
  if (parameters.size() < kSubeventHead || parameters[1] == 0) {
    ++dropped_.malformed;
    return;
  }
  const Bytes body = parameters.subspan(kSubeventHead);
  if (subevent == kAdvertisingReport) {
    read_legacy(parameters[1], body, reports);
  } else {
    read_extended(origin, parameters[1], body, reports);
  }
}

void ReportReader::read_legacy(std::uint8_t count, Bytes reports, std::vector<Report>& out) {
  for (; count > 0; --count) {
    if (reports.size() < kLegacyHead || reports.size() - kLegacyHead <= reports[kLegacyHead - 1]) {
      ++dropped_.malformed;
      return;
    }
    const std::size_t length = reports[kLegacyHead - 1];
    const auto address = address_from(reports[1], reports.subspan(2));
    if (address && reports[0] <= kMostLegacyType && length <= kMostLegacyData) {
      out.push_back(
          {*address, rssi_from(reports[kLegacyHead + length]), Payload{reports.subspan(kLegacyHead, length)}});
    } else {
      ++dropped_.malformed;
    }
    reports = reports.subspan(kLegacyHead + length + 1);
  }
}

void ReportReader::read_extended(std::uint32_t origin, std::uint8_t count, Bytes reports, std::vector<Report>& out) {
  for (; count > 0; --count) {
    if (reports.size() < kExtendedHead || reports.size() - kExtendedHead < reports[kExtendedLengthAt]) {
      ++dropped_.malformed;
      return;
    }
    const std::size_t length = reports[kExtendedLengthAt];
    const auto event_type = static_cast<std::uint16_t>(reports[0] | reports[1] << 8);
    if (const auto address = address_from(reports[2], reports.subspan(3))) {
      join({origin,
            reports[kSetIdAt],
            (event_type & kScanResponse) != 0,
            {*address, rssi_from(reports[kRssiAt]), Payload{reports.subspan(kExtendedHead, length)}}},
           event_type, out);
    } else {
      ++(reports[2] == kAnonymous ? dropped_.anonymous : dropped_.malformed);
    }
    reports = reports.subspan(kExtendedHead + length);
  }
}

void ReportReader::join(Pending fragment, std::uint16_t event_type, std::vector<Report>& out) {
  const auto same = std::ranges::find_if(pending_, [&](const Pending& pending) {
    return pending.origin == fragment.origin && pending.report.address == fragment.report.address &&
           pending.set_id == fragment.set_id && pending.scan_response == fragment.scan_response;
  });
  if (same != pending_.end()) {
    append(same->report.payload, fragment.report.payload);
    fragment.report.payload = same->report.payload;
    pending_.erase(same);
  }
  switch (event_type & kDataStatus) {
    case kComplete:
      out.push_back(fragment.report);
      return;
    case kCutByController:
      fragment.report.payload.truncated = true;
      out.push_back(fragment.report);
      return;
    case kMoreToCome:
      if (pending_.size() == kMostPending) {
        pending_.erase(pending_.begin());
        ++dropped_.abandoned;
      }
      pending_.push_back(fragment);
      return;
    default:  // reserved
      ++dropped_.malformed;
  }
}

void ReportReader::finish() {
  dropped_.abandoned += pending_.size();
  pending_.clear();
}

}  // namespace beacon_gateway::capture
