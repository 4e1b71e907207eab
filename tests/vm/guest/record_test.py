"""What `record` writes and what `btmon -w` writes beside it are the same visits to `replay`.

What ours wrote is kept as SHARE/own.btsnoop; tests/data/recorded-visit is one of them.
"""

import datetime
import json
import signal
import time

import guest_world
import world
from guest_world import figure
from world import eventually

HALL, DOOR, AISLE, GONE = (-78, -90), (-57, -82), (-80, -56), None  # what the entrance and the aisle hear, in dBm
# Seconds since the doors opened, and who is where from then on: Mali shops, Somchai looks in, a stranger passes.
VISITS = [(2, "mali", HALL), (7, "mali", DOOR), (22, "mali", AISLE), (40, "stranger", DOOR), (50, "somchai", HALL),
          (55, "somchai", DOOR), (70, "somchai", HALL), (75, "somchai", GONE), (100, "mali", DOOR), (106, "mali", HALL),
          (111, "mali", GONE)]
STRANGER = "0201061aff4c000215" "0f0e0d0c0b0a09080706050403020100" "00010001c5"
STRANGER_ADDRESS = "C0:0F:0E:0D:0C:0B"
OPENING = datetime.datetime(2026, 11, 21, 10, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=7)))
MOST_APART_S = 1


class Record(guest_world.RadioScenario):
    CONTROLLERS = 2

    def test_a_capture_of_ours_and_one_of_btmon_replay_to_the_same_events(self):
        time.clock_settime(time.CLOCK_REALTIME, OPENING.timestamp())  # a Saturday morning, as in the demonstration
        shop = self.radio_shop(adapters=("hci0", "hci1"))
        ours, theirs = self.folder / "ours.btsnoop", self.folder / "theirs.btsnoop"
        btmon = world.Child(["btmon", "-w", theirs], guest_world.LOGS / "btmon", guest_world.LOGS / "btmon")
        self.addCleanup(btmon.kill)
        eventually(theirs.exists, "btmon's capture")
        record = world.Child([world.BINARY, "--config", shop.configuration, "record", ours], self.gateway_log, self.gateway_log)
        self.addCleanup(record.kill)
        eventually(lambda: all(self.emulator.counts(number)["scanning"] for number in (0, 1)),
                   lambda: f"both scan: {self.gateway_log.read_text()}")
        time.sleep(2)  # until the monitor is in force
        self.through_the_shop()
        for child in (record, btmon):
            child.signal(signal.SIGINT)
            child.wait()
        (guest_world.SHARE / "own.btsnoop").write_bytes(ours.read_bytes())  # the one to look at, or to keep
        stranger = bytes.fromhex(STRANGER_ADDRESS.replace(":", ""))[::-1]
        self.assertIn(stranger, theirs.read_bytes())
        self.assertNotIn(stranger, ours.read_bytes())
        self.compare([self.events(shop, capture) for capture in (ours, theirs)])

    def through_the_shop(self):
        began = time.monotonic()
        for at_s, who, levels in VISITS:
            time.sleep(max(0, began + at_s - time.monotonic()))
            for number, level in enumerate(levels or (None, None)):
                self.heard_at(who, number, level)

    def heard_at(self, who, number, level):
        minor = 2 if who == "somchai" else 1
        address = STRANGER_ADDRESS if who == "stranger" else f"C0:00:00:00:00:{minor:02X}"
        if level is None:
            self.emulator.tell("silence", number, address)
        elif who == "stranger":
            self.emulator.tell("advertise", number, address, "random", "non-connectable", 1000, level, 2, STRANGER)
        else:
            self.emulator.walks_in(number, minor, address, level, every_ms=500)

    @staticmethod
    def events(shop, capture):
        return [(event["type"], event.get("subject"), event["data"].get("zone"), world.unix_seconds(event["time"]))
                for event in map(json.loads, shop.replay(capture))]

    def compare(self, both):
        ours, theirs = both
        self.assertEqual([event[:3] for event in ours], [event[:3] for event in theirs])
        apart = max((abs(a[3] - b[3]) for a, b in zip(ours, theirs)), default=0)
        zones = [event[2] for event in ours]
        figure(f"{len(ours)} events of both captures, the same; times at most {apart:.2f} s apart")
        self.assertIn("aisle", zones)
        self.assertLessEqual(apart, MOST_APART_S)
