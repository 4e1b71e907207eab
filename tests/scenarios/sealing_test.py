"""The store is sealed: who has it and not the key reads nothing; who is erased is in no file, sealed or not."""

import json
import os
import pathlib
import re
import resource
import signal
import stat
import uuid

import air
import world
from air import START_S, EddystoneEid, ResolvableAddress, RollingToken, secret, stay, write_capture
from privacy_test import files, forms, found, uuid_forms
from world import Scenario, Shop, cut, parsed, unix_seconds

import orchestrator
from shop_morning import on_air, our_ibeacon, profile

NO_CONFIGURATION = 78  # sysexits.h, EX_CONFIG


class Keys(Scenario):
    def test_a_key_is_made_once(self):
        shop = Shop(self.folder / "shop")
        key = self.folder / "store.key"
        answer = shop.ask("key", "create", key)
        self.assertEqual((answer.returncode, answer.stderr), (0, ""))
        for words in (str(key), "mode 0400", f'key_file = "{key}"', "--name=store-key", "Keep a copy"):
            self.assertIn(words, answer.stdout)
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o400)
        text = key.read_text(encoding="ascii")
        digits = re.findall(r"(?m)^[0-9a-f]{64}$", text)
        self.assertEqual(len(digits), 1)
        self.assertNotIn(digits[0], answer.stdout)

        again = shop.ask("key", "create", key)
        self.assertEqual((again.returncode, again.stdout), (1, ""))
        self.assertIn("never overwritten", again.stderr)
        self.assertEqual(key.read_text(encoding="ascii"), text)
        other = self.folder / "other.key"
        shop.good("key", "create", other)
        self.assertNotEqual(other.read_text(encoding="ascii"), text)
        nowhere = shop.ask("key", "create", self.folder / "nowhere" / "store.key")
        self.assertEqual((nowhere.returncode, nowhere.stdout), (1, ""))
        self.assertIn("nowhere", nowhere.stderr)

    def test_a_key_that_others_can_read_is_refused(self):
        shop = Shop(self.folder / "shop")
        key = shop.seal()
        key.chmod(0o444)
        answer = shop.ask("profiles", "list")
        self.assertEqual((answer.returncode, answer.stdout), (NO_CONFIGURATION, ""))
        self.assertIn("chmod 0400", answer.stderr)
        self.assertFalse(shop.store.exists())


