"""What every fault run stands on: the world of the scenarios, a retailer who confirms, a wire to cut, and the history
that is judged in the end.

BEACON_GATEWAY_SEED    replays the same faults with the same pauses; each run prints its seed
BEACON_GATEWAY_FAULTS  "long": as often and as long as the criterion says; else a short version
"""

import json
import os
import pathlib
import random
import select
import socket
import subprocess
import sys
import threading
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "scenarios"))

import air  # noqa: E402
import shop_morning  # noqa: E402
import world  # noqa: E402
from history import Fault, History, judge  # noqa: E402
from world import Scenario, Shop, eventually, parsed  # noqa: E402, F401

LONG = os.environ.get("BEACON_GATEWAY_FAULTS") == "long"
GATEWAY = "beacon-gateway/v1/acme/bkk-siam-01/gw-1/"
LONGEST_RUN_S = 1800  # a run that takes longer hangs


def times(short, long):
    return long if LONG else short


class Retailer:
    """Notes when each event came and, while `confirms`, publishes receipts for them. A thread, until `stop`."""

    LOOK_S = 0.05

    def __init__(self, subscriber, broker):
        self.subscriber, self.broker = subscriber, broker
        self.received, self.confirms, self.confirmed, self.ending, self.read_up_to = [], False, 0, False, 0
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def follow(self):
        while not self.ending:
            self.received += [(time.monotonic(), line) for line in self.news()]
            if self.confirms and self.confirmed < len(self.received):
                self.confirm(len(self.received))
            time.sleep(self.LOOK_S)

    def news(self):
        """What came since the last look: of a hundred thousand events all cannot be read each time."""
        with open(self.subscriber.file, "rb") as file:
            file.seek(self.read_up_to)
            octets = file.read()
        whole = octets[:octets.rfind(b"\n") + 1]
        self.read_up_to += len(whole)
        return [payload for topic, payload in world.messages(whole.decode()) if world.EVENTS in topic]

    def confirm(self, up_to):
        ids = ",".join(f'"{event["id"]}"' for event in parsed(line for _, line in self.received[self.confirmed:up_to]))
        try:
            self.broker.publish(GATEWAY + "receipts", f'{{"ids":[{ids}]}}')
            self.confirmed = up_to
        except subprocess.SubprocessError:
            pass  # the broker is away: with the next look

    def lines(self):
        return [line for _, line in self.received]

    def stop(self):
        self.ending = True
        self.thread.join()


class Wire:
    """Passes TCP connections on to a port of this machine until it is cut. A thread, until `stop`."""

    def __init__(self, target):
        self.target, self.listener, self.pairs, self.whole, self.ending = target, socket.create_server(("127.0.0.1", 0)), {}, True, False
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ending:
            if not self.whole:
                self.drop(*self.pairs)
            for ready in select.select([self.listener, *self.pairs], [], [], 0.01)[0]:
                if ready is self.listener:
                    self.accept(self.listener.accept()[0])
                elif ready in self.pairs:
                    self.pass_on(ready)

    def accept(self, client):
        server = socket.socket()
        if not self.whole or server.connect_ex(("127.0.0.1", self.target)) != 0:
            client.close()
            server.close()
            return
        self.pairs.update({client: server, server: client})

    def pass_on(self, ready):
        try:
            octets = ready.recv(65536)
            self.pairs[ready].sendall(octets)
        except OSError:
            octets = b""
        if not octets:
            self.drop(ready)

    def drop(self, *ends):
        for end in ends:
            for one in (end, self.pairs.pop(end, None)):
                if one:
                    self.pairs.pop(one, None)
                    one.close()

    def stop(self):
        self.ending = True
        self.thread.join()
        self.drop(*self.pairs)
        self.listener.close()


class Lab(Scenario):
    DURABLE = True  # whether the broker remembers across a kill
    capture = people = None  # who comes; else the morning's

    def setUp(self):
        super().setUp()
        seed = int(os.environ.get("BEACON_GATEWAY_SEED", random.randrange(2**32)))
        print(f"\n{self.id()}: BEACON_GATEWAY_SEED={seed}", flush=True)
        self.chance = random.Random(seed)
        self.faults = []
        self.link = self.broker(durable=self.DURABLE)
        self.retailer = Retailer(self.subscriber(self.link), self.link)
        self.addCleanup(self.retailer.stop)

    def make_shop(self, speed, receipts, port=None, name="shop"):
        shop = Shop(self.folder / name, port or self.link.port, self.capture, speed=speed)
        shop.edit("gateway.toml", "[broker]\n", f'[broker]\nreceipts = "{receipts}"\n')
        shop.good("profiles", "import", self.people or world.profiles())
        return shop

    def decided(self, shop):
        return shop.replay(*([self.capture] if self.capture else []), people=self.people, patience_s=LONGEST_RUN_S)

    def let_in(self, people, visits):
        """Instead of the morning: `visits` are (second, number of one of the people), each three loud advertisements."""
        self.people, self.capture = self.folder / "people.jsonl", self.folder / "visits.btsnoop"
        self.people.write_text("".join(json.dumps(one) + "\n" for one in people), encoding="utf-8")
        air.write_capture(self.capture, (
            air.advertisement(air.START_S + second + i, shop_morning.on_air(people[number]["identifiers"][0]))
            for second, number in visits for i in range(3)))

    def fault(self, kind):
        self.faults.append(Fault(kind, time.monotonic()))

    def pause(self, longest_s):
        time.sleep(self.chance.uniform(0, longest_s))

    def finish(self, daemon):
        """Waits for the end of a run with --exit-at-end."""
        self.assertEqual(daemon.process.wait(LONGEST_RUN_S), 0, daemon.log())

    def totals(self, shop):
        facts = shop.facts()
        ends = {name: facts.get(name, 0) for name in ("recorded", "delivered", "expired", "dead_letter", "withdrawn", "evicted")}
        return {**ends, "waiting": shop.query("SELECT count(*) FROM outbox")[0][0]}

    def judged(self, shop, receipts="off", ended=None, decided=None):
        """The verdict on a run that is over; violations fail the test."""
        deadline = time.monotonic() + world.PATIENCE_S
        decided, totals = decided or self.decided(shop), self.totals(shop)
        wanted = {event["id"] for event in parsed(decided)} - set(ended or {})
        while wanted - {event["id"] for event in parsed(self.retailer.lines())} and time.monotonic() < deadline:
            if receipts == "off" and any(fault.kind == "broker_killed" for fault in self.faults):
                break  # it may never come
            time.sleep(Retailer.LOOK_S)
        verdict = judge(History(decided, list(self.retailer.received), totals, ended or {}, self.faults, receipts == "required"))
        print(f"{len(decided)} decided, {len(self.retailer.received)} arrived, {len(self.faults)} faults, "
              f"gaps {verdict.gaps}, {totals}", flush=True)
        self.assertEqual(verdict.violations, [])
        return verdict
