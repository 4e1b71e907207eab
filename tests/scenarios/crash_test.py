"""The gateway is killed again and again in the middle of a morning: nobody is forgotten, nobody is welcomed twice."""

import collections
import os
import random
import time

import world
from world import Scenario, Shop, ids, parsed

KILLS = int(os.environ.get("BEACON_GATEWAY_KILLS", 50))
SPEED = 200  # the morning takes 6 s; each life repeats what the one before had not committed
LONGEST_LIFE_S = 0.45
DURING_START = 0.2  # so many of the kills come before the gateway says that it runs
LONGEST_START_S = 0.1
# The share of a life after which the broker hangs until the kill, so that there is something waiting or unanswered.
BROKER_HANGS_AFTER = [0.0, 0.5, 1.0, 1.0]


class Crash(Scenario):
    def setUp(self):
        super().setUp()
        self.link = self.broker()
        self.retailer = self.subscriber(self.link)
        self.shop = Shop(self.folder / "shop", self.link.port, speed=SPEED)
        self.shop.take_profiles()

    def events_at_the_end(self):
        """The last life goes to the end. What has arrived then, repeats included."""
        final = self.run_daemon(self.shop, "--exit-at-end")
        self.assertEqual(final.wait(), 0, final.log())
        self.retailer.drain()
        return self.retailer.events()

    def one_life(self, chance):
        daemon = self.run_daemon(self.shop)
        life = chance.uniform(0, LONGEST_START_S)
        if chance.random() >= DURING_START:
            life = chance.uniform(0, LONGEST_LIFE_S)
            daemon.until(" runs: ")
        hangs_after = chance.choice(BROKER_HANGS_AFTER)
        time.sleep(life * hangs_after)
        self.link.freeze()
        time.sleep(life * (1 - hangs_after))
        self.assertTrue(daemon.alive(), daemon.log())
        daemon.kill()
        self.link.thaw()

    def recorded(self):
        return self.shop.facts().get("recorded", 0) if (self.shop.store / "journey.db").exists() else 0

    def test_fifty_kills_lose_nothing_and_repeat_nothing(self):
        seed = int(os.environ.get("BEACON_GATEWAY_SEED", random.randrange(2**32)))
        print(f"\nseed {seed} (BEACON_GATEWAY_SEED)")
        chance = random.Random(seed)
        recorded = []
        for _ in range(KILLS):
            self.one_life(chance)
            recorded.append(self.recorded())
        arrived = self.events_at_the_end()

        expected = self.shop.replay()
        print(f"recorded of {len(expected)} events at each kill: {recorded}")
        self.assertGreater(len(set(recorded)), 1, "every kill came before the first event")
        print(f"{len(arrived)} messages for {len(set(arrived))} events")
        self.assertEqual(ids(expected, world.TRIGGER) - ids(arrived, world.TRIGGER), set(), "a trigger was lost")
        self.assertEqual(set(arrived), set(expected), "the same bytes as a replay, repeats aside")

        distinct = {event["id"]: event for event in parsed(arrived)}
        self.assertEqual(len(distinct), len(set(arrived)), "a repeat differs from what it repeats")
        sequences = sorted(event["sequence"] for event in distinct.values())
        self.assertEqual([int(one) for one in sequences], list(range(1, len(expected) + 1)))
        welcomes = collections.Counter(event["data"]["visit_id"] for event in distinct.values()
                                       if event["type"] == world.TRIGGER and event["data"]["kind"] == "welcome")
        self.assertEqual(set(welcomes.values()), {1})

    def test_a_kill_after_the_capture_and_before_the_broker(self):
        self.link.stop()
        self.shop.edit("gateway.toml", f"speed = {SPEED}\n", "speed = 0\n")
        daemon = self.run_daemon(self.shop).until("capture: ended")
        daemon.kill()
        expected = self.shop.replay()
        self.assertEqual(self.recorded(), len(expected))
        self.link.start()
        self.retailer.resume()
        self.assertEqual(set(self.events_at_the_end()), set(expected))


if __name__ == "__main__":
    world.main()
