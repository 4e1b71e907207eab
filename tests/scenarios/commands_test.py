"""The commands of a technician with twenty minutes: what they print, what they answer, and what they leave alone."""

import json
import re
import shutil
import signal
import time

import world
from world import Scenario, Shop

STATUS_TOPIC = "beacon-gateway/v1/acme/bkk-siam-01/gw-1/status"
SOON_S = 5  # what a service manager and a person call at once


def without_log(text):
    """Standard error without the audit lines: they bear the time, and the daemon writes them to its own."""
    return [line for line in text.splitlines() if "[beacon-gateway]" not in line]


def tree(folder):
    """Everything a command could have changed."""
    return {path: (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
            for path in folder.rglob("*")}


class Check(Scenario):
    def setUp(self):
        super().setUp()
        self.shop = Shop(self.folder / "shop")

    def check(self, *options):
        before = tree(self.folder)
        answer = self.shop.ask("check", *options)
        self.assertEqual(tree(self.folder), before, "`check` wrote something")
        return answer

    def test_a_good_configuration(self):
        answer = self.check()
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertIn("The configuration is good", answer.stdout)

    def place(self, file, text):
        """FILE:LINE:COL of `text`, as an editor counts."""
        octets = (self.shop.configuration / file).read_bytes()
        at = octets.index(text)
        lines = octets[:at].split(b"\n")
        return f"{self.shop.configuration / file}:{len(lines)}:{len(lines[-1].decode()) + 1}"

    def test_four_faults_are_four_errors_with_a_place_and_a_hint(self):
        self.shop.edit("gateway.toml", 'id = "aisle"\n', 'id = "aisle"\nenter_dmb = -70\n')
        self.shop.edit("gateway.toml", "[broker]", '[visit]\nends_after = "10 fortnights"\n\n[broker]')
        self.shop.edit("campaigns.d/promotions.toml", 'zones = ["aisle"]\ndwell', 'zones = ["isle"]\ndwell')
        thai = self.shop.configuration / "campaigns.d/welcome.toml"
        letter = "ส".encode()
        thai.write_bytes(thai.read_bytes().replace(letter, letter[:-1], 1))

        faults = [  # place, what must be said, what must be hinted
            (self.place("gateway.toml", b"enter_dmb"), "enter_dmb", "enter_dbm"),
            (self.place("gateway.toml", b'"10 fortnights"'), "10 fortnights", "ms, s, m, h"),
            (self.place("campaigns.d/promotions.toml", b'["isle"]'), "isle", "aisle"),
            (self.place("campaigns.d/welcome.toml", letter[:-1] + "วัส".encode()), "middle of a character", "UTF-8"),
        ]
        answer = self.check()
        self.assertEqual((answer.returncode, answer.stdout), (78, ""))
        told = re.findall(r"^(\S+:\d+:\d+): error: (.*)\n.*\n *\^\nhint: (.*)$", answer.stderr, re.MULTILINE)
        self.assertEqual(len(told), len(faults), answer.stderr)
        self.assertEqual(answer.stderr.count(" error: "), len(faults))
        for (place, text, hint), (told_place, told_text, told_hint) in zip(sorted(faults), sorted(told)):
            self.assertEqual(told_place, place)
            self.assertIn(text, told_text)
            self.assertIn(hint, told_hint)

        lines = [json.loads(line) for line in self.check("--json").stdout.splitlines()]
        self.assertEqual(sum(line.get("severity") == "error" for line in lines), len(faults))
        for command in (["run"], ["replay", world.morning(), "--profiles", world.profiles()], ["status"]):
            answer = self.shop.ask(*command)
            self.assertEqual((answer.returncode, answer.stdout), (78, ""), command)
            self.assertEqual(answer.stderr.count(" error: "), len(faults), command)
        self.assertFalse(self.shop.store.exists())

    def test_no_configuration_at_all(self):
        shutil.rmtree(self.shop.configuration)
        answer = self.check()
        self.assertEqual((answer.returncode, answer.stdout), (78, ""))
        self.assertIn(str(self.shop.configuration), answer.stderr)


class Usage(Scenario):
    def test_wrong_usage_and_help(self):
        shop = Shop(self.folder / "shop")
        for wrong in ([], ["dance"], ["run", "--fast"], ["replay"], ["profiles"], ["profiles", "show"], ["explain"],
                      ["replay", world.morning(), "--timeout", "soon"]):
            with self.subTest(wrong):
                answer = shop.ask(*wrong)
                self.assertEqual((answer.returncode, answer.stdout), (2, ""))
                self.assertNotEqual(answer.stderr, "")
        for good in (["version"], ["--help"], ["replay", "--help"]):
            answer = shop.ask(*good)
            self.assertEqual((answer.returncode, answer.stderr), (0, ""), good)
            self.assertNotEqual(answer.stdout, "", good)
        with self.subTest("names what it does not know"):
            self.assertIn("dance", shop.ask("dance").stderr)

    def test_status_without_a_gateway(self):
        answer = Shop(self.folder / "shop").ask("status")
        self.assertEqual((answer.returncode, answer.stdout), (1, ""))
        self.assertIn("no gateway listens", answer.stderr)


class Profiles(Scenario):
    def conversation(self, shop):
        """What a technician asks, and (status, standard output, standard error) of each."""
        people = [json.loads(line) for line in world.profiles().read_text(encoding="utf-8").splitlines()]
        newer = self.folder / "newer.jsonl"
        newer.write_text(json.dumps(people[0] | {"version": 2, "consents": []}) + "\n", encoding="utf-8")
        nok = "shopper-nok"
        answers = []
        for question in (["list"], ["import", world.profiles(), "--dry-run"], ["list"], ["import", world.profiles()],
                         ["import", world.profiles()], ["list"], ["list", "--json"], ["show", nok], ["show", "nobody"],
                         ["import", newer], ["show", people[0]["shopper_id"]], ["erase", nok], ["erase", nok],
                         ["show", nok], ["import", newer, "--replace"], ["list"]):
            answer = shop.ask("profiles", *question)
            answers.append((question, answer.returncode, answer.stdout, without_log(answer.stderr)))
        return answers

    def test_the_same_answers_from_the_daemon_and_from_the_store(self):
        stopped = self.conversation(Shop(self.folder / "stopped"))
        running_shop = Shop(self.folder / "running")
        daemon = self.run_daemon(running_shop).until("capture: ended")
        for asked_store, asked_daemon in zip(stopped, self.conversation(running_shop)):
            self.assertEqual(asked_store, asked_daemon)
        self.assertIn("audit: user", daemon.log())
        by_question = {tuple(map(str, question)): (status, out) for question, status, out, _ in stopped}
        self.assertEqual(by_question["import", str(world.profiles())][0], 0)
        self.assertEqual(by_question["show", "nobody"], (1, ""))
        self.assertIn("shopper-nok", by_question["list", "--json"][1])
        self.assertNotIn("shopper-nok", stopped[-1][2])

    def test_one_bad_line_and_nothing_is_taken(self):
        lines = world.profiles().read_text(encoding="utf-8").splitlines()
        faults = {2: lines[1][: len(lines[1]) // 2], 4: lines[3].replace('"language"', '"langauge"'), 6: lines[0]}
        bad = self.folder / "bad.jsonl"
        bad.write_text("\n".join(faults.get(number, line) for number, line in enumerate(lines, 1)), encoding="utf-8")
        for daemon_runs in (False, True):
            shop = Shop(self.folder / f"shop {daemon_runs}")
            if daemon_runs:
                self.run_daemon(shop).until(" runs: ")
            answer = shop.ask("profiles", "import", bad)
            self.assertEqual((answer.returncode, answer.stdout), (1, ""))
            places = re.findall(r"^(\S+): error: ", answer.stderr, re.MULTILINE)
            self.assertEqual(places, [f"{bad}:{number}" for number in faults])
            self.assertEqual(shop.good("profiles", "list", "--json"), "")


class Life(Scenario):
    """The daemon's own life: how it ends, and what it says of itself."""

    def setUp(self):
        super().setUp()
        self.link = self.broker()
        self.shop = Shop(self.folder / "shop", self.link.port, speed=1)
        self.shop.take_profiles()

    def runs(self):
        daemon = self.run_daemon(self.shop).until("broker: connected")
        world.eventually(lambda: (self.link.retained(STATUS_TOPIC) or {}).get("online"), "status online")
        return daemon

    def ends_well(self, daemon):
        began = time.monotonic()
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(), 0, daemon.log())
        self.assertLess(time.monotonic() - began, SOON_S)

    def test_a_stop_says_goodbye(self):
        self.ends_well(self.runs())
        self.assertIs(self.link.retained(STATUS_TOPIC)["online"], False)

    def test_a_kill_leaves_the_will(self):
        daemon = self.runs()
        online = self.link.retained(STATUS_TOPIC)
        daemon.kill()
        world.eventually(lambda: not self.link.retained(STATUS_TOPIC)["online"], "status offline")
        self.assertEqual(self.link.retained(STATUS_TOPIC), online | {"online": False})

    def test_a_stop_does_not_wait_for_a_broker_that_hangs(self):
        daemon = self.runs()
        self.link.freeze()
        self.ends_well(daemon)

    def test_works_on_without_a_broker(self):
        self.link.stop()
        self.shop.edit("gateway.toml", "speed = 1\n", "speed = 0\n")
        daemon = self.run_daemon(self.shop).until("capture: ended").until("broker: ")
        status = self.shop.good("status")
        self.assertRegex(status, r"(?m)^broker +mqtt://127\.0\.0\.1:\d+ not connected")
        events = len(self.shop.replay())
        self.assertRegex(status, rf"(?m)^outbox +{events} waiting, {events} recorded")
        self.ends_well(daemon)

    def held_configuration(self):
        return re.search(r"configuration (\w+)", self.shop.good("status")).group(1)

    def test_a_bad_reload_leaves_the_old_configuration_in_force(self):
        daemon = self.runs()
        held = self.held_configuration()
        good = (self.shop.configuration / "gateway.toml").read_text(encoding="utf-8")
        self.shop.edit("gateway.toml", 'next_to = ["aisle"]', 'next_to = ["isle"]')
        daemon.signal(signal.SIGHUP)
        daemon.until("the old configuration stays in force")
        self.assertIn('there is no zone "isle"', daemon.log())
        (self.shop.configuration / "gateway.toml").write_text(good, encoding="utf-8")
        self.assertEqual(self.held_configuration(), held)

        (self.shop.configuration / "gateway.toml").write_text(good + "\n[visit]\nmin_sightings = 4\n", encoding="utf-8")
        daemon.signal(signal.SIGHUP)
        daemon.until("is in force\n")
        self.assertNotEqual(self.held_configuration(), held)
        self.ends_well(daemon)


if __name__ == "__main__":
    world.main()
