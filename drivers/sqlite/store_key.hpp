// The key that seals the stores: where it comes from, and how one is made.
//
// A key file is text: one line of 64 hex digits, lines that begin with `#` are passed over. It must be readable by its
// owner alone. A systemd credential has the same form; its mode is not judged, as systemd hands it over by an access
// list, which shows as a right of the group. Faults are sentences for people; none quotes the file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "drivers/sqlite/seal.hpp"

namespace beacon_gateway::sqlite {

using StoreKey = SecretKey;

// What a store is opened with. No key: in clear, for recordings and trials. `previous`: opens a store that the present
// key does not open yet, which is then sealed anew under the present one.
struct StoreSeal {
  std::optional<StoreKey> key;
  std::optional<StoreKey> previous;
};

// A file that is configured wins over the credential (`store-key`, `store-key-previous` in $CREDENTIALS_DIRECTORY). No
// present key is a fault; no previous one is as usual.
[[nodiscard]] tl::expected<StoreSeal, std::string> find_store_seal(
    const std::optional<std::filesystem::path>& key_file,
    const std::optional<std::filesystem::path>& previous_key_file);

[[nodiscard]] tl::expected<StoreKey, std::string> read_store_key(const std::filesystem::path& file);

// Makes a random key in a new file of mode 0400, on disk when this returns. Never overwrites.
[[nodiscard]] tl::expected<void, std::string> create_store_key(const std::filesystem::path& file);

}  // namespace beacon_gateway::sqlite
