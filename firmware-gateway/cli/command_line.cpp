#include "cli/command_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "cli/ask.hpp"
#include "cli/check.hpp"
#include "cli/doctor.hpp"
#include "cli/key.hpp"
#include "cli/record.hpp"
#include "cli/replay.hpp"
#include "cli/run.hpp"
#include "cli/scan.hpp"
#include "cli/version.hpp"
#include "cli/walk_test.hpp"
#include "settings/duration.hpp"
#include "settings/nearest.hpp"

namespace beacon_gateway {
namespace {

constexpr const char* kDefaultConfiguration = "/etc/beacon-gateway";

// What the options of all commands are read into.
struct Arguments {
  std::string configuration = kDefaultConfiguration;
  bool json = false;
  RunOptions run;
  ReplayOptions replay;
  WalkTestOptions walk_test;
  ScanOptions scan;
  RecordOptions record;
  std::vector<std::string> captures;
  std::string profiles;
  std::string store;
  std::string timeout = "60s";
  std::optional<std::uint32_t> seconds;
  std::string file;
  std::string marks;
  std::string language;
  ControlQuestion question;
};

// A command of ours: its name, and what it does once the line is read.
using Action = std::function<int(Arguments&, const Edges&)>;

CLI::App* command(CLI::App& parent, Action* chosen, const char* name, const char* help, Action action) {
  CLI::App* app = parent.add_subcommand(name, help);
  app->final_callback([chosen, action = std::move(action)] { *chosen = action; });
  return app;
}

Action asking(const char* what) {
  return [what](Arguments& arguments, const Edges& edges) {
    arguments.question.command = what;
    arguments.question.json = arguments.json;
    return ask(arguments.configuration, arguments.question, edges, std::cout, std::cerr);
  };
}

int run_replay(Arguments& arguments, const Edges& edges) {
  ReplayOptions& options = arguments.replay;
  options.configuration = arguments.configuration;
  options.captures.assign(arguments.captures.begin(), arguments.captures.end());
  if (!arguments.profiles.empty()) options.profiles = arguments.profiles;
  if (!arguments.store.empty()) options.store = arguments.store;
  const auto timeout = parse_duration(arguments.timeout);
  if (!timeout) {
    std::cerr << fmt::format("beacon-gateway: --timeout: {}; {}\n", timeout.error().text, timeout.error().hint);
    return kWrongUsage;
  }
  options.timeout = std::chrono::ceil<std::chrono::seconds>(*timeout);
  return replay(options, edges, std::cout, std::cerr);
}

void add_daemon_commands(CLI::App& app, Arguments& arguments, Action* chosen) {
  CLI::App* run_app = command(app, chosen, "run", "the daemon", [](Arguments& given, const Edges& edges) {
    given.run.configuration = given.configuration;
    return run(given.run, edges, std::cerr);
  });
  run_app->add_flag("--exit-at-end", arguments.run.exit_at_end,
                    "with capture scanners: exit once the captures are read and everything is delivered");
  command(app, chosen, "status", "state of the running daemon", asking("status"));
  command(app, chosen, "pause", "hear, but decide nothing (stock-taking)", asking("pause"));
  command(app, chosen, "resume", "decide again", asking("resume"));
  command(app, chosen, "reload", "read the configuration anew; a bad one leaves the old in force", asking("reload"));
  CLI::App* explain =
      command(app, chosen, "explain", "newest decisions for a shopper, with reasons", asking("explain"));
  explain->add_option("SHOPPER", arguments.question.shopper, "shopper_id")->required();
}

void add_profile_commands(CLI::App& app, Arguments& arguments, Action* chosen) {
  CLI::App* profiles = app.add_subcommand("profiles", "what is held of shoppers");
  profiles->require_subcommand(1);
  CLI::App* import_app =
      command(*profiles, chosen, "import", "takes profiles from a file, one JSON object a line; all or nothing",
              [](Arguments& given, const Edges& edges) {
                given.question.command = "profiles import";
                return import_profiles(given.configuration, given.file, given.question, edges, std::cout, std::cerr);
              });
  import_app->add_option("FILE", arguments.file, "JSON lines")->required();
  import_app->add_flag("--replace", arguments.question.replace, "erase every profile that is not in the file");
  import_app->add_flag("--dry-run", arguments.question.dry_run, "check the file and change nothing");
  command(*profiles, chosen, "list", "one line a shopper", asking("profiles list"));
  for (const auto& [name, help] :
       {std::pair{"show", "everything held of one shopper, keys masked"}, {"erase", "forget one shopper altogether"}}) {
    const char* what = std::string_view{name} == "show" ? "profiles show" : "profiles erase";
    command(*profiles, chosen, name, help, asking(what))
        ->add_option("ID", arguments.question.shopper, "shopper_id")
        ->required();
  }
}

void add_key_command(CLI::App& app, Arguments& arguments, Action* chosen) {
  CLI::App* key = app.add_subcommand("key", "the key that seals the stores");
  key->require_subcommand(1);
  command(*key, chosen, "create", "makes a random key in a new file; says what to do with it",
          [](Arguments& given, const Edges& edges) {
            return create_key(given.file, edges.create_store_key, std::cout, std::cerr);
          })
      ->add_option("FILE", arguments.file, "is made; never overwritten")
      ->required();
}

void add_replay_command(CLI::App& app, Arguments& arguments, Action* chosen) {
  CLI::App* replay_app =
      command(app, chosen, "replay", "the whole gateway over captures; events as JSON lines", run_replay);
  replay_app->add_option("CAPTURE", arguments.captures, "btsnoop files, as `btmon -w` writes them")->required();
  replay_app->add_option("--profiles", arguments.profiles, "shoppers, one JSON object a line");
  replay_app->add_option("--store", arguments.store, "go on from this store, and leave the outcome in it");
  replay_app->add_flag("--publish", arguments.replay.publish, "send the events to the broker, too");
  replay_app->add_option("--timeout", arguments.timeout, "how long --publish waits for the broker (60s)");
  replay_app->add_flag("--yes-to-real-broker", arguments.replay.yes_to_real_broker,
                       "publish to a broker that is not on this machine");
}

std::optional<Duration> how_long(const Arguments& arguments) {
  return arguments.seconds ? std::optional<Duration>{std::chrono::seconds{*arguments.seconds}} : std::nullopt;
}

// Asked for, else that of the technician's session: LC_ALL goes before LANG (POSIX.1-2017, XBD 8.2).
Language language_of(const std::string& asked) {
  if (!asked.empty()) return asked == "th" ? Language::th : Language::en;
  const char* all = std::getenv("LC_ALL");
  const char* session = all != nullptr && *all != '\0' ? all : std::getenv("LANG");
  return session != nullptr && std::string_view{session}.starts_with("th") ? Language::th : Language::en;
}

int run_walk_test(Arguments& arguments, const Edges& edges) {
  WalkTestOptions& options = arguments.walk_test;
  options.configuration = arguments.configuration;
  options.captures.assign(arguments.captures.begin(), arguments.captures.end());
  if (!arguments.marks.empty()) options.marks = arguments.marks;
  if (!arguments.profiles.empty()) options.profiles = arguments.profiles;
  options.language = language_of(arguments.language);
  return walk_test(options, edges, standard_terminal(), std::cout, std::cerr);
}

int run_doctor(Arguments& arguments, const Edges& edges) {
  DoctorOptions options;
  options.configuration = arguments.configuration;
  options.language = language_of(arguments.language);
  options.json = arguments.json;
  if (const auto listen = how_long(arguments)) options.listen = *listen;
  return doctor(options, edges, std::cout, std::cerr);
}

void add_doctor_command(CLI::App& app, Arguments& arguments, Action* chosen) {
  CLI::App* doctor_app =
      command(app, chosen, "doctor", "looks at the whole site: what is wrong, why, and what to do", run_doctor);
  doctor_app->add_option("--lang", arguments.language, "th or en")->check(CLI::IsMember({"th", "en"}));
  doctor_app->add_option("--seconds", arguments.seconds, "how long to listen where no gateway runs (10)")
      ->check(CLI::PositiveNumber);
}

void add_walk_test_command(CLI::App& app, Arguments& arguments, Action* chosen) {
  CLI::App* walk =
      command(app, chosen, "walk-test", "from a walk with a test tag: prints a calibration.toml", run_walk_test);
  walk->add_option("TAG", arguments.walk_test.tag, "shopper_id of a profile with \"test\": true, or of --profiles")
      ->required();
  walk->add_option("--capture", arguments.captures, "a recorded walk: btsnoop files; without, the walk is live");
  walk->add_option("--marks", arguments.marks,
                   "where she stood in it: CSV `from,zone`, unix seconds; street = outside");
  walk->add_option("--profiles", arguments.profiles, "the tag's profile, one JSON object a line; else the store's");
  walk->add_option("--lang", arguments.language, "th or en")->check(CLI::IsMember({"th", "en"}));
}

int run_scan(Arguments& arguments, const Edges& edges) {
  ScanOptions& options = arguments.scan;
  options.configuration = arguments.configuration;
  options.how_long = how_long(arguments);
  options.json = arguments.json;
  if (!arguments.profiles.empty()) options.profiles = arguments.profiles;
  return scan(options, edges, standard_screen(), std::cout, std::cerr);
}

int run_record(Arguments& arguments, const Edges& edges) {
  RecordOptions& options = arguments.record;
  options.configuration = arguments.configuration;
  options.capture = arguments.file;
  options.how_long = how_long(arguments);
  options.redraws = ::isatty(STDERR_FILENO) == 1;
  if (!arguments.profiles.empty()) options.profiles = arguments.profiles;
  return record(options, edges, std::cerr);
}

void add_listening_commands(CLI::App& app, Arguments& arguments, Action* chosen) {
  const auto add_common = [&arguments](CLI::App* one) {
    one->add_option("--seconds", arguments.seconds, "end after so many; else at Ctrl-C")->check(CLI::PositiveNumber);
    one->add_option("--profiles", arguments.profiles,
                    "who is known, one JSON object a line; else as the gateway knows");
  };
  CLI::App* scan_app = command(app, chosen, "scan", "what the scanners hear, now", run_scan);
  add_common(scan_app);
  scan_app->add_flag("--all", arguments.scan.all, "addresses and identities in clear");
  CLI::App* record_app = command(app, chosen, "record",
                                 "what the scanners hear of known shoppers and test tags, as a capture", run_record);
  record_app->add_option("CAPTURE", arguments.file, "is made, a btsnoop file; never overwritten")->required();
  add_common(record_app);
  record_app->add_flag("--all", arguments.record.all, "strangers too");
}

// The first word that should have been a command and is none, with the one that was perhaps meant.
std::optional<std::string> unknown_command(const CLI::App& app, int argument_count, const char* const* arguments) {
  const CLI::App* level = &app;
  for (int i = 1; i < argument_count; ++i) {
    const std::string_view word = arguments[i];
    if (word == "--config") ++i;
    if (word.starts_with("-")) continue;
    std::vector<std::string_view> names;
    const CLI::App* next = nullptr;
    for (const CLI::App* one : level->get_subcommands(nullptr)) {
      names.emplace_back(one->get_name());
      if (one->get_name() == word) next = one;
    }
    if (names.empty()) return std::nullopt;
    if (next == nullptr) {
      const std::string guess = did_you_mean(word, names);
      return fmt::format("unknown command \"{}\"{}{}", word, guess.empty() ? "" : "; ", guess);
    }
    level = next;
  }
  return std::nullopt;
}

}  // namespace

int run_command_line(int argument_count, const char* const* arguments_given, const Edges& edges) {
  Arguments arguments;
  Action chosen;
  CLI::App app{"In-store Bluetooth LE beacon gateway", "beacon-gateway"};
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--config", arguments.configuration, "configuration directory")->capture_default_str();
  app.add_flag("--json", arguments.json, "one JSON object a line");
  add_daemon_commands(app, arguments, &chosen);
  command(app, &chosen, "check", "reads all configuration and says what is wrong with it, or what it does",
          [](Arguments& given, const Edges& made) {
            return check(given.configuration, made, std::cout, std::cerr, given.json);
          });
  add_replay_command(app, arguments, &chosen);
  add_doctor_command(app, arguments, &chosen);
  add_listening_commands(app, arguments, &chosen);
  add_walk_test_command(app, arguments, &chosen);
  add_profile_commands(app, arguments, &chosen);
  add_key_command(app, arguments, &chosen);
  command(app, &chosen, "version", "the version of this program", [](Arguments&, const Edges&) {
    std::cout << "beacon-gateway " << kVersion << '\n';
    return kGood;
  });
  try {
    app.parse(argument_count, arguments_given);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return kGood;
  } catch (const CLI::ParseError& error) {
    const auto unknown = unknown_command(app, argument_count, arguments_given);
    std::cerr << fmt::format("beacon-gateway: {}\nTry `beacon-gateway --help`.\n", unknown ? *unknown : error.what());
    return kWrongUsage;
  }
  return chosen(arguments, edges);
}

}  // namespace beacon_gateway
