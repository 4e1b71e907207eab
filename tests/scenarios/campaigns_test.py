"""The marketer's campaigns over the wire: signed, whole or not at all, never backwards, and in force at once."""

import json

import world
from sync_test import GATEWAY, Synced, shopper

import orchestrator
from orchestrator import Orchestrator

STORE_TOPIC = orchestrator.topic("acme", "bkk-siam-01", name="campaigns")
FILES = ["aisle", "aisle-gold", "welcome"]


def campaign(name, zone="entrance"):
    return f"""[[campaign]]
id = "{name}"
kind = "welcome"
on = "visit.started"
zones = ["{zone}"]
expires_after = "24h"
[campaign.cap]
per_day = 9
[[campaign.variant]]
id = "a"
title.th = "สวัสดี"
title.en = "Hello"
body.th = "ยินดีต้อนรับ"
body.en = "Come in"
"""


class Campaigns(Synced):
    def setUp(self):
        super().setUp()
        self.marketer = Orchestrator(self.key)  # each topic has its own `seq`

    def put(self, message, topic=STORE_TOPIC):
        before = len(self.said("reply"))
        orchestrator.publish([message], self.link.port, topic)
        world.eventually(lambda: len(self.said("reply")) > before, "the answer")
        answer = json.loads(self.said("reply")[-1])
        self.assertEqual(answer["command"], "campaigns")
        return answer

    def publish(self, version, toml):
        answer = self.put(self.marketer.campaigns(version, toml))
        self.assertEqual(answer["version"], version)
        return answer

    def in_force(self):
        held = self.shop.status()["campaigns"]
        return held["of"], held["version"], held["count"], held["fits"]

    def triggered(self, number):
        return {event["data"]["campaign"] for event in world.parsed(self.retailer.events(), world.TRIGGER)
                if event["subject"] == f"shopper-{number}"}

    def until_triggered(self, number, name):
        self.send(*self.sender.increments([shopper(number)]))
        world.eventually(lambda: self.triggered(number) == {name}, lambda: f"{name} for {number}: {self.triggered(number)}")

    def test_a_set_is_in_force_at_once_stays_over_reload_and_restart_and_is_taken_back(self):
        daemon = self.start()
        self.assertEqual(self.in_force(), ("files", 0, len(FILES), True))
        self.until_triggered(1, "welcome")
        self.assertEqual(self.publish(7, campaign("from-afar")), {"command": "campaigns", "version": 7, "ok": True})
        self.assertEqual(self.in_force(), ("orchestrator", 7, 1, True))
        self.until_triggered(2, "from-afar")
        self.assertIn("from-afar", {one["campaign"] for one in self.shop.explained("shopper-2")})
        self.assertIn("version 7", self.shop.good("check"))
        self.shop.edit("campaigns.d/welcome.toml", "priority = 10", "priority = 11")
        self.shop.good("reload")
        self.assertEqual(self.in_force(), ("orchestrator", 7, 1, True))
        self.stop(daemon)

        daemon = self.start()
        self.assertEqual(self.in_force(), ("orchestrator", 7, 1, True))
        self.assertNotIn(b"from-afar", (self.shop.store / "profiles.db").read_bytes())
        self.assertTrue(self.publish(8, "")["ok"])
        self.assertEqual(self.in_force(), ("files", 8, len(FILES), True))
        self.until_triggered(3, "welcome")
        self.stop(daemon)

    def test_what_is_faulty_old_or_strange_leaves_the_old_set_in_force(self):
        daemon = self.start()
        self.assertTrue(self.publish(7, campaign("from-afar"))["ok"])
        faulty = self.publish(8, campaign("good") + campaign("bad", zone="isle"))
        self.assertEqual((faulty["ok"], faulty["error"]), (False, "faulty"))
        self.assertIn("line 19, column 9", faulty["detail"])
        self.assertEqual(self.publish(6, campaign("older"))["error"], "version_behind")
        only_ours = self.marketer.campaigns(9, campaign("ours"), gateway="gw-2")
        self.wrong_on_purpose.add(only_ours)
        orchestrator.publish([only_ours], self.link.port, GATEWAY + "campaigns")
        world.eventually(lambda: self.counter("downlink_other_gateway") == 1, "another gateway's counted")
        stranger = self.folder / "stranger.pem"
        orchestrator.make_key(stranger)
        forged = Orchestrator(stranger, seq=1000).sign({"version": 9, "campaigns_toml": campaign("theirs")},
                                                       kid="orchestrator.pub")
        orchestrator.publish([forged], self.link.port, STORE_TOPIC)
        world.eventually(lambda: self.counter("downlink_bad_signature") == 1, "the stranger counted")
        self.assertEqual(self.in_force(), ("orchestrator", 7, 1, True))
        self.until_triggered(1, "from-afar")
        self.assertEqual([self.counter(f"campaigns_{word}") for word in ("taken", "faulty", "version_behind")], [1, 1, 1])
        self.stop(daemon)

    def test_a_retained_set_that_comes_again_is_a_repeat_and_files_that_do_not_fit_it_are_refused(self):
        daemon = self.start()
        message = self.marketer.campaigns(7, campaign("in-the-aisle", zone="aisle"))
        self.link.publish(STORE_TOPIC, message, "-r")
        world.eventually(lambda: self.in_force() == ("orchestrator", 7, 1, True), self.shop.status)
        self.shop.edit("gateway.toml", '"aisle"', '"shelves"')
        self.shop.edit("campaigns.d/promotions.toml", '"aisle"]', '"shelves"]')
        refused = self.shop.ask("reload")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("version 7 of the orchestrator's campaigns does not fit", refused.stderr)
        self.assertEqual(self.in_force(), ("orchestrator", 7, 1, True))
        self.stop(daemon)

        daemon = self.start()  # nobody gets what the marketer has replaced
        world.eventually(lambda: self.counter("downlink_repeated") == 1, "the retained one counted")
        self.assertEqual(self.in_force(), ("orchestrator", 7, 0, False))
        self.assertIn("campaigns_misfit", self.shop.status()["warnings"])
        self.assertTrue(self.publish(8, campaign("at-the-shelves", zone="shelves"))["ok"])
        self.assertEqual(self.in_force(), ("orchestrator", 8, 1, True))
        self.assertNotIn("campaigns_misfit", self.shop.status()["warnings"])
        self.stop(daemon)


if __name__ == "__main__":
    world.main()
