"""The whole product: a shopper's beacon -> controller -> kernel -> bluetoothd -> run -> mosquitto -> the retailer."""

import json

import guest_world
from world import TRIGGER, eventually


class Welcome(guest_world.RadioScenario):
    def test_walks_in_and_is_welcomed_in_thai_exactly_once(self):
        broker = self.broker()
        subscriber = self.subscriber(broker)
        daemon = self.run_radio(self.radio_shop(broker.port))
        daemon.until_scanning()
        self.emulator.walks_in(minor=1)

        def welcomes():
            events = [json.loads(event) for event in subscriber.events()]
            return [event["data"] for event in events if event["type"] == TRIGGER]

        eventually(welcomes, lambda: f"a welcome: {daemon.log()}")
        # She stays: heard often enough for many more, were there a way to it.
        heard = daemon.heard()
        eventually(lambda: daemon.heard() > heard + 6, "six more packets of hers")
        subscriber.drain()
        self.assertEqual(len(welcomes()), 1)
        text = welcomes()[0]["message"]["body"]
        guest_world.figure(f"heard {daemon.heard()} packets, one welcome: {text}")
        self.assertIn("มะลิ", text)