class Sealed(Scenario):
    def setUp(self):
        super().setUp()
        self.link = self.broker()
        self.shop = Shop(self.folder / "shop", self.link.port)
        self.key = self.shop.seal()
        self.shop.take_profiles()

    def replay_with_store(self, *captures, **options):
        return self.shop.ask("replay", *(captures or [world.morning()]), "--store", self.shop.store, **options)

    def asked_in_vain(self, status, *words, commands=None, **options):
        """No command opens the store, none changes it, all say why."""
        before = files(self.shop.store)
        for command in commands or (["run", "--exit-at-end"], ["replay", world.morning(), "--store", self.shop.store],
                                    ["profiles", "list"], ["profiles", "import", world.profiles()],
                                    ["profiles", "erase", "shopper-nok"], ["explain", "shopper-nok"]):
            with self.subTest(command=command[:2]):
                answer = self.shop.ask(*command, **options)
                self.assertEqual((answer.returncode, answer.stdout), (status, ""), answer.stderr)
                for word in words:
                    self.assertIn(word, answer.stderr)
        self.assertEqual(files(self.shop.store), before)

    def test_all_works_as_in_clear(self):
        retailer = self.subscriber(self.link)
        expected = self.shop.replay()
        other = ["--store", self.folder / "other", "--profiles", world.profiles()]
        printed = self.shop.good("replay", world.morning(), *other).splitlines()
        self.assertEqual(printed, expected[: len(printed)], "the last visits stay open in the store")
        self.assertEqual(world.ids(printed, world.TRIGGER), world.ids(expected, world.TRIGGER))
        daemon = self.run_daemon(self.shop, "--exit-at-end")
        self.assertEqual(daemon.wait(), 0, daemon.log())
        retailer.drain()
        self.assertEqual(set(retailer.events()), set(expected))
        self.assertEqual(self.shop.facts()["delivered"], len(expected))
        self.assertIn("shopper-nok", self.shop.held())
        self.assertIn("trigger", {one["outcome"] for one in self.shop.explained("shopper-nok")})
        again = self.replay_with_store()
        self.assertEqual((again.returncode, again.stdout), (0, ""), "the store has seen it")

    def test_without_a_key(self):
        self.shop.edit("gateway.toml", f'key_file = "{self.key}"', "")
        self.asked_in_vain(NO_CONFIGURATION, "the store has no key", "beacon-gateway key create FILE", "key_file", "store-key")
        self.shop.edit("gateway.toml", "[store]", '[store]\nkey_file = "lost.key"')
        self.asked_in_vain(NO_CONFIGURATION, "lost.key", "No such file")
        (self.shop.configuration / "lost.key").write_text("123\n", encoding="ascii")
        (self.shop.configuration / "lost.key").chmod(0o400)
        self.asked_in_vain(NO_CONFIGURATION, "lost.key", "64 hex digits", "key create")

    def test_with_the_seal_switched_off(self):
        self.shop.edit("gateway.toml", f'key_file = "{self.key}"', "sealed = false")
        self.asked_in_vain(1, "is sealed, and no key was given")

    def test_with_another_key(self):
        self.shop.good("key", "create", self.folder / "other.key")
        self.shop.edit("gateway.toml", str(self.key), str(self.folder / "other.key"))
        self.asked_in_vain(1, "is sealed with another key", "previous_key_file", "move it away")

    def test_a_credential(self):
        self.shop.edit("gateway.toml", f'key_file = "{self.key}"', "")
        credentials = self.folder / "credentials"
        credentials.mkdir()
        environment = os.environ | {"CREDENTIALS_DIRECTORY": str(credentials)}
        self.asked_in_vain(NO_CONFIGURATION, "the store has no key", env=environment)
        (credentials / "store-key").write_bytes(self.key.read_bytes())
        self.assertIn("shopper-nok", self.shop.good("profiles", "list", env=environment))
        self.assertEqual(self.shop.ask("run", "--exit-at-end", env=environment).returncode, 0)
        self.assertEqual(self.shop.facts()["delivered"], len(self.shop.replay()))

    def test_a_new_key_takes_over_what_is_open(self):
        whole = self.shop.replay()
        middle_s = unix_seconds(parsed(whole, world.VISIT_STARTED)[2]["time"]) + 20
        halves = (cut(world.morning(), self.folder / "first.btsnoop", end_s=middle_s),
                  cut(world.morning(), self.folder / "second.btsnoop", first_s=middle_s))
        first = self.replay_with_store(halves[0]).stdout.splitlines()
        self.assertLess(len(parsed(first, world.VISIT_ENDED)), len(parsed(first, world.VISIT_STARTED)))

        new = self.folder / "new.key"
        self.shop.good("key", "create", new)
        self.shop.edit("gateway.toml", f'key_file = "{self.key}"', f'key_file = "{new}"\nprevious_key_file = "{self.key}"')
        second = self.replay_with_store(halves[1])
        self.assertEqual(second.returncode, 0, second.stderr)
        for file in ("profiles.db", "journey.db"):
            self.assertRegex(second.stderr, rf"{file} is sealed with the new key now; previous_key_file is no longer needed")
        both = first + second.stdout.splitlines()
        self.assertEqual(both, whole[: len(both)])
        self.assertEqual(world.ids(both, world.VISIT_STARTED), world.ids(whole, world.VISIT_STARTED))
        self.assertNotIn("new key", self.shop.ask("profiles", "list").stderr, "said once")

        self.shop.edit("gateway.toml", f'previous_key_file = "{self.key}"', "")
        self.assertIn("shopper-nok", self.shop.held())
        self.shop.edit("gateway.toml", str(new), str(self.key))
        self.asked_in_vain(1, "is sealed with another key")


