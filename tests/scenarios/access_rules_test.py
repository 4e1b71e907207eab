"""The broker under config/broker.acl: gateways and the orchestrator do their work, and may do nothing else."""

import json
import re
import subprocess

import world
from sync_test import GATEWAY, Synced, shopper

from orchestrator import Orchestrator

GATEWAY_1, GATEWAY_2, ORCHESTRATOR, STRANGER = "acme.bkk-siam-01.gw-1", "acme.bkk-siam-01.gw-2", "orchestrator.acme", "stranger"
SHOP = "beacon-gateway/v1/acme/bkk-siam-01/"
REPLIES = "beacon-gateway/v1/acme/orchestrator/reply/desk-7"
PLACES = [("acme", "bkk-siam-01", "gw-1"), ("acme", "bkk-siam-01", "gw-2"), ("acme", "elsewhere", "gw-1"), ("rival", "bkk-siam-01", "gw-1")]
UP = r"(events/[a-z0-9.]+|status|health|sync|reply)"  # what a gateway says
DOWN = r"(receipts|command|profiles|campaigns)"  # what one gateway is told


def rules_of_gateway(name):
    """What the contract lets it (write, read), as patterns of whole topics."""
    own, answers = re.escape(f"{SHOP}{name}/"), re.escape(REPLIES)
    return (f"{own}{UP}|{answers}",
            f"{own}{DOWN}|{SHOP}(profiles|campaigns|presence)|{SHOP}gw-[12]/events/com\\.beacongateway\\.visit\\.(started|ended)\\.v1")


RULES = {
    GATEWAY_1: rules_of_gateway("gw-1"),
    GATEWAY_2: rules_of_gateway("gw-2"),
    ORCHESTRATOR: (f"beacon-gateway/v1/acme/[^/]+/([^/]+/{DOWN}|profiles|campaigns|presence)",
                   f"beacon-gateway/v1/acme/[^/]+/[^/]+/{UP}|{re.escape(REPLIES)}"),
    STRANGER: ("(?!)", "(?!)"),
}


def every_topic():
    """Of the contract, in each place; and some that nobody may use."""
    text = (world.REPOSITORY / "config/contract/asyncapi.yaml").read_text(encoding="utf-8")
    addresses = re.findall(r"^    address: (\S+)$", text, re.MULTILINE)
    assert len(addresses) > 10, addresses
    filled = {address.format(tenant=tenant, store=store, gateway=gateway)
              for address in addresses for tenant, store, gateway in PLACES}
    return sorted(filled | {REPLIES, SHOP + "gw-1", SHOP + "gw-1/events", SHOP + "gw-1/status/more", "anything"})


class AccessRules(Synced):
    """The plain listener is the laboratory's own and has no rules; who comes by TLS is bound by them."""

    def broker(self, **settings):
        self.keys = self.folder / "keys"
        self.keys.mkdir()
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                     "-subj", "/CN=authority", "-keyout", "authority.key", "-out", "authority.pem")
        (self.keys / "broker.ext").write_text("subjectAltName=IP:127.0.0.1\n")
        for name in ("broker", *RULES):
            self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                         "-keyout", f"{name}.key", "-out", f"{name}.csr")
            self.openssl("x509", "-req", "-days", "2", "-in", f"{name}.csr", "-CA", "authority.pem", "-CAkey", "authority.key",
                         "-CAcreateserial", "-extfile", "broker.ext", "-out", f"{name}.pem")
        self.tls_port = world.free_port()
        # As the head of config/broker.acl says.
        return super().broker(**settings, second_listener=[
            f"listener {self.tls_port} 127.0.0.1", f"cafile {self.keys}/authority.pem", f"certfile {self.keys}/broker.pem",
            f"keyfile {self.keys}/broker.key", "require_certificate true", "use_identity_as_username true",
            f"acl_file {world.REPOSITORY}/config/broker.acl"])

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.keys, check=True, capture_output=True)

    def client(self, program, name):
        return [program, "-h", "127.0.0.1", "-p", str(self.tls_port), "-V", "mqttv5", "-i", name, "--cafile", self.keys / "authority.pem",
                "--cert", self.keys / f"{name}.pem", "--key", self.keys / f"{name}.key"]

    def publish_as(self, name, topic, message, *options):
        subprocess.run([*self.client("mosquitto_pub", name), "-q", "1", "-t", topic, "-m", message, *options], check=False,
                       capture_output=True, timeout=world.PATIENCE_S)


