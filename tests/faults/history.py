"""Judges a run: what was decided, what the retailer got, and which faults were injected. No clock, no files, no process."""

import collections
import dataclasses
import json

# After these the same event may come again: an answer of the broker, or a receipt, may have been lost.
REPEATING = {"gateway_killed", "gateway_stopped", "broker_killed", "broker_stopped", "broker_frozen", "link_cut",
             "identity_stolen", "receipts_withheld"}
# After these the broker may have lost what it had acknowledged.
FORGETTING = {"broker_killed"}
# How a row may end without reaching the retailer (design, promise 1).
ENDS = {"expired", "dead_letter", "withdrawn", "evicted"}

WELCOME = "welcome"


@dataclasses.dataclass(frozen=True)
class Fault:
    kind: str
    at_s: float  # when it began, on the clock of the arrivals


@dataclasses.dataclass
class History:
    decided: list  # the events as lines, in the order of their sequence: a replay, or the store
    received: list  # (seconds, line) in the order of arrival, repeats included
    totals: dict  # of the outbox at the end: recorded, delivered, expired, …, waiting
    ended: dict = dataclasses.field(default_factory=dict)  # id -> one of ENDS, of events that need not arrive
    faults: list = dataclasses.field(default_factory=list)
    receipts: bool = False  # an event was done at its receipt, not at the broker's word


@dataclasses.dataclass
class Verdict:
    violations: list
    gaps: list  # sequence numbers that the retailer can see are missing, which only a broker that forgets may cause


def judge(history):
    decided = {event["id"]: (event, line) for line in history.decided for event in [json.loads(line)]}
    arrivals = [(at_s, json.loads(line), line) for at_s, line in history.received]
    arrived = {event["id"] for _, event, _ in arrivals}
    lost = [int(event["sequence"]) for key, (event, _) in decided.items() if key not in arrived and key not in history.ended]
    forgets = any(fault.kind in FORGETTING for fault in history.faults) and not history.receipts
    violations = [
        *decided_wrongly(history.decided),
        *arrived_wrongly(decided, arrivals),
        *repeated_or_disordered(arrivals, history.faults),
        *double_welcomes(decided),
        *wrong_sums(history.totals, history.ended, arrived, len(lost) if forgets else 0),
        *([] if forgets else [f"lost: sequence {one}" for one in lost]),
    ]
    return Verdict(violations, sorted(lost) if forgets else [])


def decided_wrongly(lines):
    events = [json.loads(line) for line in lines]
    sequences = [int(event["sequence"]) for event in events]
    if sequences != list(range(1, len(events) + 1)):
        yield f"sequence with gaps or out of order: {sequences}"
    for key, count in collections.Counter(event["id"] for event in events).items():
        if count > 1:
            yield f"one id for {count} events: {key}"


def arrived_wrongly(decided, arrivals):
    for _, event, line in arrivals:
        if event["id"] not in decided:
            yield f"never decided: {event['id']}"
        elif line != decided[event["id"]][1]:
            yield f"not as it was decided: {event['id']}"


def repeated_or_disordered(arrivals, faults):
    """Without a fault before it an event comes once, and a shopper's events come in their order."""
    first_fault_s = min((fault.at_s for fault in faults if fault.kind in REPEATING), default=float("inf"))
    seen, newest = set(), collections.defaultdict(int)
    for at_s, event, _ in arrivals:
        quiet = at_s < first_fault_s
        if event["id"] in seen and quiet:
            yield f"came twice without a fault: {event['id']}"
        if event["id"] not in seen and quiet and int(event["sequence"]) < newest[event["subject"]]:
            yield f"out of order without a fault: sequence {event['sequence']}"
        seen.add(event["id"])
        newest[event["subject"]] = max(newest[event["subject"]], int(event["sequence"]))


def double_welcomes(decided):
    welcomes = collections.Counter((event["subject"], event["data"]["visit_id"]) for event, _ in decided.values()
                                   if event["data"].get("kind") == WELCOME)
    for (subject, visit), count in welcomes.items():
        if count > 1:
            yield f"{count} welcomes for {subject} in the visit {visit}"


def wrong_sums(totals, ended, arrived, forgotten):
    ends = {end: totals.get(end, 0) for end in ENDS}
    if totals["recorded"] != totals["delivered"] + sum(ends.values()) + totals["waiting"]:
        yield f"the totals do not add up: {totals}"
    for end, count in ends.items():
        if count != (known := sum(1 for one in ended.values() if one == end)):
            yield f"{count} counted as {end}, but {known} are known to be"
    if totals["delivered"] > len(arrived) + forgotten:
        yield f"{totals['delivered']} counted as delivered, but {len(arrived)} arrived"
