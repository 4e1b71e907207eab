#include "cli/key.hpp"

#include <fmt/format.h>

#include <ostream>

#include "cli/edges.hpp"

namespace beacon_gateway {
namespace {

// {0}: the file.
constexpr const char* kMade = R"(Made {0}: a random key of 256 bits, readable by its owner alone (mode 0400).

Either name it in gateway.toml, and give it to the gateway's user (chown beacon-gateway '{0}'):
  [store]
  key_file = "{0}"
Or bind it to this box, to its TPM where it has one, and delete the file:
  systemd-creds encrypt --name=store-key '{0}' /etc/credstore.encrypted/beacon-gateway.store-key
  systemctl edit beacon-gateway, and write:
    [Service]
    LoadCredentialEncrypted=store-key:/etc/credstore.encrypted/beacon-gateway.store-key

Keep a copy where only those come who may read shoppers' data, and not on this box: without the key the store is lost.
A key on the same card as the store protects nothing from whoever takes the card.
)";

}  // namespace

int create_key(const std::filesystem::path& file, const CreateStoreKey& create_store_key, std::ostream& out,
               std::ostream& err) {
  const auto path = std::filesystem::absolute(file).lexically_normal();  // what gateway.toml names starts elsewhere
  if (const auto made = create_store_key(path); !made) {
    err << "beacon-gateway: " << made.error() << '\n';
    return kFailed;
  }
  out << fmt::format(kMade, path.string());
  return kGood;
}

}  // namespace beacon_gateway
