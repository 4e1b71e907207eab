#!/usr/bin/python3
"""Write a small shop's morning: what two scanners hear, and the profiles of those who opted in.

usage: shop_morning.py OUT_DIR [--seed N]

OUT_DIR/morning.btsnoop   20 minutes from Saturday 2026-11-21 10:00 in Bangkok, BlueZ monitor format, adapters hci0
                          (zone `entrance`, 2 m inside the door) and hci1 (zone `aisle`, 20 m inside)
OUT_DIR/profiles.jsonl    contract 3.5, one profile a line

The same seed gives the same bytes. Everybody moves on one line: x metres inside the door, negative outside. Signal
strength is log-distance path loss with normal noise. Who comes in stands at the entrance for 14 s, is 1 to 4 minutes in
the aisle, and leaves. The passer-by turns back 10 m before the door; strangers carry beacons of no profile under
rotating addresses.
"""
import argparse
import datetime
import json
import math
import pathlib
import random
import struct

START = datetime.datetime(2026, 11, 21, 3, 0, tzinfo=datetime.timezone.utc)
MORNING_S = 20 * 60
BTSNOOP_EPOCH_US = 0x00DCDDB30F2F8000  # 1970-01-01, in microseconds since year 0
NEW_INDEX, EVENT = 0, 3  # BlueZ src/shared/btsnoop.h

SCANNERS = [(2.0, bytes.fromhex("001BDC000001")), (20.0, bytes.fromhex("001BDC000002"))]  # x, adapter address
RSSI_AT_1M_DBM, LOSS_EXPONENT, NOISE_DB = -55, 2.5, 2.0
DISTANCE_FLOOR_M = 1.2  # scanners hang above the heads
SENSITIVITY_DBM = -95
LOST = 0.1  # of the advertisements, to collisions and channel hops

STREET_X, TURNING_X, ENTRANCE_X, AISLE_X = -15.0, -10.0, 2.0, 20.0
WALK_M_PER_S = 1.3
ENTRANCE_STAY_S = 14

OUR_UUID = "5a4bcfce-174e-4bac-a814-092e77f6b7e5"
FLAGS = bytes([2, 1, 6])


# What is on the air: advertising structures (Core 5.4, Vol 3 Part C, 11) and the formats' own layouts.
def structure(kind, data):
    return bytes([len(data) + 1, kind]) + data


def ibeacon(uuid, major, minor):
    data = bytes.fromhex(uuid.replace("-", "")) + struct.pack(">HHb", major, minor, -59)
    return FLAGS + structure(0xFF, b"\x4c\x00\x02\x15" + data)


def altbeacon(company, identifier):
    return FLAGS + structure(0xFF, struct.pack("<H", company) + b"\xbe\xac" + identifier + struct.pack("bB", -59, 0))


def eddystone_uid(name_space, instance):
    service = structure(0x03, b"\xaa\xfe")
    return FLAGS + service + structure(0x16, b"\xaa\xfe\x00\xec" + name_space + instance + bytes(2))


def on_air(identifier):
    """The advertising data of a profile's identifier; a bare address sends flags and nothing else."""
    if identifier["kind"] == "ibeacon":
        return ibeacon(identifier["uuid"], identifier["major"], identifier["minor"])
    if identifier["kind"] == "altbeacon":
        return altbeacon(identifier["company"], bytes.fromhex(identifier["id"]))
    if identifier["kind"] == "eddystone-uid":
        return eddystone_uid(bytes.fromhex(identifier["namespace"]), bytes.fromhex(identifier["instance"]))
    return FLAGS


# Who there is.
EVERYTHING = ("presence", "welcome", "promotion", "survey", "assist")
JASMINE = ("1001", 0.9, "skincare", "เซรั่มดอกมะลิ", "Jasmine serum")
COFFEE = ("1002", 0.8, "coffee", "กาแฟดอยช้าง", "Doi Chaang coffee")
SCARF = ("1003", 0.7, "textiles", "ผ้าพันคอไหมไทย", "Thai silk scarf")


def our_ibeacon(minor):
    return {"kind": "ibeacon", "uuid": OUR_UUID, "major": 100, "minor": minor}


def profile(shopper_id, identifier, language, nickname, purposes=EVERYTHING, recommended=(), **flags):
    consents = [{"purpose": purpose, "granted_at": "2026-01-05T03:00:00Z", "expires_at": None, "notice": "v3-th",
                 "channel": "app"} for purpose in purposes]
    items = [{"sku": sku, "score": score, "category": category, "title": {"th": th, "en": en}}
             for sku, score, category, th, en in recommended]
    return {"shopper_id": shopper_id, "version": 1, "identifiers": [identifier], "consents": consents,
            "language": language, "segments": ["gold"] if recommended else [], "attributes": {"nickname": nickname},
            "recommendations": items, "staff": False, "test": False} | flags


def without(*purposes):
    return tuple(purpose for purpose in EVERYTHING if purpose not in purposes)


