"""The orchestrator's word on the wire: who is known, who is gone at once, and what is believed."""

import base64
import collections
import hashlib
import hmac
import json
import re
import signal

import world
from air import START_S, stay, write_capture
from world import Scenario, Shop, parsed

import orchestrator
from orchestrator import Orchestrator
from shop_morning import OUR_UUID, ibeacon, our_ibeacon, profile

GATEWAY = "beacon-gateway/v1/acme/bkk-siam-01/gw-1/"


def shopper(number, **flags):
    return profile(f"shopper-{number}", our_ibeacon(number), "th", f"nickname {number}", **flags)


def agreed_again(number, version, granted_at):
    """The same person, who has consented anew."""
    anew = shopper(number, version=version)
    for consent in anew["consents"]:
        consent["granted_at"] = granted_at
    return anew


def claims(message):
    """What a compact JWS says, unchecked."""
    text = message.split(".")[1]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def whole_digest(*fields):
    """config/contract/README.md, "The receipt of an erasure"."""
    octets = b"".join(len(field.encode()).to_bytes(4, "big") + field.encode() for field in fields)
    return hashlib.sha256(octets).hexdigest()


class Synced(Scenario):
    """Shoppers 1 to 4 stand in the entrance all day long; whom the gateway holds is the orchestrator's to say."""

    SPEED, DAY_S = 30, 4 * 3600  # eight minutes of ours, longer than any test
    BROKER = {}

    def setUp(self):
        super().setUp()
        self.link = self.broker(**self.BROKER)
        self.retailer = self.subscriber(self.link)
        capture = write_capture(self.folder / "day.btsnoop", *(
            stay(START_S, START_S + self.DAY_S, lambda at_s, number=number: ibeacon(OUR_UUID, 100, number), every_s=2)
            for number in range(1, 5)))
        self.shop = Shop(self.folder / "shop", self.link.port, capture, self.SPEED)
        self.key = self.folder / "orchestrator.pem"
        orchestrator.make_key(self.key)
        self.shop.trust(orchestrator.public_file(self.key))
        self.shop.seal()
        self.sender = Orchestrator(self.key)
        self.sent = []

    def start(self):
        daemon = self.run_daemon(self.shop).until("broker: connected")
        self.link.until_subscribed(orchestrator.topic("acme", "bkk-siam-01"))
        return daemon

    def stop(self, daemon):
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(), 0, daemon.log())

    def send(self, *messages):
        self.sent += messages
        orchestrator.publish(messages, self.link.port, orchestrator.topic("acme", "bkk-siam-01"))

    def said(self, topic):
        return [payload for where, payload in self.retailer.messages() if where == GATEWAY + topic]

    def subjects(self, *types):
        return [event["subject"] for event in parsed(self.retailer.events()) if event["type"] in types]

    def until_met(self, number):
        for kind in (world.VISIT_STARTED, world.TRIGGER):
            world.eventually(lambda: f"shopper-{number}" in self.subjects(kind), f"{kind} of {number}")

    def until_revision(self, revision):
        world.eventually(lambda: self.shop.status()["revision"] == revision, self.shop.status)

    def until_erased(self, number, version=1):
        """The receipt, checked by whoever knows the pseudonym and nothing else."""
        name = hmac.new(b"/acme/bkk-siam-01/gw-1", f"shopper-{number}".encode(), hashlib.sha256).hexdigest()
        world.eventually(lambda: name in self.subjects(world.ERASED), f"the receipt of {number}")
        receipt = next(event for event in parsed(self.retailer.events(), world.ERASED) if event["subject"] == name)
        milliseconds = round(world.unix_seconds(receipt["time"]) * 1000)
        self.assertEqual(receipt["data"]["proof"], whole_digest(name, str(version), str(milliseconds)))
        self.assertNotIn(f"shopper-{number}", json.dumps(receipt))

    def counter(self, name):
        return self.shop.status()["counters"][name]

    def assert_contract(self):
        """Every message that went over the wire, both ways, is as its schema says."""
        self.retailer.drain()
        self.assertEqual(world.event_faults(self.retailer.events()) if self.retailer.events() else "", "")
        for topic in ("sync", "health", "status"):
            self.assertGreater(len(self.said(topic)), 0, topic)
            self.assertEqual(world.message_faults(topic, self.said(topic), self.folder), "")
        self.assertEqual(world.message_faults("profiles", map(claims, self.sent), self.folder), "")


