#include "runtime/remote_commands.hpp"

#include "tests/catch.hpp"
#include "tests/unit/gateway_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

constexpr MonotonicTime kStart{1h};

struct CommandWorld {
  GatewayWorld world;
  int reloads = 0;
  int identified = 0;
  std::optional<std::string> reload_fails;
  RemoteCommands commands{world.gateway(),
                          world.profiles(),
                          world.counters(),
                          {[this] {
                             ++reloads;
                             return reload_fails;
                           },
                           [this] { ++identified; }}};

  CommandReply ask(const Command& command, Duration at = 0s) { return commands.answer(command, kStart + at); }
  CommandReply ask(CommandKind kind, Duration at = 0s) {
    return ask(Command{kind, std::string{kCommandNames[static_cast<std::size_t>(kind)]}}, at);
  }
  CommandReply erase(std::uint16_t number, std::optional<std::int64_t> version = std::nullopt, Duration at = 0s) {
    return ask({CommandKind::erase, "erase", shopper(number).shopper_id, version}, at);
  }
};

std::size_t receipts(GatewayWorld& world) {
  std::size_t count = 0;
  for (const OutboxRow& row : world.rows())
    if (row.type == "com.beacongateway.erasure.completed.v1") ++count;
  return count;
}

}  // namespace

TEST_CASE("each command does what it says, and is answered where it asked to be") {
  CommandWorld site;
  Command pause{CommandKind::pause, "pause"};
  pause.reply_to = {"beacon-gateway/v1/acme/reply/7", "\x01\x02"};
  const CommandReply reply = site.ask(pause);
  CHECK(reply.to == pause.reply_to);
  CHECK(reply.command == "pause");
  CHECK_FALSE(reply.refusal);
  CHECK(site.world.gateway().paused());
  CHECK_FALSE(site.ask(CommandKind::resume).refusal);
  CHECK_FALSE(site.world.gateway().paused());
  CHECK_FALSE(site.ask(CommandKind::sync).refusal);
  CHECK(site.world.gateway().sync_wanted());
  CHECK_FALSE(site.ask(CommandKind::identify).refusal);
  CHECK(site.identified == 1);
  CHECK_FALSE(site.ask(CommandKind::reload).refusal);
  CHECK(site.reloads == 1);
  CHECK(site.world.counters()[Count::commands] == 5);
}

TEST_CASE("a reload that fails says so") {
  CommandWorld site;
  site.reload_fails = "see the log";
  const CommandReply reply = site.ask(CommandKind::reload);
  CHECK(reply.refusal == CommandRefusal::failed);
  CHECK(reply.detail == "see the log");
  CHECK(site.world.counters()[Count::commands_failed] == 1);
  CHECK(site.world.counters()[Count::commands] == 0);
}

TEST_CASE("what is not known, or wants its answer elsewhere, is refused and does nothing") {
  CommandWorld site;
  CHECK(site.ask({std::nullopt, "format_disk"}).refusal == CommandRefusal::unknown_command);
  Command astray{CommandKind::pause, "pause"};
  astray.reply_topic_refused = true;
  CHECK(site.ask(astray).refusal == CommandRefusal::reply_topic);
  CHECK_FALSE(site.world.gateway().paused());
  CHECK(site.world.counters()[Count::commands_unknown_command] == 1);
  CHECK(site.world.counters()[Count::commands_reply_topic] == 1);
}

TEST_CASE("an erasure takes profile and visit, leaves a tombstone and a receipt, held or not") {
  CommandWorld site;
  site.world.know({shopper(1), shopper(2)});
  CHECK_FALSE(site.erase(1).refusal);
  CHECK_FALSE(site.world.profiles().version(shopper(1).shopper_id));
  CHECK(site.world.profiles().version(shopper(2).shopper_id));
  CHECK(site.world.profiles().tombstone(shopper(1).shopper_id));
  CHECK(receipts(site.world) == 1);
  CHECK_FALSE(site.erase(8).refusal);
  CHECK(receipts(site.world) == 2);
}

TEST_CASE("who knows only an older profile erases nobody") {
  CommandWorld site;
  Profile newer = shopper(1);
  newer.version = 7;
  site.world.know({newer});
  CHECK(site.erase(1, 6).refusal == CommandRefusal::version_behind);
  CHECK(site.world.profiles().version(newer.shopper_id) == 7);
  CHECK(receipts(site.world) == 0);
  CHECK_FALSE(site.erase(1, 7).refusal);
  CHECK_FALSE(site.world.profiles().version(newer.shopper_id));
}

TEST_CASE("a loop in the sender does not empty the store: few erasures at once, then one a minute") {
  CommandWorld site;
  std::vector<Profile> people;
  for (std::uint16_t number = 1; number <= 12; ++number) people.push_back(shopper(number));
  site.world.know(people);
  for (std::uint16_t number = 1; number <= 10; ++number) CHECK_FALSE(site.erase(number).refusal);
  CHECK(site.erase(11).refusal == CommandRefusal::too_many_erasures);
  CHECK(site.world.profiles().version(shopper(11).shopper_id));
  CHECK(site.erase(11, std::nullopt, 59s).refusal == CommandRefusal::too_many_erasures);
  CHECK_FALSE(site.erase(11, std::nullopt, 60s).refusal);
  CHECK(site.world.counters()[Count::commands_too_many_erasures] == 2);
}

TEST_CASE("commands come one a second, after a handful at once") {
  CommandWorld site;
  for (int i = 0; i < 20; ++i) CHECK_FALSE(site.ask(CommandKind::identify).refusal);
  CHECK(site.ask(CommandKind::identify).refusal == CommandRefusal::rate_limited);
  CHECK(site.ask(CommandKind::identify, 999ms).refusal == CommandRefusal::rate_limited);
  CHECK_FALSE(site.ask(CommandKind::identify, 1s).refusal);
  CHECK(site.ask(CommandKind::identify, 1s).refusal == CommandRefusal::rate_limited);
  for (int i = 0; i < 20; ++i) CHECK_FALSE(site.ask(CommandKind::identify, 1h).refusal);
  CHECK(site.ask(CommandKind::identify, 1h).refusal == CommandRefusal::rate_limited);
  CHECK(site.identified == 41);
}
