"""A second program on the same bluetoothd changes nothing of ours (reliability.md D 22)."""

import time

import dbus
import guest_world
from guest_world import figure
from world import eventually


class SecondClient(guest_world.RadioScenario):
    DUPLICATES = "off"

    def setUp(self):
        super().setUp()
        self.emulator.walks_in(every_ms=100)
        self.daemon = self.run_radio().until_scanning()
        self.second = self.client()

    def undisturbed(self, what, seconds=15):
        """Every packet on the air is heard, and run had nothing to repair."""
        scanner, before, heard = self.daemon.scanner(), self.emulator.counts(), self.daemon.heard()
        time.sleep(seconds)
        after, heard = self.emulator.counts(), self.daemon.heard() - heard
        on_air = after["on_air"] - before["on_air"]
        figure(f"{what}: {heard} of {on_air} packets heard")
        self.assertGreaterEqual(heard, 0.95 * on_air)
        for repair in ("reconnects", "power_cycles", "power_ons"):
            self.assertEqual(self.daemon.scanner()[repair], scanner[repair])
        self.assertEqual(self.daemon.scanner()["state"], "scanning")

    def test_it_discovers_without_a_filter_and_stops(self):
        self.second.adapter().StartDiscovery()
        self.undisturbed("another discovers without a filter")
        self.second.adapter().StopDiscovery()
        time.sleep(1)
        self.undisturbed("it stopped")

    def test_it_discovers_with_a_filter_that_would_hide_ours_and_vanishes(self):
        wanted = {"Transport": "le", "RSSI": dbus.Int16(-20), "DuplicateData": dbus.Boolean(False)}
        self.second.adapter().SetDiscoveryFilter(dbus.Dictionary(wanted, signature="sv"))
        self.second.adapter().StartDiscovery()
        self.undisturbed("another wants only what is near and new")
        self.second.close()
        time.sleep(1)
        self.undisturbed("it left without a word")

    def test_it_cannot_stop_what_is_ours(self):
        with self.assertRaises(dbus.DBusException):
            self.second.adapter().StopDiscovery()
        self.undisturbed("another stops what it did not start", 5)

    def test_it_removes_every_device_again_and_again(self):
        eventually(self.second.devices, "a device")
        heard = self.daemon.heard()
        for _ in range(10):
            for path in self.second.devices():
                try:
                    self.second.adapter().RemoveDevice(dbus.ObjectPath(path))
                except dbus.DBusException as gone:  # by itself meanwhile
                    self.assertIn("DoesNotExist", gone.get_dbus_name())
            time.sleep(0.5)
        heard = self.daemon.heard() - heard
        figure(f"devices removed ten times in 5 s: {heard} packets heard meanwhile")
        self.assertGreaterEqual(heard, 10)
        self.undisturbed("after that")
