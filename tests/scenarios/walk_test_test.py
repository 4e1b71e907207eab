"""`walk-test`: from a walk with a tag, recorded or live, to a calibration that every command takes."""

import json
import random
import re
import shutil
import signal
import subprocess
import unittest

import world
from air import START_S, advertisement, write_capture
from world import Scenario, Shop, eventually, parsed

from shop_morning import on_air, our_ibeacon, profile

TAG = "tag-0099"
FRAME = on_air(our_ibeacon(99))
PLACE_S = 40
# dBm at both scanners of the example's shop, in the order of the walk.
PLACES = {"street": (-88, -97), "entrance": (-62, -82), "aisle": (-81, -60)}
SWING_DB = 3
SPEED = 20  # of the live walk: shop seconds a second
LONG_S = 3600  # three minutes then, which nobody waits for
ENOUGH_S = 15  # heard in a place


def carried(levels, first_s, last_s, rng):
    """The tag as both scanners hear it, twice a second."""
    for number in range(int((last_s - first_s) * 2)):
        for scanner, level in enumerate(levels):
            heard = round(level + rng.uniform(-SWING_DB, SWING_DB))
            yield advertisement(first_s + number / 2, FRAME, scanner=scanner, rssi_dbm=heard)


class Walked(Scenario):
    def setUp(self):
        super().setUp()
        self.people = self.folder / "people.jsonl"
        people = [profile(TAG, our_ibeacon(99), "th", "แท็ก", test=True), profile("mali", our_ibeacon(1), "th", "มะลิ")]
        self.people.write_text("".join(json.dumps(one) + "\n" for one in people), encoding="utf-8")
        self.calibration = self.folder / "shop/configuration/calibration.toml"


class Recorded(Walked):
    def recorded(self):
        """A shop, and the options of a walk through it."""
        rng = random.Random(7)
        begins = {place: START_S + number * PLACE_S for number, place in enumerate(PLACES)}
        walk = [carried(PLACES[place], begin, begin + PLACE_S, rng) for place, begin in begins.items()]
        capture = write_capture(self.folder / "walk.btsnoop", *walk)
        marks = self.folder / "marks.csv"
        marks.write_text("from,zone\n" + "".join(f"{begin:.2f},{place}\n" for place, begin in begins.items()))
        return Shop(self.folder / "shop"), ["--capture", capture, "--marks", marks]

    def test_a_recorded_walk_becomes_a_calibration_that_replay_takes(self):
        shop, walk = self.recorded()
        before = sorted(self.folder.rglob("*"))
        answer = shop.ask("walk-test", *walk, "--profiles", self.people, "--lang", "en", TAG)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertIn("street / entrance: well", answer.stderr)
        self.assertNotIn(TAG, answer.stdout + answer.stderr)
        self.assertEqual(sorted(self.folder.rglob("*")), before, "a file was written")
        self.assertEqual(shop.good("walk-test", TAG, *walk, "--profiles", self.people), answer.stdout)

        self.assertIn("simple mode, no calibration.toml", shop.good("check"))
        self.calibration.write_text(answer.stdout, encoding="utf-8")
        spots = answer.stdout.count("[[spot]]")
        self.assertIn(f"calibrated, {spots} spots", shop.good("check"))
        events = parsed(shop.replay(walk[1], people=self.people))
        self.assertEqual([event["subject"] for event in events if event["type"] == world.VISIT_STARTED], [TAG])

    def test_the_language_is_the_sessions(self):
        shop, walk = self.recorded()
        for environment, word in (({"LANG": "th_TH.UTF-8"}, "ชัดเจน"), ({"LANG": "th_TH.UTF-8", "LC_ALL": "C"}, "well")):
            answer = shop.ask("walk-test", TAG, *walk, "--profiles", self.people, env=environment)
            self.assertIn(word, answer.stderr)

    def test_the_tag_may_come_from_the_store_of_a_gateway_that_is_stopped(self):
        shop, walk = self.recorded()
        self.assertEqual(shop.ask("walk-test", TAG, *walk).returncode, 2)
        self.assertFalse(shop.store.exists())
        shop.good("profiles", "import", self.people)
        shop.good("walk-test", TAG, *walk)
        answer = shop.ask("walk-test", "mali", *walk)
        self.assertEqual((answer.returncode, answer.stdout), (2, ""))
        self.assertIn('"test": true', answer.stderr)
        self.run_daemon(shop).until("runs:")
        answer = shop.ask("walk-test", TAG, *walk)
        self.assertEqual((answer.returncode, answer.stdout), (1, ""))
        self.assertIn("--profiles FILE", answer.stderr)
        shop.good("walk-test", TAG, *walk, "--profiles", self.people)

    def test_a_calibration_comes_into_force_by_reload_and_a_bad_one_does_not(self):
        shop, walk = self.recorded()
        calibration = shop.good("walk-test", TAG, *walk, "--profiles", self.people)
        heard = carried(PLACES["entrance"], START_S, START_S + LONG_S, random.Random(7))
        capture = write_capture(self.folder / "long.btsnoop", heard)
        playing = Shop(self.folder / "playing", capture=capture, speed=SPEED)
        playing.good("profiles", "import", self.people)
        self.run_daemon(playing)
        eventually(lambda: playing.ask("status").returncode == 0 and playing.status()["open_visits"] == 1, "a visit")
        file = playing.configuration / "calibration.toml"
        file.write_text(calibration, encoding="utf-8")
        in_force = playing.good("reload")
        file.write_text(calibration.replace("aisle", "isle"), encoding="utf-8")
        answer = playing.ask("reload")
        self.assertEqual(answer.returncode, 78)
        self.assertIn("did you mean `aisle`?", answer.stderr)
        file.unlink()
        self.assertNotEqual(playing.good("reload"), in_force)
        self.assertEqual(playing.status()["open_visits"], 1)

    def test_status_says_what_was_wrong(self):
        shop, walk = self.recorded()
        people = ["--profiles", self.people]
        self.assertEqual(shop.ask("walk-test").returncode, 2)
        self.assertEqual(shop.ask("walk-test", TAG, *people, *walk[:2]).returncode, 2)
        self.assertEqual(shop.ask("walk-test", TAG, *people, *walk, "--lang", "de").returncode, 2)
        short = self.folder / "short.csv"
        short.write_text(f"from,zone\n{START_S},street\n{START_S + PLACE_S},entrance\n")
        answer = shop.ask("walk-test", TAG, *people, *walk[:2], "--marks", short)
        self.assertEqual((answer.returncode, answer.stdout), (1, ""))
        self.assertIn("aisle", answer.stderr)
        shop.edit("gateway.toml", 'id = "aisle"', 'id = "street"')
        shop.edit("gateway.toml", '"aisle"', '"street"')
        answer = shop.ask("walk-test", TAG, *people, *walk)
        self.assertEqual((answer.returncode, answer.stdout), (78, ""))


