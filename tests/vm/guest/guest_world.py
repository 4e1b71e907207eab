"""What a test in the guest stands on: emulated controllers, a real bluetoothd, a second client, and `run` on them.

Above tests/scenarios/world.py, which has the broker, the subscriber and the gateway.
"""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import children
import dbus
import world
from world import eventually

BLUETOOTHD = "/usr/libexec/bluetooth/bluetoothd"
EMULATOR = "/share/bin/controller_emulator"
ADAPTER = "/org/bluez/hci0"
MALI = "5a4bcfce-174e-4bac-a814-092e77f6b7e5"  # the shop's own iBeacon: tests/tools/shop_morning.py
SHARE = pathlib.Path("/share")
LOGS = SHARE / "log"

# To look is to start a program, which costs simulated time too.
children.LOOK_AGAIN_S = 0.2


def figure(text):
    """A measured value, for the person who reads the run."""
    print(f"    {text}", flush=True)


def bluez_version():
    answer = subprocess.run([BLUETOOTHD, "--version"], stdout=subprocess.PIPE, check=True)
    return tuple(int(part) for part in answer.stdout.decode().split("."))


def monitors_are_used():
    """drivers/bluez/monitor.hpp: bluez#1169, a long advertisement crashes these."""
    return not (5, 72) <= bluez_version() <= (5, 82)


class Emulator(world.Child):
    """controller_emulator and its control socket; tests/vm/emulator/control.hpp has the words."""

    def __init__(self, folder, log, controllers=1, duplicates="by-address", *options):
        self.path = str(folder / "emulator")
        super().__init__([EMULATOR, self.path, str(controllers), duplicates, *options], log, log)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(folder / "emulator-client"))
        self.socket.settimeout(world.PATIENCE_S)
        eventually(lambda: os.path.exists(self.path) or not self.alive(), "the emulator's socket")
        assert self.alive(), log.read_text()

    def tell(self, *words):
        self.socket.sendto(" ".join(str(word) for word in words).encode(), self.path)
        answer = self.socket.recv(4096).decode()
        assert answer.startswith("ok"), f"{words}: {answer}"
        return answer[3:]

    def counts(self, number=0):
        return json.loads(self.tell("counts", number))

    def sent(self, number=0):
        """What this controller advertises for its host."""
        return json.loads(self.tell("sent", number))

    def walks_in(self, number=0, minor=1, address="C0:00:00:00:00:01", rssi=-55, every_ms=200):
        """A shopper's iBeacon, near; minor 1 is Mali, 2 Somchai."""
        data = "0201061aff4c000215" + MALI.replace("-", "") + f"0064{minor:04x}c5"
        self.tell("advertise", number, address, "random", "non-connectable", every_ms, rssi, 2, data)

    def crowd(self, number=0, devices=200, rate=300, rssi=-80, new_addresses_ms=0):
        self.tell("crowd", number, devices, rate, rssi, 3, new_addresses_ms)


class Bluetoothd:
    """The real one. -E: the interface of monitors, as systemd/bluetooth.service.d turns it on."""

    def __init__(self, log, experimental=True):
        self.log, self.options, self.child = log, ["-n"] + (["-E"] if experimental else []), None
        self.start()
        self.until_adapter()

    def start(self):
        self.child = world.Child([BLUETOOTHD, *self.options], self.log, self.log)

    def until_name(self):
        """When the name was back, in monotonic seconds."""
        bus = dbus.bus.BusConnection(dbus.bus.BusConnection.TYPE_SYSTEM)
        eventually(lambda: bus.name_has_owner("org.bluez"), lambda: f"org.bluez on the bus: {self.log.read_text()}")
        bus.close()
        return time.monotonic()

    def until_adapter(self):
        self.until_name()
        eventually(lambda: Client.ask(lambda client: client.powered()), lambda: f"a powered adapter: {self.log.read_text()}")

    def end(self, number=signal.SIGTERM):
        self.child.signal(number)
        self.child.wait()