class AtWork(AccessRules):
    def setUp(self):
        super().setUp()
        keys = "".join(f'{key} = "{self.keys}/{file}"\n' for key, file in (
            ("ca_file", "authority.pem"), ("cert_file", GATEWAY_1 + ".pem"), ("key_file", GATEWAY_1 + ".key")))
        self.shop.edit("gateway.toml", f'url = "mqtt://127.0.0.1:{self.link.port}"\n',
                       f'url = "mqtts://127.0.0.1:{self.tls_port}"\n{keys}')

    def test_a_gateway_and_its_orchestrator_lack_nothing(self):
        daemon = self.start()
        for message in self.sender.increments([shopper(1)]):
            self.publish_as(ORCHESTRATOR, SHOP + "profiles", message)
        self.until_met(1)
        desk = Orchestrator(self.key)
        self.publish_as(ORCHESTRATOR, GATEWAY + "command", desk.sign({"command": "sync"}))
        world.eventually(lambda: self.said("reply"), "the answer")
        self.publish_as(ORCHESTRATOR, GATEWAY + "command", desk.sign({"command": "pause"}), "-D", "publish", "response-topic", REPLIES)
        world.eventually(lambda: any(topic == REPLIES for topic, _ in self.retailer.messages()), "the answer where it was asked for")
        self.publish_as(ORCHESTRATOR, GATEWAY + "receipts", desk.sign({"ids": [json.loads(self.retailer.events()[0])["id"]]}))
        world.eventually(lambda: self.counter("downlink_messages") == 4, self.shop.status)
        world.eventually(lambda: self.said("health") and self.said("sync"), "health and revision")
        world.eventually(lambda: self.shop.status()["outbox"]["waiting"] == 0, self.shop.status)
        self.assertEqual(self.shop.status()["warnings"], [])
        self.assertTrue(json.loads(self.said("status")[0])["online"])
        daemon.kill()  # the will is under the rules, too
        world.eventually(lambda: not json.loads(self.said("status")[-1])["online"], "the will")
        self.assertNotIn("Denied", self.link.log())


class Matrix(AccessRules):
    def broker(self, **settings):
        return super().broker(witnessed=False, **settings)  # what is said here means nothing

    def test_nobody_writes_what_is_not_theirs(self):
        for name in RULES:
            for topic in every_topic():
                self.publish_as(name, topic, f"by {name}")
        self.retailer.drain()
        seen = {(payload, topic) for topic, payload in self.retailer.messages() if payload.startswith("by ")}
        for name, (writes, _) in RULES.items():
            allowed = {topic for topic in every_topic() if re.fullmatch(writes, topic)}
            self.assertEqual({topic for by, topic in seen if by == f"by {name}"}, allowed, name)

    def test_nobody_reads_what_is_not_theirs(self):
        """By the broker's log: without an acknowledgement to wait for it has sent, or not, when the next message comes."""
        for name in RULES:
            listener = world.Child([*self.client("mosquitto_sub", name), "-q", "0", "-t", "#"], self.folder / name, self.folder / name)
            self.addCleanup(listener.kill)
            world.eventually(lambda: f"{name} 0 #" in self.link.log(), "the subscription")
        for topic in every_topic():
            self.link.publish(topic, "for whom it concerns")
        self.retailer.drain()
        for name, (_, reads) in RULES.items():
            allowed = {topic for topic in every_topic() if re.fullmatch(reads, topic)}
            sent = re.findall(rf"Sending PUBLISH to {re.escape(name)} \(d0, q0, r0, m0, '([^']+)'", self.link.log())
            self.assertEqual(set(sent), allowed, name)


if __name__ == "__main__":
    world.main()
