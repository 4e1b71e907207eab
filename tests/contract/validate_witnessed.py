"""Checks what the brokers of C++ tests carried (tests/fakes/witness.hpp) against the contract, as validate_wire.py does.

Usage: validate_witnessed.py CONTRACT_DIR WITNESS_DIR

Not seen, of what any test sends: what goes through the simulated broker of tests/simulation, which has no wire; what tests
hand to the gateway above the driver; packets to ByteBroker that its test does not read, and what it answers; the first
milliseconds of a broker that comes back, but for what is retained; and the brokers of the few Python scenarios that say
witnessed=False. Of a message topic and payload are checked, not the properties.

Prints each fault and the count by channel. Exit 1 on any fault, on a broker's record that does not reach its end, and if
there is no record at all.
"""

import collections
import pathlib
import sys

from validate_wire import Contract

BARRIER = "barrier"
END = f"{BARRIER} {b'the end'.hex()}"


def records(folder):
    """(name, whole lines, payloads that the same process sent wrong on purpose)"""
    for file in sorted([*folder.glob("*.broker"), *folder.glob("*.bytes")]):
        text = file.read_text(encoding="utf-8")
        wrong = folder / f"{file.stem.partition('-')[0]}.wrong"
        excused = {bytes.fromhex(line) for line in wrong.read_text(encoding="utf-8").split()} if wrong.exists() else set()
        yield file.name, text[: text.rfind("\n") + 1].splitlines(), excused


def check(contract, folder):
    """The faults, and how many messages each channel had."""
    faults, counts, names = [], collections.Counter(), []
    for record, lines, wrong in records(folder):
        names.append(record)
        if record.endswith(".broker") and END not in lines:
            faults.append(f"{record}: cut short, its end is missing")
        for topic, octets in (line.split(" ", 1) for line in lines):
            if topic == BARRIER:
                continue
            channel, found = contract.faults(topic, bytes.fromhex(octets), wrong)
            counts[channel] += 1
            faults += [f"{record}: {topic}: {fault}" for fault in found]
    if not names:
        faults.append(f"nothing is recorded in {folder}")
    return faults, counts


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    faults, counts = check(Contract(pathlib.Path(sys.argv[1])), pathlib.Path(sys.argv[2]))
    print("\n".join([*faults, *(f"{count:8} {channel}" for channel, count in sorted(counts.items()))]))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
