"""The rolling token a second time, in Python: checks every vector of the specification, and its examples on the air.

Usage: rolling_token_reference.py ROLLING_TOKEN.md

Prints each fault; exit 1 on any.
"""

import hashlib
import hmac
import pathlib
import re
import sys
import uuid
from datetime import datetime, timezone

DAY = r"(\d{4}-\d\d-\d\d)"
KEY_ROW = re.compile(rf"^\| {DAY} \| `([0-9a-f]{{32}})` \|$", re.M)
VECTOR_ROW = re.compile(rf"^\| (\S+Z) \| (\d+) \| (\d+) \| {DAY} \| `([0-9a-f]{{32}})` \|$", re.M)
FEWEST_VECTORS = 6


def message(n):
    return b"BGT1" + n.to_bytes(8, "big")


def token(key, n):
    return hmac.new(key, message(n), hashlib.sha256).digest()[:16]


def vector_faults(keys, time, period, n, day, expected):
    number = int(datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()) // int(period)
    began = datetime.fromtimestamp(number * int(period), timezone.utc).date().isoformat()
    if (str(number), began) != (n, day):
        yield f"{time}: n is {number} of {began}, not {n} of {day}"
    elif (made := token(keys[day], number).hex()) != expected:
        yield f"{time}: token is {made}, not {expected}"


def example_faults(text, keys):
    """The message and the two advertisements that the text shows, of n = 1994700."""
    example = token(keys["2026-11-21"], 1994700)
    service = uuid.UUID("5a1f0c3e-77d2-4b86-9e10-c4a3b2d1e0f7")
    shown = re.sub(r"\s+", " ", text)
    for octets in (
        message(1994700),
        bytes([1 + 16 + 8, 0x21]) + service.bytes[::-1] + example[:8],
        bytes([1 + 16, 0x07]) + example[::-1],
    ):
        if octets.hex(" ") not in shown:
            yield f"the text does not show {octets.hex(' ')}"
    for printed in (str(service), str(uuid.UUID(bytes=example)), str(uuid.UUID(bytes=example)).upper()):
        if printed not in shown:
            yield f"the text does not show {printed}"


def faults(text):
    keys = {day: bytes.fromhex(key) for day, key in KEY_ROW.findall(text)}
    vectors = VECTOR_ROW.findall(text)
    if len(vectors) < FEWEST_VECTORS:
        yield f"only {len(vectors)} vectors found"
    for vector in vectors:
        yield from vector_faults(keys, *vector)
    yield from example_faults(text, keys)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = list(faults(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")))
    print("\n".join(found) or "every vector is right")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
