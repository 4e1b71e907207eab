#!/usr/bin/python3
"""How the simulator's channel compares with that of the measured walks, whose phones nobody carried.

usage: channel.py [--data DIR] [--seeds N] [--as-carried]

Prints for the measured walks, and for the simulator with nobody's body, phone or crowd in the way (--as-carried: with
them):
  fading    the deviation of one sighting from another of the same scanner about 1, 3 and 10 s later, while she stands
            (/ sqrt 2)
  contrast  own scanner minus the loudest of another zone while she stands: 10th percentile, quarter, median
With this the parameters of radio.py were chosen; no filter's score is in it.
"""
import argparse
import collections
import math
import pathlib
import statistics
import tempfile

import captures
import radio
import simulator
from scores import percentile

MEASURED = ("floor-1", "floor-2")
LAGS_S, SETTLED_S, FEWEST, UNHEARD_DBM = (1.1, 3, 10), 8, 6, -100
NOBODY = {"CARRYING": {name: (0.0, 0.0, 0.0) for name in radio.CARRYING}, "PHONE_OFFSET_DB": 1e-6,
          "CROWD_PER_M2": (0.0, 1e-6)}


class Channel:
    def __init__(self):
        self.contrast, self.lags = [], collections.defaultdict(list)

    def add(self, folder, name):
        truth = captures.read_truth(folder / f"{name}.truth.json")
        zones = [scanner["zone"] for scanner in truth["scanners"]]
        heard = collections.defaultdict(lambda: collections.defaultdict(list))
        capture, profiles = folder / f"{name}.btsnoop", folder / f"{name}.profiles.jsonl"
        for second, scanner, who, rssi, _ in captures.sightings(capture, profiles):
            heard[who][scanner].append((second, rssi))
        for walk in truth["walks"]:
            if walk["entered"]:
                self._stays(walk, heard[walk["shopper_id"]], zones)

    def _stays(self, walk, mine, zones):
        ends = [since for since, _ in walk["zones"][1:]] + [walk["vanishes"]]
        for (since, zone), end in zip(walk["zones"], ends):
            means = {}
            for scanner, all_of_it in mine.items():
                stay = [one for one in all_of_it if since + SETTLED_S < one[0] < end - SETTLED_S]
                if zone == "street" or len(stay) < FEWEST:
                    continue
                means[scanner] = statistics.mean(rssi for _, rssi in stay)
                for lag in LAGS_S:
                    self.lags[lag] += differences(stay, lag)
            own = [level for scanner, level in means.items() if zones[scanner] == zone]
            others = [level for scanner, level in means.items() if zones[scanner] != zone]
            if own:
                self.contrast.append(max(own) - max(others, default=UNHEARD_DBM))

    def print(self, title):
        fading = "  ".join(f"{lag} s {statistics.pstdev(v) / math.sqrt(2):.1f}" for lag, v in sorted(self.lags.items()))
        print(f"{title}\n  fading    {fading}")
        print("  contrast  " + "  ".join(f"{percentile(self.contrast, q):.1f}" for q in (0.1, 0.25, 0.5)))


def differences(stay, lag):
    """Of each sighting and the next one that is about so much later."""
    later = 0
    for second, rssi in stay:
        while later < len(stay) and stay[later][0] < second + 0.9 * lag:
            later += 1
        if later < len(stay) and stay[later][0] < second + 1.2 * lag:
            yield stay[later][1] - rssi


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, default=captures.REPOSITORY.parent / "shared/data/walks")
    parser.add_argument("--seeds", type=int, default=simulator.SEEDS)
    parser.add_argument("--as-carried", action="store_true")
    arguments = parser.parse_args()
    if arguments.data.is_dir():
        measured = Channel()
        for name in MEASURED:
            measured.add(arguments.data, name)
        measured.print("measured walks")
    else:
        print(f"measured walks skipped: no folder {arguments.data}")
    if not arguments.as_carried:
        for name, value in NOBODY.items():
            setattr(radio, name, value)
    simulated = Channel()
    with tempfile.TemporaryDirectory(prefix="channel-") as folder:
        for seed in range(1, arguments.seeds + 1):
            shop = simulator.Shop(seed)
            shop.write(pathlib.Path(folder))
            simulated.add(pathlib.Path(folder), shop.name)
            print(f"[{seed}/{arguments.seeds}] {shop.name}", end="\r", flush=True)
    simulated.print("simulator, as carried" if arguments.as_carried else "simulator, nobody in the way")


if __name__ == "__main__":
    main()
