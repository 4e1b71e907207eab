#include "cli/orchestrator_campaigns.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/fakes/temporary_directory.hpp"
#include "tests/unit/gateway_world.hpp"

using namespace beacon_gateway_test;
using namespace std::chrono_literals;

namespace {

constexpr MonotonicTime kStart{1h};

std::string campaign_text(const std::string& id, const std::string& zone = "door") {
  return "[[campaign]]\nid = \"" + id + "\"\nkind = \"welcome\"\non = \"zone.entered\"\nzones = [\"" + zone +
         "\"]\n[[campaign.variant]]\nid = \"a\"\ntitle.en = \"Hello\"\nbody.en = \"Come in\"\n";
}

// A gateway whose only file campaign is "welcome", and what the orchestrator sends it, a set every ten minutes.
struct Site {
  explicit Site(std::filesystem::path folder = {}) : world(small_shop(), std::move(folder)) {}

  CommandReply send(std::int64_t version, const std::string& text, Duration after = 10min) {
    now += after;
    return campaigns.answer({version, text}, files, now,
                            [&](std::vector<Campaign> fresh) { world.gateway().use_campaigns(std::move(fresh)); });
  }
  std::vector<std::string> deciding() {
    std::vector<std::string> ids;
    for (const Campaign& one : world.gateway().settings().journey.campaigns) ids.push_back(one.id);
    return ids;
  }
  std::uint64_t count(Count what) { return world.counters()[what]; }

