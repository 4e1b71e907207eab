"""The figures by which presence is judged, pooled over people.

visits_found      share of real visits with a visit.started from 2 s before the door was crossed until the leaving
early             real visitors announced more than 2 s before they crossed the door
split             real visits announced more than once
passers           share of passers-by for whom a visit was announced (they never cross the door)
start_delay_s     visit.started minus the crossing of the door: median and 95th percentile
ends_missing      visitors with fewer visit.ended than visit.started
end_error_s       |left_at of visit.ended minus the real leaving|: median and 95th percentile
zone_accuracy     share of the time in the shop for which the newest zone.entered names the nearest scanner's zone

Seconds are unix seconds. Truth is that of the measured walks: shopper_id, entered (none: a passer-by), left, vanishes,
zones as (from, name).
"""
import collections
import datetime
import json

EARLY_S = 2  # truth and capture are not better than that
LOOK_EACH_S = 1  # for zone_accuracy


class Events:
    """What a rule says, by shopper: started and ended (left_at) as seconds, zones as (second, zone)."""

    def __init__(self):
        self.started, self.ended, self.zones = (collections.defaultdict(list) for _ in range(3))


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def from_gateway(lines):
    """Events of a replay: CloudEvents as JSON, one a line."""
    events = Events()
    for line in lines:
        if not line.strip():
            continue
        event = json.loads(line)
        kind, who = event["type"].rsplit("gateway.", 1)[-1], event.get("subject")
        if kind.startswith("visit.started"):
            events.started[who].append(seconds(event["time"]))
        elif kind.startswith("visit.ended"):
            events.ended[who].append(seconds(event["data"]["left_at"]))
        elif kind.startswith("zone.entered"):
            events.zones[who].append((seconds(event["time"]), event["data"]["zone"]))
    return events


def percentile(values, q):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else float("nan")


class Tally:
    def __init__(self):
        self.visitors = self.found = self.early = self.split = self.passers = self.announced = self.ends_missing = 0
        self.delays, self.end_errors, self.zone_seconds, self.zone_right = [], [], 0, 0

    def __iadd__(self, other):
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self

    def count(self, walks, events):
        for walk in walks:
            if walk["entered"]:
                self._visitor(walk, events)
            else:
                self.passers += 1
                self.announced += bool(events.started.get(walk["shopper_id"]))
        return self

    def _visitor(self, walk, events):
        who, entered, left = walk["shopper_id"], walk["entered"], walk["left"] or walk["vanishes"]
        started, ended = events.started.get(who, []), events.ended.get(who, [])
        in_time = [second for second in started if entered - EARLY_S <= second <= left]
        self.visitors += 1
        self.early += any(second < entered - EARLY_S for second in started)
        self.split += len(started) > 1
        self.ends_missing += len(ended) < len(started)
        if in_time:
            self.found += 1
            self.delays.append(abs(in_time[0] - entered))
        if ended:
            self.end_errors.append(abs(ended[-1] - left))
        self._zones(walk["zones"], sorted(events.zones.get(who, [])), entered, left)

    def _zones(self, truth, seen, now, left):
        real = said = 0
        while now < left:
            while real + 1 < len(truth) and truth[real + 1][0] <= now:
                real += 1
            while said < len(seen) and seen[said][0] <= now:
                said += 1
            if truth[real][1] != "street":
                self.zone_seconds += 1
                self.zone_right += said > 0 and seen[said - 1][1] == truth[real][1]
            now += LOOK_EACH_S

    def figures(self):
        return {"visits_found": self.found / max(1, self.visitors), "early": self.early, "split": self.split,
                "passers": self.announced / max(1, self.passers), "delay_median": percentile(self.delays, 0.5),
                "delay_p95": percentile(self.delays, 0.95), "ends_missing": self.ends_missing,
                "end_median": percentile(self.end_errors, 0.5), "end_p95": percentile(self.end_errors, 0.95),
                "zone_accuracy": self.zone_right / max(1, self.zone_seconds)}
