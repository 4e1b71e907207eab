// The orchestrator's signature: compact JWS with the Ed25519 key of RFC 8037, Appendix A.1, which everybody knows.
#pragma once

#include <string>
#include <string_view>

namespace beacon_gateway_test {

inline const std::string kPublicKey =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
    "-----END PUBLIC KEY-----\n";

inline const std::string kHeader = R"({"alg":"EdDSA","kid":"orchestrator"})";

// Throws std::runtime_error if OpenSSL does not do it.
[[nodiscard]] std::string sign(std::string_view payload, std::string_view header = kHeader);

}  // namespace beacon_gateway_test