  Settings files = small_shop();
  GatewayWorld world;
  OrchestratorCampaigns campaigns{world.profiles(), world.counters()};
  MonotonicTime now = kStart;
};

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("a set takes the place of the files' campaigns from the next input on") {
  Site site;
  site.world.know({shopper(1)});
  const CommandReply reply = site.send(3, campaign_text("from-afar"));
  CHECK(reply.command == "campaigns");
  CHECK(reply.version == 3);
  CHECK_FALSE(reply.refusal);
  CHECK(site.deciding() == Ids{"from-afar"});
  CHECK(site.world.profiles().campaigns() == CampaignSet{3, campaign_text("from-afar")});
  CHECK(site.count(Count::campaigns_taken) == 1);
  site.world.hear({advertisement(1, 0s), advertisement(1, 1s), advertisement(1, 2s)});
  CHECK(site.world.decisions(1) == Ids{"from-afar trigger"});
}

TEST_CASE("a version that is not above the held one changes nothing, and the very same set is no refusal") {
  Site site;
  REQUIRE_FALSE(site.send(3, campaign_text("third")).refusal);
  CHECK(site.send(2, campaign_text("second")).refusal == CommandRefusal::version_behind);
  CHECK(site.send(3, campaign_text("other")).refusal == CommandRefusal::version_behind);
  CHECK(site.count(Count::campaigns_version_behind) == 2);
  CHECK_FALSE(site.send(3, campaign_text("third")).refusal);
  CHECK(site.count(Count::campaigns_repeated) == 1);
  CHECK(site.count(Count::campaigns_taken) == 1);
  CHECK(site.deciding() == Ids{"third"});
}

TEST_CASE("a set with any error is refused as a whole, with line and column, and the old one stays") {
  Site site;
  REQUIRE_FALSE(site.send(3, campaign_text("third")).refusal);
  const CommandReply unknown_zone = site.send(4, campaign_text("good") + campaign_text("bad", "isle"));
  CHECK(unknown_zone.refusal == CommandRefusal::faulty);
  CHECK_THAT(unknown_zone.detail, ContainsSubstring("line 14, column 9: ") && ContainsSubstring("isle"));
  const CommandReply twice = site.send(4, campaign_text("one") + campaign_text("one"));
  CHECK(twice.refusal == CommandRefusal::faulty);
  CHECK_THAT(twice.detail, ContainsSubstring("two campaigns \"one\""));
  CHECK(site.send(4, "[[campaign]").refusal == CommandRefusal::faulty);
  CHECK(site.count(Count::campaigns_faulty) == 3);
  CHECK(site.deciding() == Ids{"third"});
  CHECK(site.world.profiles().campaigns()->version == 3);
  CHECK_FALSE(site.send(4, campaign_text("fourth")).refusal);
}

TEST_CASE("of many errors the first are told, none longer than a person reads") {
  Site site;
  std::string text;
  for (int i = 0; i < 9; ++i) text += "[[campaign]]\n\"" + std::string(1000, 'x') + "\\n\" = 1\n";
  const CommandReply reply = site.send(1, text);
  CHECK(std::ranges::count(reply.detail, '\n') == 5);
  CHECK_THAT(reply.detail, ContainsSubstring("more"));
  CHECK(reply.detail.size() < 2000);
}

TEST_CASE("a blank text takes the set back, and no older set comes in its place") {
  Site site;
  REQUIRE_FALSE(site.send(3, campaign_text("third")).refusal);
  CHECK_FALSE(site.send(4, " \n").refusal);
  CHECK(site.deciding() == Ids{"welcome"});
  CHECK_FALSE(site.campaigns.in_force(site.files).of_orchestrator);
  CHECK(site.send(3, campaign_text("third")).refusal == CommandRefusal::version_behind);
  CHECK_FALSE(site.send(5, "# silence\n").refusal);
  CHECK(site.deciding().empty());
}

TEST_CASE("what is too large or too often is refused") {
  Site site;
  CHECK(site.send(1, std::string(kMostCampaignOctets + 1, '#')).refusal == CommandRefusal::too_large);
  CHECK_FALSE(site.send(1, std::string(kMostCampaignOctets, '#')).refusal);
  for (std::int64_t version = 2; version < 7; ++version)
    CHECK_FALSE(site.send(version, "#", version == 2 ? 1h : 0s).refusal);
  CHECK(site.send(7, "#", 0s).refusal == CommandRefusal::rate_limited);
  CHECK_FALSE(site.send(7, "#", 1min).refusal);
  CHECK(site.count(Count::campaigns_too_large) == 1);
  CHECK(site.count(Count::campaigns_rate_limited) == 1);
}

TEST_CASE("the set is there again after a restart, and with files that no longer have its zone it says so") {
  const TemporaryDirectory folder;
  {
    CHECK_FALSE(Site{folder.path()}.send(3, campaign_text("third", "aisle")).refusal);
  }
  Site site{folder.path()};
  REQUIRE(site.campaigns.at_start(site.files).size() == 1);
  CHECK(site.campaigns.at_start(site.files).front().id == "third");
  CHECK(site.campaigns.warnings().empty());

  Settings without_aisle = site.files;
  without_aisle.shop.zones.resize(1);
  const auto misfit = site.campaigns.with(without_aisle);
  REQUIRE_FALSE(misfit);
  CHECK_THAT(misfit.error(), ContainsSubstring("line 5, column 9: ") && ContainsSubstring("aisle"));
  CHECK(site.campaigns.at_start(without_aisle).empty());  // neither the set nor the files
  REQUIRE(site.campaigns.warnings().size() == 1);
  CHECK(site.campaigns.warnings().front().name == "campaigns_misfit");
  CHECK_FALSE(site.campaigns.in_force(without_aisle).fits);
  site.campaigns.fits();
  CHECK(site.campaigns.warnings().empty());
}

TEST_CASE("status says whose campaigns decide") {
  Site site;
  CHECK(to_text(site.campaigns.in_force(site.files)) == "1 campaign of campaigns.d");
  REQUIRE_FALSE(site.send(3, campaign_text("a") + campaign_text("b")).refusal);
  const CampaignsInForce sent = site.campaigns.in_force(site.world.gateway().settings());
  CHECK(sent.hash.size() == 16);
  CHECK(to_text(sent) ==
        "2 campaigns of the orchestrator, version 3, hash " + sent.hash + "; those of campaigns.d wait");
  CHECK(to_json(sent) == R"({"of":"orchestrator","version":3,"count":2,"hash":")" + sent.hash + R"(","fits":true})");
}
