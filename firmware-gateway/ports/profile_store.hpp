// What we ask of the place where profiles lie: bodies stay there, only identifiers are held in memory.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/identity/index.hpp"
#include "core/profile.hpp"

namespace beacon_gateway {

struct StoredProfile {
  ShopperNumber number = 0;
  Profile profile;
};

// One thread. A disk that fails is an exception: without its profiles the gateway cannot know who agreed to what.
class ProfileStore {
 public:
  virtual ~ProfileStore() = default;

  [[nodiscard]] virtual std::optional<StoredProfile> find(ShopperNumber number) = 0;
  [[nodiscard]] virtual std::optional<StoredProfile> find(const ShopperId& shopper) = 0;

  // Adds or replaces; the number of a shopper stays.
  virtual ShopperNumber put(const Profile& profile) = 0;
  virtual void erase(const ShopperId& shopper) = 0;

  // In the order of shopper_id.
  virtual void for_each(const std::function<void(const StoredProfile&)>& visit) = 0;

  // Everything that `work` writes happens, or nothing.
  virtual void transact(const std::function<void()>& work) = 0;
};

}  // namespace beacon_gateway