class Increments(Synced):
    def test_a_profile_arrives_and_its_shopper_is_met_then_withdraws(self):
        daemon = self.start()
        world.eventually(lambda: self.said("sync") == ['{"have_revision":0}'], lambda: self.said("sync"))
        self.send(*self.sender.increments([shopper(1), shopper(2)]))
        self.until_met(1)
        self.until_met(2)

        self.send(*self.sender.increments([], ["shopper-1"]))
        self.until_erased(1)
        self.until_revision(2)
        self.assertEqual(self.shop.held(), {"shopper-2"})
        self.assertEqual(self.counter("visits_forgotten"), 1)
        self.send(*self.sender.increments([shopper(3)]))
        self.until_met(3)
        self.retailer.drain()
        self.assertEqual(self.subjects(world.VISIT_STARTED).count("shopper-1"), 1)
        self.assertEqual(self.subjects(world.VISIT_ENDED), [])
        self.assertNotIn("shopper-", daemon.log())
        self.stop(daemon)
        self.assert_contract()

    def test_who_was_erased_comes_back_only_by_a_consent_of_hers(self):
        daemon = self.start()
        self.send(*self.sender.increments([shopper(1)]))
        self.until_met(1)
        self.send(*self.sender.increments([], ["shopper-1"]))
        self.until_erased(1)
        for copy in (shopper(1), shopper(1, version=2), agreed_again(1, 1, "2026-11-30T00:00:00Z")):
            self.send(*self.sender.increments([copy]))
        self.send(*self.sender.full_set([shopper(1, version=3)]))
        self.until_revision(6)
        self.assertEqual(self.shop.held(), set())
        self.send(*self.sender.increments([agreed_again(1, 2, "2026-11-30T00:00:00Z")]))
        self.until_revision(7)
        self.assertEqual(self.shop.held(), {"shopper-1"})
        self.stop(daemon)
        self.assert_contract()

    def test_a_gap_withdraws_and_asks_for_the_rest(self):
        daemon = self.start()
        self.send(*self.sender.increments([shopper(1)]))
        self.until_met(1)
        list(self.sender.increments([shopper(2)]))  # revision 2 is lost on its way
        self.send(*self.sender.increments([shopper(3)], ["shopper-1"]))
        self.until_erased(1)
        world.eventually(lambda: '{"have_revision":1}' in self.said("sync"), "the question for what is missing")
        self.assertEqual(self.shop.held(), set(), "neither who withdrew nor what came out of order")
        self.assertEqual((self.counter("downlink_gaps"), self.shop.status()["revision"]), (1, 1))

        self.sender.revision = 1  # the answer: both again, in order, with new `seq`
        self.send(*self.sender.increments([shopper(2)]))
        self.send(*self.sender.increments([shopper(3)], ["shopper-1"]))
        self.until_met(2)
        self.until_met(3)
        self.until_revision(3)
        self.assertEqual(self.shop.held(), {"shopper-2", "shopper-3"})
        self.stop(daemon)
        self.assert_contract()

    def test_the_next_start_goes_on_from_there(self):
        daemon = self.start()
        self.send(*self.sender.increments([shopper(1)]))
        self.send(*self.sender.increments([shopper(2)]))
        self.until_revision(2)
        self.stop(daemon)
        old = self.sent[0]
        daemon = self.start()
        world.eventually(lambda: self.said("sync")[-1] == '{"have_revision":2}', lambda: self.said("sync"))
        self.assertEqual((self.shop.status()["revision"], self.shop.held()), (2, {"shopper-1", "shopper-2"}))
        self.send(old)
        world.eventually(lambda: self.counter("downlink_repeated") == 1, "the message from before the restart")
        self.assertEqual(self.shop.status()["revision"], 2)
        self.stop(daemon)
        self.assert_contract()


