// Whose devices are heard, for `scan` and `record`. The running daemon is asked, who alone may hold the store; else the
// identities of a file or of the store are read once, and the store is let go of. Only who may be matched is known: who
// has a live consent, while the consent lease holds; test tags and staff always.
//
// Thread: that of its owner.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "cli/edges.hpp"
#include "gateway.hpp"
#include "messages/control_json.hpp"

namespace beacon_gateway {

// Answers one each; nothing if nobody can be asked any more. Slow: it may cross the control socket.
using AskWhose = std::function<std::optional<std::vector<Whose>>(std::span<const Advertisement>)>;

// Why there is nobody to ask, in a sentence for people, and the exit status that says so.
struct NobodyKnows {
  int status = kFailed;
  std::string text;
};

// Asks the running daemon, once and before anything else, for leave to hear for `purpose`, a command: it leaves an
// audit line there, and is given to operators. Nothing: no daemon runs.
[[nodiscard]] std::optional<ControlAnswer> ask_leave(const std::string& purpose, const Settings& settings,
                                                     const Edges& edges);

// Of `profiles`, JSON lines; else of the daemon; else of the store, without which everybody is a stranger.
[[nodiscard]] tl::expected<AskWhose, NobodyKnows> known_devices(const std::optional<std::filesystem::path>& profiles,
                                                                bool daemon_runs, const Settings& settings,
                                                                const Edges& edges);

// The question of the control socket and its answer, as text: an advertisement a line, a letter each.
[[nodiscard]] std::string whose_question(std::span<const Advertisement> advertisements);
[[nodiscard]] std::optional<std::vector<Advertisement>> advertisements_asked(std::string_view text);
[[nodiscard]] char letter(Whose whose);
[[nodiscard]] std::optional<std::vector<Whose>> whose_answers(std::string_view text, std::size_t count);

}  // namespace beacon_gateway
