#include "cli/walk_test.hpp"

#include <fstream>
#include <sstream>

#include "settings/read_settings.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"

using namespace beacon_gateway;
using beacon_gateway_test::ContainsSubstring;
using beacon_gateway_test::TemporaryDirectory;

namespace {

constexpr std::array<std::uint8_t, 6> kTagAddress{0xC0, 1, 2, 3, 4, 5};
constexpr std::array<std::uint8_t, 6> kStrangerAddress{0xC0, 9, 9, 9, 9, 9};
constexpr std::int64_t kBeginSeconds = 1'772'424'000;
constexpr int kPlaceSeconds = 40;  // in each place, one after the other: street, door, aisle

// The levels of a place at both scanners.
struct Levels {
  int door_dbm;
  int aisle_dbm;
};

// A shop of a door and an aisle, a tag that is carried through it, and what the command says.
struct World {
  World() {
    write_gateway("aisle");
    write("tag.jsonl", profile("tag-0001", "C0:01:02:03:04:05", true) + profile("mali", "C0:09:09:09:09:09", false));
    write("marks.csv", "from,zone\n1772424000,street\n1772424040,door\n1772424080,aisle\n");
    options.configuration = directory.path();
    options.tag = "tag-0001";
    options.profiles = directory.path() / "tag.jsonl";
    options.captures = {"walk.btsnoop"};
    options.marks = directory.path() / "marks.csv";
    edges.random_key = [] { return Key128{{1, 2, 3}}; };
    edges.open_captures = [this](const auto&, const auto&) -> tl::expected<CaptureInput, std::string> {
      return CaptureInput{[this, next = std::size_t{0}]() mutable {
                            return next < heard.size() ? std::optional{heard[next++]} : std::nullopt;
                          },
                          [] { return std::vector<std::string>{}; }, [this] { return damaged; },
                          [this] { return heard.size(); }};
    };
  }

  static std::string profile(const std::string& id, const std::string& address, bool test) {
    return "{\"shopper_id\":\"" + id + "\",\"version\":1,\"identifiers\":[{\"kind\":\"address\",\"address\":\"" +
           address +
           "\",\"type\":\"random-static\"}],\"consents\":[],\"language\":\"th\",\"test\":" + (test ? "true" : "false") +
           "}\n";
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream{directory.path() / name, std::ios::binary} << text;
  }
  void write_gateway(const std::string& zone_of_second) const {
    write("gateway.toml",
          "[gateway]\ntenant = \"acme\"\nstore = \"s-1\"\nid = \"gw-1\"\n"
          "[[scanner]]\ndriver = \"capture\"\nadapter = \"hci0\"\nzone = \"door\"\n"
          "[[scanner]]\ndriver = \"capture\"\nadapter = \"00:11:22:33:44:55\"\nzone = \"" +
              zone_of_second +
              "\"\n"
              "[[zone]]\nid = \"door\"\nentrance = true\n[[zone]]\nid = \"aisle\"\n");
  }
  // Both scanners hear the tag twice a second, a little louder and fainter in turn; a stranger is louder everywhere.
  void carry(const std::array<Levels, 3>& places) {
    heard.clear();
    for (int half = 0; half < 2 * kPlaceSeconds * 3; ++half) {
      const WallTime at{std::chrono::milliseconds{kBeginSeconds * 1000 + 500 * half}};
      const Levels& levels = places[static_cast<std::size_t>(half / (2 * kPlaceSeconds))];
      const int swing = half % 3 - 1;
      heard.push_back(advertisement(0, kTagAddress, levels.door_dbm + swing, at));
      heard.push_back(advertisement(1, kTagAddress, levels.aisle_dbm - swing, at));
      heard.push_back(advertisement(0, kStrangerAddress, -30, at));
    }
  }
  static Advertisement advertisement(ScannerIndex scanner, const std::array<std::uint8_t, 6>& address, int rssi_dbm,
                                     WallTime at) {
    return {scanner,
            {address, AddressType::random_static},
            static_cast<std::int8_t>(rssi_dbm),
            Payload{},
            capture_instant(at)};
  }
  int run() {
    out.str({});
    err.str({});
    return walk_test(options, edges, terminal, out, err);
  }

  TemporaryDirectory directory;
  WalkTestOptions options;
  Edges edges;
  Terminal terminal;
  std::vector<Advertisement> heard;
  bool damaged = false;
  std::ostringstream out;
  std::ostringstream err;
};

constexpr std::array<Levels, 3> kGoodShop{{{-88, -97}, {-60, -80}, {-80, -60}}};

}  // namespace