class Person:
    """Somebody whose every word and octet can be found again."""

    NAME = "canary-pseudonym-7Kq"
    SHARED = ("beacon uuid", "service uuid", "eddystone namespace")  # in life: by all shoppers of the retailer
    WORDS = {name: f"canary-{name}-7Kq" for name in ("segment", "nickname", "unwanted", "sku", "category", "title-th",
                                                     "title-en", "notice", "channel")}
    IBEACON, SERVICE = (uuid.UUID(bytes=secret(name)) for name in ("a canary's beacon", "a canary's service"))
    ADDRESS = b"\xc6" + secret("a canary's address")[:5]
    ALTBEACON, EDDYSTONE = secret("altbeacon") + b"\x17\x2a\x3c\x4d", secret("eddystone")

    def __init__(self):
        self.token, self.phone = RollingToken("canary"), ResolvableAddress("canary phone")
        self.token.SERVICE = self.SERVICE
        self.tag, self.leased = EddystoneEid("canary tag"), EddystoneEid("canary leased tag")
        self.lasting = [our_ibeacon(77) | {"uuid": str(self.IBEACON)},
                        {"kind": "altbeacon", "company": 280, "id": self.ALTBEACON.hex()},
                        {"kind": "eddystone-uid", "namespace": self.EDDYSTONE[:10].hex(),
                         "instance": self.EDDYSTONE[10:].hex()},
                        {"kind": "address", "address": self.ADDRESS.hex(":").upper(), "type": "random-static"}]

    def profile(self):
        words = self.WORDS
        leased = self.leased.identifier(temporary_at_s=START_S)
        whole = profile(self.NAME, None, "th", words["nickname"], segments=["gold", words["segment"]], identifiers=[
            *self.lasting, self.token.identifier(), self.phone.identifier(), self.tag.identifier(), leased])
        whole["attributes"]["unwanted"] = words["unwanted"]
        whole["recommendations"] = [{"sku": words["sku"], "score": 0.9, "category": words["category"],
                                     "title": {"th": words["title-th"], "en": words["title-en"]}}]
        for consent in whole["consents"]:
            consent |= {"notice": words["notice"], "channel": words["channel"]}
        return whole

    def sends(self, first_s, last_s, **heard):
        """Under each of her identities in turn, all the time."""
        lasting = [on_air(one) for one in self.lasting]
        turns = [*((lambda at_s, data=data: data, lambda at_s: None) for data in lasting[:3]),
                 (lambda at_s: lasting[3], lambda at_s: self.ADDRESS),
                 (self.token.service_data, lambda at_s: None), (self.token.service_uuid, lambda at_s: None),
                 (lambda at_s: air.FLAGS, self.phone.address), (self.tag.frame, lambda at_s: None),
                 (self.leased.frame, lambda at_s: None)]
        for number, (data, address) in enumerate(turns):
            yield from stay(first_s + number, last_s, data, address, every_s=len(turns), **heard)

    def identities(self):
        """By name, every form of each of her identifiers and keys."""
        leased_key = self.leased.identifier(temporary_at_s=START_S)["temporary_key"]
        octets = {"altbeacon": self.ALTBEACON, "eddystone namespace": self.EDDYSTONE[:10],
                  "eddystone instance": self.EDDYSTONE[10:], "address": self.ADDRESS, "irk": self.phone.irk,
                  "identity key": self.tag.identity_key,
                  "temporary key": bytes.fromhex(leased_key), "day key": self.token.day_key(air.day_of(START_S))}
        return {name: list(forms(one)) for name, one in octets.items()} | \
            {name: list(uuid_forms(one.bytes)) for name, one in (("beacon uuid", self.IBEACON), ("service uuid", self.SERVICE))}

    def words(self):
        return {name: list(forms(word.encode())) for name, word in (self.WORDS | {"pseudonym": self.NAME}).items()}

    def everything(self):
        return self.identities() | self.words()


def variants(value, word):
    """Copies of a JSON value, each with one thing wrong: `word` where something else belongs, or a field too many."""
    yield word
    if isinstance(value, dict):
        yield value | {"surplus": word}
        for key, one in value.items():
            for other in variants(one, word):
                yield value | {key: other}
    if isinstance(value, list):
        yield [*value, word]
        for at, one in enumerate(value):
            for other in variants(one, word):
                yield [*value[:at], other, *value[at + 1 :]]