class FullSets(Synced):
    def parts(self, *profiles):
        """A signed full set, one profile a part."""
        octets, orchestrator.PART_OCTETS = orchestrator.PART_OCTETS, 1
        self.addCleanup(lambda: setattr(orchestrator, "PART_OCTETS", octets))
        parts = list(self.sender.full_set(profiles))
        orchestrator.PART_OCTETS = octets
        self.assertEqual(len(parts), len(profiles))
        return parts

    def test_is_in_force_when_its_last_part_is_in(self):
        daemon = self.start()
        self.send(*self.sender.increments([shopper(1), shopper(2)]))
        self.until_met(1)
        *first, last = self.parts(shopper(2), shopper(3), shopper(4))
        self.send(*first)
        world.eventually(lambda: self.counter("downlink_messages") == 3, "two parts")
        self.assertEqual((self.shop.status()["revision"], self.shop.held()), (1, {"shopper-1", "shopper-2"}))
        self.send(last)
        self.until_revision(2)
        self.assertEqual(self.shop.held(), {"shopper-2", "shopper-3", "shopper-4"})
        self.until_met(4)
        self.assertEqual(self.counter("visits_forgotten"), 1)
        self.stop(daemon)
        self.assertNotIn("shopper-1", self.subjects(world.VISIT_ENDED))
        self.assert_contract()

    def test_a_late_one_does_not_bring_back_who_was_erased(self):
        daemon = self.start()
        self.send(*self.sender.increments([shopper(1), shopper(2)]))
        self.until_revision(1)
        first, second, third = self.parts(shopper(1), shopper(2), shopper(3))
        self.send(first)
        self.send(*self.sender.increments([], ["shopper-1", "shopper-3"]))  # in a part that is here, in one that is not
        self.until_erased(1)
        self.until_erased(3, version=0)
        self.send(self.resigned(second), self.resigned(third))
        self.until_revision(2)
        self.assertEqual(self.shop.held(), {"shopper-2"})
        self.send(*self.sender.full_set([shopper(1), shopper(2), shopper(3), shopper(4)]))
        self.until_revision(4)
        self.assertEqual(self.shop.held(), {"shopper-2", "shopper-4"})
        self.stop(daemon)
        self.assert_contract()

    def resigned(self, message):
        """The same, with a new `seq`: as if the broker had brought it late and the orchestrator had said it late."""
        said = json.loads(claims(message))
        return self.sender.sign({key: value for key, value in said.items() if key not in ("tenant", "store", "seq", "iat")})


class Queued(Synced):
    """The broker refuses triggers for now: they wait."""

    BROKER = {"denied_topic": GATEWAY + "events/" + world.TRIGGER}

    def test_a_withdrawal_ends_what_waits(self):
        daemon = self.start()
        self.send(*self.sender.increments([shopper(1)]))
        world.eventually(lambda: self.counter("held") == 1, "the welcome that the broker does not take")
        self.assertEqual(self.shop.status()["outbox"]["waiting"], 1)
        self.send(*self.sender.increments([shopper(2)], ["shopper-1"]))
        self.until_erased(1)
        world.eventually(lambda: self.counter("held") == 2, "the welcome of the other one")
        outbox = self.shop.status()["outbox"]
        self.assertEqual((outbox["withdrawn"], outbox["waiting"]), (1, 1))

        self.stop(daemon)
        self.link.stop()
        self.link.allow_all()
        self.link.start()
        self.retailer.resume()
        daemon = self.start()
        self.until_met(2)
        self.retailer.drain()
        self.assertNotIn("shopper-1", self.subjects(world.TRIGGER))
        self.assertNotIn("shopper-1", self.subjects(world.VISIT_ENDED))
        self.stop(daemon)
        self.assert_contract()


