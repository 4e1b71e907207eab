"""Runs the benchmarks and prints their figures, and the ratios of what stands in RATIOS, taken within this run.

Usage: table.py GATEWAY_BENCH [FILTER]

Each benchmark runs several times, in random order among the others; a figure is the median in CPU time an item, the spread is
the slowest by the quickest. Exit 1 if a ratio misses its bound while neither side was noisy.
"""

import json
import re
import statistics
import subprocess
import sys

REPETITIONS = 7
LEAST_SECONDS = 0.05  # of one repetition
NOISY = 1.5  # a spread above this decides nothing

# What, against what, and the most that the first one's time may be of the other's: a regular expression, and the other name
# with its groups.
RATIOS = [
    (r"irk_scan/hardware/(\d+)", r"irk_scan/openssl/\1", 1 / 5),
    (r"irk_scan/hardware, AES-NI/(\d+)", r"irk_scan/openssl/\1", 1 / 5),
    (r"irk_scan/portable/(\d+)", r"irk_scan/openssl/\1", 1.2),
    (r"irk_scan/(hardware|portable)/1000000", r"irk_scan/\1/1000", 2),  # of one key: the scan grows with their number, no faster
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
    figures = {}
    for one in runs:
        if one["run_type"] == "iteration":
            figures.setdefault(one["name"].split("/repeats:")[0], []).append(1e9 / one["items_per_second"])
    return dict(sorted(figures.items()))


def spread(times):
    return max(times) / min(times)


def ratios(figures):
    """The lines of RATIOS whose two sides were run, and whether one missed its bound."""
    lines, missed = [], False
    for what, against, most in RATIOS:
        for name in figures:
            match = re.fullmatch(what, name)
            other = match and match.expand(against)
            if other not in figures:
                continue
            ratio = statistics.median(figures[name]) / statistics.median(figures[other])
            noisy = max(spread(figures[name]), spread(figures[other])) > NOISY
            judged = "good" if ratio <= most else "noisy" if noisy else "MISSED"
            missed |= judged == "MISSED"
            lines.append(f"{name + ' : ' + other:<60} {ratio:>7.3f} {1 / ratio:>7.1f}x  {judged}, at most {most:.3g}")
    return lines, missed


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    figures = run(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else ".")
    print(f"{'benchmark':<42} {'ns an item':>12} {'spread':>8}")
    for name, times in figures.items():
        print(f"{name:<42} {statistics.median(times):>12.2f} {spread(times):>7.2f}x")
    lines, missed = ratios(figures)
    print(f"\n{'ratio of times':<60} {'ratio':>7} {'inverse':>8}", *lines, sep="\n")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
