// New certificates without a restart: notices that the files have changed, judges them, and says which ones the next
// attempt at a link uses. The old ones stay until a link with the new ones is up (reliability.md A1).
//
// While the new ones are unproven, attempts alternate between new and old: a broker that is away proves nothing against
// the new ones. A link with the old ones, where the new ones had just failed, does: that is told, and the new ones get
// one attempt at each further reconnect.
//
// The uplink's thread. Reads files; the caller brings the time.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "core/warning.hpp"
#include "drivers/mqtt/credentials.hpp"

namespace beacon_gateway::mqtt {

class CredentialRotation {
 public:
  using Time = std::chrono::sys_seconds;

  // Throws std::runtime_error if the files are of no use.
  explicit CredentialRotation(CredentialFiles files);

  // Looks at the files; `asked`: by somebody, so that a fault is told at once and not only if it is still there the
  // next time, when a certificate and its key have both been replaced. True: there is something new to connect with.
  [[nodiscard]] bool look(Time now, bool asked);

  [[nodiscard]] std::shared_ptr<const Credentials> for_attempt();
  // The link of the last attempt is up.
  void came_up();

  [[nodiscard]] const Credentials& in_use() const { return *current_; }
  [[nodiscard]] Warnings warnings(Time now) const;

 private:
  [[nodiscard]] std::string judge(const Credentials& fresh, Time now) const;
  void refuse(const std::string& why, bool asked);

  CredentialFiles files_;
  std::shared_ptr<const Credentials> current_;    // a link was up with these, or they are the first
  std::shared_ptr<const Credentials> candidate_;  // null: the files are as they were, or of no use
  bool trying_candidate_ = false;                 // with the last attempt
  std::string refusal_;                           // of what the files say now; told with the second look
  bool refusal_told_ = false;
};

}  // namespace beacon_gateway::mqtt
