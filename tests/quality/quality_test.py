"""The judges judged: figures, thresholds, peers' rules and the simulator's own promises."""
import itertools
import math
import pathlib
import tempfile
import unittest

import captures
import channel
import peers
import people
import radio
import scores
import simulator
import thresholds

VISITOR = {"shopper_id": "v", "entered": 100.0, "left": 200.0, "vanishes": 210.0,
           "zones": [[90.0, "street"], [100.0, "entrance"], [150.0, "back"], [200.0, "street"]]}
PASSER = {"shopper_id": "p", "entered": None, "left": None, "vanishes": 130.0, "zones": [[90.0, "street"]]}
LEFT_OPEN = {**VISITOR, "shopper_id": "open", "left": None}


def perfect():
    events = scores.Events()
    events.started["v"], events.ended["v"] = [100.0], [200.0]
    events.zones["v"] = [(100.0, "entrance"), (150.0, "back")]
    return events


def figures(events, *walks):
    return scores.Tally().count(walks or (VISITOR, PASSER), events).figures()


PERFECT = {"visits_found": 1, "early": 0, "split": 0, "passers": 0, "delay_median": 0, "delay_p95": 0, "ends_missing": 0,
           "end_median": 0, "end_p95": 0, "zone_accuracy": 1}


class Figures(unittest.TestCase):
    def changed(self, events):
        """The figures that are no longer perfect."""
        return {name: value for name, value in figures(events).items() if value != PERFECT[name]}

    def test_a_perfect_list_scores_perfectly(self):
        self.assertEqual(figures(perfect()), PERFECT)

    def test_a_visit_that_nobody_announced(self):
        missed = figures(scores.Events())
        self.assertEqual((missed["visits_found"], missed["zone_accuracy"]), (0, 0))

    def test_an_early_announcement(self):
        events = perfect()
        events.started["v"] = [97.9]
        self.assertEqual((figures(events)["early"], figures(events)["visits_found"]), (1, 0))
        events.started["v"] = [98.1]
        self.assertEqual((figures(events)["early"], figures(events)["visits_found"]), (0, 1))

    def test_a_late_start(self):
        events = perfect()
        events.started["v"] = [105.0]
        self.assertEqual(self.changed(events), {"delay_median": 5, "delay_p95": 5})

    def test_a_split_visit(self):
        events = perfect()
        events.started["v"], events.ended["v"] = [100.0, 160.0], [140.0, 200.0]
        self.assertEqual(self.changed(events), {"split": 1})

    def test_a_passer_by_announced(self):
        events = perfect()
        events.started["p"] = [110.0]
        self.assertEqual(self.changed(events), {"passers": 1})

    def test_a_missing_end(self):
        events = perfect()
        del events.ended["v"]
        self.assertEqual(figures(events)["ends_missing"], 1)

    def test_a_wrong_end(self):
        events = perfect()
        events.ended["v"] = [188.0]
        self.assertEqual(self.changed(events), {"end_median": 12, "end_p95": 12})

    def test_a_wrong_zone(self):
        events = perfect()
        events.zones["v"] = [(100.0, "entrance"), (175.0, "back")]
        self.assertEqual(self.changed(events), {"zone_accuracy": 0.75})

    def test_who_never_left_counts_until_vanishing(self):
        events = scores.Events()
        events.started["open"], events.ended["open"] = [205.0], [210.0]
        self.assertEqual(figures(events, LEFT_OPEN)["visits_found"], 1)

    def test_tallies_pool_people(self):
        both = scores.Tally().count((VISITOR, PASSER), perfect())
        both += scores.Tally().count((VISITOR, PASSER), scores.Events())
        self.assertEqual((both.visitors, both.figures()["visits_found"]), (2, 0.5))

    def test_events_of_the_gateway(self):
        lines = ['{"type":"com.beacongateway.visit.started.v1","subject":"v","time":"1970-01-01T00:01:40.000Z",'
                 '"data":{}}',
                 '{"type":"com.beacongateway.zone.entered.v1","subject":"v","time":"1970-01-01T00:01:40.000Z",'
                 '"data":{"zone":"entrance"}}', "",
                 '{"type":"com.beacongateway.visit.ended.v1","subject":"v","time":"1970-01-01T00:13:20.000Z",'
                 '"data":{"left_at":"1970-01-01T00:03:20.000Z"}}']
        events = scores.from_gateway(lines)
        self.assertEqual((events.started["v"], events.ended["v"], events.zones["v"]), ([100], [200], [(100, "entrance")]))


class Rules(unittest.TestCase):
    def test_the_line_lies_between_street_and_inside(self):
        self.assertTrue(-90 < thresholds.doorstep([-70] * 10, [-90] * 10) < -70)

    def test_the_line_is_never_on_the_streets_side(self):
        self.assertGreaterEqual(thresholds.doorstep([-80] * 10, [-90] * 9 + [-60]), -60)

    def visits(self, rule, line, *sightings):
        heard = [(at, on, "v", rssi, -59) for at, on, rssi in sightings]
        events = peers.events_of(rule, line, ["entrance", "back"], heard)
        return events.started["v"], events.ended["v"], events.zones["v"]

    def test_the_first_packet_starts_a_visit_and_silence_ends_it(self):
        heard = self.visits(peers.FirstPacket, -100, (0, 0, -99), (5, 1, -80), (700, 0, -90))
        self.assertEqual(heard, ([0, 700], [5, 700], [(0, "entrance"), (5, "back"), (700, "entrance")]))

    def test_a_weak_sender_stays_outside(self):
        weak = [(n, 0, -90) for n in range(30)]
        for name, rule in peers.RULES.items():
            if not rule.always_near:
                near, _ = rule().heard(0, 0, -60, -59)
                self.assertEqual(self.visits(rule, near - 10, *weak)[0], [], name)

    def test_a_strong_sender_comes_in_and_moves_on(self):
        walk = [(n, 0, -60) for n in range(30)] + [(30 + n, 1, -60) for n in range(30)]
        for name, rule in peers.RULES.items():
            near, _ = rule().heard(0, 0, -65, -59)
            started, ended, zones = self.visits(rule, near, *walk)
            self.assertEqual((len(started), len(ended), [zone for _, zone in zones]), (1, 1, ["entrance", "back"]), name)

    def test_the_deadband_holds_the_owner(self):
        rule = peers.StrongestWithDeadband()
        rule.heard(0, 0, -80, -59)
        self.assertEqual(rule.heard(1, 1, -65, -59)[1], 0)
        self.assertEqual(rule.heard(2, 1, -20, -59)[1], 1)


