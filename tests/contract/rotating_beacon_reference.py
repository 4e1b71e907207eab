"""The rotating wake-up beacon a second time, in Python: checks every vector of the specification.

Usage: rotating_beacon_reference.py ROTATING_BEACON.md

Prints each fault; exit 1 on any.
"""

import hashlib
import hmac
import pathlib
import re
import sys
import uuid
from datetime import datetime

PERIOD_S = 900
KEY = re.compile(r"^`([0-9a-f]{64})`", re.M)
IBEACON = re.compile(r"UUID `([0-9a-f-]{36})`, major (\d+)")
LINE = re.compile(r"hardware id `([0-9a-f]{10})`")
VECTOR_ROW = re.compile(r"^\| (\S+Z) \| (\d+) \| (\d+) \| (\d+) \| `([0-9a-f]{16})` \|$", re.M)
FEWEST_VECTORS = 3


def proof(key, n, identity):
    return hmac.new(key, b"BGM1" + n.to_bytes(8, "big") + identity, hashlib.sha256).digest()


def ibeacon(beacon_uuid, major, minor):
    return uuid.UUID(beacon_uuid).bytes + major.to_bytes(2, "big") + minor.to_bytes(2, "big")


def faults(text):
    key = bytes.fromhex(KEY.search(text)[1])
    beacon_uuid, major = IBEACON.search(text).groups()
    hardware_id = bytes.fromhex(LINE.search(text)[1])
    vectors = VECTOR_ROW.findall(text)
    if len(vectors) < FEWEST_VECTORS:
        yield f"only {len(vectors)} vectors found"
    for time, number, *shown in vectors:
        n = int(datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()) // PERIOD_S
        if str(n) != number:
            yield f"{time}: n is {n}, not {number}"
        minors = [proof(key, n, ibeacon(beacon_uuid, int(major), minor))[:2] for minor in (1, 2)]
        made = [str(int.from_bytes(minor, "big")) for minor in minors] + [proof(key, n, hardware_id)[:8].hex()]
        if made != shown:
            yield f"{time}: {made}, not {shown}"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = list(faults(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")))
    print("\n".join(found) or "every vector is right")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
