"""The gateway is killed again and again in the middle of a morning: nobody is forgotten, nobody is welcomed twice."""

import collections
import os
import random
import time

import world
from world import Scenario, Shop, ids, parsed

KILLS = 50
SPEED = 250  # the morning takes 5 s; each life repeats what the one before had not committed
LONGEST_LIFE_S = 0.6
DURING_START = 0.2  # so many of the kills come before the gateway says that it runs
LONGEST_START_S = 0.1


class Crash(Scenario):
    def test_fifty_kills_lose_nothing_and_repeat_nothing(self):
        seed = int(os.environ.get("BEACON_GATEWAY_SEED", random.randrange(2**32)))
        print(f"\nseed {seed} (BEACON_GATEWAY_SEED)")
        chance = random.Random(seed)
        broker = self.broker()
        retailer = self.subscriber(broker)
        shop = Shop(self.folder / "shop", broker.port, speed=SPEED)
        shop.take_profiles()

        recorded = []
        for _ in range(KILLS):
            daemon = self.run_daemon(shop)
            if chance.random() < DURING_START:
                time.sleep(chance.uniform(0, LONGEST_START_S))
            else:
                daemon.until(" runs: ")
                time.sleep(chance.uniform(0, LONGEST_LIFE_S))
            self.assertTrue(daemon.alive(), daemon.log())
            daemon.kill()
            recorded.append(shop.facts().get("recorded", 0) if (shop.store / "journey.db").exists() else 0)
        final = self.run_daemon(shop, "--exit-at-end")
        self.assertEqual(final.wait(), 0, final.log())
        retailer.drain()

        expected = shop.replay()
        print(f"recorded of {len(expected)} events at each kill: {recorded}")
        self.assertGreater(len(set(recorded)), 1, "every kill came before the first event")
        arrived = retailer.events()
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


if __name__ == "__main__":
    world.main()
