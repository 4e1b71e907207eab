"""`replay`: the same bytes anywhere, right about measured walks, in parts as in one, honest about what it cannot do."""

import os
import shutil
import subprocess
import unittest

import world
from world import Scenario, Shop, cut, ids, parsed, records, unix_seconds

PYTHON = "/usr/bin/python3"  # has jsonschema
VALIDATOR = world.REPOSITORY / "tests/contract/validate_events.py"
SCORER = "tools/score_walks.py"  # beside the walks' folder `data`


class SameBytes(Scenario):
    def test_whatever_the_zone_language_folder_and_copy(self):
        shop = Shop(self.folder / "shop")
        here = shop.replay()
        self.assertGreater(len(here), 0)

        other = Shop(self.folder / "another place")
        elsewhere = self.folder / "captures"
        elsewhere.mkdir()
        shutil.copy(world.morning(), elsewhere / "copy.btsnoop")
        shutil.copy(world.profiles(), elsewhere / "people.jsonl")
        environment = os.environ | {"TZ": "America/St_Johns", "LC_ALL": "th_TH.UTF-8", "HOME": str(elsewhere)}
        there = other.good("replay", "copy.btsnoop", "--profiles", "people.jsonl", cwd=elsewhere, env=environment)
        self.assertEqual(there.splitlines(), here)

    @unittest.skipUnless(shutil.which("faketime"), "the package faketime is not installed")
    def test_whatever_the_clock(self):
        shop = Shop(self.folder / "shop")
        here = shop.replay()
        for date in ("2031-05-05 05:05:05", "2001-01-01 00:00:00"):
            # A preloaded library comes before the address sanitizer's, which is well here.
            environment = os.environ | {"ASAN_OPTIONS": "verify_asan_link_order=0"}
            there = shop.good("replay", world.morning(), "--profiles", world.profiles(), env=environment,
                              before=["faketime", "-f", "@" + date])
            self.assertEqual(there.splitlines(), here, date)

    def test_every_event_is_as_the_contract_says(self):
        events = Shop(self.folder / "shop").replay()
        check = subprocess.run([PYTHON, VALIDATOR, world.REPOSITORY / "config/contract/schemas"],
                               input="\n".join(events), encoding="utf-8", stdout=subprocess.PIPE)
        self.assertEqual((check.returncode, check.stdout), (0, ""))


class RecordedVisit(Scenario):
    """tests/data/recorded-visit, which `record` wrote beside a real bluetoothd; its README says who went where, and when."""

    OPENED = 1795230000  # Saturday 2026-11-21 10:00 in Bangkok

    def test_is_told_as_it_was(self):
        capture = world.REPOSITORY / "tests/data/recorded-visit/visit.btsnoop"
        events = parsed(Shop(self.folder / "shop").replay(capture))
        told = [(event["subject"], event["type"].split(".")[2], event["data"].get("campaign") or event["data"].get("zone"))
                for event in events if event["type"] in (world.VISIT_STARTED, world.TRIGGER, world.VISIT_ENDED)]
        mali, somchai = "shopper-mali", "shopper-somchai"
        self.assertEqual(told, [
            (mali, "visit", "entrance"), (mali, "trigger", "welcome"), (mali, "trigger", "aisle"),
            (somchai, "visit", "entrance"), (somchai, "trigger", "welcome"), (mali, "trigger", "aisle-gold"),
            (somchai, "visit", None), (mali, "visit", None)])
        door_s = {mali: 7, somchai: 55}  # since she, or he, stood there
        for event in events:
            if event["type"] == world.VISIT_STARTED:
                late = unix_seconds(event["time"]) - self.OPENED - door_s[event["subject"]]
                self.assertTrue(0 <= late <= 10, f"{event['subject']}: {late:.1f} s after the door")


@unittest.skipUnless(world.walks(), "the measured walks are not beside the repository")
class MeasuredWalks(Scenario):
    LATEST_P95_S = 15.0

    def figures(self, walk):
        """The scorer's, by name: the first number of each line, and of delays the 95th percentile."""
        command = [world.BINARY, "--config", world.REPOSITORY / "config/examples/measured-walks", "replay",
                   world.walks() / f"{walk}.btsnoop", "--profiles", world.walks() / f"{walk}.profiles.jsonl"]
        events = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        scorer = world.walks().parents[1] / SCORER
        answer = subprocess.run([PYTHON, scorer, world.walks() / f"{walk}.truth.json"], input=events.stdout, check=True,
                                stdout=subprocess.PIPE).stdout.decode()
        print(f"\n{walk}: " + answer.strip().replace("\n", "; "))
        lines = [line.split() for line in answer.splitlines()]
        return {words[0]: float(words[words.index("p95") + 1 if "p95" in words else 1]) for words in lines}

    def test_who_comes_is_found_once_and_who_passes_is_not(self):
        for walk in ("floor-1", "floor-2"):
            with self.subTest(walk):
                figures = self.figures(walk)
                self.assertEqual(figures["visits_found"], 1.0)
                self.assertEqual(figures["passers_announced"], 0.0)
                self.assertEqual(figures["split_visits"], 0)
                self.assertEqual(figures["ends_missing"], 0)
                self.assertLessEqual(figures["start_delay_s"], self.LATEST_P95_S)


