#include "cli/walk_tag.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "cli/configuration.hpp"
#include "cli/profile_file.hpp"
#include "cli/text_file.hpp"
#include "messages/control_json.hpp"

namespace beacon_gateway {
namespace {

constexpr ShopperNumber kTagNumber = 1;  // the only one that is looked for

tl::unexpected<NoTag> no_tag(int status, std::string text) {
  return tl::unexpected(NoTag{status, std::move(text)});
}

tl::unexpected<NoTag> not_held(const std::string& where) {
  return no_tag(kWrongUsage, fmt::format("beacon-gateway: {} has no such profile; TAG is a shopper_id\n", where));
}

tl::expected<Identity, NoTag> from_file(const ShopperId& tag, const std::filesystem::path& path,
                                        const Settings& settings) {
  const auto text = text_of_file(path);
  if (!text) return no_tag(kFailed, text.error() + '\n');
  const ProfileFile file = read_profile_lines(*text, path.string(), settings.privacy.attributes);
  std::string faults;
  for (const std::string& fault : file.faults) faults += fault + '\n';
  if (!faults.empty()) return no_tag(kFailed, faults);
  const auto found = std::ranges::find(file.profiles, tag, &Profile::shopper_id);
  if (found == file.profiles.end()) return not_held(path.string());
  return Identity{kTagNumber, false, found->identifiers, {}};
}

tl::expected<Identity, NoTag> from_store(const ShopperId& tag, const Settings& settings, const Edges& edges) {
  ControlQuestion question;
  question.command = "status";
  if (edges.ask_daemon(settings.control_socket, to_json(question)))
    return no_tag(kFailed,
                  "beacon-gateway: the gateway is running and holds its store; give the tag's profile with --profiles"
                  " FILE, or stop it with `systemctl stop beacon-gateway`\n");
  if (const auto why = edges.store_key_fault(settings.store))
    return no_tag(kBadConfiguration, fmt::format("beacon-gateway: {}\n", *why));
  const std::filesystem::path path = profiles_file(settings.store.directory);
  std::error_code ignored;  // a store that cannot be asked about is none that we could open
  if (!std::filesystem::exists(path, ignored))
    return no_tag(kWrongUsage,
                  fmt::format("beacon-gateway: there is no store {}; give the tag's profile with --profiles"
                              " FILE\n",
                              path.string()));
  const auto store = edges.open_profiles(path, settings);
  const auto held = store->find(tag);
  if (!held) return not_held("the store");
  if (!held->profile.test)
    return no_tag(kWrongUsage,
                  "beacon-gateway: this profile of the store is not a tag: only one with \"test\": true is followed\n");
  auto identity = store->identity(held->number);
  assert(identity);  // of a profile that is held
  return Identity{kTagNumber, false, std::move(identity->identifiers), std::move(identity->corrections)};
}

}  // namespace

tl::expected<Identity, NoTag> find_tag(const std::string& tag, const std::optional<std::filesystem::path>& profiles,
                                       const Settings& settings, const Edges& edges) {
  const auto id = ShopperId::parse(tag);
  if (!id) return no_tag(kWrongUsage, "beacon-gateway: TAG is no shopper_id: 1 to 64 of A-Z, a-z, 0-9, . _ and -\n");
  return profiles ? from_file(*id, *profiles, settings) : from_store(*id, settings, edges);
}

TagListener::TagListener(Identity tag, const Settings& settings, const Key128& secret)
    : tag_(std::move(tag)),
      recogniser_({settings.identity.ibeacon_uuids, settings.identity.token_service_uuids, settings.identity.most_irks},
                  secret) {}

std::optional<WalkSighting> TagListener::hear(const Advertisement& advertisement) {
  if (!begun_) recogniser_.add(tag_, advertisement.instant.wall);  // rotating identities begin at the walk's own time
  begun_ = true;
  const Recognition recognition = recogniser_.recognise(advertisement);
  if (recognition.found != Recognition::Found::match || !advertisement.rssi_dbm) return std::nullopt;
  return WalkSighting{advertisement.instant, advertisement.scanner, *advertisement.rssi_dbm, std::nullopt};
}

}  // namespace beacon_gateway
