#!/usr/bin/python3
"""Simulate shops by radio: captures, profiles and the truth, in the form of the measured walks.

usage: simulator.py OUT_DIR [--seeds N | --seed K ...] [--loss 0.1] [--dead-scanner]

OUT_DIR/shop-NN/  gateway.toml                       scanners, zones and doors; thresholds by thresholds.py
                  shop-NN.{btsnoop,profiles.jsonl,truth.json}
                  shop-NN-calibration.{btsnoop,profiles.jsonl,truth.json,marks.csv}

The same seed gives the same bytes. --loss loses that share of all packets besides; --dead-scanner silences one scanner
for a quarter of the time, in a few stretches. Faults take away from the same morning: people, ways and radio stay as they
are. The calibration walk was recorded on another day and has no faults.

What is assumed: plans.py (shops), people.py (ways), radio.py (the channel), and here the senders and the scanners.
"""
import argparse
import json
import math
import multiprocessing
import pathlib
import random
import struct
import sys

import captures
import people
import plans
import radio
import shop_morning  # captures.py knows where it is
import thresholds

SEEDS = 21  # three of each kind of shop
MORNING_S, LAST_ARRIVAL_S = 1080, 780
VISITORS, PASSERS, STRANGERS = 15, 15, 20

# Senders: advInterval plus advDelay of 0 to 10 ms (Core 5.4, Vol 6 Part B, 4.4.2.2). They send as the people of the
# measured walks do (101 of them, by the gaps between their packets: 34, 20 and 47). Slow senders, for a row of their own:
# tags that save their battery, and phones that send a few packets and sleep.
INTERVALS_S, INTERVAL_WEIGHTS = (0.3, 0.5, 1.0), (34, 20, 47)
SLOW_INTERVALS_S, SLOW_INTERVAL_WEIGHTS = (1.3, 2.0), (8, 5)
ADV_DELAY_S = 0.01
TAG_INTERVAL_S = 0.3
SLOW_BURST_SENDERS, BURST_PACKETS, BURST_INTERVAL_S, BURST_SILENCE_S = 0.33, (2, 3), 0.1, (2.0, 5.0)
ADDRESS_CHANGERS, ADDRESS_CHANGES_S = 0.7, (40, 300)

# Scanners: each advertising event is on all three channels within some milliseconds; a scanner listens to one at a time.
SCAN_INTERVAL_S = 0.01125  # BlueZ's discovery
HEARD_LATE_S = 0.003  # between reception and the record, different for each scanner
RSSI_UNAVAILABLE_SHARE = 0.002
PAUSE_EVERY_S, PAUSE_S = 180, (2, 6)
CLOCK_STEPS_BACK_SHARE, CLOCK_STEP_S = 0.004, (0.001, 0.008)

DEAD_SHARE, DEAD_STRETCHES = 0.25, 3


class Sender:
    def __init__(self, rng, data, trace, interval_s=None, slow=False):
        self.rng, self.data, self.trace = rng, data, trace
        self.offset = rng.gauss(0, radio.PHONE_OFFSET_DB)
        intervals = (SLOW_INTERVALS_S, SLOW_INTERVAL_WEIGHTS) if slow else (INTERVALS_S, INTERVAL_WEIGHTS)
        self.interval = interval_s or rng.choices(*intervals)[0]
        self.bursts = rng.random() < SLOW_BURST_SENDERS and slow
        self.changes_address = rng.random() < ADDRESS_CHANGERS

    def instants(self):
        now = self.trace.start + self.rng.uniform(0, self.interval)
        while now < self.trace.end:
            if not self.bursts:
                yield now
                now += self.interval + self.rng.uniform(0, ADV_DELAY_S)
                continue
            for _ in range(self.rng.randint(*BURST_PACKETS)):
                yield now
                now += BURST_INTERVAL_S + self.rng.uniform(0, ADV_DELAY_S)
            now += self.rng.uniform(*BURST_SILENCE_S)

    def heard(self, air, pauses):
        """(second, scanner, octets) of every packet received."""
        rng = self.rng
        levels = list(air.levels(rng, self.trace, self.offset))
        fading = [radio.Fading(rng) for _ in levels]
        phases = [rng.random() * 3 for _ in levels]
        address, changes = None, -math.inf
        for now in self.instants():
            if now >= changes:
                address = shop_morning.random_address(rng, 0b01)
                changes = now + rng.uniform(*ADDRESS_CHANGES_S) if self.changes_address else math.inf
            step = min(int((now - self.trace.start) / people.STEP_S), len(self.trace.places) - 1)
            for scanner, along in enumerate(levels):
                level, k = along[step]
                if level < air.sensitivity - radio.HOPELESS_DB or rng.random() < air.collisions:
                    continue
                if any(begin <= now < end for begin, end in pauses[scanner]):
                    continue
                channel = int(now / SCAN_INTERVAL_S + phases[scanner]) % 3
                level += fading[scanner].db(channel, k, now, self.trace.walked[step])
                if radio.lost(rng, level, air.sensitivity):
                    continue
                rssi = captures.RSSI_UNAVAILABLE if rng.random() < RSSI_UNAVAILABLE_SHARE else round(level)
                yield now + rng.uniform(0, HEARD_LATE_S), scanner, captures.report_octets(address, self.data, rssi)