class Simulation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = simulator.Shop(2)
        cls.folder = tempfile.TemporaryDirectory()
        cls.out = pathlib.Path(cls.folder.name)
        cls.shop.write(cls.out / "clean")
        cls.shop.write(cls.out / "faults", loss=0.1, dead_scanner=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def sightings(self, kind):
        return list(captures.sightings(self.out / kind / "shop-02.btsnoop", self.out / kind / "shop-02.profiles.jsonl"))

    def test_a_seed_says_it_all(self):
        simulator.Shop(2).write(self.out / "again")
        for file in (self.out / "clean").iterdir():
            self.assertEqual(file.read_bytes(), (self.out / "again" / file.name).read_bytes(), file.name)

    def test_visitors_cross_the_door_and_passers_by_do_not(self):
        for walk in self.shop.walks:
            inside = [zone for _, zone in walk["zones"] if zone != "street"]
            self.assertEqual(bool(inside), walk["kind"] == "visitor")
            if inside:
                self.assertTrue(walk["appears"] < walk["entered"] < walk["left"] < walk["vanishes"])
                self.assertEqual((walk["zones"][0][1], walk["zones"][-1][1]), ("street", "street"))
            else:
                self.assertIsNone(walk["entered"])

    def test_the_channel_compares_each_sighting_with_the_next_one_about_so_much_later(self):
        stay = [(0.0, -70), (0.5, -71), (1.0, -73), (3.0, -90)]
        self.assertEqual(list(channel.differences(stay, 1.0)), [-3])  # nothing is 0.9 to 1.2 s after the others

    def test_a_body_takes_the_direct_ray_and_leaves_the_scattered_ones(self):
        plan, air = self.shop.plan, simulator.Shop(2).air
        air.crowd = 0  # nobody else in the way
        x, y, _ = plan.scanners[0]
        for how in ("hand", "back-pocket"):
            towards, away = (people.Trace(0, [(0, (x, y + 3), facing), (1, (x, y + 3), facing)], [(0, how)])
                             for facing in (-1.57, 1.57))
            levels = [next(air.levels(simulator.random.Random(1), trace, 0.0))[2][0] for trace in (towards, away)]
            scattered_db = 10 * math.log10(1 + 10 ** (radio.RICIAN_K_DB / 10))
            self.assertTrue(4 < abs(levels[0] - levels[1]) < scattered_db, (how, levels))

    def test_nobody_walks_through_walls(self):
        for seed in (1, 3, 4, 5, 6, 7):
            rng = simulator.random.Random(seed)
            plan = simulator.plans.draw_plan(seed, rng)
            walks = [people.visitor(rng, plan, 0, "hand") for _ in range(10)]
            steps = [step for walk in walks for step in zip(walk.places, walk.places[1:])]
            for (a, b), line in itertools.product(steps, plan.lines):
                if simulator.plans.crosses(*a, *b, *line[:4]):  # a corner is cut at the end of a shelf or a wall
                    self.assertLess(min(math.dist(a, line[:2]), math.dist(a, line[2:4])), 0.3, plan.kind)

    def test_every_zone_has_room_to_stand_and_a_neighbour(self):
        for seed in range(1, simulator.SEEDS + 1):
            plan = simulator.plans.draw_plan(seed, simulator.random.Random(seed))
            for zone in plan.zones:
                self.assertTrue(plan.spots[zone] and plan.next_to[zone], f"{plan.kind} {zone}")

    def test_the_own_scanner_is_the_strongest_on_average(self):
        sums = {}
        truth = {walk["shopper_id"]: walk["zones"] for walk in self.shop.walks}
        for second, scanner, who, rssi, _ in self.sightings("clean"):
            sums.setdefault((thresholds.zone_at(truth[who], second), scanner), []).append(rssi)
        means = {key: sum(values) / len(values) for key, values in sums.items()}
        self.assertGreater(means["entrance", 0], means["entrance", 1] + 3)
        self.assertGreater(means["entrance", 0], means["street", 0] + 3)

    def test_faults_only_take_away(self):
        clean, faults = self.sightings("clean"), self.sightings("faults")
        self.assertTrue(0.6 * len(clean) < len(faults) < 0.9 * len(clean))
        self.assertLessEqual({one[2:4] for one in faults}, {one[2:4] for one in clean})
        name = "shop-02-calibration.btsnoop"
        self.assertEqual((self.out / "clean" / name).read_bytes(), (self.out / "faults" / name).read_bytes())

    def test_marks_follow_the_technician(self):
        marks = captures.read_marks(self.out / "clean/shop-02-calibration.marks.csv")
        self.assertEqual([zone for _, zone in marks], ["street", "entrance", "counter"])
        self.assertGreater(min(b[0] - a[0] for a, b in zip(marks, marks[1:])), 25)


if __name__ == "__main__":
    unittest.main()
