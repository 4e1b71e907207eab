// The technician's tag: its profile, and what of all that is heard is the tag.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "cli/edges.hpp"
#include "core/identity/recogniser.hpp"
#include "core/presence/fit.hpp"

namespace beacon_gateway {

// Why there is no tag to follow, and the exit status that says so.
struct NoTag {
  int status = kWrongUsage;
  std::string text;  // lines, each with its newline
};

// The identity of the profile `tag`: of `profiles`, JSON lines made for the walk, else of the store, where it must be a
// test profile: no shopper is followed by her consent to something else. Writes nothing.
[[nodiscard]] tl::expected<Identity, NoTag> find_tag(const std::string& tag,
                                                     const std::optional<std::filesystem::path>& profiles,
                                                     const Settings& settings, const Edges& edges);

// Thread: that of its owner. The tag is a device of ours: no consent is asked for, and nobody else is recognised.
class TagListener {
 public:
  TagListener(Identity tag, const Settings& settings, const Key128& secret);

  // A sighting, its place not yet known; nothing for any other device, and where the radio does not say how strong.
  [[nodiscard]] std::optional<WalkSighting> hear(const Advertisement& advertisement);

 private:
  Identity tag_;
  Recogniser recogniser_;
  bool begun_ = false;
};

}  // namespace beacon_gateway
