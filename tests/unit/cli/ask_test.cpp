#include "cli/ask.hpp"

#include <fstream>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"

using namespace beacon_gateway;
using beacon_gateway_test::ContainsSubstring;
using beacon_gateway_test::TemporaryDirectory;

namespace {

// The daemon's last question and its answer, behind a good configuration.
struct World {
  World() {
    std::ofstream{directory.path() / "gateway.toml"}
        << "[gateway]\ntenant = \"acme\"\nstore = \"s-1\"\nid = \"gw-1\"\ncontrol_socket = \"control\"\n"
           "[[scanner]]\nadapter = \"hci0\"\nzone = \"door\"\n[[zone]]\nid = \"door\"\nentrance = true\n";
    edges.ask_daemon = [this](const std::filesystem::path& path, const std::string& text) {
      socket = path;
      question = control_question_from_json(text);
      return reply;
    };
  }
  int ask(const std::string& command) {
    ControlQuestion one;
    one.command = command;
    return beacon_gateway::ask(directory.path(), one, edges, out, err);
  }
  int import(const std::string& text) {
    std::ofstream{directory.path() / "p.jsonl", std::ios::binary} << text;
    ControlQuestion one;
    one.command = "profiles import";
    one.replace = true;
    return import_profiles(directory.path(), directory.path() / "p.jsonl", one, edges, out, err);
  }

  TemporaryDirectory directory;
  Edges edges;
  std::filesystem::path socket;
  std::optional<ControlQuestion> question;
  std::optional<std::string> reply = to_json(ControlAnswer{0, "out\n", "err\n"});
  std::ostringstream out;
  std::ostringstream err;
};

}  // namespace

TEST_CASE("a question goes to the daemon's socket, its answer to both outputs and the exit status") {
  World world;
  world.reply = to_json(ControlAnswer{1, "out\n", "err\n"});
  CHECK(world.ask("status") == 1);
  CHECK(world.question->command == "status");
  CHECK(world.socket == world.directory.path() / "control");
  CHECK(world.out.str() == "out\n");
  CHECK_THAT(world.err.str(), ContainsSubstring("err\n"));
}

TEST_CASE("an answer that cannot be read is a failure that says so") {
  World world;
  world.reply = "nonsense";
  CHECK(world.ask("status") == kFailed);
  CHECK_THAT(world.err.str(), ContainsSubstring("the daemon's answer cannot be read"));
}

TEST_CASE("no daemon: what only it can tell is refused with a remedy") {
  World world;
  world.reply.reset();
  CHECK(world.ask("pause") == kFailed);
  CHECK_THAT(world.err.str(), ContainsSubstring("systemctl start beacon-gateway"));
}

TEST_CASE("a bad configuration is 78, and nobody is asked") {
  World world;
  std::ofstream{world.directory.path() / "gateway.toml"} << "nonsense";
  CHECK(world.ask("status") == kBadConfiguration);
  CHECK_FALSE(world.question);
}

TEST_CASE("an import carries the file's content and name") {
  World world;
  CHECK(world.import("{\"มะลิ\"}\n") == kGood);
  REQUIRE(world.question);
  CHECK(world.question->text == "{\"มะลิ\"}\n");
  CHECK(world.question->replace);
  CHECK_THAT(world.question->file, ContainsSubstring("p.jsonl"));
}

TEST_CASE("a file that is not UTF-8 is refused with its line, not mended on the way") {
  World world;
  CHECK(world.import("{}\n{\"\xC1\xD0\xC5\xD4\"}\n") == kFailed);
  CHECK_FALSE(world.question);
  CHECK_THAT(world.err.str(), ContainsSubstring("p.jsonl:2: error: is not UTF-8"));
}

TEST_CASE("a file that cannot be read is named") {
  World world;
  CHECK(import_profiles(world.directory.path(), "/no/such/file", {}, world.edges, world.out, world.err) == kFailed);
  CHECK_THAT(world.err.str(), ContainsSubstring("/no/such/file: error: cannot be read: No such file"));
}
