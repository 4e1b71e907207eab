"""From the capture to the retailer: every event arrives or is counted as expired, whatever the broker does."""

import json

import world
from world import Scenario, Shop, ids, parsed

SOME_EVENTS = 10  # enough that the broker is stopped in the middle of it all


class Delivery(Scenario):
    def setUp(self):
        super().setUp()
        self.link = self.broker()
        self.retailer = self.subscriber(self.link)

    def shop(self, **settings):
        shop = Shop(self.folder / "shop", self.link.port, **settings)
        shop.take_profiles()
        return shop

    def come_back(self):
        self.link.start()
        self.retailer.resume()

    def stop_in_the_middle(self, shop):
        """Runs the capture; the broker goes after some events and comes back when the capture is over."""
        daemon = self.run_daemon(shop, "--exit-at-end")
        world.eventually(lambda: len(self.retailer.events()) >= SOME_EVENTS, "the first events")
        self.link.stop()
        self.assertNotIn("capture: ended", daemon.log())
        daemon.until("capture: ended")
        self.come_back()
        return daemon

    def assert_all_arrive(self, shop, daemon):
        self.assertEqual(daemon.wait(), 0, daemon.log())
        self.retailer.drain()
        expected = shop.replay()
        self.assertEqual(ids(self.retailer.events(), world.TRIGGER), ids(expected, world.TRIGGER))
        self.assertEqual(set(self.retailer.events()), set(expected), "the same bytes, repeats aside")
        facts = shop.facts()
        self.assertEqual((facts["recorded"], facts["delivered"]), (len(expected), len(expected)))

    def test_a_broker_that_is_there(self):
        shop = self.shop()
        daemon = self.run_daemon(shop, "--exit-at-end")
        self.assert_all_arrive(shop, daemon)
        self.assertEqual(len(self.retailer.events()), len(set(self.retailer.events())), "nothing was sent twice")
        for topic, payload in self.retailer.messages():
            if world.EVENTS in topic:
                name = "beacon-gateway/v1/acme/bkk-siam-01/gw-1/events/" + json.loads(payload)["type"]
                self.assertEqual(topic, name)

    def test_a_broker_that_comes_after_the_capture(self):
        shop = self.shop()
        self.link.stop()
        daemon = self.run_daemon(shop, "--exit-at-end").until("capture: ended")
        self.assertEqual(json.loads(shop.good("status", "--json"))["outbox"]["waiting"], len(shop.replay()))
        self.come_back()
        self.assert_all_arrive(shop, daemon)

    def test_a_broker_that_goes_in_the_middle(self):
        shop = self.shop(speed=300)
        self.assert_all_arrive(shop, self.stop_in_the_middle(shop))

    def test_what_is_too_late_is_counted(self):
        shop = self.shop(expires_after="30s")
        self.link.stop()
        daemon = self.run_daemon(shop, "--exit-at-end").until("capture: ended")
        self.come_back()
        self.assertEqual(daemon.wait(), 0, daemon.log())
        self.retailer.drain()
        expected = shop.replay()
        triggers = ids(expected, world.TRIGGER)
        self.assertEqual(ids(self.retailer.events()), ids(expected) - triggers)
        facts = shop.facts()
        self.assertEqual(facts["expired"], len(triggers))
        self.assertEqual(facts["delivered"] + facts["expired"], facts["recorded"])
        one = parsed(expected, world.TRIGGER)[0]
        explained = [line.split() for line in shop.good("explain", one["subject"]).splitlines()]
        self.assertIn([one["data"]["campaign"], "expired"], [words[1:3] for words in explained])

    def test_each_trigger_arrives_or_is_counted(self):
        shop = self.shop(speed=300, expires_after="30s")
        daemon = self.stop_in_the_middle(shop)
        self.assertEqual(daemon.wait(), 0, daemon.log())
        self.retailer.drain()
        expected = shop.replay()
        facts = shop.facts()
        self.assertEqual(facts["delivered"] + facts["expired"], len(expected))

        arrived = {(event["data"]["visit_id"], event["data"]["campaign"])
                   for event in parsed(self.retailer.events(), world.TRIGGER)}
        subjects = {event["subject"] for event in parsed(expected)}
        expired = [(one["visit_id"], one["campaign"]) for subject in subjects for one in shop.explained(subject)
                   if one["outcome"] == "expired"]
        due = [(event["data"]["visit_id"], event["data"]["campaign"]) for event in parsed(expected, world.TRIGGER)]
        self.assertEqual(len(due), len(set(due)))
        self.assertEqual(len(expired), facts["expired"])
        self.assertEqual(arrived | set(expired), set(due))
        self.assertTrue(arrived and expired, "both must have happened for this to say anything")
        # What the broker took as it went down may be here without its word for it: then it is both.
        self.assertEqual(ids(expected) - ids(expected, world.TRIGGER) - ids(self.retailer.events()), set())


if __name__ == "__main__":
    world.main()