class Parts(Scenario):
    WITHIN_A_VISIT_S = 20.0  # after its start: everybody stays longer

    def setUp(self):
        super().setUp()
        self.shop = Shop(self.folder / "shop")

    def replay_with(self, store, capture):
        return self.shop.good("replay", capture, "--profiles", world.profiles(), "--store", self.folder / store)

    def test_two_halves_with_a_store_give_what_the_whole_gives(self):
        whole = self.replay_with("whole", world.morning())
        starts = [unix_seconds(event["time"]) for event in parsed(whole.splitlines(), world.VISIT_STARTED)]
        for number in (0, len(starts) // 2, len(starts) - 1):
            middle = starts[number] + self.WITHIN_A_VISIT_S
            first = cut(world.morning(), self.folder / "first.btsnoop", end_s=middle)
            second = cut(world.morning(), self.folder / "second.btsnoop", first_s=middle)
            with self.subTest(visit=number):
                store = f"halves {number}"
                halves = self.replay_with(store, first).splitlines() + self.replay_with(store, second).splitlines()
                self.assertEqual(ids(halves), ids(whole.splitlines()))
                self.assertEqual(halves, whole.splitlines())
                self.assertEqual(self.replay_with(store, first), "", "what the store holds was printed again")

    def test_open_visits_stay_open_in_a_store_and_end_without(self):
        middle = unix_seconds(parsed(self.shop.replay(), world.VISIT_STARTED)[-1]["time"]) + self.WITHIN_A_VISIT_S
        half = cut(world.morning(), self.folder / "half.btsnoop", end_s=middle)
        kept = self.replay_with("store", half).splitlines()
        ended = self.shop.replay(half)
        self.assertEqual(ended[: len(kept)], kept)
        self.assertEqual(len(parsed(ended, world.VISIT_STARTED)), len(parsed(ended, world.VISIT_ENDED)))
        self.assertLess(len(parsed(kept, world.VISIT_ENDED)), len(parsed(kept, world.VISIT_STARTED)))

    def test_a_damaged_capture_is_played_up_to_the_damage(self):
        octets = world.morning().read_bytes()
        damaged = self.folder / "damaged.btsnoop"
        for length in (len(octets) // 2, 7):
            with self.subTest(length):
                damaged.write_bytes(octets[:length])
                answer = self.shop.ask("replay", damaged, "--profiles", world.profiles())
                self.assertEqual(answer.returncode, 1)
                self.assertIn(str(damaged), answer.stderr)
                if length < world.BTSNOOP_HEADER:
                    self.assertEqual(answer.stdout, "")
                    continue
                before = world.BTSNOOP_HEADER  # of the record that is cut
                for _, _, record in records(world.morning()):
                    if before + len(record) > length:
                        break
                    before += len(record)
                self.assertIn(f"octet {before}", answer.stderr)
                self.assertGreater(len(parsed(answer.stdout.splitlines(), world.TRIGGER)), 0)

    def test_nobody_to_look_for_is_wrong_usage(self):
        self.assertEqual(self.shop.ask("replay", world.morning()).returncode, 2)
        answer = self.shop.ask("replay", world.morning(), "--store", self.folder / "empty")
        self.assertEqual((answer.returncode, answer.stdout), (2, ""))
        self.assertIn("--profiles", answer.stderr)


class Publish(Scenario):
    def test_sends_as_another_client_and_says_that_it_is_a_replay(self):
        broker = self.broker()
        subscriber = self.subscriber(broker)
        shop = Shop(self.folder / "shop", broker.port)
        expected = shop.replay()
        printed = shop.good("replay", world.morning(), "--profiles", world.profiles(), "--publish").splitlines()
        subscriber.drain()
        self.assertEqual(subscriber.events(), printed)
        self.assertEqual(ids(printed), ids(expected))
        self.assertTrue(all(event["replayed"] is True for event in parsed(printed)))
        self.assertIn(" as acme.bkk-siam-01.gw-1-replay ", broker.log())
        self.assertNotIn(" as acme.bkk-siam-01.gw-1 ", broker.log())
        topics = {topic for topic, _ in subscriber.messages() if world.EVENTS not in topic}
        self.assertEqual(topics, {"barrier"}, "a replay speaks for no gateway's state")

    def test_a_real_broker_wants_a_yes(self):
        shop = Shop(self.folder / "shop")
        shop.edit("gateway.toml", "mqtt://127.0.0.1:1", "mqtts://broker.invalid:8883")
        shop.edit("gateway.toml", "allow_unsigned = true", "")
        answer = shop.ask("replay", world.morning(), "--profiles", world.profiles(), "--publish")
        self.assertEqual((answer.returncode, answer.stdout), (1, ""))
        self.assertIn("--yes-to-real-broker", answer.stderr)

    def test_says_so_when_nobody_takes_it(self):
        shop = Shop(self.folder / "shop", world.free_port())
        answer = shop.ask("replay", world.morning(), "--profiles", world.profiles(), "--publish", "--timeout", "1s")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("not delivered", answer.stderr)


if __name__ == "__main__":
    world.main()
