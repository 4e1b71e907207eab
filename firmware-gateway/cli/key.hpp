// `beacon-gateway key create FILE` (contract 3.1): makes the key that seals the stores, and says what to do with it.
// The key itself is never shown.
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>

#include <tl/expected.hpp>

namespace beacon_gateway {

// Makes the key's file; the fault is a sentence that names it.
using CreateStoreKey = std::function<tl::expected<void, std::string>(const std::filesystem::path&)>;

// Answers the exit status.
[[nodiscard]] int create_key(const std::filesystem::path& file, const CreateStoreKey& create_store_key,
                             std::ostream& out, std::ostream& err);

}  // namespace beacon_gateway
