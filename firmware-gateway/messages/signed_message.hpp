// Signed messages: compact JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037). Nothing else is accepted.
//
// The header's `alg` must be EdDSA and it must have no `crit`; header fields that we do not know are ignored. A key's
// id, as `kid` names it, is the name of its file without the ending, or its thumbprint (RFC 7638). Without a `kid`
// each trusted key is tried, if there are no more than kMostKeysTried.
// Base64url (RFC 4648, 5) is read strictly: no padding, no line breaks, no bits left over.
// Thread: values without shared state; any.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "core/downlink.hpp"

namespace beacon_gateway {

inline constexpr std::size_t kMostKeysTried = 8;  // a verification takes about 0.1 ms

[[nodiscard]] std::string base64url_text(std::string_view octets);
[[nodiscard]] std::optional<std::string> octets_from_base64url(std::string_view text);

using Ed25519PublicKey = std::array<std::uint8_t, 32>;

struct TrustedKey {
  std::string id;  // its file's name without the ending
  std::string thumbprint;
  Ed25519PublicKey key{};
};

class TrustedKeys {
 public:
  TrustedKeys() = default;  // trusts nobody

  // Each file holds one Ed25519 public key in PEM (SubjectPublicKeyInfo). The error names the file and the remedy.
  [[nodiscard]] static tl::expected<TrustedKeys, std::string> read(const std::vector<std::filesystem::path>& files);

  [[nodiscard]] const std::vector<TrustedKey>& all() const { return keys_; }
  [[nodiscard]] const TrustedKey* find(std::string_view kid) const;

 private:
  std::vector<TrustedKey> keys_;
};

struct VerifiedMessage {
  std::string payload;
  std::string key_id;
};

// Refused as not_signed, wrong_algorithm, unknown_key or bad_signature.
[[nodiscard]] tl::expected<VerifiedMessage, DownlinkRefusal> verify(std::string_view compact_jws,
                                                                    const TrustedKeys& keys);

}  // namespace beacon_gateway
