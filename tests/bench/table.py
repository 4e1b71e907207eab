"""Runs the benchmarks and prints their figures, and the ratios of what stands in RATIOS, taken within this run.

Usage: table.py GATEWAY_BENCH [FILTER]

Each benchmark runs several times, in random order among the others; a figure is the median, in CPU time an item where nothing
else is said, and beside it stands the quickest run. The spread is the largest by the smallest. Beside each ratio, which is of
the medians and is what our claims are held against, stands that of the quickest runs. As machines are noisy, exit 1 only if a
ratio is beyond twice its claim while neither side was noisy.
"""

import json
import re
import statistics
import subprocess
import sys

REPETITIONS = 11
LEAST_SECONDS = 0.05  # of one repetition
NOISY = 1.5  # a spread above this decides nothing
GROSS = 2  # so many times its claim fails the run

# A figure that a benchmark counts itself: what is added to its name, and the unit.
COUNTED = {
    "octets": ("", "octets"),
    "octets_recording": (", recording", "octets"),
    "octets_ending": (", ending", "octets"),
    "longest_ns": (", longest call", "ns"),
    "p50_ns": (", p50", "ns"),
    "p99_ns": (", p99", "ns"),
}

LASTING = "ibeacon|eddystone-uid|address"
ROTATING = "rolling-token|eddystone-eid"
LOOKED_UP = f"{LASTING}|{ROTATING}|mixed"

# What, against what, and the most that the first one may be of the other: a regular expression, and the other name with its
# groups, or a plain number in the first one's unit. No claim: it is only told.
RATIOS = [
    (r"irk_scan/hardware/(\d+)", r"irk_scan/openssl/\1", 1 / 5),
    (r"irk_scan/hardware, AES-NI/(\d+)", r"irk_scan/openssl/\1", 1 / 5),
    (r"irk_scan/portable/(\d+)", r"irk_scan/openssl/\1", 1.2),
    (r"irk_scan/(hardware|portable)/1000000", r"irk_scan/\1/1000", 2),  # of one key: the scan grows with their number, no faster
    (rf"recognise/new stranger/({LOOKED_UP})/(\d+)", r"bare/new stranger/\1/\2", 2),
    (rf"recognise/stranger again/({LOOKED_UP}|irk)/(\d+)", r"bare/stranger again/\1/\2", 2),
    (rf"recognise/([a-z ]+)/({LOOKED_UP})/1000000", r"recognise/\1/\2/100000", 1.5),
    (rf"memory/ours/({LASTING}|{ROTATING}|irk)/\d+", r"memory/packed/\1", 1.3),
    (r"start/ready/real_time", 1e9, 1),  # a second
    (r"start/ready/real_time", r"start/plain scan/real_time", None),
    (r"presence/(calibrated|simple)/2000", r"presence/\1/10", 1.5),  # of one sighting, whoever else is there
    (r"radio/ours/(\d+)/manual_time", r"radio/bare/\1/manual_time", 1.4),  # of one signal, in CPU time of the reader's thread
    (r"radio/ours/1000/manual_time", r"radio/ours/10/manual_time", 1.4),  # whoever else is there
    (r"delivery/our driver/(\d+)/real_time", r"delivery/paho bare/\1/real_time", 1 / 0.7),  # performance.md, P10
    (r"delivery/(our driver|paho bare)/(\d+)/real_time", r"delivery/mosquitto's library/\2/real_time", None),
    (r"delivery/(our driver|paho bare)/(\d+)/real_time(, p\d+)", r"delivery/mosquitto's library/\2/real_time\3", None),
    (r"delivery/our outbox (on disk|in memory)/real_time", r"delivery/our driver/20/real_time", None),
    (r"delivery/our outbox (on disk|in memory)/real_time", r"delivery/paho bare/20/real_time", None),
    (r"delivery/our outbox (on disk|in memory)/real_time", r"delivery/mosquitto's library/20/real_time", None),
    (r"roll over/rolling-token/1000000", r"roll over/rolling-token/100000", 2),  # of one token
]


def run(program, pattern):
    command = [
        program,
        f"--benchmark_filter={pattern}",
        f"--benchmark_repetitions={REPETITIONS}",
        f"--benchmark_min_time={LEAST_SECONDS}",
        "--benchmark_enable_random_interleaving=true",
        "--benchmark_format=json",
    ]
    runs = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["benchmarks"]
    figures, units = {}, {}
    for one in runs:
        if one["run_type"] != "iteration":
            continue
        name = re.sub("/(iterations|repeats):[0-9]+", "", one["name"])
        if "items_per_second" in one:
            figures.setdefault(name, []).append(1e9 / one["items_per_second"])
            units[name] = "ns an item"
        for counter in COUNTED.keys() & one.keys():
            suffix, unit = COUNTED[counter]
            figures.setdefault(name + suffix, []).append(one[counter])
            units[name + suffix] = unit
    return {name: (figures[name], units[name]) for name in sorted(figures, key=in_order)}


def in_order(name):
    """1000 before 10000 before 100000."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def spread(times):
    return max(times) / min(times)


def ratios(figures):
    """The lines of RATIOS whose two sides were run, and whether one is grossly missed."""
    lines, failed = [], False
    for what, against, claim in RATIOS:
        for name in figures:
            match = re.fullmatch(what, name)
            if not match:
                continue
            other = match.expand(against) if isinstance(against, str) else f"{against:.0f} {figures[name][1]}"
            known = figures | {other: ([against], "")} if not isinstance(against, str) else figures
            if other not in known:
                continue
            ours, theirs = figures[name][0], known[other][0]
            ratio = statistics.median(ours) / statistics.median(theirs)
            of_quickest = min(ours) / min(theirs)
            judged = "no claim"
            if claim is not None:
                noisy = max(spread(ours), spread(theirs)) > NOISY
                judged = "good" if ratio <= claim else "noisy" if noisy else "OVER" if ratio <= GROSS * claim else "FAILED"
                judged += f", claimed at most {claim:.3g}"
            failed |= judged.startswith("FAILED")
            lines.append(f"{name + ' : ' + other:<82} {ratio:>7.3f} {of_quickest:>8.3f} {1 / ratio:>7.1f}x  {judged}")
    return lines, failed


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    figures = run(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else ".")
    print(f"{'benchmark':<50} {'figure':>14} {'quickest':>14} {'spread':>8}")
    for name, (values, unit) in figures.items():
        print(f"{name:<50} {statistics.median(values):>14.2f} {min(values):>14.2f} {spread(values):>7.2f}x {unit}")
    lines, failed = ratios(figures)
    print(f"\n{'ratio':<82} {'ratio':>7} {'quickest':>8} {'inverse':>8}", *lines, sep="\n")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
