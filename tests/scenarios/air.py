"""What devices send and scanners record: rotating identities computed a second time, and the writer of captures.

Octets stand as they are printed, the most significant first; `on the air` they turn round where the formats say so.
Instants are unix seconds. AES is openssl's.
"""

import datetime
import functools
import hashlib
import hmac
import struct
import subprocess
import sys
import uuid

import world

sys.path.insert(0, str(world.REPOSITORY / "tests/tools"))
import shop_morning
from shop_morning import FLAGS, structure

START_S = shop_morning.START.timestamp()  # Saturday morning in Bangkok; also the beginning of a rolling token's period
DAY_S = 86400
NEAR_DBM, FAR_DBM = -60, -90  # well above `enter_dbm`, well below `exit_dbm`


def day_of(at_s):
    return datetime.datetime.fromtimestamp(at_s, datetime.timezone.utc).date().isoformat()


@functools.cache
def aes128(key, block):
    """One block of AES-128 (FIPS 197)."""
    return subprocess.run(["openssl", "enc", "-aes-128-ecb", "-nopad", "-K", key.hex()], input=block, check=True,
                          stdout=subprocess.PIPE).stdout


def secret(name):
    """Sixteen octets that look like nothing else, the same each time."""
    return hashlib.sha256(name.encode()).digest()[:16]


class RollingToken:
    """docs/rolling-token.md, from the words."""

    SERVICE = uuid.UUID("5a1f0c3e-77d2-4b86-9e10-c4a3b2d1e0f7")

    def __init__(self, name, period_s=900):
        self.name, self.period_s = name, period_s

    def day_key(self, day):
        return secret(f"{self.name} {day}")

    def identifier(self, *days):
        """What the profile says; the keys of the day of START_S if none is named."""
        keys = [{"day": day, "key": self.day_key(day).hex()} for day in days or [day_of(START_S)]]
        return {"kind": "rolling-token", "service_uuid": str(self.SERVICE), "period_s": self.period_s, "day_keys": keys}

    def token(self, at_s):
        n = int(at_s) // self.period_s
        message = b"BGT1" + n.to_bytes(8, "big")
        return hmac.new(self.day_key(day_of(n * self.period_s)), message, hashlib.sha256).digest()[:16]

    def service_data(self, at_s):
        return FLAGS + structure(0x21, self.SERVICE.bytes[::-1] + self.token(at_s)[:8])

    def service_uuid(self, at_s):
        return FLAGS + structure(0x07, self.token(at_s)[::-1])


class EddystoneEid:
    """github.com/google/eddystone, eddystone-eid/eid-computation.md."""

    BLOCK_S = 65536  # of one temporary key

    def __init__(self, name, exponent=10, clock_offset_s=1_760_000_000):
        self.identity_key, self.exponent, self.clock_offset_s = secret(name), exponent, clock_offset_s
        self.period_s = 1 << exponent

    def temporary_key(self, counter):
        return aes128(self.identity_key, bytes(11) + b"\xff" + bytes(2) + (counter >> 16).to_bytes(2, "big"))

    def block_from_s(self, at_s):
        """Where the temporary key of an instant begins."""
        return at_s - (at_s - self.clock_offset_s) % self.BLOCK_S

    def identifier(self, temporary_at_s=None):
        """With the identity key, or with the temporary one of an instant."""
        clock = {"rotation_exponent": self.exponent, "clock_offset_s": self.clock_offset_s}
        if temporary_at_s is None:
            return {"kind": "eddystone-eid", "identity_key": self.identity_key.hex(), **clock}
        begins = int(self.block_from_s(temporary_at_s))
        key = self.temporary_key(begins - self.clock_offset_s)
        return {"kind": "eddystone-eid", "temporary_key": key.hex(), "temporary_key_from": begins, **clock}

    def frame(self, at_s):
        counter = int(at_s) - self.clock_offset_s
        lower = (counter >> self.exponent << self.exponent).to_bytes(4, "big")
        code = aes128(self.temporary_key(counter), bytes(11) + bytes([self.exponent]) + lower)[:8]
        return FLAGS + structure(0x03, b"\xaa\xfe") + structure(0x16, b"\xaa\xfe\x30\x00" + code)


class ResolvableAddress:
    """A phone that sends nothing but flags under addresses made from its IRK (Core 5.4, Vol 3 Part H, 2.2.2)."""

    PERIOD_S = 900

    def __init__(self, name):
        self.irk = secret(name)

    def identifier(self):
        return {"kind": "irk", "key": self.irk.hex()}

    def address(self, at_s):
        random_part = bytearray(hashlib.sha256(str(at_s // self.PERIOD_S).encode()).digest()[:3])
        random_part[0] = random_part[0] & 0x3F | 0x40
        return bytes(random_part) + aes128(self.irk, bytes(13) + random_part)[13:]


def passing_address(data):
    """A non-resolvable address that changes when the data do: no lasting identifier stands beside them."""
    octets = bytearray(hashlib.sha256(data).digest()[:6])
    octets[0] &= 0x3F
    return bytes(octets)


def advertisement(at_s, data, address=None, scanner=0, rssi_dbm=NEAR_DBM):
    """One advertisement as a scanner's record: (instant, octets)."""
    address = address or passing_address(data)
    report = bytes([3, 1]) + address[::-1] + bytes([len(data)]) + data + struct.pack("b", rssi_dbm)
    return record(at_s, scanner, world.EVENT_OPCODE, bytes([0x3E, len(report) + 2, 2, 1]) + report)


def record(at_s, scanner, opcode, octets):
    microseconds = round(at_s * 1e6) + world.BTSNOOP_EPOCH_US
    return at_s, world.BTSNOOP_RECORD.pack(len(octets), len(octets), scanner << 16 | opcode, 0, microseconds) + octets


def stay(first_s, last_s, data_at, address_at=lambda at_s: None, every_s=1, **heard):
    """Who sends from `first_s` on, until `last_s`; data and address are asked for at each instant."""
    for number in range(int((last_s - first_s) / every_s)):
        at_s = first_s + number * every_s
        yield advertisement(at_s, data_at(at_s), address_at(at_s), **heard)


def write_capture(target, *heard, scanners=2):
    """A capture in the BlueZ monitor format of what several senders' records say, merged by time."""
    records = sorted((one for sender in heard for one in sender), key=lambda one: one[0])
    with open(target, "wb") as capture:
        capture.write(b"btsnoop\0" + struct.pack(">II", 1, 2001))
        for index in range(scanners):
            name = bytes([0, 1, index + 1, 0, 0, 0xDC, 0x1B, 0]) + b"hci%d\0\0\0\0" % index
            capture.write(record(records[0][0], index, shop_morning.NEW_INDEX, name)[1])
        capture.writelines(octets for _, octets in records)
    return target
