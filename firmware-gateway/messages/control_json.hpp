// What a command asks the daemon over the control socket, and the answer: text ready to print, and an exit status.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace beacon_gateway {

struct ControlQuestion {
  std::string command;  // "profiles import", "status", ...
  std::string shopper;  // of show, erase, explain
  std::string file;     // of import: its name, for faults
  std::string text;     // of import: its content
  bool replace = false;
  bool dry_run = false;
  bool json = false;
  friend bool operator==(const ControlQuestion&, const ControlQuestion&) = default;
};

struct ControlAnswer {
  int status = 0;   // exit status of the command
  std::string out;  // for standard output
  std::string err;  // for standard error
  friend bool operator==(const ControlAnswer&, const ControlAnswer&) = default;
};

[[nodiscard]] std::string to_json(const ControlQuestion& question);
[[nodiscard]] std::string to_json(const ControlAnswer& answer);
// Nothing for what is not one of ours.
[[nodiscard]] std::optional<ControlQuestion> control_question_from_json(std::string_view text);
[[nodiscard]] std::optional<ControlAnswer> control_answer_from_json(std::string_view text);

}  // namespace beacon_gateway