TEST_CASE("a walk becomes a calibration that the settings read back") {
  World world;
  world.carry(kGoodShop);
  REQUIRE(world.run() == kGood);
  CHECK_THAT(world.out.str(), ContainsSubstring("with the tag …0001, 480 advertisements"));
  CHECK_THAT(world.out.str(), ContainsSubstring("# 2026-03-02T04:00:00.000Z to 2026-03-02T04:01:59.500Z."));
  CHECK_THAT(world.out.str(), ContainsSubstring("street 40 s, door 40 s, aisle 40 s."));
  CHECK_THAT(world.err.str(), ContainsSubstring("street / door: well (100 %)"));
  CHECK(world.err.str().find("tag-0001") == std::string::npos);

  world.write("calibration.toml", world.out.str());
  const auto result = read_settings(world.directory.path());
  REQUIRE(result.settings);
  for (const Spot& spot : result.settings->shop.calibration->spots) {
    const Levels levels = kGoodShop[spot.zone ? *spot.zone + 1U : 0U];
    CHECK_THAT(spot.levels_dbm[0], Catch::Matchers::WithinAbs(levels.door_dbm, 2));
    CHECK_THAT(spot.levels_dbm[1], Catch::Matchers::WithinAbs(levels.aisle_dbm, 2));
  }
}

TEST_CASE("an old calibration that fits no longer is no hindrance to a new one") {
  World world;
  world.carry(kGoodShop);
  world.write("calibration.toml", "[[spot]]\nzone = \"cellar\"\nlevels_dbm.hci7 = -50\n");
  CHECK(world.run() == kGood);
}

TEST_CASE("places that sound alike are named, with what to do, in the language asked for") {
  World world;
  world.carry({{{-60, -80}, {-60, -80}, {-80, -60}}});
  CHECK(world.run() == kGood);
  CHECK_THAT(world.err.str(), ContainsSubstring("street / door: hardly"));
  CHECK_THAT(world.err.str(), ContainsSubstring("Move the scanner of door deeper into its zone"));
  CHECK_THAT(world.err.str(), ContainsSubstring("door / aisle: well"));

  world.carry({{{-90, -95}, {-60, -62}, {-60, -62}}});
  world.options.language = Language::th;
  CHECK(world.run() == kGood);
  CHECK_THAT(world.err.str(), ContainsSubstring("door / aisle: แทบแยกไม่ได้"));
  CHECK_THAT(world.err.str(), ContainsSubstring("ย้ายสแกนเนอร์ของ door และ aisle ให้ห่างกัน"));
  CHECK_THAT(world.err.str(), ContainsSubstring("street / door: ชัดเจน"));
}

TEST_CASE("a zone without a scanner that sounds like its neighbour is told to get one") {
  World world;
  world.write_gateway("door");
  world.carry({{{-90, -95}, {-60, -62}, {-60, -62}}});
  CHECK(world.run() == kGood);
  CHECK_THAT(world.err.str(), ContainsSubstring("aisle has no scanner of its own: add one in its middle."));
}

TEST_CASE("a place that was heard too little stops the calibration and is named") {
  World world;
  world.carry(kGoodShop);
  world.write("marks.csv", "from,zone\n1772424000,street\n1772424040,door\n");
  CHECK(world.run() == kFailed);
  CHECK(world.out.str().empty());
  CHECK_THAT(world.err.str(), ContainsSubstring("aisle: not heard at all. Is its scanner running"));
  world.write("marks.csv", "from,zone\n1772424000,street\n1772424002,door\n1772424080,aisle\n");
  CHECK(world.run() == kFailed);
  CHECK_THAT(world.err.str(), ContainsSubstring("street: 4 of 20 "));
  world.heard.clear();
  CHECK(world.run() == kFailed);
  CHECK_THAT(world.err.str(), ContainsSubstring("The tag was never heard"));
}

TEST_CASE("sightings before the first mark are passed over and told") {
  World world;
  world.carry(kGoodShop);
  world.write("marks.csv", "from,zone\n1772424001,street\n1772424040,door\n1772424080,aisle\n");
  CHECK(world.run() == kGood);
  CHECK_THAT(world.err.str(), ContainsSubstring("4 advertisements of the tag are from before the first mark"));
}

TEST_CASE("a damaged capture gives what was read, and status 1") {
  World world;
  world.carry(kGoodShop);
  world.damaged = true;
  CHECK(world.run() == kFailed);
  CHECK_FALSE(world.out.str().empty());
}

