#include "drivers/sqlite/quarantine.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <fstream>
#include <string>
#include <system_error>

namespace beacon_gateway::sqlite {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kKept{7 * 24};

fs::path with(const fs::path& file, const char* ending) {
  return file.string() + ending;
}

void move_if_there(const fs::path& from, const fs::path& to) {
  if (!fs::exists(from)) return;
  fs::rename(from, to);
  fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write);
}

}  // namespace

void note_damage(const fs::path& file) {
  if (file.is_absolute() || fs::exists(file)) std::ofstream{with(file, "-damaged")};
}

bool damage_noted(const fs::path& file) {
  return fs::exists(with(file, "-damaged"));
}

void set_aside(const fs::path& file, std::string_view why) {
  spdlog::error("alarm: {} is damaged ({}); it is moved to {} and begun anew. Is the memory card failing?",
                file.string(), why, with(file, ".damaged").string());
  remove_set_aside(file);
  move_if_there(with(file, "-wal"), with(file, ".damaged-wal"));  // first: a log must not meet another file
  move_if_there(file, with(file, ".damaged"));
  fs::remove(with(file, "-damaged"));
}

void remove_set_aside(const fs::path& file) {
  fs::remove(with(file, ".damaged"));
  fs::remove(with(file, ".damaged-wal"));
}

void remove_set_aside_after_a_week(const fs::path& file) {
  std::error_code none;
  const auto written = fs::last_write_time(with(file, ".damaged"), none);
  if (!none && fs::file_time_type::clock::now() - written > kKept) remove_set_aside(file);
}

}  // namespace beacon_gateway::sqlite
