"""A full set comes from a real broker while the radio is busy and shoppers walk in: nobody is missed, memory is bounded."""

import itertools
import json
import os
import random
import re
import signal
import time
import unittest
import uuid

import world
from air import START_S, RollingToken, advertisement, stay, write_capture
from world import Scenario, Shop

import orchestrator
from shop_morning import OUR_UUID, ibeacon, our_ibeacon, profile

PATIENT_S = 300  # what a hundred thousand profiles may take on a machine that does other things
MOST_KIB = 64 * 1024  # promise 4 of the design, for what is shipped


class Load(Scenario):
    WALK_IN_S = 6  # twelve advertisements of who comes in

    def crowd(self, seconds, per_second, known):
        """Strangers with beacons of their own, and the known who come in one after the other."""
        chance = random.Random(1)
        for number in range(seconds * per_second):
            data = ibeacon(str(uuid.UUID(int=chance.getrandbits(128))), chance.getrandbits(16), chance.getrandbits(16))
            yield advertisement(START_S + number / per_second, data, scanner=number % 2, rssi_dbm=chance.randint(-95, -50))
        apart_s = (seconds - self.WALK_IN_S) / known
        for number in range(known):
            first_s = START_S + number * apart_s
            yield from stay(first_s, first_s + self.WALK_IN_S, lambda at_s: ibeacon(OUR_UUID, 100, number), every_s=0.5)

    def others(self, count):
        """Of about 500 octets: every second one with a rolling token, the rest with an iBeacon."""
        for number in range(count):
            name = f"customer-{number:06}"
            identifier = RollingToken(name).identifier() if number % 2 else \
                our_ibeacon(number % 65536) | {"major": 1000 + number // 65536}
            yield profile(name, identifier, "th", name, ("presence", "welcome"))

    def sync(self, profiles, known, seconds, per_second):
        broker = self.broker(durable=False)
        retailer = self.subscriber(broker, topics="beacon-gateway/v1/+/+/+/events/#")
        capture = write_capture(self.folder / "crowd.btsnoop", self.crowd(seconds, per_second, known))
        shop = Shop(self.folder / "shop", broker.port, capture, speed=1.0)
        key = self.folder / "orchestrator.pem"
        orchestrator.make_key(key)
        shop.trust(orchestrator.public_file(key))
        shop.seal()
        people = self.folder / "people.jsonl"
        shoppers = [profile(f"shopper-{number}", our_ibeacon(number), "th", f"nickname {number}") for number in range(known)]
        people.write_text("".join(json.dumps(one) + "\n" for one in shoppers), encoding="utf-8")
        shop.good("profiles", "import", people)
        parts = list(orchestrator.Orchestrator(key).full_set(itertools.chain(shoppers, self.others(profiles - known))))
        expected = shop.replay(capture, people=people)

        daemon = self.run_daemon(shop).until("broker: connected")
        broker.until_subscribed(orchestrator.topic("acme", "bkk-siam-01"))
        began = time.monotonic()
        orchestrator.publish(parts, broker.port, orchestrator.topic("acme", "bkk-siam-01"))
        sent_s = time.monotonic() - began
        words = "full set of revision 1 is in force"

        def in_force():
            self.assertNotIn("was refused", daemon.log(), "a gateway that is busy lets the broker keep the rest")
            return words in daemon.log()

        world.eventually(in_force, daemon.log, PATIENT_S)
        in_force_s = time.monotonic() - began
        world.eventually(lambda: "capture: ended" in daemon.log(), daemon.log, PATIENT_S)
        ended_s = time.monotonic() - began
        world.eventually(lambda: shop.status()["outbox"]["waiting"] == 0, "an empty outbox", PATIENT_S)
        status = shop.status()
        peak_kib = self.peak_kib(daemon)
        retailer.drain()
        counters = status["counters"]
        print(f"\n{profiles} profiles, {sum(map(len, parts)) / 1e6:.1f} MB in {len(parts)} parts:"
              f" at the broker after {sent_s:.1f} s, in force after {in_force_s:.1f} s;"
              f" {counters['advertisements']} advertisements recorded over {seconds} s heard by {ended_s:.1f} s,"
              f" {counters['advertisements_overflowed']} overflowed; peak memory {peak_kib / 1024:.1f} MiB")

        self.assertEqual((status["revision"], status["identifiers"]), (1, profiles))
        for kind in (world.VISIT_STARTED, world.TRIGGER):
            self.assertEqual(len(world.ids(expected, kind)), known)
            self.assertEqual(world.ids(retailer.events(), kind), world.ids(expected, kind))
        self.assertEqual(counters["advertisements_overflowed"], 0)
        self.assertEqual(counters["downlink_overflow"], 0)
        if os.environ.get("BEACON_GATEWAY_OPTIMISED") == "1":
            self.assertLessEqual(peak_kib, MOST_KIB)
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(), 0, daemon.log())

    def peak_kib(self, daemon):
        with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmHWM:\s+(\d+) kB", file.read()).group(1))

    def test_a_few_thousand(self):
        self.sync(profiles=3000, known=5, seconds=12, per_second=300)

    @unittest.skipUnless(os.environ.get("BEACON_GATEWAY_SLOW") == "1", "slow; BEACON_GATEWAY_SLOW=1 runs it")
    def test_a_hundred_thousand(self):
        self.sync(profiles=100_000, known=20, seconds=50, per_second=2000)


if __name__ == "__main__":
    world.main()
