#include "cli/operator_requests.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#include "cli/consent_counts.hpp"
#include "cli/known_devices.hpp"
#include "messages/profile_json.hpp"
#include "tests/catch.hpp"
#include "tests/unit/gateway_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

constexpr Asker kOperator{1000, true};
constexpr Asker kStranger{1001, false};

// What is logged while it lives.
class LogBook {
 public:
  LogBook() : before_(spdlog::default_logger()) {
    const auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
    const auto logger = std::make_shared<spdlog::logger>("book", sink);
    logger->set_pattern("%v");
    spdlog::set_default_logger(logger);
  }
  ~LogBook() { spdlog::set_default_logger(before_); }
  LogBook(const LogBook&) = delete;
  LogBook& operator=(const LogBook&) = delete;

  [[nodiscard]] std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_;
};

class Office {
 public:
  ControlAnswer ask(const std::string& command, const std::string& who = "", const Asker& asker = kOperator,
                    bool json = false) {
    ControlQuestion question;
    question.command = command;
    question.shopper = who;
    question.json = json;
    return requests.answer(question, asker);
  }
  ControlAnswer import(const std::string& text, bool replace = false, bool dry_run = false) {
    ControlQuestion question;
    question.command = "profiles import";
    question.file = "a.jsonl";
    question.text = text;
    question.replace = replace;
    question.dry_run = dry_run;
    return requests.answer(question, kOperator);
  }

  LogBook log;
  GatewayWorld world;
  DaemonFacts facts{[] { return std::string{"connected"}; }, [] { return ControlAnswer{0, "reloaded\n", ""}; },
                    kMorning};
  OperatorRequests requests{world.gateway(), world.profiles(), world.journey(), world.counters(), &facts};
};

std::string line(std::uint16_t number) {
  return profile_to_json(shopper(number)) + '\n';
}

}  // namespace

TEST_CASE("a stranger may ask for the status and nothing else") {
  Office office;
  office.world.know({shopper(1)});
  CHECK(office.ask("status", "", kStranger).status == kGood);
  for (const auto* command : {"profiles import", "profiles list", "profiles show", "profiles erase", "explain", "pause",
                              "resume", "reload", "hear", "whose", "consents", "anything"}) {
    INFO(command);
    const ControlAnswer answer = office.ask(command, "s-1", kStranger);
    CHECK(answer.status == kFailed);
    CHECK(answer.out.empty());
    CHECK_THAT(answer.err, ContainsSubstring("not allowed"));
  }
  CHECK(office.world.gateway().identifiers() == 1);
  CHECK_FALSE(office.world.gateway().paused());
}

TEST_CASE("status says what must be looked at, and what to do") {
  Office office;
  CHECK_THAT(office.ask("status").out, !ContainsSubstring("warning"));
  office.facts.warnings = [] { return Warnings{{warning::kNoConsumer, "is it running?"}}; };
  CHECK_THAT(office.ask("status").out, ContainsSubstring("\nwarning      no_consumer: is it running?\n"));
  CHECK_THAT(office.ask("status", "", kOperator, true).out, ContainsSubstring(R"("warnings":["no_consumer"])"));
}

TEST_CASE("every question about shoppers leaves an audit line: who, what, of whom masked, and whether refused") {
  Office office;
  (void)office.ask("profiles show", "shopper-1234567");
  (void)office.ask("explain", "shopper-1234567", kStranger);
  (void)office.ask("status");
  const std::string masked = ShopperId::parse("shopper-1234567")->masked();
  CHECK(office.log.text() ==
        "audit: user 1000 profiles show " + masked + "\naudit: user 1001 explain " + masked + ": refused\n");
  CHECK(masked.find("shopper-123") == std::string::npos);
}

TEST_CASE("operators are told whose a device is and how many consent to what, but of nobody who it is") {
  Office office;
  Profile tag = shopper(2);
  tag.test = true;
  Profile gone = shopper(3);
  for (Consent& consent : gone.consents) consent.expires_at = kMorning;
  Profile staff = shopper(4);
  staff.staff = true;
  office.world.know({shopper(1), tag, gone, staff});
  ControlQuestion question;
  question.command = "hear";
  question.text = "record a.btsnoop\naudit: nobody";
  CHECK(office.requests.answer(question, kOperator).status == kGood);
  CHECK(office.requests.answer(question, kStranger).status == kFailed);
  CHECK(office.log.text() ==
        "audit: user 1000 record a.btsnoop?audit: nobody\n"
        "audit: user 1001 record a.btsnoop?audit: nobody: refused\n");
  std::vector<Advertisement> heard;
  for (const std::uint16_t number :
       {std::uint16_t{1}, std::uint16_t{2}, std::uint16_t{3}, std::uint16_t{4}, std::uint16_t{5}})
    heard.push_back(advertisement(number, 0s));
  question.command = "whose";
  question.text = whose_question(heard);
  CHECK(office.requests.answer(question, kOperator).out == "kt-f-");
  question.text = "?";
  CHECK(office.requests.answer(question, kOperator).status == kFailed);
  CHECK(ConsentCounts::from_text(office.ask("consents").out)->profiles == 3);
}

TEST_CASE("nobody writes lines of their own into the log") {
  Office office;
  (void)office.ask("profiles x\naudit: user 0 profiles list", "a\nb", kStranger);
  const std::string text = office.log.text();
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}

