"""Checks what went over the wire against asyncapi.yaml and its schemas, in both directions.

Usage: validate_wire.py CONTRACT_DIR [WRONG] < MESSAGES

MESSAGES: `TOPIC HEX`, a message a line, the payload in hex. WRONG: a file of payloads in hex, a line each, that somebody
sent wrong on purpose; such a one is passed over where a gateway receives, and nowhere else.

A topic that asyncapi.yaml does not describe is a fault. Of a signed message the claims set is checked, not the signature.
Prints each fault with its topic; the count by channel goes to standard error. Exit 1 on any fault.
"""

import base64
import collections
import json
import pathlib
import re
import sys

import yaml
from contract_schemas import load_schemas, validator_of

REPLY = re.compile(r"^beacon-gateway/v1/[a-z0-9-]{1,32}/(.+/)?reply(/.+)?$")  # a command's Response Topic


class Contract:
    def __init__(self, directory):
        document = yaml.safe_load((directory / "asyncapi.yaml").read_text(encoding="utf-8"))
        schemas = load_schemas(directory / "schemas")
        by_file = {schema_id.rsplit("/", 1)[1]: schema for schema_id, schema in schemas.items()}
        sent = {operation["channel"]["$ref"].rsplit("/", 1)[1] for operation in document["operations"].values()
                if operation["action"] == "send"}
        self.channels = []
        for name, channel in document["channels"].items():
            pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[a-z0-9-]{1,32})", re.escape(channel["address"]))
            (message,) = channel["messages"].values()
            message = document["components"]["messages"][message["$ref"].rsplit("/", 1)[1]]
            schema = by_file[message["payload"]["$ref"].rsplit("/", 1)[1]]
            self.channels.append((name, re.compile(f"^{pattern}$"), validator_of(schema, schemas), name in sent))

    def channel(self, topic):
        for name, pattern, validator, sent in self.channels:
            if match := pattern.match(topic):
                return name, match.groupdict(), validator, sent
        if REPLY.match(topic):
            return next((name, {}, validator, sent) for name, _, validator, sent in self.channels if name == "reply")
        return None

    def faults(self, topic, payload, wrong):
        """The channel's name, and what is wrong with the message."""
        found = self.channel(topic)
        if found is None:
            return "unknown", ["no channel of asyncapi.yaml has this topic"]
        name, names, validator, sent = found
        if not sent and payload in wrong:
            return f"{name}, wrong on purpose", []
        try:
            message = json.loads(payload if sent or payload.lstrip().startswith(b"{") else claims(payload))
        except ValueError as error:
            return name, [f"not JSON, and no compact JWS of it: {error}"]
        faults = [f"{'.'.join(map(str, fault.absolute_path)) or 'message'}: {fault.message}"
                  for fault in validator.iter_errors(message)]
        if isinstance(message, dict) and "specversion" in message:
            if message.get("source") != "/" + "/".join(names[part] for part in ("tenant", "store", "gateway")):
                faults.append("source: not the gateway whose topic it is")
        elif not sent and isinstance(message, dict):
            faults += [f"{part}: not that of the topic" for part in ("tenant", "store", "gateway")
                       if part in message and part in names and message[part] != names[part]]
        return name, faults


def claims(payload):
    parts = payload.split(b".")
    if len(parts) != 3:
        raise ValueError(f"{len(parts)} parts")
    return base64.urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4))


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    contract = Contract(pathlib.Path(sys.argv[1]))
    wrong = set()
    if len(sys.argv) == 3:
        wrong = {bytes.fromhex(line) for line in pathlib.Path(sys.argv[2]).read_text(encoding="utf-8").split()}
    counts, bad = collections.Counter(), False
    for line in sys.stdin:
        topic, _, octets = line.rstrip("\n").partition(" ")
        name, faults = contract.faults(topic, bytes.fromhex(octets), wrong)
        counts[name] += 1
        for fault in faults:
            bad = True
            print(f"{topic}: {fault}")
    for name, count in sorted(counts.items()):
        print(f"{count:8} {name}", file=sys.stderr)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
