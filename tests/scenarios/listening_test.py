"""`scan` and `record` with captures as scanners: what is shown, to whom, and what a recording gives when it is replayed."""

import json
import os
import pty
import re
import signal
import subprocess
import unittest

import world
from world import EVENT_OPCODE, PATIENCE_S, Scenario, Shop, eventually, records

HEARD_S = 300  # the first five minutes of the morning
SLOW = 20  # shop seconds a second: the morning lasts a minute
ADDRESS = re.compile(r"(?:[0-9A-F]{2}:){5}[0-9A-F]{2}")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}")


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def adverts(capture):
    """The records of a capture without the names of adapters."""
    return [(at, octets) for at, opcode, octets in records(capture) if opcode == EVENT_OPCODE]


class Scan(Scenario):
    def setUp(self):
        super().setUp()
        self.shop = Shop(self.folder / "shop")

    def scanned(self, *options):
        lines = objects(self.shop.good("scan", "--json", "--seconds", str(HEARD_S), *options))
        return lines[:-1], lines[-1]

    def test_a_table_needs_no_profiles_and_masks_everybody(self):
        before = sorted(self.folder.rglob("*"))
        table = self.shop.good("scan")
        self.assertEqual(sorted(self.folder.rglob("*")), before, "a file was written")
        self.assertIn("SCANNER", table)
        self.assertIn("12730 advertisements of 38 devices in 1200 s", table)
        self.assertNotRegex(table, ADDRESS)
        self.assertNotRegex(table, UUID)
        self.assertNotIn("\x1b", table)

    def test_all_shows_strangers_in_clear(self):
        table = self.shop.good("scan", "--all", "--seconds", "60")
        self.assertRegex(table, ADDRESS)
        self.assertRegex(table, UUID)

    def test_a_row_says_what_a_scanner_hears_of_a_device(self):
        devices, summary = self.scanned("--profiles", world.profiles())
        self.assertEqual({one["known"] for one in devices}, {"shopper", "staff", "-"})
        self.assertEqual({(one["scanner"], one["zone"]) for one in devices}, {("hci0", "entrance"), ("hci1", "aisle")})
        shopper = next(one for one in devices if one["known"] == "shopper")
        self.assertRegex(shopper["device"], r"^…[0-9A-F]{2}:[0-9A-F]{2}$")
        self.assertTrue(shopper["sends"].startswith("ibeacon …"))
        self.assertTrue(1.5 < shopper["per_second"] < 2.1, shopper)  # shoppers' beacons send twice a second
        self.assertTrue(-100 < shopper["rssi_dbm"] < -50, shopper)
        self.assertEqual(summary["seconds"], HEARD_S)
        self.assertEqual(summary["advertisements"], sum(one["packets"] for one in devices))

    def test_who_is_known_comes_from_the_store_or_from_the_running_gateway(self):
        self.shop.take_profiles()
        stopped, _ = self.scanned()
        self.assertIn("shopper", {one["known"] for one in stopped})
        daemon = self.run_daemon(self.shop).until("runs:")
        running, _ = self.scanned()
        self.assertEqual([one["known"] for one in running], [one["known"] for one in stopped])
        self.assertIn("audit: user", daemon.log())
        self.assertIn(" scan\n", daemon.log())

    def test_on_a_terminal_it_draws_anew_and_ctrl_c_ends_it_with_the_table(self):
        self.shop.edit("gateway.toml", "speed = 0", f"speed = {SLOW}")
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        command = [world.BINARY, "--config", self.shop.configuration, "scan"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
                                   preexec_fn=world.die_with_parent)
        self.addCleanup(process.kill)
        os.close(slave)
        shown = b""
        while shown.count(b"Ctrl-C ends.") < 2:
            shown += os.read(master, 65536)
        process.send_signal(signal.SIGINT)
        rest = b""
        try:
            while more := os.read(master, 65536):
                rest += more
        except OSError:  # EIO: the other end is closed
            pass
        self.assertEqual(process.wait(PATIENCE_S), 0)
        self.assertIn(b"\x1b[H", shown)
        self.assertRegex(rest.decode(), r"\d+ advertisements of \d+ devices in \d+ s")


class Record(Scenario):
    def setUp(self):
        super().setUp()
        self.shop = Shop(self.folder / "shop")
        self.file = self.folder / "new.btsnoop"

    def record(self, *options):
        return self.shop.ask("record", self.file, *options)

    def test_only_known_shoppers_are_written_and_give_the_same_events(self):
        live = self.shop.replay()
        answer = self.record("--profiles", world.profiles())
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertEqual(answer.stdout, "")
        self.assertRegex(answer.stderr, r"new\.btsnoop: \d+ of 12730 advertisements in 1200 s")
        self.assertIn("audit: user", answer.stderr)
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)
        self.assertLess(len(adverts(self.file)), len(adverts(world.morning())))
        self.assertEqual(self.shop.replay(self.file), live)

    def test_all_writes_everything_that_was_heard(self):
        answer = self.record("--all")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertIn("delete it", answer.stderr)
        self.assertEqual([at for at, _ in adverts(self.file)], [at for at, _ in adverts(world.morning())])
        self.assertEqual(self.shop.replay(self.file), self.shop.replay())

    def test_beside_the_running_gateway_which_says_who_is_known(self):
        self.shop.take_profiles()
        daemon = self.run_daemon(self.shop).until("runs:")
        answer = self.record()
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertIn(f"record {self.file}"[:64], daemon.log())
        self.assertEqual(self.shop.replay(self.file), self.shop.replay())

    def test_a_file_is_never_overwritten_and_strangers_alone_make_no_recording(self):
        self.file.write_text("mine")
        answer = self.record("--all")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("there is such a file already", answer.stderr)
        self.assertEqual(self.file.read_text(), "mine")
        self.file.unlink()
        answer = self.record()
        self.assertEqual(answer.returncode, 1)
        self.assertIn("nobody known was heard", answer.stderr)
        self.assertEqual(adverts(self.file), [])

    def test_a_recording_that_was_cut_off_can_be_replayed(self):
        self.shop.edit("gateway.toml", "speed = 0", f"speed = {SLOW}")
        command = [world.BINARY, "--config", self.shop.configuration, "record", self.file, "--all"]
        child = world.Child(command, self.folder / "out", self.folder / "err")
        self.addCleanup(child.kill)
        eventually(lambda: self.file.exists() and len(adverts(self.file)) > 100, "a hundred records")
        child.kill()
        heard = len(adverts(self.file))
        self.assertEqual([at for at, _ in adverts(self.file)], [at for at, _ in adverts(world.morning())][:heard])
        self.shop.replay(self.file)

    def test_ctrl_c_ends_it_with_what_was_heard(self):
        self.shop.edit("gateway.toml", "speed = 0", f"speed = {SLOW}")
        command = [world.BINARY, "--config", self.shop.configuration, "record", self.file, "--all"]
        child = world.Child(command, self.folder / "out", self.folder / "err")
        self.addCleanup(child.kill)
        eventually(lambda: self.file.exists() and len(adverts(self.file)) > 10, "ten records")
        child.signal(signal.SIGINT)
        self.assertEqual(child.wait(), 0)
        self.assertIn(f"{len(adverts(self.file))} of {len(adverts(self.file))} advertisements",
                      (self.folder / "err").read_text())


if __name__ == "__main__":
    world.main()
