"""What share of the packets on the air reaches the gateway, and whether `status` knows."""

import time

import guest_world
from guest_world import figure

DEVICES = 200
RATE = 300  # a second, of all together
SECONDS = 60
NOTHING_MORE_S = 2  # after which what was reported has arrived


class Packets(guest_world.RadioScenario):
    def measure(self, mode, devices=DEVICES, rate=RATE):
        """(on air, reported by the controller, heard by `run`) in SECONDS, and the scanner's status after."""
        daemon = self.run_radio().until_scanning(mode)
        self.emulator.crowd(devices=devices, rate=rate)
        time.sleep(12)  # devices are made, the filter of the kernel's first scan ends
        before, heard_before = self.emulator.counts(), daemon.heard()
        time.sleep(SECONDS)
        scanner = daemon.scanner()
        self.emulator.tell("silence", 0, "crowd")
        time.sleep(NOTHING_MORE_S)
        after, heard = self.emulator.counts(), daemon.heard() - heard_before
        # What was under way at the first count came after it: at most what two looks take.
        on_air, reported = after["on_air"] - before["on_air"], after["reported"] - before["reported"]
        self.assertEqual(after["lost"], 0)
        figure(f"{mode}, {devices} devices: {on_air} packets on the air ({on_air / SECONDS:.0f} a second), {reported} reported by the "
               f"controller, {heard} heard by run: {100 * heard / on_air:.1f} % of the air; status says {scanner['hears']}")
        return on_air, reported, heard, scanner


class WithMonitor(Packets):
    def test_with_a_monitor_run_hears_99_of_100_packets(self):
        if not guest_world.monitors_are_used():
            self.skipTest("bluez#1169: no monitor with this BlueZ")
        on_air, _, heard, scanner = self.measure("monitor")
        self.assertGreaterEqual(heard, 0.99 * on_air)
        self.assertEqual(scanner["hears"], "every_packet")
        self.assertFalse(self.emulator.counts()["filtering"])


class DiscoveryOnly(Packets):
    EXPERIMENTAL = False  # as Debian ships it

    def test_with_discovery_alone_each_start_of_the_scan_lets_one_packet_of_a_device_through(self):
        on_air, reported, heard, scanner = self.measure("discovery_only")
        self.assertEqual(scanner["hears"], "once_a_scan")
        self.assertGreaterEqual(heard, 0.99 * reported)
        self.assertLess(heard, 0.5 * on_air)
        # One of each device in three seconds and in each start of the kernel's own.
        self.assertGreaterEqual(heard, DEVICES * SECONDS / 3 * 0.8)


class Unfiltered(Packets):
    EXPERIMENTAL = False
    DUPLICATES = "off"

    def test_a_controller_that_does_not_filter_is_found_out_and_its_scan_left_alone(self):
        on_air, _, heard, scanner = self.measure("discovery_only", rate=200)
        self.assertEqual(scanner["hears"], "every_packet")
        self.assertGreaterEqual(heard, 0.98 * on_air)
        starts = scanner["scan_starts"]
        figure(f"the scan was started {starts} times by run")
        self.assertLessEqual(starts, 5)
