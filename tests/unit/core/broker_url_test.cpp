#include "core/broker_url.hpp"

#include "tests/catch.hpp"

using namespace beacon_gateway;

TEST_CASE("a broker's address is scheme, host and port") {
  const auto url = parse_broker_url("mqtts://broker.example:18883");
  REQUIRE(url);
  CHECK(url->encrypted);
  CHECK(url->host == "broker.example");
  CHECK(url->port == 18883);
}

TEST_CASE("without a port the registered one is meant") {
  CHECK(parse_broker_url("mqtt://localhost")->port == 1883);
  CHECK_FALSE(parse_broker_url("mqtt://localhost")->encrypted);
  CHECK(parse_broker_url("mqtts://localhost")->port == 8883);
}

TEST_CASE("an IPv6 address keeps its brackets") {
  CHECK(parse_broker_url("mqtt://[::1]:1884")->host == "[::1]");
  CHECK(parse_broker_url("mqtt://[::1]:1884")->port == 1884);
  CHECK(parse_broker_url("mqtt://[::1]")->port == 1883);
}

TEST_CASE("what is not a broker's address is refused") {
  const auto* text = GENERATE("", "broker.example", "http://broker.example", "mqtt://", "mqtt://:1883",
                              "mqtt://host:", "mqtt://host:0", "mqtt://host:65536", "mqtt://host:18x", "mqtt://host:-1",
                              "mqtt://host/path", "mqtts://user:secret@x", "mqtt://user@host", "mqtt://[::1",
                              "mqtt://[]", "mqtt://[::1]x", "mqtt://::1", "mqtt://a b");
  INFO(text);
  CHECK_FALSE(parse_broker_url(text));
}

TEST_CASE("only the loopback stays on this machine") {
  for (const auto* here : {"mqtt://localhost", "mqtt://127.0.0.1:1883", "mqtt://127.1.2.3", "mqtt://[::1]"})
    CHECK(is_loopback(*parse_broker_url(here)));
  for (const auto* away :
       {"mqtt://127.0.0.1.example", "mqtt://128.0.0.1", "mqtt://10.0.0.1", "mqtt://localhost.example"})
    CHECK_FALSE(is_loopback(*parse_broker_url(away)));
}