TEST_CASE("an import with a fault takes nothing and tells every fault") {
  Office office;
  const ControlAnswer answer = office.import(line(1) + "{}\n" + line(2) + "x\n");
  CHECK(answer.status == kFailed);
  CHECK_THAT(answer.err, ContainsSubstring("a.jsonl:2: error: shopper_id: is missing\n"));
  CHECK_THAT(answer.err, ContainsSubstring("a.jsonl:4: error: is not JSON"));
  CHECK_THAT(answer.err, ContainsSubstring("nothing was taken: 2 of 4 profiles have a fault"));
  CHECK(office.world.gateway().identifiers() == 0);
}

TEST_CASE("a dry run checks and changes nothing") {
  Office office;
  CHECK(office.import(line(1) + "{}", false, true).status == kFailed);
  const ControlAnswer answer = office.import(line(1) + line(2), true, true);
  CHECK(answer.status == kGood);
  CHECK_THAT(answer.out, ContainsSubstring("2 profiles are good; nothing was changed"));
  CHECK(office.world.gateway().identifiers() == 0);
}

TEST_CASE("an import tells what it did") {
  Office office;
  CHECK_THAT(office.import(line(1) + line(2)).out, ContainsSubstring("2 profiles taken, 0 unchanged"));
  const ControlAnswer again = office.import(line(1) + line(3), true);
  CHECK_THAT(again.out, ContainsSubstring("1 profiles taken, 1 unchanged (version not above the held one), 1 removed"));
  CHECK(again.err.empty());
}

TEST_CASE("an import warns of shoppers without consent and of identifiers that two claim") {
  Office office;
  Profile twin = shopper(2, {});
  twin.identifiers = shopper(1).identifiers;
  const ControlAnswer answer = office.import(line(1) + profile_to_json(twin));
  CHECK(answer.status == kGood);
  CHECK_THAT(answer.err, ContainsSubstring("warning: 1 of them have no live consent"));
  CHECK_THAT(answer.err, ContainsSubstring("warning: 1 identifiers are now claimed by two shoppers"));
}

TEST_CASE("list, show, erase") {
  Office office;
  office.world.know({shopper(1), shopper(2, {})});
  const ControlAnswer list = office.ask("profiles list");
  CHECK_THAT(list.out, ContainsSubstring("s-1") && ContainsSubstring("presence,welcome"));
  CHECK(list.err == "2 profiles\n");
  CHECK_THAT(office.ask("profiles list", "", kOperator, true).out,
             ContainsSubstring(R"({"shopper_id":"s-2","version":1,"identifiers":1,"language":"","kind":"shopper",)"
                               R"("live_consents":"none"})"));
  CHECK_THAT(office.ask("profiles show", "s-1").out, ContainsSubstring(R"({"shopper_id":"s-1")"));
  CHECK(office.ask("profiles erase", "s-1").status == kGood);
  for (const auto* command : {"profiles show", "profiles erase", "explain"}) {
    CHECK(office.ask(command, "s-1").status == kFailed);
    CHECK_THAT(office.ask(command, "s-1").err, ContainsSubstring("no profile \"s-1\" is held"));
    CHECK_THAT(office.ask(command, "no one").err, ContainsSubstring("no profile \"no one\" is held"));
  }
}

TEST_CASE("explain tells the newest decision first, with its reason") {
  Office office;
  office.world.know({shopper(1)});
  CHECK_THAT(office.ask("explain", "s-1").err, ContainsSubstring("no decision of the last 24 hours"));
  for (int second = 0; second < 3; ++second) office.world.hear(advertisement(1, second * 1000ms));
  office.world.silence_until(1h);
  office.world.gateway().pause(true);
  for (int second = 0; second < 3; ++second) office.world.hear(advertisement(1, 2h + second * 1000ms));
  const std::string out = office.ask("explain", "s-1").out;
  CHECK(out.find("suppressed paused") < out.find("trigger"));
  CHECK_THAT(office.ask("explain", "s-1", kOperator, true).out,
             ContainsSubstring(R"("campaign":"welcome","outcome":"suppressed","reason":"paused"})"));
}

TEST_CASE("pause, resume, reload, status") {
  Office office;
  CHECK_THAT(office.ask("pause").out, ContainsSubstring("paused"));
  CHECK(office.world.gateway().paused());
  CHECK_THAT(office.ask("status").out, ContainsSubstring(", paused") && ContainsSubstring("broker       connected"));
  CHECK(office.ask("resume").out == "resumed\n");
  CHECK_FALSE(office.world.gateway().paused());
  CHECK(office.ask("reload").out == "reloaded\n");
  CHECK_THAT(office.ask("status", "", kOperator, true).out, ContainsSubstring(R"("outbox":{"recorded":0)"));
  CHECK_THAT(office.ask("dance").err, ContainsSubstring("unknown request \"dance\""));
}

TEST_CASE("on the store of a stopped gateway there is nothing to pause") {
  Office office;
  OperatorRequests alone{office.world.gateway(), office.world.profiles(), office.world.journey(),
                         office.world.counters(), nullptr};
  for (const auto* command : {"status", "pause", "reload"}) {
    ControlQuestion question;
    question.command = command;
    CHECK_THAT(alone.answer(question, kOperator).err, ContainsSubstring("the gateway is not running"));
  }
}