# Truth.
def truth_of(plan, trace, shopper_id, kind):
    """As score_walks.py wants it; `carrying` is ours."""
    entered = left = None
    zones = []
    for n, (x, y) in enumerate(trace.places):
        second = captures.START_S + trace.start + n * people.STEP_S
        if n and (y >= 0) != (trace.places[n - 1][1] >= 0):
            before = trace.places[n - 1][1]
            crossed = second - people.STEP_S * abs(y) / max(1e-9, abs(y - before))
            if y >= 0 and entered is None:
                entered = round(crossed, 2)
            elif y < 0:
                left = round(crossed, 2)
        zone = plan.zone(x, y) if y >= 0 else "street"
        if not zones or zones[-1][1] != zone:
            zones.append([entered if zone != "street" and zones and zones[-1][1] == "street" else round(second, 2), zone])
    return {"shopper_id": shopper_id, "kind": kind, "appears": round(captures.START_S + trace.start, 2),
            "entered": entered, "left": left, "vanishes": round(captures.START_S + trace.end, 2), "zones": zones,
            "carrying": trace.carrying[0]}


# Files.
def write_walk(folder, name, plan, walks, reports, pressed=None):
    captures.write_capture(folder / f"{name}.btsnoop", len(plan.scanners), reports)
    with open(folder / f"{name}.profiles.jsonl", "w", encoding="utf-8") as profiles:
        for walk in walks:
            identifier = shop_morning.our_ibeacon(int(walk["shopper_id"].rsplit("-", 1)[1]))
            profiles.write(json.dumps(shop_morning.profile(walk["shopper_id"], identifier, "th", "-")) + "\n")
    truth = {"scanners": [{"adapter": f"hci{n}", "zone": s[2]} for n, s in enumerate(plan.scanners)],
             "door": "visit starts when the walker crosses the door line", "shop": plan.kind, "walks": walks}
    (folder / f"{name}.truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    if pressed:
        lines = "".join(f"{second:.2f},{zone}\n" for second, zone in pressed)
        (folder / f"{name}.marks.csv").write_text("from,zone\n" + lines, encoding="utf-8")


def write_configuration(folder, name, plan, lines):
    text = f'# Simulated shop {name}: {plan.kind}.\n\n[gateway]\ntenant = "acme"\nstore = "{name}"\nid = "gw-1"\n'
    for index, (_, _, zone) in enumerate(plan.scanners):
        text += f'\n[[scanner]]\ndriver = "capture"\nadapter = "hci{index}"\nzone = "{zone}"\n'
    for zone in plan.zones:
        enter, leave = lines[zone]
        text += f'\n[[zone]]\nid = "{zone}"\n' + ("entrance = true\n" if zone in plan.entrances else "")
        text += f"enter_dbm = {enter}\nexit_dbm = {leave}\nnext_to = {json.dumps(plan.next_to[zone])}\n"
    text += f'\n[identity]\nibeacon_uuids = ["{shop_morning.OUR_UUID}"]\n'
    text += '\n[store]\ndirectory = "store"\nsealed = false # every scanner is a capture\n'
    (folder / "gateway.toml").write_text(text, encoding="utf-8")


def marks_of(rng, walk):
    """The technician presses the key about when she steps into the next zone; one that she only crosses gets no time."""
    changes = walk["zones"] + [[walk["vanishes"], None]]
    kept = [zone for n, zone in enumerate(walk["zones"]) if n == 0 or changes[n + 1][0] - zone[0] > 3]
    kept = [one for n, one in enumerate(kept) if n == 0 or one[1] != kept[n - 1][1]]
    return [(at if n == 0 else at + rng.uniform(0, people.MARK_ERROR_S), zone) for n, (at, zone) in enumerate(kept)]


def draw_pauses(rng, scanners):
    pauses = []
    for _ in range(scanners):
        now, mine = rng.expovariate(1 / PAUSE_EVERY_S), []
        while now < MORNING_S:
            mine.append((now, now + rng.uniform(*PAUSE_S)))
            now = mine[-1][1] + rng.expovariate(1 / PAUSE_EVERY_S)
        pauses.append(mine)
    return pauses


def wobbly_clock(rng, reports, scanner):
    """One scanner's records step back by some milliseconds now and then; the order of the file stays."""
    for second, heard_by, octets in reports:
        if heard_by == scanner and rng.random() < CLOCK_STEPS_BACK_SHARE:
            second -= rng.uniform(*CLOCK_STEP_S)
        yield second, heard_by, octets


def with_faults(seed, scanners, reports, loss, dead_scanner):
    rng = random.Random(f"faults {seed}")
    dead, stretches = rng.randrange(scanners), []
    each = MORNING_S * DEAD_SHARE / DEAD_STRETCHES
    for n in range(DEAD_STRETCHES):
        begin = MORNING_S / DEAD_STRETCHES * n + rng.uniform(0, MORNING_S / DEAD_STRETCHES - each)
        stretches.append((begin, begin + each))
    for report in reports:
        silent = dead_scanner and report[1] == dead and any(begin <= report[0] < end for begin, end in stretches)
        if rng.random() >= loss and not silent:
            yield report


class Shop:
    """One seed: the plan, the morning and the calibration walk, ready to be written. With slow senders the same people
    walk the same ways."""

    def __init__(self, seed, slow_senders=False):
        self.seed, self.name, self.slow_senders = seed, f"shop-{seed:02d}", slow_senders
        rng = random.Random(f"shop {seed}")
        self.plan = plans.draw_plan(seed, rng)
        self.air = radio.Air(rng, self.plan, people.STREET_MARGIN_M + 1, people.STREET_FAR_M - 1)
        self.rng = rng
        self.wobbly = rng.randrange(len(self.plan.scanners))
        self.walks, self.reports = self._morning()
        self.calibration, self.calibration_reports, self.marks = self._calibration()

    def _morning(self):
        rng, plan = self.rng, self.plan
        pauses = draw_pauses(rng, len(plan.scanners))
        kinds = ["visitor"] * VISITORS + ["passer"] * PASSERS
        rng.shuffle(kinds)
        walks, reports = [], []
        for number, kind in enumerate(kinds, 1):
            one = random.Random(rng.getrandbits(64))
            way = people.visitor if kind == "visitor" else people.passer
            carrying = one.choice(sorted(radio.CARRYING))
            trace = way(one, plan, one.uniform(0, LAST_ARRIVAL_S), carrying)
            data = shop_morning.ibeacon(shop_morning.OUR_UUID, 100, number)
            reports += Sender(one, data, trace, slow=self.slow_senders).heard(self.air, pauses)
            walks.append(truth_of(plan, trace, f"shopper-{number:04d}", kind))
        for _ in range(STRANGERS):
            one = random.Random(rng.getrandbits(64))
            way = people.visitor if one.random() < 0.4 else people.passer
            trace = way(one, plan, one.uniform(0, LAST_ARRIVAL_S), one.choice(sorted(radio.CARRYING)))
            data = shop_morning.FLAGS + shop_morning.structure(0xFF, struct.pack("<H", 0x004C) + one.randbytes(12))
            if one.random() < 0.5:
                unknown = "%08x-0000-4000-8000-%012x" % (one.getrandbits(32), one.getrandbits(48))
                data = shop_morning.ibeacon(unknown, one.getrandbits(16), one.getrandbits(16))
            reports += Sender(one, data, trace).heard(self.air, pauses)
        return walks, sorted(reports, key=lambda report: report[:2])

    def _calibration(self):
        rng, plan = random.Random(f"calibration {self.seed}"), self.plan
        trace = people.technician(rng, plan, 5.0)
        data = shop_morning.ibeacon(shop_morning.OUR_UUID, 100, 1)
        sender = Sender(rng, data, trace, TAG_INTERVAL_S)
        sender.changes_address, sender.offset = False, 0.0  # people's phones are louder or fainter than it
        reports = sorted(sender.heard(self.air, [[] for _ in plan.scanners]), key=lambda report: report[:2])
        walk = truth_of(plan, trace, "shopper-0001", "calibration")
        return walk, reports, marks_of(rng, walk)

    def write(self, folder, loss=0.0, dead_scanner=False):
        folder.mkdir(parents=True, exist_ok=True)
        plan, calibration = self.plan, f"{self.name}-calibration"
        heard = with_faults(self.seed, len(plan.scanners), self.reports, loss, dead_scanner)
        clock = random.Random(f"clock {self.seed}")
        write_walk(folder, self.name, plan, self.walks, wobbly_clock(clock, heard, self.wobbly))
        write_walk(folder, calibration, plan, [self.calibration], self.calibration_reports, self.marks)
        measured = captures.sightings(folder / f"{calibration}.btsnoop", folder / f"{calibration}.profiles.jsonl")
        zones = [zone for _, _, zone in plan.scanners]
        write_configuration(folder, self.name, plan, thresholds.simple_mode(zones, plan.entrances, self.marks, measured))


def simulate(task):
    seed, out, loss, dead_scanner = task
    shop = Shop(seed)
    shop.write(out / shop.name, loss, dead_scanner)
    return shop.name, shop.plan.kind, len(shop.reports)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out_dir", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="so many shops, from seed 1")
    parser.add_argument("--seed", type=int, nargs="+", help="only these")
    parser.add_argument("--loss", type=float, default=0.0)
    parser.add_argument("--dead-scanner", action="store_true")
    arguments = parser.parse_args()
    seeds = arguments.seed or range(1, arguments.seeds + 1)
    tasks = [(seed, arguments.out_dir, arguments.loss, arguments.dead_scanner) for seed in seeds]
    with multiprocessing.Pool() as pool:
        for done, (name, kind, reports) in enumerate(pool.imap_unordered(simulate, tasks), 1):
            print(f"[{done}/{len(tasks)}] {name} ({kind}): {reports} reports", file=sys.stderr)


if __name__ == "__main__":
    main()