@unittest.skipUnless(world.walks() and (world.walks() / "floor-calibration.btsnoop").exists(),
                     "the measured walks are not beside the repository")
class MeasuredWalk(Scenario):
    def test_becomes_a_calibration_by_which_everybody_is_found(self):
        shop = Shop(self.folder / "shop")
        shutil.rmtree(shop.configuration)
        shutil.copytree(world.REPOSITORY / "config/examples/measured-walks", shop.configuration)
        walk, others = world.walks() / "floor-calibration", world.walks() / "floor-1"
        tag = json.loads(walk.with_suffix(".profiles.jsonl").read_text().splitlines()[0])["shopper_id"]
        calibration = shop.good("walk-test", "--capture", walk.with_suffix(".btsnoop"), "--marks",
                                walk.with_suffix(".marks.csv"), "--profiles", walk.with_suffix(".profiles.jsonl"), tag)
        (shop.configuration / "calibration.toml").write_text(calibration, encoding="utf-8")
        started = parsed(shop.replay(others.with_suffix(".btsnoop"), people=others.with_suffix(".profiles.jsonl")),
                         world.VISIT_STARTED)
        truth = json.loads(others.with_suffix(".truth.json").read_text())["walks"]
        visitors = [one["shopper_id"] for one in truth if one["kind"] == "visitor"]
        self.assertCountEqual([event["subject"] for event in started], visitors)


class Live(Walked):
    def setUp(self):
        super().setUp()
        heard = carried((-60, -70), START_S, START_S + LONG_S, random.Random(7))
        capture = write_capture(self.folder / "long.btsnoop", heard)
        self.shop = Shop(self.folder / "shop", capture=capture, speed=SPEED)
        command = [world.BINARY, "--config", self.shop.configuration, "walk-test", TAG, "--profiles", self.people,
                   "--lang", "en"]
        self.out, self.err = self.folder / "out", self.folder / "err"
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.walk = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=err,
                                         preexec_fn=world.die_with_parent)
        self.addCleanup(self.walk.wait)
        self.addCleanup(self.walk.kill)
        self.addCleanup(self.walk.stdin.close)

    def said(self):
        return self.err.read_text(encoding="utf-8")

    def enter(self):
        self.walk.stdin.write(b"\n")
        self.walk.stdin.flush()

    def heard_s(self):
        """The newest count of this place."""
        counts = re.findall(r"(\d+) s heard", self.said().rpartition("Press Enter to begin.")[2])
        return int(counts[-1]) if counts else 0

    def test_guides_through_the_places_and_shows_what_is_heard(self):
        for number, place in enumerate(("Outside", "Zone entrance", "Zone aisle"), 1):
            eventually(lambda: f"{number}/3 {place}" in self.said(), self.said)
            self.enter()
            eventually(lambda: self.heard_s() >= ENOUGH_S, self.said)
            self.enter()
        self.assertEqual(self.walk.wait(world.PATIENCE_S), 0, self.said())
        self.assertRegex(self.said(), r"hci0  -[56]\d  hci1  -[67]\d ")
        self.assertIn("entrance / aisle: hardly", self.said())  # they sound alike in this capture
        self.assertIn("Move the scanners of entrance and aisle further apart", self.said())
        self.calibration.write_bytes(self.out.read_bytes())
        self.assertIn("Presence: calibrated", self.shop.good("check"))

    def assert_given_up(self):
        self.assertEqual(self.walk.wait(world.PATIENCE_S), 1)
        self.assertIn("given up", self.said())
        self.assertEqual(self.out.read_bytes(), b"")

    def test_is_given_up_by_a_signal(self):
        eventually(lambda: "1/3" in self.said(), self.said)
        self.walk.send_signal(signal.SIGINT)
        self.assert_given_up()

    def test_is_given_up_when_nobody_is_at_the_keyboard(self):
        self.walk.stdin.close()
        self.assert_given_up()


if __name__ == "__main__":
    world.main()
