"""Case 31 with the real binary on a small file system that is really full: a tmpfs in a mount namespace of our own, for
which Linux wants no root. Where even that is forbidden (containers), it is skipped, and says so."""

import errno
import os
import shutil
import subprocess
import sys
import unittest

import world
from world import Scenario, Shop

IN_NAMESPACE = "BEACON_GATEWAY_IN_NAMESPACE"
UNSHARE = ["unshare", "--user", "--map-root-user", "--mount"]
DISK = "24m"  # the stores of the morning, and twice the ballast of 4 MiB


def fill(file):
    with open(file, "wb", buffering=0) as filler:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    filler.write(bytes(size))
            except OSError as error:
                assert error.errno == errno.ENOSPC, error


@unittest.skipUnless(IN_NAMESPACE in os.environ, "no mount namespace may be made here")
class FullDisk(Scenario):
    def setUp(self):
        super().setUp()
        self.shop = Shop(self.folder / "shop")
        self.shop.store.mkdir(mode=0o700)
        self.mount(self.shop.store, DISK)
        self.shop.take_profiles()

    def mount(self, folder, size):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", folder], check=True)
        self.addCleanup(lambda: subprocess.run(["umount", "--lazy", folder], check=True))

    def test_a_disk_that_fills_up_and_is_freed(self):
        daemon = self.run_daemon(self.shop).until("capture: ended")
        before = self.shop.status()["outbox"]
        self.assertTrue((self.shop.store / "ballast").exists())
        shopper = sorted(self.shop.held())[0]
        fill(self.shop.store / "filler")

        answer = self.shop.ask("profiles", "erase", shopper)
        self.assertEqual(answer.returncode, 1, answer.stderr)
        self.assertIn("free some disk space", answer.stderr)
        status = self.shop.status()
        self.assertEqual(status["warnings"], ["store_unavailable"])
        self.assertEqual(status["outbox"], before)
        self.assertIn("ALARM: takes nothing", self.shop.good("status"))
        world.eventually(lambda: not (self.shop.store / "ballast").exists(), "the ballast given back")
        self.assertIn(shopper, self.shop.held())

        os.remove(self.shop.store / "filler")
        world.eventually(lambda: self.shop.status()["warnings"] == [], "the alarm to be over")
        self.assertTrue(daemon.alive())
        self.assertTrue((self.shop.store / "ballast").exists())
        self.shop.good("profiles", "erase", shopper)
        self.assertNotIn(shopper, self.shop.held())
        daemon.signal(15)
        self.assertEqual(daemon.wait(), 0, daemon.log())
        self.assertEqual(daemon.log().count("the store takes nothing"), 1, daemon.log())

    def test_a_log_that_takes_nothing(self):
        """Lines are lost, and nothing else; with room again the log goes on."""
        broker = self.broker(witnessed=False)
        retailer = self.subscriber(broker)
        self.shop.edit("gateway.toml", "127.0.0.1:1", f"127.0.0.1:{broker.port}")
        logs = self.folder / "logs"
        logs.mkdir()
        self.mount(logs, "64k")
        self.shop.log_file = logs / "gateway.log"
        fill(logs / "filler")
        daemon = self.run_daemon(self.shop)
        expected = world.ids(self.shop.replay())
        world.eventually(lambda: world.ids(retailer.events()) == expected, daemon.log)
        self.assertEqual(daemon.log(), "")
        self.assertEqual(self.shop.status()["warnings"], [])
        os.remove(logs / "filler")
        self.shop.held()
        daemon.until("audit: ")
        daemon.signal(15)
        self.assertEqual(daemon.wait(), 0, daemon.log())

    def test_a_start_on_a_full_disk(self):
        first = self.run_daemon(self.shop).until("capture: ended")
        first.signal(15)
        self.assertEqual(first.wait(), 0, first.log())
        fill(self.shop.store / "filler")
        daemon = self.run_daemon(self.shop).until("capture: ended")
        self.assertTrue(daemon.alive())
        daemon.signal(15)
        daemon.wait()


if __name__ == "__main__":
    may = shutil.which("unshare") and subprocess.run([*UNSHARE, "true"], check=False, stderr=subprocess.DEVNULL).returncode == 0
    if may and IN_NAMESPACE not in os.environ:
        os.environ[IN_NAMESPACE] = "1"
        os.execvp(UNSHARE[0], [*UNSHARE, sys.executable, "-B", *sys.argv])
    world.main()