SHOPPERS = [  # who come in
    profile("shopper-mali", our_ibeacon(1), "th", "มะลิ", recommended=[JASMINE, COFFEE]),
    profile("shopper-somchai", our_ibeacon(2), "th", "สมชาย", recommended=[COFFEE]),
    profile("shopper-nok", {"kind": "altbeacon", "company": 280, "id": "0102030405060708090a0b0c0d0e0f1011121314"},
            "th", "นก", without("promotion"), [SCARF]),
    profile("shopper-anna", {"kind": "eddystone-uid", "namespace": "a0a1a2a3a4a5a6a7a8a9", "instance": "b0b1b2b3b4b5"},
            "en", "Anna", recommended=[SCARF, JASMINE]),
    profile("shopper-john", {"kind": "address", "address": "C4:1A:00:00:10:01", "type": "random-static"}, "en", "John",
            without("welcome"), [COFFEE]),
    profile("shopper-ploy", our_ibeacon(3), "th", "พลอย", recommended=[JASMINE]),
    profile("shopper-kit", our_ibeacon(4), "th", "กิต", ("presence",)),
    profile("test-tag", our_ibeacon(99), "en", "Tag", test=True),
]
PASSER_BY = profile("shopper-dao", our_ibeacon(5), "th", "ดาว", recommended=[SCARF])
STAFF = profile("staff-lek", our_ibeacon(90), "th", "เล็ก", staff=True)
STRANGERS = 15


# Where they are: a route is a list of (second, x), walked in straight lines.
def route(start_s, *legs):
    """`legs`: (x, seconds to stay there)."""
    points, now, here = [], start_s, None
    for x, stay_s in legs:
        now += abs(x - here) / WALK_M_PER_S if here is not None else 0
        points += [(now, x), (now + stay_s, x)]
        now, here = now + stay_s, x
    return points


def position(points, now):
    for (t0, x0), (t1, x1) in zip(points, points[1:]):
        if t0 <= now <= t1:
            return x0 if t1 == t0 else x0 + (x1 - x0) * (now - t0) / (t1 - t0)
    return points[-1][1]


def visit(rng, start_s):
    return route(start_s, (STREET_X, 0), (ENTRANCE_X, ENTRANCE_STAY_S), (AISLE_X, rng.uniform(60, 240)),
                 (ENTRANCE_X, 1), (STREET_X, 0))


# What the scanners hear of it.
def random_address(rng, top_bits):
    octets = bytearray(rng.randbytes(6))
    octets[0] = octets[0] & 0x3F | top_bits << 6
    return bytes(octets)


def heard(rng, points, data, interval_s, fixed_address=None):
    """(microsecond, scanner, event) of each advertisement received from one device on its route."""
    now, rotates_at, address = points[0][0], -math.inf, fixed_address
    while now < min(points[-1][0], MORNING_S):
        if fixed_address is None and now >= rotates_at:
            address, rotates_at = random_address(rng, 0b01), now + rng.uniform(120, 300)
        x = position(points, now)
        for scanner, (scanner_x, _) in enumerate(SCANNERS):
            distance = max(DISTANCE_FLOOR_M, abs(x - scanner_x))
            rssi = round(RSSI_AT_1M_DBM - 10 * LOSS_EXPONENT * math.log10(distance) + rng.gauss(0, NOISE_DB))
            if rssi >= SENSITIVITY_DBM and rng.random() >= LOST:
                report = bytes([3, 1]) + address[::-1] + bytes([len(data)]) + data + struct.pack("b", rssi)
                yield round(now * 1e6), scanner, bytes([0x3E, len(report) + 2, 2, 1]) + report
        now += interval_s + rng.uniform(0, 0.01)  # advDelay: Core 5.4, Vol 6 Part B, 4.4.2.2


def morning(rng):
    for number, shopper in enumerate(SHOPPERS):
        identifier = shopper["identifiers"][0]
        fixed = bytes.fromhex(identifier["address"].replace(":", "")) if identifier["kind"] == "address" else None
        yield from heard(rng, visit(rng, 30 + 95 * number + rng.uniform(0, 30)), on_air(identifier), 0.5, fixed)
    passing = route(400, (STREET_X, 0), (TURNING_X, 20), (STREET_X, 0))
    yield from heard(rng, passing, on_air(PASSER_BY["identifiers"][0]), 0.5)
    work = route(0, (AISLE_X, 300), (ENTRANCE_X, 200), (AISLE_X, MORNING_S))
    yield from heard(rng, work, on_air(STAFF["identifiers"][0]), 1.0)
    for number in range(STRANGERS):
        start = rng.uniform(0, MORNING_S - 300)
        points = visit(rng, start) if number % 2 else route(start, (STREET_X, 5), (TURNING_X, 60), (STREET_X, 5))
        unknown = "%08x-0000-4000-8000-%012x" % (rng.getrandbits(32), rng.getrandbits(48))
        yield from heard(rng, points, ibeacon(unknown, rng.getrandbits(16), rng.getrandbits(16)), 1.0)


def record(microsecond, adapter, opcode, data):
    time = round(START.timestamp()) * 1_000_000 + BTSNOOP_EPOCH_US + microsecond
    return struct.pack(">IIIIQ", len(data), len(data), adapter << 16 | opcode, 0, time) + data


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out_dir", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.out_dir.mkdir(parents=True, exist_ok=True)

    with open(arguments.out_dir / "morning.btsnoop", "wb") as capture:
        capture.write(b"btsnoop\0" + struct.pack(">II", 1, 2001))
        for index, (_, address) in enumerate(SCANNERS):
            capture.write(record(0, index, NEW_INDEX, bytes([0, 1]) + address[::-1] + b"hci%d\0\0\0\0" % index))
        events = sorted(morning(random.Random(arguments.seed)), key=lambda event: event[:2])
        for microsecond, scanner, event in events:
            capture.write(record(microsecond, scanner, EVENT, event))
    with open(arguments.out_dir / "profiles.jsonl", "w", encoding="utf-8") as profiles:
        for person in [*SHOPPERS, PASSER_BY, STAFF]:
            profiles.write(json.dumps(person, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