class Refused(Synced):
    def refused(self):
        """(the reason that must be given, the message)"""
        fields = {"revision": 1, "upserts": [shopper(1)]}
        good = self.sender.sign(fields)
        header, payload, signature = good.split(".")
        stranger = self.folder / "stranger.pem"
        orchestrator.make_key(stranger)
        yield "bad_signature", f"{header}.{payload}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
        yield "bad_signature", f"{header}.{orchestrator.base64url(json.dumps(fields).encode())}.{signature}"
        yield "bad_signature", Orchestrator(stranger, seq=100).sign(fields, kid="orchestrator.pub")
        yield "unknown_key", Orchestrator(stranger, seq=100).sign(fields)
        yield "wrong_algorithm", self.sender.sign(fields, alg="none")
        yield "wrong_algorithm", self.sender.sign(fields, crit=["exp"])
        yield "other_gateway", Orchestrator(self.key, tenant="another").sign(fields)
        yield "other_gateway", Orchestrator(self.key, store="another").sign(fields)
        yield "not_signed", json.dumps({"tenant": "acme", "store": "bkk-siam-01", "seq": 100, "iat": 1_795_230_000} | fields)
        yield "not_signed", "garbage"
        yield "not_signed", "a.b.c"
        yield "not_signed", f"{header}.{payload}."[:-1]
        yield "malformed", self.sender.sign({"revision": "one", "upserts": [shopper(1)]})
        yield "too_large", self.sender.sign(fields | {"padding": "x" * (1 << 20)})

    def test_what_is_not_believed_is_counted_and_changes_nothing(self):
        daemon = self.start()
        before = self.said("sync")
        told = collections.Counter()
        for number, (reason, message) in enumerate(self.refused()):
            with self.subTest(reason=reason, number=number):
                self.wrong_on_purpose.add(message)
                orchestrator.publish([message], self.link.port, orchestrator.topic("acme", "bkk-siam-01"))
                told[reason] += 1
                world.eventually(lambda: self.counter(f"downlink_{reason}") == told[reason], f"{reason} counted")
                self.assertEqual(re.findall(r"a message was refused: (\w+)", daemon.log())[-1], reason)
        self.assertEqual((self.shop.status()["revision"], self.shop.held()), (0, set()))
        self.assertEqual(self.counter("downlink_messages"), 0)
        self.assertNotIn("shopper-1", daemon.log())

        self.send(*self.sender.increments([shopper(2)]))
        self.until_met(2)
        orchestrator.publish(self.sent, self.link.port, orchestrator.topic("acme", "bkk-siam-01"))
        world.eventually(lambda: self.counter("downlink_repeated") == 1, "the repeat counted")
        self.sender.seq = 0
        orchestrator.publish(self.sender.increments([shopper(3)]), self.link.port, orchestrator.topic("acme", "bkk-siam-01"))
        world.eventually(lambda: self.counter("downlink_repeated") == 2, "an old `seq` counted")
        self.assertEqual((self.shop.status()["revision"], self.shop.held()), (1, {"shopper-2"}))
        self.assertEqual(self.subjects(world.VISIT_STARTED), ["shopper-2"])
        self.assertGreaterEqual(len(self.said("sync")), len(before))
        self.stop(daemon)
        self.assert_contract()

    def test_the_gateway_s_own_topic_has_its_own_count(self):
        daemon = self.start()
        self.send(*self.sender.increments([shopper(1)]))
        self.until_revision(1)
        own = Orchestrator(self.key, revision=1)
        self.sent += (messages := list(own.increments([shopper(2)])))
        orchestrator.publish(messages, self.link.port, orchestrator.topic("acme", "bkk-siam-01", "gw-1"))
        self.until_revision(2)
        self.assertEqual(self.shop.held(), {"shopper-1", "shopper-2"})
        self.stop(daemon)
        self.assert_contract()

    def test_a_replay_does_not_listen(self):
        people = self.folder / "people.jsonl"
        people.write_text(json.dumps(shopper(1)) + "\n", encoding="utf-8")
        self.send(*self.sender.increments([shopper(2)]))
        visit = stay(START_S, START_S + 10, lambda at_s: ibeacon(OUR_UUID, 100, 1))
        capture = write_capture(self.folder / "short.btsnoop", visit)
        self.shop.good("replay", capture, "--profiles", people, "--publish")
        self.assertIn(" as acme.bkk-siam-01.gw-1-replay ", self.link.log())
        self.assertNotIn("Received SUBSCRIBE from acme.", self.link.log())
        self.assertIn("Received SUBSCRIBE from subscriber", self.link.log(), "the broker tells of subscriptions")


if __name__ == "__main__":
    world.main()
