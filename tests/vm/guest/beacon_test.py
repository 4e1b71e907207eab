"""What `[[beacon]]` makes a real bluetoothd tell the controller, octet by octet; and that it comes back, and the scan goes on."""

import signal
import subprocess
import time

import guest_world
from guest_world import figure
from world import eventually

# Apple's and LINE's own descriptions, and Core 5.4 Vol 3 Part C, 11: length, type, company or service, the format's own.
LE_ONLY = "020104"  # bluetoothd's own, on a controller without BR/EDR
IBEACON = "1aff" "4c00" "0215" "5a4bcfce174e4baca814092e77f6b7e5" "000c" "0001" "c5"
LINE_SERVICE = "0303" "6ffe"
LINE_DATA = "0b16" "6ffe" "02" "0123456789" "7f" "00"

TOML = {
    "ibeacon": 'uuid = "5a4bcfce-174e-4bac-a814-092e77f6b7e5"\nmajor = 12\nminor = 1',
    "line": 'hardware_id = "0123456789"',
}
INTERVALS_MS = [100, 150]
BACK_WITHIN_S = 5  # of its name, as the scan
SCAN_GOES_ON = 0.95  # of the packets on the air


def structures(data):
    """AD structures of `data`, in hexadecimal, sorted: their order is bluetoothd's business."""
    octets, found = bytes.fromhex(data), []
    while octets:
        found.append(octets[:octets[0] + 1].hex())
        octets = octets[octets[0] + 1:]
    return sorted(found)


class Beacon(guest_world.RadioScenario):
    DUPLICATES = "off"  # each packet counts
    AT = 0  # the controller that advertises; the first scans

    def with_beacon(self, kind):
        beacon = f'[[beacon]]\nadapter = "hci{self.AT}"\nkind = "{kind}"\n{TOML[kind]}\n\n'
        self.emulator.walks_in(every_ms=100)
        self.daemon = self.run_radio(self.radio_shop(beacons=beacon)).until_scanning()
        self.on_air()

    def beacon(self):
        return self.daemon.status()["beacons"][0]

    def starts(self):
        return self.emulator.counts(self.AT)["advertising_starts"]

    def on_air(self, after=0):
        """What is sent, once it was started oftener than `after` times."""
        eventually(lambda: self.starts() > after and self.emulator.sent(self.AT),
                   lambda: f"a beacon on the air: {self.daemon.log()} {self.bluetoothd.log.read_text()}")
        eventually(lambda: self.beacon()["state"] == "on the air", lambda: f"its word in status: {self.beacon()}")
        sent, = self.emulator.sent(self.AT)
        return sent

    def comes_back(self, what, starts, since):
        """`since`: an instant; `starts`: how often it was started until then."""
        sent = self.on_air(after=starts)
        took, beacon = time.monotonic() - since, self.beacon()
        figure(f"{what}: on the air {took:.1f} s after; {beacon['refusals']} refusals, {beacon['releases']} releases")
        self.assertEqual(structures(sent["data"]), sorted([LE_ONLY, IBEACON]))
        self.assertLessEqual(took, BACK_WITHIN_S)
        self.scan_goes_on()

    def scan_goes_on(self, seconds=15):
        eventually(lambda: self.daemon.scanner()["state"] == "scanning", lambda: f"the scan: {self.daemon.scanner()}")
        time.sleep(1)
        before, heard = self.emulator.counts(), self.daemon.heard()
        time.sleep(seconds)
        after, heard = self.emulator.counts(), self.daemon.heard() - heard
        on_air = after["on_air"] - before["on_air"]
        figure(f"beside the beacon {heard} of {on_air} packets heard")
        self.assertGreaterEqual(heard, SCAN_GOES_ON * on_air)
        self.assertEqual(self.beacon()["yields"], 0)

    def test_an_ibeacon_is_sent_as_configured(self):
        self.with_beacon("ibeacon")
        self.as_configured([LE_ONLY, IBEACON])

    def test_a_line_beacon_is_sent_as_configured(self):
        self.with_beacon("line")
        self.as_configured([LE_ONLY, LINE_SERVICE, LINE_DATA])

    def as_configured(self, expected):
        sent = self.on_air()
        figure(f"sent: {sent}")
        self.assertEqual(structures(sent["data"]), sorted(expected))
        self.assertEqual(sent["scan_response"], "")
        self.assertFalse(sent["connectable"])
        self.assertEqual([sent["least_interval"], sent["most_interval"]], INTERVALS_MS)
        self.assertEqual(self.beacon()["refusals"], 0)
        self.scan_goes_on()

    def test_bluetoothd_is_killed(self):
        self.with_beacon("ibeacon")
        self.bluetoothd.end(signal.SIGKILL)
        eventually(lambda: not self.beacon()["on_air"], "its absence in status")
        starts = self.starts()  # the kernel goes on sending for the one that was killed
        self.bluetoothd.start()
        self.comes_back("bluetoothd killed; its name back", starts, self.bluetoothd.until_name())

    def test_adapter_powered_off(self):
        self.with_beacon("ibeacon")
        starts = self.starts()
        self.client().power(False, f"/org/bluez/hci{self.AT}")
        self.comes_back("Powered off by another client; run turned it on", starts, time.monotonic())

    def test_adapter_down(self):
        self.with_beacon("ibeacon")
        starts = self.starts()
        subprocess.run(["hciconfig", f"hci{self.AT}", "down"], check=True)
        self.comes_back("hciconfig down; run turned it on", starts, time.monotonic())

    def test_hardware_error(self):
        self.with_beacon("ibeacon")
        starts = self.starts()
        self.emulator.tell("hardware_error", self.AT)
        self.comes_back("hardware error; the kernel reset the controller", starts, time.monotonic())

    def test_run_ends_and_the_air_is_free(self):
        self.with_beacon("ibeacon")
        self.daemon.signal(signal.SIGTERM)
        self.daemon.wait()
        eventually(lambda: not self.emulator.sent(self.AT), "silence")


class DiscoveryOnly(Beacon):
    """As Debian ships bluetoothd."""

    EXPERIMENTAL = False


class Extended(Beacon):
    """A controller of Bluetooth 5: the kernel tells it by other commands, in sets."""

    CONTROLLER_OPTIONS = ("extended",)


class AdapterOfItsOwn(Beacon):
    """Nobody scans on it, who would turn it on."""

    CONTROLLERS = 2
    AT = 1
