// Commands as they come in, and their answers (contract 3.4).
#include "messages/downlink_json.hpp"
#include "messages/reply_json.hpp"
#include "messages/topics.hpp"
#include "tests/catch.hpp"

using namespace beacon_gateway;

namespace {

Downlink read(const std::string& fields, const ReplyAddress& reply_to = {}) {
  return read_downlink(DownlinkTopic::command, "{" + fields + "}", {{"acme", "bkk-siam-01", "gw-1"}, nullptr, true, {}},
                       reply_to);
}

Command command(const std::string& fields, const ReplyAddress& reply_to = {}) {
  const Downlink downlink = read(fields, reply_to);
  REQUIRE(std::holds_alternative<Command>(downlink.content));
  return std::get<Command>(downlink.content);
}

DownlinkRefusal refusal(const std::string& fields, const ReplyAddress& reply_to = {}) {
  const Downlink downlink = read(fields, reply_to);
  REQUIRE(std::holds_alternative<DownlinkRefusal>(downlink.content));
  return std::get<DownlinkRefusal>(downlink.content);
}

}  // namespace

TEST_CASE("each command of the contract is known by its name") {
  for (const char* word : {"sync", "reload", "pause", "resume", "identify"}) {
    const Command one = command(R"("command":")" + std::string{word} + R"(")");
    REQUIRE(one.kind);
    CHECK(kCommandNames.at(static_cast<std::size_t>(*one.kind)) == word);
    CHECK(one.word == word);
  }
  const Command erase = command(R"("command":"erase","shopper_id":"s-1","version":7)");
  CHECK(erase.kind == CommandKind::erase);
  CHECK(erase.shopper == ShopperId::parse("s-1"));
  CHECK(erase.version == 7);
}

TEST_CASE("a command that is not known keeps its name only if that can be printed anywhere") {
  CHECK(command(R"("command":"format_disk")").word == "format_disk");
  CHECK_FALSE(command(R"("command":"format_disk")").kind);
  for (const char* word : {R"(\n)", "", "Pause", "a b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"})
    CHECK(command(R"("command":")" + std::string{word} + R"(")").word == "?");
}

TEST_CASE("a command that is not of its schema, or not for this gateway, is refused as a whole") {
  CHECK(refusal("") == DownlinkRefusal::malformed);
  CHECK(refusal(R"("command":7)") == DownlinkRefusal::malformed);
  CHECK(refusal(R"("command":"erase")") == DownlinkRefusal::malformed);
  CHECK(refusal(R"("command":"erase","shopper_id":"not an id")") == DownlinkRefusal::malformed);
  CHECK(refusal(R"("command":"erase","shopper_id":"s-1","version":"7")") == DownlinkRefusal::malformed);
  CHECK(refusal(R"("command":"pause","gateway":"gw-2")") == DownlinkRefusal::other_gateway);
  CHECK(command(R"("command":"pause","gateway":"gw-1")").kind == CommandKind::pause);
  CHECK(refusal(R"("command":"pause")", {"", std::string(257, 'x')}) == DownlinkRefusal::malformed);
}

TEST_CASE("an answer goes below a level `reply` of our tenant, and nowhere else") {
  const std::string ours = "beacon-gateway/v1/acme/reply/desk-7";
  const Command one = command(R"("command":"sync")", {ours, "42"});
  CHECK(one.reply_to == ReplyAddress{ours, "42"});
  CHECK_FALSE(one.reply_topic_refused);
  const Topics topics({"acme", "bkk-siam-01", "gw-1"});
  CHECK(topics.may_reply_to(topics.reply()));
  CHECK(topics.may_reply_to("beacon-gateway/v1/acme/bkk-siam-01/gw-1/reply/a/b"));
  for (const std::string& astray :
       {topics.status(), topics.command(), topics.receipts(), std::string{"reply"}, std::string{"elsewhere/reply/x"},
        std::string{"beacon-gateway/v1/acme2/reply"}, std::string{"beacon-gateway/v1/acme/replying"},
        std::string{"beacon-gateway/v1/acme/reply/+"}, std::string{"beacon-gateway/v1/acme/reply/#"},
        "beacon-gateway/v1/acme/reply/" + std::string(256, 'x')}) {
    CAPTURE(astray);
    const Command refused = command(R"("command":"sync")", {astray, "42"});
    CHECK(refused.reply_topic_refused);
    CHECK(refused.reply_to == ReplyAddress{"", "42"});
  }
}

TEST_CASE("an answer says whether it was done, and if not, why and what to do") {
  CHECK(reply_json({{}, "pause"}) == R"({"command":"pause","ok":true})");
  CHECK(reply_json({{}, "?", CommandRefusal::unknown_command, "known are \"x\""}) ==
        R"({"command":"?","ok":false,"error":"unknown_command","detail":"known are \"x\""})");
}
