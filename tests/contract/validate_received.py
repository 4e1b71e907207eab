"""Checks what the subscribers of C++ tests received (tests/fakes/subscriber.hpp) against the contract.

Usage: validate_received.py CONTRACT_DIR RECEIVED_DIR

RECEIVED_DIR: files of `TOPIC HEX` lines, one a process. The topic must be one of asyncapi.yaml, the message as its schema
says; but for events, whose bodies these tests make up. Prints each fault and the counts. Exit 1 on any fault.
"""

import collections
import pathlib
import sys

from validate_wire import Contract


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    contract, folder = Contract(pathlib.Path(sys.argv[1])), pathlib.Path(sys.argv[2])
    counts, bad = collections.Counter(), False
    for file in sorted(folder.glob("*")):
        for line in file.read_text(encoding="utf-8").splitlines():
            topic, _, octets = line.partition(" ")
            name, faults = contract.faults(topic, bytes.fromhex(octets), set())
            if name != "unknown" and "/events/" in topic:
                name, faults = "events, by their topic only", []
            counts[name] += 1
            for fault in faults:
                bad = True
                print(f"{topic}: {fault}")
    for name, count in sorted(counts.items()):
        print(f"{count:8} {name}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
