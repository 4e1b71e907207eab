"""The guest's clock steps, as nobody sets it by a time server: the gateway does not trust it (reliability.md D 36)."""

import json
import time

import guest_world
from world import TRIGGER, VISIT_STARTED, eventually

DAY_S = 24 * 3600
JUMPS = (("three years on", 3 * 365 * DAY_S), ("a day back", -DAY_S), ("to 1970", None))
STAYS_S = 30  # after each, hearing her five times a second


def step(seconds):
    now = time.clock_gettime(time.CLOCK_REALTIME)
    time.clock_settime(time.CLOCK_REALTIME, 1000 if seconds is None else now + seconds)


class Clock(guest_world.RadioScenario):
    def test_a_shopper_who_stays_is_not_welcomed_again_and_her_visit_goes_on(self):
        broker = self.broker()
        subscriber = self.subscriber(broker)
        daemon = self.run_radio(self.radio_shop(broker.port)).until_scanning()
        known = daemon.status()["identifiers"]
        self.emulator.walks_in(minor=1)

        def of_type(wanted):
            return [event for event in map(json.loads, subscriber.events()) if event["type"] == wanted]

        eventually(lambda: of_type(TRIGGER), "the welcome")
        for what, seconds in JUMPS:
            step(seconds)
            heard = daemon.heard()
            time.sleep(STAYS_S)
            self.assertGreater(daemon.heard(), heard, what)
            status = daemon.status()
            self.assertEqual((status["identifiers"], status["counters"]["visits_started"]), (known, 1), what)
            guest_world.figure(f"{what}: {daemon.heard() - heard} packets heard in {STAYS_S} s, {known} identifiers are looked for as before")
        subscriber.drain()
        self.assertEqual((len(of_type(TRIGGER)), len(of_type(VISIT_STARTED))), (1, 1))
