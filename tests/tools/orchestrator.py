#!/usr/bin/python3
"""The orchestrator's side of the downlink (config/contract/README.md), small: signs messages and publishes them.

usage: orchestrator.py make-key KEY.pem                       writes KEY.pem, and KEY.pub.pem for trusted_keys
       orchestrator.py --key KEY.pem publish-profiles FILE.jsonl [--full] [--withdraw ID]...
       orchestrator.py --key KEY.pem publish-campaigns FILE.toml [--version N]   an empty file takes them back
       orchestrator.py --key KEY.pem publish FILE.json        one message as it stands, the claims added
       orchestrator.py --key KEY.pem --on command --gateway G publish FILE.json     likewise, on another topic

options: --broker HOST:PORT (127.0.0.1:1883)  --tenant T (acme)  --store S (bkk-siam-01)  --gateway G (all of the store)
         --revision N, --version N and --seq N (the time in milliseconds: higher each time)  --print (signs, does not publish)

Needs the programs openssl and mosquitto_pub. Of FILE.jsonl each line is one profile.
"""
import argparse
import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import time

PART_OCTETS = 500_000  # of profiles; in base64 with its claims well below the 1 MiB that a gateway reads


def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def public_file(key_file):
    """The file for `[downlink] trusted_keys`. Its name without the ending is the key's id."""
    return key_file.with_suffix(".pub.pem")


def make_key(key_file):
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key_file], check=True)
    subprocess.run(["openssl", "pkey", "-in", key_file, "-pubout", "-out", public_file(key_file)], check=True)


class Orchestrator:
    """Signs with one key for one store. `seq` and `revision` go up by one each message, from where they are told to."""

    def __init__(self, key_file, tenant="acme", store="bkk-siam-01", revision=0, seq=0, issued_at=time.time):
        self.key_file = pathlib.Path(key_file)
        self.tenant, self.store = tenant, store
        self.revision, self.seq = revision, seq  # of the last message
        self.issued_at = issued_at

    def sign(self, fields, **header):
        """The compact JWS (RFC 7515, RFC 8037) of a message: its fields and our claims. Keywords change the header."""
        self.seq += 1
        claims = {"tenant": self.tenant, "store": self.store, "seq": self.seq, "iat": int(self.issued_at())}
        return self.sign_text(json.dumps({**claims, **fields}, ensure_ascii=False, separators=(",", ":")), **header)

    def sign_text(self, payload, **header):
        """The compact JWS of any text."""
        header = {"alg": "EdDSA", "kid": public_file(self.key_file).stem, **header}
        text = f"{base64url(json.dumps(header, separators=(',', ':')).encode())}.{base64url(payload.encode())}"
        with tempfile.NamedTemporaryFile() as file:  # openssl signs what it can map, not what it reads from a pipe
            file.write(text.encode())
            file.flush()
            signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.key_file, "-in", file.name],
                                       check=True, stdout=subprocess.PIPE).stdout
        return f"{text}.{base64url(signature)}"

    def increments(self, profiles, withdrawals=()):
        """Signed messages that change what is held, each a revision of its own; withdrawals in the first."""
        for upserts in split(profiles) or [[]]:
            self.revision += 1
            yield self.sign({"revision": self.revision, "withdrawals": list(withdrawals), "upserts": upserts})
            withdrawals = ()

    def full_set(self, profiles):
        """Signed messages that replace what is held: the parts of one revision."""
        self.revision += 1
        parts = split(profiles) or [[]]
        for number, upserts in enumerate(parts, 1):
            yield self.sign({"revision": self.revision, "full": True, "part": number, "parts": len(parts), "upserts": upserts})

    def campaigns(self, version, toml, **fields):
        """The signed message that puts these campaigns in the place of campaigns.d."""
        return self.sign({"version": version, "campaigns_toml": toml, **fields})


def split(profiles):
    """Lists of at most PART_OCTETS, in the order given."""
    parts, octets = [], PART_OCTETS
    for profile in profiles:
        size = len(json.dumps(profile, ensure_ascii=False, separators=(",", ":")).encode()) + 1
        if octets + size > PART_OCTETS:
            parts.append([])
            octets = 0
        parts[-1].append(profile)
        octets += size
    return parts


def topic(tenant, store, gateway=None, name="profiles"):
    return "/".join(filter(None, ["beacon-gateway/v1", tenant, store, gateway, name]))


def publish(messages, port, to, host="127.0.0.1"):
    """QoS 1; returns when the broker has them all, in their order. A message is one line, so one client sends many."""
    client = subprocess.Popen(["mosquitto_pub", "-h", host, "-p", str(port), "-V", "mqttv5", "-q", "1", "-t", to, "-l"],
                              stdin=subprocess.PIPE, text=True)
    with client.stdin as lines:
        for message in messages:
            lines.write(message + "\n")
    if client.wait() != 0:
        raise RuntimeError(f"mosquitto_pub ended with {client.returncode}")


def main():
    now = time.time_ns() // 1_000_000
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--key", type=pathlib.Path)
    parser.add_argument("--broker", default="127.0.0.1:1883")
    parser.add_argument("--tenant", default="acme")
    parser.add_argument("--store", default="bkk-siam-01")
    parser.add_argument("--gateway")
    parser.add_argument("--revision", type=int, default=now)
    parser.add_argument("--version", type=int, default=now)
    parser.add_argument("--seq", type=int, default=now)
    parser.add_argument("--on", default="profiles", choices=["profiles", "command", "presence", "campaigns"])
    parser.add_argument("--print", action="store_true")
    parser.add_argument("command", choices=["make-key", "publish-profiles", "publish-campaigns", "publish"])
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--withdraw", action="append", default=[], metavar="ID")
    options = parser.parse_args()

    if options.command == "make-key":
        make_key(options.file)
        return
    if not options.key:
        parser.error("--key is needed to sign")
    if options.full and options.withdraw:
        parser.error("a full set withdraws whom it leaves out: --full takes no --withdraw")
    orchestrator = Orchestrator(options.key, options.tenant, options.store, options.revision - 1, options.seq - 1)
    text = options.file.read_text(encoding="utf-8")
    if options.command == "publish":
        messages = [orchestrator.sign(json.loads(text))]
    elif options.command == "publish-campaigns":
        options.on = "campaigns"
        messages = [orchestrator.campaigns(options.version, text)]
    else:
        profiles = [json.loads(line) for line in text.splitlines() if line.strip()]
        messages = orchestrator.full_set(profiles) if options.full else orchestrator.increments(profiles, options.withdraw)
    if options.print:
        for message in messages:
            print(message)
        return
    host, _, port = options.broker.rpartition(":")
    publish(messages, int(port), topic(options.tenant, options.store, options.gateway, options.on), host)


if __name__ == "__main__":
    sys.exit(main())
