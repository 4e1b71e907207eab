"""Sees validate_wire.py and validate_witnessed.py find what is wrong: a check that never fails checks nothing.

Usage: wire_test.py CONTRACT_DIR SAMPLES_DIR
"""

import base64
import json
import pathlib
import sys
import tempfile

import validate_witnessed
from validate_wire import Contract

GATEWAY = "beacon-gateway/v1/acme/bkk-siam-01/gw-1/"
STARTED = GATEWAY + "events/com.beacongateway.visit.started.v1"


def signed(message):
    """A compact JWS as far as a reader of its claims can tell."""
    middle = base64.urlsafe_b64encode(json.dumps(message).encode()).rstrip(b"=")
    return b"e30." + middle + b".c2lnbmF0dXJl"


def witnessed(contract, files):
    """What is found wrong in a folder of these files, by name."""
    with tempfile.TemporaryDirectory() as folder:
        for name, lines in files.items():
            (pathlib.Path(folder) / name).write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        return " ".join(validate_witnessed.check(contract, pathlib.Path(folder))[0])


def surprises_of_witnesses(contract):
    end, garbage = validate_witnessed.END, b"garbage".hex()
    sync, command = f"{GATEWAY}sync " + b'{"have_revision":7}'.hex(), f"{GATEWAY}command {garbage}"
    cases = [
        ("", {"1-1.broker": [sync, end], "1.bytes": [sync]}),
        ("", {"1-1.broker": [command, end], "1.wrong": [garbage]}),
        ("nothing is recorded", {}),
        ("nothing is recorded", {"1.wrong": [garbage]}),
        ("1-1.broker: cut short", {"1-1.broker": [sync]}),
        ("1.bytes: " + GATEWAY + "command: not JSON", {"1.bytes": [command]}),
        ("1-1.broker: " + GATEWAY + "command: not JSON", {"1-1.broker": [command, end], "2.wrong": [garbage]}),
    ]
    return [f"not {expected!r} but {found!r} in {files}" for expected, files in cases
            if expected not in (found := witnessed(contract, files)) or bool(found) != bool(expected)]


def main():
    contract, samples = Contract(pathlib.Path(sys.argv[1])), pathlib.Path(sys.argv[2])
    event = (samples / "events.valid.jsonl").read_text(encoding="utf-8").splitlines()[0].encode()
    status = (samples / "status.valid.json").read_bytes()
    command = json.loads((samples / "command.valid.json").read_text(encoding="utf-8"))
    reply = (samples / "reply.valid.json").read_bytes()
    good = [
        (STARTED, event),
        (GATEWAY + "status", status),
        (GATEWAY + "command", signed(command)),
        (GATEWAY + "command", json.dumps(command).encode()),  # where a gateway allows unsigned messages
        (GATEWAY + "reply", reply),
        ("beacon-gateway/v1/acme/reply/desk-7", reply),
    ]
    bad = [
        ("no such topic", GATEWAY + "statuses", status),
        ("outside of our root", "elsewhere", status),
        ("event on another one's topic", STARTED.replace("gw-1", "gw-2"), event),
        ("event on another type's topic", STARTED.replace("started", "ended"), event),
        ("not JSON", GATEWAY + "status", b"garbage"),
        ("nothing", GATEWAY + "status", b""),
        ("wrong type", GATEWAY + "sync", b'{"have_revision":"7"}'),
        ("an answer without a reason", GATEWAY + "reply", b'{"command":"erase","ok":false}'),
        ("a command nobody knows", GATEWAY + "command", signed(command | {"command": "format_disk"})),
        ("another store's command", GATEWAY + "command", signed(command | {"store": "bkk-siam-02"})),
        ("claims that are no JSON", GATEWAY + "command", b"e30.////.c2ln"),
        ("signed where the gateway speaks", GATEWAY + "sync", signed({"have_revision": 7})),
    ]
    surprises = [f"{topic}: {faults}" for topic, payload in good if (faults := contract.faults(topic, payload, set())[1])]
    surprises += [f"not found: {what}" for what, topic, payload in bad if not contract.faults(topic, payload, set())[1]]
    # Wrong on purpose is excused where the gateway receives, and only there.
    if contract.faults(GATEWAY + "command", b"garbage", {b"garbage"})[1]:
        surprises.append("what was wrong on purpose is not excused")
    if not contract.faults(GATEWAY + "status", b"garbage", {b"garbage"})[1]:
        surprises.append("what the gateway says wrong is excused")
    surprises += surprises_of_witnesses(contract)
    print("\n".join(surprises) or "all as expected")
    sys.exit(1 if surprises else 0)


if __name__ == "__main__":
    main()