TEST_CASE("a tag that is not among the profiles is wrong usage") {
  World world;
  world.carry(kGoodShop);
  for (const char* tag : {"nobody", "a b"}) {
    world.options.tag = tag;
    CHECK(world.run() == kWrongUsage);
    CHECK(world.out.str().empty());
  }
  CHECK_THAT(world.err.str(), ContainsSubstring("TAG is no shopper_id"));
}

TEST_CASE("what is missing or bad is said with the status of its kind") {
  World world;
  world.carry(kGoodShop);
  SECTION("marks without a capture") {
    world.options.captures.clear();
    CHECK(world.run() == kWrongUsage);
  }
  SECTION("a capture without marks") {
    world.options.marks.reset();
    CHECK(world.run() == kWrongUsage);
  }
  SECTION("marks that are not there") {
    world.options.marks = "not-there.csv";
    CHECK(world.run() == kFailed);
    CHECK_THAT(world.err.str(), ContainsSubstring("not-there.csv: error: cannot be read"));
  }
  SECTION("a bad mark") {
    world.write("marks.csv", "from,zone\n1772424000,isle\n");
    CHECK(world.run() == kFailed);
    CHECK_THAT(world.err.str(),
               ContainsSubstring("marks.csv:2: error: there is no zone \"isle\"; did you mean `aisle`?"));
  }
  SECTION("a bad configuration") {
    world.write("gateway.toml", "[gateway]\n");
    CHECK(world.run() == kBadConfiguration);
  }
  CHECK(world.out.str().empty());
}

TEST_CASE("live: each place is begun and ended by a key, and what is heard in between is of no place") {
  World world;
  world.carry(kGoodShop);
  world.options.captures.clear();
  world.options.marks.reset();
  // A radio that plays half a place for each look at the keyboard, which finds Enter pressed each time.
  struct SlowRadio final : Radio {
    void start(RadioListener given) override { listener = std::move(given); }
    void stop() override {}
    RadioListener listener;
  };
  SlowRadio* radio = nullptr;
  world.edges.make_radio = [&](const Settings&, std::optional<WallTime>) {
    auto made = std::make_unique<SlowRadio>();
    radio = made.get();
    return tl::expected<std::unique_ptr<Radio>, std::string>{std::move(made)};
  };
  std::function<void()> stop;
  world.edges.watch_signals = [&](std::function<void()> on_stop, std::function<void()>) {
    stop = std::move(on_stop);
    return std::shared_ptr<void>{};
  };
  std::size_t played = 0;
  int keys = 0;
  int keys_left = 6;
  world.terminal.key = [&] {
    if (keys_left-- == 0) stop();
    const std::size_t half_a_place = world.heard.size() / 6;
    for (std::size_t i = 0; i < half_a_place && played < world.heard.size(); ++i)
      (void)radio->listener.heard(world.heard[played++]);
    return ++keys > 1 ? Terminal::Key::enter : Terminal::Key::none;  // the first half of the street is not waited for
  };

  SECTION("to the end") {
    keys_left = 7;
    CHECK(world.run() == kGood);
    CHECK_THAT(world.err.str(), ContainsSubstring("1/3 Outside."));
    CHECK_THAT(world.err.str(), ContainsSubstring("3/3 Zone aisle."));
    CHECK_THAT(world.err.str(), ContainsSubstring("hci0  -61  00:11:22:33:44:55  -79  20 s heard"));
    CHECK_THAT(world.out.str(), ContainsSubstring("street 20 s, door 20 s, aisle 20 s."));
  }
  SECTION("in Thai") {
    world.options.language = Language::th;
    keys_left = 7;
    CHECK(world.run() == kGood);
    CHECK_THAT(world.err.str(), ContainsSubstring("3/3 โซน aisle"));
  }
  SECTION("stopped half way") {
    keys_left = 2;
    CHECK(world.run() == kFailed);
    CHECK(world.out.str().empty());
    CHECK_THAT(world.err.str(), ContainsSubstring("the walk was given up"));
  }
  SECTION("the captures end") {
    const auto key = world.terminal.key;
    world.terminal.key = [&, key] {
      if (keys == 3) radio->listener.finished();
      return key();
    };
    keys_left = 7;
    CHECK(world.run() == kFailed);
    CHECK_THAT(world.err.str(), ContainsSubstring("the captures have ended"));
    CHECK_THAT(world.err.str(), ContainsSubstring("aisle: not heard at all"));
  }
  SECTION("nobody at the keyboard") {
    world.terminal.key = [] { return Terminal::Key::closed; };
    CHECK(world.run() == kFailed);
    CHECK_THAT(world.err.str(), ContainsSubstring("nobody is at the keyboard"));
    CHECK(world.out.str().empty());
  }
}
