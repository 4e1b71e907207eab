#include "cli/check.hpp"

#include <algorithm>
#include <ostream>

#include "cli/describe_settings.hpp"
#include "messages/control_json.hpp"
#include "settings/read_settings.hpp"

namespace beacon_gateway {
namespace {

std::string counted(std::size_t count, std::string_view what) {
  return std::to_string(count) + ' ' + std::string{what} + (count == 1 ? "" : "s");
}

// What the running gateway holds, where one runs: the configuration alone does not say how many keys there are
// (`irks`), nor whose campaigns decide (`campaigns`).
std::string held(const char* what, const Settings& settings, const Edges& edges) {
  ControlQuestion question;
  question.command = what;
  const auto reply = edges.ask_daemon(settings.control_socket, to_json(question));
  const auto answer = reply ? control_answer_from_json(*reply) : std::nullopt;
  return answer && answer->status == kGood ? answer->out : "";
}

}  // namespace

int check(const std::filesystem::path& directory, const Edges& edges, std::ostream& out, std::ostream& err, bool json) {
  const SettingsResult result = read_settings(directory);
  for (const Fault& fault : result.faults) {
    if (json) out << as_json(fault) << '\n';
    if (!json) err << rendered(fault) << '\n';
  }
  const auto errors = static_cast<std::size_t>(std::ranges::count(result.faults, Severity::error, &Fault::severity));
  const std::size_t warnings = result.faults.size() - errors;
  if (json) {
    out << R"({"errors":)" << errors << R"(,"warnings":)" << warnings << R"(,"configuration":")"
        << (result.settings ? result.settings->hash : "") << "\"}\n";
  } else if (result.settings) {
    out << described(*result.settings) << held("campaigns", *result.settings, edges)
        << held("irks", *result.settings, edges) << "\nThe configuration is good: " << counted(warnings, "warning")
        << ".\n";
  } else {
    err << "The configuration is not accepted: " << counted(errors, "error") << ", " << counted(warnings, "warning")
        << ".\n";
  }
  return result.settings ? kGood : kBadConfiguration;
}

}  // namespace beacon_gateway
