"""Who did not opt in leaves no trace; who is erased leaves none either, and is not met again."""

import base64
import json
import signal
import struct

import world
from world import Scenario, Shop, cut, parsed, records, unix_seconds

# LE Advertising Report of one device (Core 5.4, Vol 4 Part E, 7.7.65.2): code, length, subevent, count, event type,
# address type, address, length of the data; then the data and the RSSI.
REPORT = struct.Struct("6x6sB")
IBEACON = bytes.fromhex("ff4c000215")  # type of the structure, company, kind, length


def heard(capture):
    """(address, most significant octet first; data) of every report."""
    for _, opcode, record in records(capture):
        if opcode == world.EVENT_OPCODE:
            event = record[world.BTSNOOP_RECORD.size :]
            address, length = REPORT.unpack_from(event)
            yield address[::-1], event[REPORT.size : REPORT.size + length]


def base64_forms(octets):
    """Of octets that stand anywhere in what was encoded: the characters that are theirs alone."""
    for before in range(3):
        first, end = -(-before * 8 // 6), (before + len(octets)) * 8 // 6
        for encode in (base64.standard_b64encode, base64.urlsafe_b64encode):
            yield encode(bytes(before) + octets)[first:end]


def forms(octets):
    """Every way in which a few octets are usually written down."""
    for order in (octets, octets[::-1]):
        yield order
        for text in (order.hex(), order.hex(":"), order.hex("-")):
            yield text.encode()
            yield text.upper().encode()
        yield from base64_forms(order)


def uuid_forms(octets):
    text = octets.hex()
    printed = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
    yield from forms(octets)
    yield printed.encode()
    yield printed.upper().encode()


def strangers(capture, own_uuid):
    """The addresses and the beacon UUIDs of those who carry no beacon of ours."""
    addresses, uuids = set(), set()
    for address, payload in heard(capture):
        at = payload.find(IBEACON)
        if at < 0:
            continue
        uuid = payload[at + len(IBEACON) : at + len(IBEACON) + 16]
        if uuid != own_uuid:
            addresses.add(address)
            uuids.add(uuid)
    return addresses, uuids


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def people():
    return [json.loads(line) for line in world.profiles().read_text(encoding="utf-8").splitlines()]


def person(shopper):
    return next(one for one in people() if one["shopper_id"] == shopper)


def found(patterns, contents):
    return [(path.name, pattern) for pattern in patterns for path, octets in contents.items() if pattern in octets]


class Strangers(Scenario):
    def assert_no_trace(self, addresses, uuids, contents):
        for address in addresses:
            self.assertEqual(found(forms(address), contents), [])
        for uuid in uuids:
            self.assertEqual(found(uuid_forms(uuid), contents), [])

    def test_leave_no_trace(self):
        """In the store, in what the gateway says at its only log level, in what the broker and the retailer get."""
        own_uuid = bytes.fromhex(people()[0]["identifiers"][0]["uuid"].replace("-", ""))
        addresses, uuids = strangers(world.morning(), own_uuid)
        self.assertGreaterEqual(len(addresses), 15)
        self.assertEqual(len(uuids), 15)

        broker = self.broker()
        retailer = self.subscriber(broker)
        shop = Shop(self.folder / "shop", broker.port, speed=300)
        shop.take_profiles()
        daemon = self.run_daemon(shop)
        world.eventually(retailer.events, "the first event")
        answers = [shop.good("status"), shop.good("status", "--json"), shop.good("explain", "shopper-mali")]
        during = files(self.folder)
        daemon.until("capture: ended")
        world.eventually(lambda: json.loads(shop.good("status", "--json"))["outbox"]["waiting"] == 0, "an empty outbox")
        retailer.drain()
        answers.append(shop.good("status"))
        at_end = files(self.folder)
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(), 0)
        (self.folder / "answers").write_text("\n".join(answers), encoding="utf-8")

        for contents in (during, at_end, files(self.folder)):
            self.assert_no_trace(addresses, uuids, contents)
            self.assertNotEqual(found(uuid_forms(own_uuid), contents), [], "the search finds what is there")

    def test_leave_no_trace_in_a_replay(self):
        own_uuid = bytes(16)  # nobody's: the one shopper carries no iBeacon, whoever does is a stranger
        one = self.folder / "one.jsonl"
        one.write_text(json.dumps(person(Erasure.WHO)) + "\n", encoding="utf-8")
        shop = Shop(self.folder / "shop")
        answer = shop.ask("replay", world.morning(), "--profiles", one, "--store", self.folder / "store")
        self.assertEqual(answer.returncode, 0)
        (self.folder / "said").write_text(answer.stdout + answer.stderr, encoding="utf-8")
        contents = {path: octets for path, octets in files(self.folder).items() if path.suffix != ".toml"}
        addresses, uuids = strangers(world.morning(), own_uuid)
        self.assert_no_trace(addresses, uuids, contents)
        self.assertEqual(len(parsed(answer.stdout.splitlines(), world.VISIT_STARTED)), 1)


class Erasure(Scenario):
    WHO = "shopper-nok"  # carries an AltBeacon, with an id that is hers alone
    SPEED = 40  # a visit of two minutes lasts three seconds
    BEFORE_S = 5.0

    def test_in_the_middle_of_a_visit(self):
        identifier = person(self.WHO)["identifiers"][0]["id"]
        broker = self.broker()
        retailer = self.subscriber(broker)
        visit = [event for event in parsed(Shop(self.folder / "whole").replay()) if event["subject"] == self.WHO]
        self.assertEqual(visit[-1]["type"], world.VISIT_ENDED)  # long after she was last heard
        capture = cut(world.morning(), self.folder / "visit.btsnoop",
                      unix_seconds(visit[0]["time"]) - self.BEFORE_S, unix_seconds(visit[-2]["time"]))
        shop = Shop(self.folder / "shop", broker.port, capture, self.SPEED)
        shop.take_profiles()

        def hers():
            return [event for event in parsed(retailer.events()) if event["subject"] == self.WHO]

        daemon = self.run_daemon(shop, "--exit-at-end")
        world.eventually(hers, "her visit's beginning")
        self.assertIn(self.WHO.encode(), b"".join(files(shop.store).values()))
        self.assertIn("erased", shop.good("profiles", "erase", self.WHO))
        self.assertNotIn("capture: ended", daemon.log(), "the erasure came too late to say anything")
        retailer.drain()
        before = hers()
        for pattern in (self.WHO.encode(), *forms(bytes.fromhex(identifier))):
            self.assertEqual(found([pattern], files(shop.store)), [], "while it runs")

        self.assertEqual(daemon.wait(), 0, daemon.log())
        retailer.drain()
        self.assertEqual(hers(), before, "an event after the erasure")
        self.assertNotIn(world.VISIT_ENDED, {event["type"] for event in before})
        for pattern in (self.WHO.encode(), *forms(bytes.fromhex(identifier))):
            self.assertEqual(found([pattern], files(shop.store)), [])
            self.assertEqual(found([pattern], {shop.log_file: shop.log_file.read_bytes()}), [])
        self.assertEqual(shop.ask("profiles", "show", self.WHO).returncode, 1)


if __name__ == "__main__":
    world.main()
