// Sees the witness see: what goes unseen is not held against the contract.
#include "tests/fakes/witness.hpp"

#include <unistd.h>

#include <fstream>
#include <sstream>

#include "messages/sync_json.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/broker.hpp"
#include "tests/fakes/subscriber.hpp"
#include "tests/integration/mqtt/uplink_world.hpp"

using namespace beacon_gateway_test;

namespace {

// This process's.
std::string records(const std::filesystem::path& folder) {
  std::ostringstream text;
  for (const auto& file : std::filesystem::directory_iterator(folder))
    if (file.path().filename().string().starts_with(std::to_string(::getpid()) + "-"))
      text << std::ifstream(file.path()).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE(
    "the witness of a broker sees all that it carries, up to its end, whatever others may do and however it ends") {
  const bool killed = GENERATE(true, false);
  const TemporaryDirectory own;
  const auto folder = witness_folder().value_or(own.path());
  const auto publish = [](const Broker& broker, std::int64_t revision) {
    Subscriber(broker.port(), {}).publish(kSyncTopic, beacon_gateway::sync_json(revision));
  };
  {
    Broker broker({.acl = "topic write " + kSyncTopic + "\n", .max_packet_size = 200, .witness = folder});
    publish(broker, killed ? 1 : 2);
    killed ? broker.kill() : broker.stop();
    broker.start();
    publish(broker, killed ? 3 : 4);
    broker.freeze();
    CHECK_THAT(broker.log(), !ContainsSubstring("witness"));
  }
  const std::string seen = records(folder);
  for (const char* revision : {killed ? "31" : "32", killed ? "33" : "34"})  // in hex
    CHECK_THAT(seen, ContainsSubstring(kSyncTopic + " 7b22686176655f7265766973696f6e223a" + revision + "7d\n"));
}
