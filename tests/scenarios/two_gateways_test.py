"""Two gateways in one shop, a broker between them: one visit, one welcome (reliability.md, case 30)."""

import json
import signal

import world
from air import START_S, stay, write_capture
from sync_test import shopper
from world import Scenario, Shop, parsed

from shop_morning import OUR_UUID, ibeacon

SPEED, ENDS_AFTER_S = 10, 120
LAST_S = 400  # a stranger stays so long: the shop is open
STRANGERS_UUID = "99999999-174e-4bac-a814-092e77f6b7e5"


class TwoGateways(Scenario):
    def setUp(self):
        super().setUp()
        self.link = self.broker()
        self.retailer = self.subscriber(self.link)

    def shop(self, name, *stays):
        """A gateway of the shop, at whose door shopper-1 is during `stays`, in seconds."""
        strangers = ibeacon(STRANGERS_UUID, 1, 1)
        capture = write_capture(
            self.folder / f"{name}.btsnoop", stay(START_S, START_S + LAST_S, lambda at_s: strangers, every_s=5),
            *(stay(START_S + first, START_S + last, lambda at_s: ibeacon(OUR_UUID, 100, 1)) for first, last in stays))
        shop = Shop(self.folder / name, self.link.port, capture, SPEED)
        shop.edit("gateway.toml", 'id = "gw-1"', f'id = "{name}"')
        with open(shop.configuration / "gateway.toml", "a", encoding="utf-8") as file:
            file.write(f'\n[visit]\nends_after = "{ENDS_AFTER_S}s"\n')
        people = self.folder / "people.jsonl"
        people.write_text(json.dumps(shopper(1)) + "\n", encoding="utf-8")
        shop.good("profiles", "import", people)
        return shop

    def events(self, *types):
        return [event for event in parsed(self.retailer.events()) if event["type"] in types]

    def run_both(self, front, back):
        """The back's clock is a little ahead, so that nothing of the front's is from its future."""
        daemons = [self.run_daemon(back).until("broker: connected")]
        self.link.until_subscribed("events/com.beacongateway.visit.started.v1")
        daemons.append(self.run_daemon(front).until("broker: connected"))
        return daemons

    def stop(self, daemons):
        for daemon in daemons:
            daemon.signal(signal.SIGTERM)
            self.assertEqual(daemon.wait(), 0, daemon.log())
        self.retailer.drain()

    def test_who_walks_from_one_to_the_other_and_back_has_one_visit(self):
        front, back = self.shop("gw-front", (0, 20), (110, 130)), self.shop("gw-back", (80, 100))
        daemons = self.run_both(front, back)
        world.eventually(lambda: self.events(world.VISIT_ENDED), "the end of the visit")
        world.eventually(lambda: back.status()["counters"]["others_ended"] == 1, back.status)
        self.assertEqual(back.status()["open_visits"], 0)
        self.stop(daemons)
        self.assertEqual([event["source"] for event in self.events(world.VISIT_STARTED, world.VISIT_ENDED, world.TRIGGER)],
                         ["/acme/bkk-siam-01/gw-front"] * 3)
        by_back = [event for event in parsed(self.retailer.events()) if event["source"].endswith("gw-back")]
        self.assertEqual([event["type"] for event in by_back],
                         ["com.beacongateway.zone.entered.v1", "com.beacongateway.zone.left.v1"])
        self.assertEqual(len({event["data"]["visit_id"] for event in parsed(self.retailer.events())}), 1)

    def test_who_stays_with_the_other_one_keeps_her_visit(self):
        front, back = self.shop("gw-front", (0, 20)), self.shop("gw-back", (80, 250))
        daemons = self.run_both(front, back)
        world.eventually(lambda: len(self.events(world.VISIT_ENDED)) == 2, lambda: self.events(world.VISIT_ENDED))
        self.stop(daemons)
        self.assertEqual(len(self.events(world.TRIGGER)), 1, "one welcome")
        told = self.events(world.VISIT_STARTED, world.VISIT_ENDED)
        self.assertEqual(len({event["data"]["visit_id"] for event in told}), 1)
        self.assertEqual(len({event["id"] for event in told}), 4)
        self.assertEqual([event["source"][-4:] for event in told], ["ront", "ront", "back", "back"])
        self.assertEqual(told[2]["data"]["continues"], 1)


if __name__ == "__main__":
    world.main()
