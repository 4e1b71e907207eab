"""What every scenario stands on: the real binary in a folder of its own, a real mosquitto, a real subscriber.

BEACON_GATEWAY          the binary
BEACON_GATEWAY_WALKS    the measured walks; else shared/data/walks beside the repository, if it is there

Nothing outlives a test: every child dies with it, every folder goes. Nothing is waited for by a fixed sleep; PATIENCE_S
is only for what would otherwise hang.
"""

import datetime
import functools
import json
import os
import pathlib
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unittest

from children import (EVENTS, PATIENCE_S, REPOSITORY, Broker, Child, Subscriber, Witness, contract_check, contract_faults,
                      die_with_parent, eventually, free_port, messages)  # also for whoever imports this

BINARY = pathlib.Path(os.environ.get("BEACON_GATEWAY", "beacon-gateway")).absolute()

TRIGGER = "com.beacongateway.trigger.v1"
VISIT_STARTED = "com.beacongateway.visit.started.v1"
VISIT_ENDED = "com.beacongateway.visit.ended.v1"
DECISION = "com.beacongateway.decision.v1"
ERASED = "com.beacongateway.erasure.completed.v1"


class Shop:
    """A configuration directory made from an example, its store, and the binary at work on them."""

    def __init__(self, folder, broker_port=1, capture=None, speed=0, expires_after="24h"):
        self.folder, self.configuration, self.store = folder, folder / "configuration", folder / "store"
        self.log_file = folder / "gateway.log"
        folder.mkdir(exist_ok=True)
        shutil.copytree(REPOSITORY / "config/examples/shop-morning", self.configuration)
        self.edit("gateway.toml", '[gateway]\n', '[gateway]\ncontrol_socket = "../control"\n')
        self.edit("gateway.toml", 'directory = "store"', 'directory = "../store"')
        self.edit("gateway.toml", "127.0.0.1:1883", f"127.0.0.1:{broker_port}")
        self.edit("gateway.toml", 'file = "morning.btsnoop"', f'file = "{capture or morning()}"\nspeed = {speed}')
        for campaigns in (self.configuration / "campaigns.d").iterdir():
            self.edit(campaigns, "[[campaign]]\n", f'[[campaign]]\nexpires_after = "{expires_after}"\n')

    def edit(self, file, old, new):
        path = self.configuration / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def ask(self, *arguments, before=(), patience_s=PATIENCE_S, **options):
        """Runs one command to its end."""
        command = [*before, BINARY, "--config", self.configuration, *arguments]
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              encoding="utf-8", timeout=patience_s, preexec_fn=die_with_parent, **options)

    def good(self, *arguments, **options):
        """Standard output of a command that must succeed."""
        answer = self.ask(*arguments, **options)
        assert answer.returncode == 0, f"{arguments}: {answer.returncode}: {answer.stderr}"
        return answer.stdout

    def take_profiles(self):
        self.good("profiles", "import", profiles())

    def replay(self, *captures, people=None, **options):
        """The events that a replay prints, as lines."""
        return self.good("replay", *(captures or [morning()]), "--profiles", people or profiles(), **options).splitlines()

    def seal(self, key="store.key"):
        """Makes a key beside the store's folder, and says so in the configuration. The key's file."""
        file = self.folder / key
        self.good("key", "create", file)
        self.edit("gateway.toml", "sealed = false", f'key_file = "{file}"')
        return file

    def trust(self, public_key):
        self.edit("gateway.toml", "allow_unsigned = true", f'trusted_keys = ["{public_key}"]')

    def status(self):
        """Of the running daemon."""
        return json.loads(self.good("status", "--json"))

    def held(self):
        """Who is held, as `profiles list` says."""
        return {json.loads(line)["shopper_id"] for line in self.good("profiles", "list", "--json").splitlines()}

    def explained(self, shopper):
        """The decisions on a shopper, newest first."""
        return [json.loads(line) for line in self.good("explain", shopper, "--json").splitlines()]

    def run(self, *options):
        return Daemon(self, options)

    def facts(self):
        """The journey store's totals, once the gateway is stopped."""
        return dict(self.query("SELECT name, value FROM facts"))

    def query(self, sql):
        database = sqlite3.connect(f"file:{self.store}/journey.db?mode=ro", uri=True)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()


