// What becomes of a database file that is damaged: it is moved aside, and a new one takes its place, so that damage
// never keeps the gateway from starting.
//
// "journey.db" goes to "journey.db.damaged", its log with it, with mode 0600 and as sealed as it was. One a store is
// kept, for at most a week, for whoever wants to see what happened; an erasure removes it. "journey.db-damaged" is
// empty: a note that damage was found while running, so that the next start need not find it again.
#pragma once

#include <filesystem>
#include <string_view>

namespace beacon_gateway::sqlite {

// Best effort, as the disk may be failing: where it cannot be left, the next start finds the damage by itself or not.
void note_damage(const std::filesystem::path& file);
[[nodiscard]] bool damage_noted(const std::filesystem::path& file);

// Throws std::filesystem::filesystem_error.
void set_aside(const std::filesystem::path& file, std::string_view why);
void remove_set_aside(const std::filesystem::path& file);
void remove_set_aside_after_a_week(const std::filesystem::path& file);

}  // namespace beacon_gateway::sqlite
