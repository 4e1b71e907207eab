#include "cli/ask.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <ostream>
#include <sstream>

#include "cli/configuration.hpp"
#include "cli/operator_requests.hpp"
#include "settings/utf8.hpp"

namespace beacon_gateway {
namespace {

bool store_can_answer(const ControlQuestion& question) {
  return question.command.starts_with("profiles ") || question.command == "explain";
}

// On the store of a gateway that is stopped. Whoever can open its files is its user or root.
ControlAnswer ask_store(const Settings& settings, const ControlQuestion& question, const Edges& edges) {
  if (const auto why = edges.store_key_fault(settings.store))
    return {kBadConfiguration, {}, fmt::format("beacon-gateway: {}\n", *why)};
  make_store_directory(settings.store.directory);
  const auto profiles = edges.open_profiles(profiles_file(settings.store.directory), settings);
  const auto journey = edges.open_journey(journey_file(settings.store.directory), settings, false);
  Counters counters;
  Gateway gateway{settings,
                  *profiles,
                  *journey,
                  counters,
                  all_captures(settings) ? ClockSource::capture : ClockSource::machine,
                  edges.random_key()};
  gateway.start(edges.machine_clock());
  return OperatorRequests{gateway, *profiles, *journey, counters, nullptr}.answer(question, {0, true});
}

// The first line that is not UTF-8: it could not cross the control socket unchanged.
std::optional<std::ptrdiff_t> line_not_utf8(std::string_view text) {
  for (std::string_view rest = text; !rest.empty();) {
    const CodePoint point = first_code_point(rest);
    if (point.state != Utf8::good) return 1 + std::count(text.begin(), text.end() - rest.size(), '\n');
    rest.remove_prefix(point.size);
  }
  return std::nullopt;
}

}  // namespace

int ask(const std::filesystem::path& configuration, const ControlQuestion& question, const Edges& edges,
        std::ostream& out, std::ostream& err) {
  const auto settings = usable_settings(configuration, err);
  if (!settings) return kBadConfiguration;
  std::optional<ControlAnswer> answer;
  if (const auto reply = edges.ask_daemon(settings->control_socket, to_json(question))) {
    answer = control_answer_from_json(*reply);
    if (!answer) answer = ControlAnswer{kFailed, {}, "beacon-gateway: the daemon's answer cannot be read\n"};
  } else if (store_can_answer(question)) {
    answer = ask_store(*settings, question, edges);
  } else {
    answer = ControlAnswer{kFailed,
                           {},
                           fmt::format("beacon-gateway: no gateway listens on {}; start it with"
                                       " `systemctl start beacon-gateway`\n",
                                       settings->control_socket.string())};
  }
  out << answer->out;
  err << answer->err;
  return answer->status;
}

int import_profiles(const std::filesystem::path& configuration, const std::filesystem::path& file,
                    ControlQuestion question, const Edges& edges, std::ostream& out, std::ostream& err) {
  std::ifstream stream{file, std::ios::binary};
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  if (!stream && file != "/dev/null") {
    err << fmt::format("{}: error: cannot be read: {}\n", file.string(), std::strerror(errno));
    return kFailed;
  }
  question.file = file.string();
  question.text = std::move(text).str();
  if (const auto line = line_not_utf8(question.text)) {
    err << fmt::format("{}:{}: error: is not UTF-8; save the file in that encoding\n", file.string(), *line);
    return kFailed;
  }
  return ask(configuration, question, edges, out, err);
}

}  // namespace beacon_gateway