class Daemon(Child):
    """`beacon-gateway run`."""

    def __init__(self, shop, options=()):
        self.log_file = shop.log_file
        self.log_from = self.log_file.stat().st_size if self.log_file.exists() else 0
        super().__init__([BINARY, "--config", shop.configuration, "run", *options], self.log_file, self.log_file)

    def log(self):
        """What it said since it was started."""
        with open(self.log_file, "rb") as file:
            file.seek(self.log_from)
            return file.read().decode("utf-8", "replace")

    def until(self, words, patience_s=PATIENCE_S):
        def said():
            if words in self.log():
                return True
            assert self.alive(), f"the gateway ended without {words!r}: {self.log()}"
            return False

        eventually(said, lambda: f"{words!r} in {self.log()}", patience_s)
        return self


class Scenario(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="scenario-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.wrong_on_purpose = set()  # what is sent to a gateway though the contract does not have it

    def broker(self, witnessed=True, **settings):
        """With a witness, whatever goes over it is checked against the contract when the test is over."""
        broker = Broker(self.folder / "broker", **settings)
        self.addCleanup(lambda: broker.child.kill())  # whichever runs then
        if witnessed:
            witness = Witness(broker, broker.folder)
            self.addCleanup(lambda: witness.child.kill())  # whichever runs then
            self.addCleanup(lambda: self.assertEqual(witness.faults(self.wrong_on_purpose), ""))
        return broker

    def subscriber(self, broker, **settings):
        subscriber = Subscriber(broker, self.folder, **settings)
        self.addCleanup(lambda: subscriber.child.kill())
        return subscriber

    def run_daemon(self, shop, *options):
        daemon = shop.run(*options)
        self.addCleanup(daemon.kill)
        return daemon


# Captures.
@functools.cache
def morning_folder():
    folder = tempfile.TemporaryDirectory(prefix="morning-")
    subprocess.run([sys.executable, REPOSITORY / "tests/tools/shop_morning.py", folder.name], check=True)
    return folder  # goes with the process


def morning():
    return pathlib.Path(morning_folder().name) / "morning.btsnoop"


def profiles():
    return pathlib.Path(morning_folder().name) / "profiles.jsonl"


def walks():
    """The folder of the measured walks, or None."""
    folder = pathlib.Path(os.environ.get("BEACON_GATEWAY_WALKS", REPOSITORY.parent / "shared/data/walks"))
    return folder if (folder / "floor-1.btsnoop").exists() else None


BTSNOOP_HEADER = 16
BTSNOOP_RECORD = struct.Struct(">IIIIq")  # original length, length, flags, drops, microseconds since year 0
BTSNOOP_EPOCH_US = 0x00DCDDB30F2F8000
EVENT_OPCODE = 3  # BlueZ monitor format: the low half of the flags


def records(capture):
    """(unix seconds, opcode, the whole record) of each record."""
    octets = capture.read_bytes()
    at = BTSNOOP_HEADER
    while at < len(octets):
        _, length, flags, _, microseconds = BTSNOOP_RECORD.unpack_from(octets, at)
        end = at + BTSNOOP_RECORD.size + length
        yield (microseconds - BTSNOOP_EPOCH_US) / 1e6, flags & 0xFFFF, octets[at:end]
        at = end


def cut(capture, target, first_s=float("-inf"), end_s=float("inf")):
    """The part of a capture with first_s <= time < end_s, and the records that name the adapters."""
    kept = [octets for at, opcode, octets in records(capture) if opcode != EVENT_OPCODE or first_s <= at < end_s]
    target.write_bytes(capture.read_bytes()[:BTSNOOP_HEADER] + b"".join(kept))
    return target


# Events.
def unix_seconds(time_text):
    return datetime.datetime.fromisoformat(time_text.replace("Z", "+00:00")).timestamp()


def parsed(lines, event_type=None):
    events = [json.loads(line) for line in lines]
    return [event for event in events if event_type in (None, event["type"])]


def ids(lines, event_type=None):
    return {event["id"] for event in parsed(lines, event_type)}


# The contract. Debian's own Python has jsonschema.
def event_faults(lines):
    return contract_faults("validate_events.py", input="\n".join(lines))


def message_faults(schema, messages, folder):
    """Of messages without an envelope; `folder` is for what is checked."""
    paths = []
    for number, message in enumerate(messages):
        paths.append(folder / f"{schema}.{number}.json")
        paths[-1].write_text(message, encoding="utf-8")
    return contract_faults("validate_messages.py", *paths) if paths else ""


def main():
    if not BINARY.is_file():
        sys.exit("BEACON_GATEWAY must name the binary")
    unittest.main(verbosity=2)