class Client:
    """Another program on the same bluetoothd, with a connection of its own: bluetoothctl, a phone app's daemon."""

    def __init__(self):
        self.bus = dbus.bus.BusConnection(dbus.bus.BusConnection.TYPE_SYSTEM)

    def adapter(self, interface="org.bluez.Adapter1", path=ADAPTER):
        return dbus.Interface(self.bus.get_object("org.bluez", path, introspect=False), interface)

    def property(self, name, path=ADAPTER):
        return self.adapter("org.freedesktop.DBus.Properties", path).Get("org.bluez.Adapter1", name)

    def powered(self):
        return bool(self.property("Powered"))

    def power(self, on, path=ADAPTER):
        self.adapter("org.freedesktop.DBus.Properties", path).Set("org.bluez.Adapter1", "Powered", dbus.Boolean(on, variant_level=1))

    def devices(self):
        root = dbus.Interface(self.bus.get_object("org.bluez", "/", introspect=False), "org.freedesktop.DBus.ObjectManager")
        return [path for path, interfaces in root.GetManagedObjects().items() if "org.bluez.Device1" in interfaces]

    def close(self):
        self.bus.close()

    @classmethod
    def ask(cls, question):
        """The answer over a connection of its own, or None where there is no BlueZ, adapter or answer."""
        client = cls()
        try:
            return question(client)
        except dbus.DBusException:
            return None
        finally:
            client.close()


class RadioShop(world.Shop):
    """The example shop, with radios in place of captures, and a sealed store as radios demand it. `beacons`: TOML."""

    def __init__(self, folder, broker_port=1, adapters=("hci0",), beacons=""):
        super().__init__(folder, broker_port, capture="unused", speed=0)
        file = self.configuration / "gateway.toml"
        text = file.read_text(encoding="utf-8")
        head, rest = text.split("[[scanner]]", 1)
        zones = rest[rest.index("[[zone]]"):]
        scanners = "".join(f'[[scanner]]\nadapter = "{adapter}"\nzone = "{zone}"\n\n' for adapter, zone in
                           zip(adapters, ("entrance", "aisle")))
        file.write_text(head + scanners + beacons + zones, encoding="utf-8")
        self.seal()
        self.take_profiles()


class RadioDaemon(world.Daemon):
    """`run`, and what its `status` says."""

    def __init__(self, shop):
        super().__init__(shop)
        self.shop = shop

    def status(self):
        return self.shop.status()

    def scanner(self, number=0):
        return self.status()["scanners"][number]

    def heard(self):
        """Advertisements since the start."""
        return self.status()["counters"]["advertisements"]

    def until_scanning(self, mode=None):
        def scans():
            assert self.alive(), f"the gateway ended: {self.log()}"
            answer = self.shop.ask("status", "--json")
            if answer.returncode != 0:
                return False
            scanners = json.loads(answer.stdout)["scanners"]  # none before the radio's first word
            return scanners and scanners[0]["state"] == "scanning" and mode in (None, scanners[0]["mode"])

        eventually(scans, lambda: f"scanning in mode {mode}: {self.log()}")
        return self

    def hears_again(self, since, limit_s):
        """Seconds from the instant `since` until packets came; they must come within `limit_s`."""
        before = self.heard()
        eventually(lambda: self.heard() > before, lambda: f"a packet: {self.log()}", patience_s=max(limit_s, 60))
        seconds = time.monotonic() - since
        assert seconds <= limit_s, f"packets after {seconds:.1f} s, not within {limit_s} s: {self.log()}"
        return seconds


class RadioScenario(world.Scenario):
    CONTROLLERS = 1
    DUPLICATES = "by-address"  # what most controllers do
    CONTROLLER_OPTIONS = ()  # "extended": Bluetooth 5's commands
    EXPERIMENTAL = True

    def setUp(self):
        super().setUp()
        log = LOGS / re.sub(r"\W+", "_", self.id())
        self.emulator = Emulator(self.folder, log.with_suffix(".emulator"), self.CONTROLLERS, self.DUPLICATES, *self.CONTROLLER_OPTIONS)
        self.addCleanup(self.emulator.kill)
        self.bluetoothd = Bluetoothd(log.with_suffix(".bluetoothd"), self.EXPERIMENTAL)
        self.addCleanup(lambda: self.bluetoothd.child.kill())  # whichever runs then
        self.gateway_log = log.with_suffix(".gateway")

    def radio_shop(self, broker_port=1, name="shop", **settings):
        shop = RadioShop(self.folder / name, broker_port, **settings)
        shop.log_file = self.gateway_log  # kept on the host
        return shop

    def run_radio(self, shop=None):
        daemon = RadioDaemon(shop or self.radio_shop())
        self.addCleanup(daemon.kill)
        return daemon

    def client(self):
        client = Client()
        self.addCleanup(client.close)
        return client
