"""What `record` writes and what `btmon -w` writes beside it are the same morning to `replay`."""

import json
import signal
import time

import guest_world
import world
from guest_world import figure
from world import eventually

NEAR, FAR = -55, -88
STAY_S = 25
MOST_APART_S = 1


class Record(guest_world.RadioScenario):
    CONTROLLERS = 2

    def test_a_capture_of_ours_and_one_of_btmon_replay_to_the_same_events(self):
        shop = self.radio_shop(adapters=("hci0", "hci1"))
        if shop.ask("record", "--help").returncode != 0:
            self.skipTest("this gateway has no `record` yet")
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
        self.compare([self.events(shop, capture) for capture in (ours, theirs)])

    def through_the_shop(self):
        """Mali comes in and goes to the aisle; Somchai looks in and leaves."""
        for entrance, aisle in ((NEAR, FAR), (FAR, NEAR)):
            self.heard_at(1, entrance, aisle)
            self.heard_at(2, entrance, FAR)
            time.sleep(STAY_S)

    def heard_at(self, minor, *levels):
        for number, level in enumerate(levels):
            self.emulator.walks_in(number, minor, f"C0:00:00:00:00:{minor:02X}", level)

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
