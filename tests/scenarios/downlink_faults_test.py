"""What may go wrong with the orchestrator's word (reliability.md, cases 15, 16, 42 and 45), and the app's on presence."""

import datetime
import hashlib
import json
import os
import re

import world
from sync_test import Synced, shopper

import orchestrator
from orchestrator import Orchestrator

STORE = "beacon-gateway/v1/acme/bkk-siam-01/"
LONG = os.environ.get("BEACON_GATEWAY_FAULTS") == "long"
OPTIMISED = os.environ.get("BEACON_GATEWAY_OPTIMISED") == "1"


def peak_octets(process):
    """The most memory that it ever had (proc(5), VmHWM)."""
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as status:
        return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1))


def state(people):
    """One hash of who is known in which version."""
    lines = sorted(f'{one["shopper_id"]} {one["version"]} {one["language"]}' for one in people)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class Overflow(Synced):
    """Case 15. The broker keeps twenty messages for a gateway that is away, and drops the rest."""

    BROKER = {"most_queued": 20}
    PEOPLE, A_MESSAGE = 10_000, 100

    def test_what_the_broker_dropped_is_asked_for_and_made_good(self):
        self.stop(self.start())  # its session has the subscriptions
        people = [shopper(number) for number in range(5, 5 + self.PEOPLE)]
        updates = []
        for first in range(0, self.PEOPLE, self.A_MESSAGE):
            updates += self.sender.increments(people[first:first + self.A_MESSAGE])
        self.assertEqual(len(updates), self.PEOPLE // self.A_MESSAGE)
        orchestrator.publish(updates, self.link.port, STORE + "profiles")

        daemon = self.start()
        self.until_revision(20)
        self.assertEqual(self.held_state(), state(people[:20 * self.A_MESSAGE]))
        people[::2] = [one | {"version": 2, "language": "en"} for one in people[::2]]  # some of whom it holds, some not
        orchestrator.publish(self.sender.increments([]), self.link.port, STORE + "profiles")  # shows the gap
        world.eventually(lambda: self.counter("downlink_gaps") == 1, "the gap noticed")
        world.eventually(lambda: '{"have_revision":20}' in self.said("sync"), lambda: self.said("sync"))
        for part in self.sender.full_set(people):  # one at a time: this broker's queue is short
            orchestrator.publish([part], self.link.port, STORE + "profiles")
        self.until_revision(self.sender.revision)
        self.assertEqual(self.held_state(), state(people))
        self.stop(daemon)

    def held_state(self):
        return state(json.loads(line) for line in self.shop.good("profiles", "list", "--json").splitlines())


class Nonsense(Synced):
    """Case 16. Everything is signed well; only what it says is not to be read."""

    def nonsense(self):
        """(counter, message)"""
        sign = self.sender.sign_text
        head = '"tenant":"acme","store":"bkk-siam-01","seq":900,"iat":1795230000,"revision":1'
        yield "malformed", sign("")
        yield "malformed", sign("{" + head)
        yield "malformed", sign("[" * 100_000)
        yield "malformed", sign("{" + head + ',"upserts":' + "[" * 50_000 + "]" * 50_000 + "}")
        yield "malformed", sign("{" + head + ',"upserts":' + '{"a":' * 50_000 + "1" + "}" * 50_000 + "}")
        yield "malformed", sign("{" + ",".join(f'"k{number}":0' for number in range(20_000)) + "}")
        yield "malformed", sign("{" + head + ',"withdrawals":"shopper-1"}')
        yield "malformed", sign("{" + head.replace("900", "1e300") + "}")
        yield "malformed", sign("{" + head.replace("900", "-1") + "}")
        yield "malformed", sign("{" + head.replace("900", "99999999999999999999") + "}")
        yield "malformed", sign("{" + head.replace('"revision":1', '"revision":{}') + "}")
        yield "malformed", sign("{" + head + ',"full":true,"part":2,"parts":1}')
        yield "too_large", sign("{" + head + ',"padding":"' + "x" * (1 << 20) + '"}')
        yield "not_signed", "a" * (1 << 19)
        yield "not_signed", "." * 100_000

    def test_is_counted_and_changes_nothing(self):
        daemon = self.start()
        self.send(*self.sender.increments([shopper(1)]))
        self.until_revision(1)
        before, told = peak_octets(daemon.process), {}
        for number, (reason, message) in enumerate(self.nonsense()):
            with self.subTest(reason=reason, number=number):
                self.wrong_on_purpose.add(message)
                orchestrator.publish([message], self.link.port, STORE + "profiles")
                told[reason] = told.get(reason, 0) + 1
                world.eventually(lambda: self.counter(f"downlink_{reason}") == told[reason], f"{reason} counted")
        status = self.shop.status()
        self.assertEqual((status["revision"], self.shop.held()), (1, {"shopper-1"}))
        self.assertEqual(status["counters"]["downlink_messages"], 1)
        if OPTIMISED:
            self.assertLess(peak_octets(daemon.process) - before, 40 << 20)  # downlink_json.hpp: one message, parsed

        # An old version of a profile, and a `seq` that was used: passed over, not refused.
        self.send(*self.sender.increments([shopper(1, version=1), shopper(2)]))
        self.until_revision(2)
        self.assertEqual(self.shop.held(), {"shopper-1", "shopper-2"})
        self.stop(daemon)


class Huge(Synced):
    """Case 16. What is larger than the gateway lets the broker send does not reach it."""

    BROKER = {"witnessed": False}  # it would have to write it down
    OCTETS = 268_000_000 if LONG else 32 << 20  # the protocol's most is 268 435 455 with topic and properties
    GROWTH = 16 << 20

    def test_does_not_reach_the_gateway(self):
        daemon = self.start()
        self.retailer.child.kill()
        before = peak_octets(daemon.process)
        huge = self.folder / "huge"
        huge.write_bytes(b"x" * self.OCTETS)
        self.link.publish_file(STORE + "profiles", huge)
        self.assertIn(f"({self.OCTETS} bytes)", self.link.log())  # the broker took it
        self.send(*self.sender.increments([shopper(1)]))  # behind it, on the same way
        self.until_revision(1)
        self.assertLess(peak_octets(daemon.process) - before, self.GROWTH)
        self.stop(daemon)


class Withdrawn(Synced):
    """Case 42, without a broker; with one that is there, sync_test.Queued."""

    def test_what_waits_for_a_broker_that_is_away_goes(self):
        daemon = self.start()
        self.send(*self.sender.increments([shopper(1), shopper(2)]))
        self.until_met(1)
        self.until_met(2)
        self.link.stop()
        daemon.until("broker: connection lost")
        waiting = self.shop.status()["outbox"]["waiting"]
        people = self.folder / "people.jsonl"
        people.write_text(json.dumps(shopper(3)) + "\n" + json.dumps(shopper(4)) + "\n", encoding="utf-8")
        self.shop.good("profiles", "import", people)
        world.eventually(lambda: self.shop.status()["outbox"]["waiting"] >= waiting + 6, self.shop.status)  # 3 each
        self.shop.good("profiles", "erase", "shopper-3")
        self.link.start()
        self.retailer.resume()
        self.until_met(4)
        self.until_erased(3)
        self.retailer.drain()
        self.assertNotIn("shopper-3", self.subjects(world.VISIT_STARTED, world.TRIGGER, world.VISIT_ENDED))
        self.stop(daemon)


class Unconsented(Synced):
    """Case 45. All four stand in the entrance; only the last one has agreed, now, to a welcome."""

    def test_nobody_is_met_without_a_live_consent(self):
        def consenting(number, *consents):
            return shopper(number) | {"consents": [
                {"purpose": purpose, "granted_at": granted_at, "expires_at": expires_at, "notice": "v1", "channel": "app"}
                for purpose, granted_at, expires_at in consents]}

        long_ago, yesterday = "2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z"
        daemon = self.start()
        self.send(*self.sender.increments([
            consenting(1),
            consenting(2, ("presence", long_ago, yesterday), ("welcome", long_ago, yesterday)),
            consenting(3, ("presence", long_ago, None), ("survey", long_ago, None)),
            consenting(4, ("presence", long_ago, None), ("welcome", long_ago, None))]))
        self.until_met(4)
        world.eventually(lambda: "shopper-3" in self.subjects(world.VISIT_STARTED), "the visit without a welcome")
        unsigned = json.dumps({"revision": 2, "upserts": [shopper(1, version=2)]})
        orchestrator.publish([unsigned], self.link.port, STORE + "profiles")
        world.eventually(lambda: self.counter("downlink_not_signed") == 1, "the unsigned consent counted")
        self.assertGreater(self.counter("dropped_no_live_consent"), 0)
        self.retailer.drain()
        self.assertEqual(set(self.subjects(world.TRIGGER)), {"shopper-4"})
        self.assertEqual(set(self.subjects(world.VISIT_STARTED)), {"shopper-3", "shopper-4"})
        self.assertIn({"campaign": "welcome", "outcome": "suppressed", "reason": "no_consent"},
                      [{key: one[key] for key in ("campaign", "outcome", "reason")} for one in self.shop.explained("shopper-3")])
        self.stop(daemon)


class Reported(Synced):
    """Presence by the app, on the capture's clock."""

    SPEED = 1

    def setUp(self):
        super().setUp()
        self.app = Orchestrator(self.key)

    def report(self, number, at_s, **fields):
        at = datetime.datetime.fromtimestamp(at_s, datetime.timezone.utc).isoformat()
        message = self.app.sign({"shopper_id": f"shopper-{number}", "at": at, "nonce": f"n-{self.app.seq}"} | fields)
        orchestrator.publish([message], self.link.port, STORE + "presence")

    def now_s(self):
        return world.unix_seconds(self.shop.status()["time"])

    def test_starts_a_visit_where_it_may_and_is_counted_where_not(self):
        self.shop.edit("gateway.toml", "[broker]", "[visit]\napp_may_start = true\n\n[broker]")
        daemon = self.start()
        self.send(*self.sender.increments([shopper(7) | {"identifiers": []}]))
        self.until_revision(1)
        self.report(7, self.now_s() - 60)
        world.eventually(lambda: self.counter("reports_too_old") == 1, "the old one counted")
        self.report(8, self.now_s())
        world.eventually(lambda: self.counter("reports_unknown_shopper") == 1, "the unknown one counted")
        self.report(7, self.now_s(), zone="aisle", nonce="once")
        self.until_met(7)
        self.report(7, self.now_s(), nonce="once")
        world.eventually(lambda: self.counter("reports_nonce_used") == 1, "the second use counted")
        started = next(event for event in world.parsed(self.retailer.events(), world.VISIT_STARTED))
        self.assertEqual((started["data"]["zone"], started["data"]["evidence"]), ("aisle", {"reported_by": "app"}))
        self.assertNotIn("rssi_dbm", started["data"])
        self.assertNotIn("shopper-", daemon.log())
        self.stop(daemon)


if __name__ == "__main__":
    world.main()