class Canaries(Scenario):
    def setUp(self):
        super().setUp()
        self.person = Person()
        self.people = self.folder / "people.jsonl"
        others = world.profiles().read_text(encoding="utf-8")
        self.people.write_text(json.dumps(self.person.profile()) + "\n" + others, encoding="utf-8")

    def shop(self, broker_port, last_s, speed):
        """She stands in the entrance, then in the aisle, until `last_s`."""
        middle_s = START_S + last_s / 2
        capture = write_capture(self.folder / "canary.btsnoop", self.person.sends(START_S, middle_s),
                                self.person.sends(middle_s, START_S + last_s, scanner=1))
        return Shop(self.folder / "shop", broker_port, capture, speed)

    def where(self, canaries, contents):
        """(canary, file) of each that was found in any form."""
        return {(name, file) for name, patterns in canaries.items() for file, _ in found(patterns, contents)}

    def test_sealed_they_are_nowhere(self):
        broker = self.broker()
        retailer = self.subscriber(broker)
        shop = self.shop(broker.port, last_s=300, speed=0)
        shop.seal()
        broker.stop()  # what waits lies in the store
        said = [shop.good("profiles", "import", self.people)]
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        self.addCleanup(lambda: resource.setrlimit(resource.RLIMIT_CORE, (soft, hard)))
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))  # whoever starts us may want dumps
        daemon = self.run_daemon(shop).until("capture: ended")
        limits = pathlib.Path(f"/proc/{daemon.process.pid}/limits").read_text(encoding="ascii")
        self.assertRegex(limits, r"(?m)^Max core file size +0 +0 ", "a dump of the memory would hold the key")
        said += [shop.good("status"), shop.good("status", "--json"), shop.good("explain", self.person.NAME)]
        shown = shop.good("profiles", "show", self.person.NAME)
        masked = {name: one for name, one in self.person.identities().items() if name not in self.person.SHARED}
        self.assertEqual(self.where(masked, {self.people: shown.encode()}), set(), "`profiles show`")
        waiting = files(shop.store)
        broker.start()
        retailer.resume()
        world.eventually(lambda: shop.status()["outbox"]["waiting"] == 0, "an empty outbox")
        world.eventually(lambda: any(topic.endswith("/health") for topic, _ in retailer.messages()), "a health message")
        retailer.drain()
        delivered = files(shop.store)
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(), 0)

        hers = [event for event in parsed(retailer.events()) if event["subject"] == self.person.NAME]
        self.assertEqual({event["type"] for event in hers} >= {world.VISIT_STARTED, world.VISIT_ENDED, world.TRIGGER}, True)
        in_hers = self.where(self.person.words(), {self.people: json.dumps(hers).encode()})
        self.assertNotEqual(in_hers, set(), "the search finds")
        others = "\n".join(payload for _, payload in retailer.messages() if f'"subject":"{self.person.NAME}"' not in payload)
        self.assertGreater(len(others), 0)
        (self.folder / "said").write_text("\n".join(said), encoding="utf-8")
        (self.folder / "others").write_text(others, encoding="utf-8")
        spoken = {path: path.read_bytes() for path in (self.folder / "said", self.folder / "others", shop.log_file)}
        for contents in (waiting, delivered, files(shop.store), spoken):
            self.assertEqual(self.where(self.person.everything(), contents), set())
        identities_on_the_wire = self.where(self.person.identities(), {retailer.file: retailer.file.read_bytes()})
        self.assertEqual(identities_on_the_wire, set(), "nobody but the gateway needs her keys")

    def test_a_fault_is_told_without_her_words(self):
        """The log says where, not what; of a field that nobody knows, its name."""
        link = self.broker()
        shop = Shop(self.folder / "shop", link.port, speed=0)
        daemon = self.run_daemon(shop).until("broker: connected")
        faulty = list(variants(self.person.profile(), self.person.WORDS["unwanted"]))
        # One a message: of a message with many faults the log tells the first few.
        messages = [json.dumps({"revision": number, "upserts": [one]}) for number, one in enumerate(faulty, 1)]
        self.wrong_on_purpose.update(messages)
        link.until_subscribed(orchestrator.topic("acme", "bkk-siam-01"))
        orchestrator.publish(messages, link.port, orchestrator.topic("acme", "bkk-siam-01"))
        world.eventually(lambda: shop.status()["revision"] == len(faulty), shop.status)
        refused = shop.status()["counters"]["profiles_refused"]
        self.assertEqual(daemon.log().count("something was left out"), refused)
        self.assertGreater(refused, len(faulty) / 2)
        log = {shop.log_file: shop.log_file.read_bytes()}
        self.assertEqual(self.where(self.person.everything(), log), set())
        self.assertIn("surplus: unknown field", daemon.log())
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(), 0)

    def test_in_clear_they_are_there_until_she_is_erased(self):
        shop = self.shop(1, last_s=300, speed=0)  # no broker: her events wait
        shop.good("profiles", "import", self.people)
        daemon = self.run_daemon(shop).until("capture: ended")
        held = {name for name, _ in self.where(self.person.everything(), files(shop.store))}
        self.assertEqual(held, set(self.person.everything()) - {"unwanted"}, "all but the attribute that nobody asked for")
        shop.good("profiles", "erase", self.person.NAME)
        self.assertEqual(self.where(self.person.everything(), files(shop.store)), set())
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(), 0)
        self.assertEqual(self.where(self.person.everything(), files(shop.store)), set())
        self.assertEqual(self.where(self.person.everything(), {shop.log_file: shop.log_file.read_bytes()}), set())
        self.assertNotIn(self.person.NAME, shop.held())

    def test_erased_while_her_visit_is_being_told(self):
        shop = self.shop(1, last_s=4 * 3600, speed=60)
        shop.good("profiles", "import", self.people)
        daemon = self.run_daemon(shop).until(" runs: ")
        world.eventually(lambda: shop.status()["open_visits"] == 1, "her visit")
        self.assertNotEqual(self.where(self.person.words(), files(shop.store)), set(), "the search finds")
        self.assertIn("erased", shop.good("profiles", "erase", self.person.NAME))
        self.assertNotIn("capture: ended", daemon.log(), "the erasure came too late to say anything")
        self.assertEqual(self.where(self.person.everything(), files(shop.store)), set(), "at once")
        strangers = shop.status()["counters"]["dropped_unknown"]
        world.eventually(lambda: shop.status()["counters"]["dropped_unknown"] > strangers, "that she is heard, and a stranger")
        self.assertEqual(shop.status()["open_visits"], 0)
        daemon.kill()  # no chance to tidy up
        for contents in (files(shop.store), {shop.log_file: shop.log_file.read_bytes()}):
            self.assertEqual(self.where(self.person.everything(), contents), set())


if __name__ == "__main__":
    world.main()
