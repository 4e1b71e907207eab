"""What stops scanning in shops, done to a real bluetoothd; each time `run` must hear again by itself, and soon."""

import os
import signal
import struct
import subprocess
import time
import unittest

import guest_world
from guest_world import figure
from world import eventually

LIMIT_S = 5  # of the promise: packets flow so soon after bluetoothd's name or the power is back
# So long the kernel goes on scanning for a bluetoothd that was killed; the next one's StartDiscovery is refused until then.
KERNEL_SCAN_S = 10.24
SET_SCAN_ENABLE, DISALLOWED = "200c", "0c"
TIMES = 50  # case 18


def rfkill(blocked):
    """As `rfkill block bluetooth`: linux/rfkill.h, struct rfkill_event with RFKILL_OP_CHANGE_ALL."""
    every_bluetooth, change_all = 2, 3
    with open("/dev/rfkill", "wb", buffering=0) as device:
        device.write(struct.pack("=IBBBB", 0, every_bluetooth, change_all, blocked, 0))


def open_and_running(daemon):
    """Open descriptors and threads of `run`."""
    return tuple(len(os.listdir(f"/proc/{daemon.process.pid}/{what}")) for what in ("fd", "task"))


class Recovery(guest_world.RadioScenario):
    DUPLICATES = "off"  # whether packets flow is asked here, not how many

    def setUp(self):
        super().setUp()
        self.emulator.walks_in(every_ms=100)
        self.daemon = self.run_radio().until_scanning()
        eventually(lambda: self.daemon.heard() > 5, "packets, before anything is done")

    def hears_again(self, what, since=None, limit_s=LIMIT_S):
        since = time.monotonic() if since is None else since
        seconds = self.daemon.hears_again(since, limit_s)
        figure(f"{what}: packets {seconds:.1f} s after")
        scanner = self.daemon.scanner()
        self.assertFalse(scanner["alarm"])
        return scanner

    def deaf(self):
        """Until nothing more comes: what was under way is no recovery."""
        def still():
            before = self.daemon.heard()
            time.sleep(0.5)
            return self.daemon.heard() == before

        eventually(still, "silence")

    def test_powered_off_and_on_by_another(self):
        client = self.client()
        client.power(False)
        since = time.monotonic()
        scanner = self.hears_again("Powered off by another client; run turned it on", since)
        self.assertGreaterEqual(scanner["power_ons"], 1)
        self.assertTrue(client.powered())

    def test_adapter_down_and_up(self):
        subprocess.run(["hciconfig", "hci0", "down"], check=True)
        time.sleep(0.5)  # run may have cured it by then
        subprocess.run(["hciconfig", "hci0", "up"], check=False)
        self.hears_again("hciconfig down, up")

    def test_adapter_unplugged_and_back(self):
        self.emulator.tell("unplug", 0)
        eventually(lambda: self.daemon.scanner()["state"] == "the adapter is not there", "the adapter's absence in status")
        time.sleep(3)
        self.assertEqual(self.emulator.tell("plug"), "0")
        self.emulator.walks_in(every_ms=100)
        self.hears_again("adapter unplugged, back")

    def test_adapter_back_under_another_number(self):
        """Case 21: another stick has taken its number meanwhile, and it is known by its address."""
        self.daemon.kill()
        address = str(self.client().property("Address"))
        self.daemon = self.run_radio(self.radio_shop(adapters=(address,), name="renumbered")).until_scanning()
        eventually(lambda: self.daemon.heard() > 5, "packets at its first number")
        self.emulator.tell("unplug", 0)
        eventually(lambda: self.daemon.scanner()["state"] == "the adapter is not there", "the adapter's absence in status")
        self.assertEqual(self.emulator.tell("plug", 1), "1")
        self.bluetoothd.until_adapter()  # the other stick, as hci0
        self.assertEqual(self.emulator.tell("plug", 0), "0")
        self.emulator.walks_in(every_ms=100)
        self.hears_again("adapter unplugged, back as hci1")
        self.assertEqual(str(self.client().property("Address", "/org/bluez/hci1")), address)

    def test_blocked_by_rfkill_for_a_while(self):
        """Case 21. Its power cannot be set meanwhile, and is when that is over."""
        rfkill(blocked=True)
        eventually(lambda: self.daemon.scanner()["state"].startswith("the adapter is off"), "the block in status")
        time.sleep(10)
        state = self.daemon.scanner()["state"]
        self.assertTrue(self.daemon.alive())
        rfkill(blocked=False)
        self.hears_again(f"blocked by rfkill for 10 s (status: {state}); allowed again", limit_s=10)

    def test_bluetoothd_ends_and_comes_back(self):
        self.bluetoothd.end(signal.SIGTERM)
        self.deaf()
        time.sleep(2)
        self.bluetoothd.start()
        self.hears_again("bluetoothd terminated; its name back", self.bluetoothd.until_name())

    def test_bluetoothd_killed_and_back(self):
        self.bluetoothd.end(signal.SIGKILL)
        self.deaf()
        self.bluetoothd.start()
        self.hears_again("bluetoothd killed; its name back", self.bluetoothd.until_name())

    def test_bluetoothd_killed_again_and_again(self):
        """Without a monitor the adapter is turned off and on each time, which ends the kernel's scan for the one that was
        killed."""
        scanner = self.ends_again_and_again(signal.SIGKILL)
        self.assertLessEqual(scanner["power_cycles"], TIMES)

    def test_bluetoothd_restarted_again_and_again(self):
        scanner = self.ends_again_and_again(signal.SIGTERM)
        self.assertEqual(scanner["power_cycles"], 0)

    def ends_again_and_again(self, how):
        """Case 18: packets each time, nothing left behind, and the next silence begins at the first rung."""
        slowest, before = 0, open_and_running(self.daemon)
        for _ in range(TIMES):
            self.bluetoothd.end(how)
            self.deaf()
            self.bluetoothd.start()
            since = self.bluetoothd.until_name()
            slowest = max(slowest, self.daemon.hears_again(since, LIMIT_S))
        # With a monitor packets come before the discovery is granted.
        self.daemon.until_scanning("monitor" if self.EXPERIMENTAL and guest_world.monitors_are_used() else "discovery_only")
        scanner = self.daemon.scanner()
        figure(f"bluetoothd ended {TIMES} times by {how.name}: packets {slowest:.1f} s after its name at the latest; {scanner['scan_starts']} "
               f"starts of the scan, {scanner['reconnects']} reconnects, {scanner['power_cycles']} times off and on")
        self.assertEqual(scanner["reconnects"], 0)
        self.assertFalse(scanner["alarm"])
        # A connection that is being tried has threads of its own; there is no broker here.
        eventually(lambda: all(now <= then for now, then in zip(open_and_running(self.daemon), before)),
                   lambda: f"no more descriptors and threads than {before}: {open_and_running(self.daemon)}")
        return scanner

    def test_hardware_error(self):
        self.emulator.tell("hardware_error", 0)
        time.sleep(0.5)  # run may have cured it by then
        self.hears_again("hardware error; the kernel reset the controller")

    def test_scan_refused_for_a_while(self):
        self.bluetoothd.end()
        time.sleep(KERNEL_SCAN_S)
        self.emulator.tell("refuse", 0, SET_SCAN_ENABLE, DISALLOWED)
        self.bluetoothd.start()
        eventually(lambda: self.daemon.scanner()["state"].startswith("scanning is refused"), "the refusal in status")
        starts = self.daemon.scanner()["scan_starts"]
        time.sleep(20)
        tries = self.daemon.scanner()["scan_starts"] - starts
        self.emulator.tell("refuse", 0, SET_SCAN_ENABLE, "0")
        scanner = self.hears_again(f"scan enable refused, {tries} tries in 20 s; allowed again", limit_s=30)
        self.assertLessEqual(tries, 20)  # no more than one a second

    def test_controller_hangs_for_a_while(self):
        self.emulator.tell("hang", 0, "on")
        client = self.client()
        try:
            client.power(False)
        except guest_world.dbus.DBusException as fault:
            figure(f"turning it off meanwhile: {fault.get_dbus_name()}")
        time.sleep(30)
        self.assertTrue(self.daemon.alive())
        self.emulator.tell("hang", 0, "off")
        self.hears_again("controller answered nothing for 30 s; answers again", limit_s=70)


class DiscoveryOnly(Recovery):
    """As Debian ships bluetoothd: nobody scans but for a discovery."""

    EXPERIMENTAL = False

    @classmethod
    def setUpClass(cls):
        if not guest_world.monitors_are_used():
            raise unittest.SkipTest("run uses no monitor with this BlueZ anyway")
