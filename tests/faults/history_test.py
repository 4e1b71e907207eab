"""The checker itself: a good run passes, and each kind of lie is found."""

import json
import unittest

from history import Fault, History, judge

VISIT_STARTED, TRIGGER = "visit.started", "trigger"


def line(sequence, key=None, subject="s-1", visit="v-1", kind=None):
    data = {"visit_id": visit, **({"kind": kind} if kind else {})}
    return json.dumps({"id": key or f"id-{sequence}", "sequence": str(sequence), "subject": subject,
                       "type": TRIGGER if kind else VISIT_STARTED, "data": data})


def good(count=4):
    decided = [line(number, subject=f"s-{number % 2}") for number in range(1, count + 1)]
    return History(decided, [(float(at_s), one) for at_s, one in enumerate(decided)],
                   {"recorded": count, "delivered": count, "waiting": 0})


class Judge(unittest.TestCase):
    def assert_finds(self, history, words):
        violations = judge(history).violations
        self.assertTrue(any(words in one for one in violations), violations)

    def test_a_good_run(self):
        self.assertEqual(judge(good()).violations, [])
        self.assertEqual(judge(good()).gaps, [])

    def test_a_lost_event(self):
        history = good()
        history.received.pop(2)
        self.assert_finds(history, "lost: sequence 3")
        self.assert_finds(history, "4 counted as delivered, but 3 arrived")

    def test_an_event_that_ended_otherwise_need_not_arrive(self):
        history = good()
        history.received.pop(2)
        history.ended = {"id-3": "expired"}
        history.totals.update(delivered=3, expired=1)
        self.assertEqual(judge(history).violations, [])
        history.totals.update(delivered=3, expired=0, dead_letter=1)
        self.assert_finds(history, "0 counted as expired, but 1 are known to be")

    def test_a_broker_that_forgets_leaves_a_gap_unless_there_are_receipts(self):
        history = good()
        history.received.pop(2)
        history.faults = [Fault("broker_killed", 0.5)]
        self.assertEqual((judge(history).violations, judge(history).gaps), ([], [3]))
        history.receipts = True
        self.assert_finds(history, "lost: sequence 3")
        history.receipts, history.faults = False, [Fault("broker_frozen", 0.5)]
        self.assert_finds(history, "lost: sequence 3")

    def test_an_event_that_nobody_decided(self):
        history = good()
        history.received.append((9.0, line(5)))
        self.assert_finds(history, "never decided: id-5")

    def test_an_event_that_changed_on_its_way(self):
        history = good()
        history.received[1] = (1.0, history.received[1][1].replace("v-1", "v-2"))
        self.assert_finds(history, "not as it was decided: id-2")

    def test_repeats_need_a_fault_before_them(self):
        history = good()
        history.received.append((9.0, history.decided[0]))
        self.assert_finds(history, "came twice without a fault: id-1")
        history.faults = [Fault("gateway_killed", 9.5)]
        self.assert_finds(history, "came twice without a fault: id-1")
        history.faults = [Fault("gateway_killed", 8.5)]
        self.assertEqual(judge(history).violations, [])
        history.faults = [Fault("certificate_changed", 8.5)]  # loses nothing, repeats nothing
        self.assert_finds(history, "came twice without a fault: id-1")

    def test_order_is_kept_by_shopper_as_long_as_nothing_fails(self):
        history = good()
        first, second, third, fourth = history.decided
        history.received = [(0.0, second), (1.0, first), (2.0, third), (3.0, fourth)]  # s-0 and s-1 in turn
        self.assertEqual(judge(history).violations, [])
        history.received = [(0.0, third), (1.0, second), (2.0, first), (3.0, fourth)]
        self.assert_finds(history, "out of order without a fault: sequence 1")
        history.faults = [Fault("link_cut", 0.0)]
        self.assertEqual(judge(history).violations, [])

    def test_two_welcomes_in_one_visit(self):
        decided = [line(1, kind="welcome"), line(2, kind="welcome"), line(3, visit="v-2", kind="welcome")]
        history = History(decided, [(0.0, one) for one in decided], {"recorded": 3, "delivered": 3, "waiting": 0})
        self.assert_finds(history, "2 welcomes for s-1 in the visit v-1")
        self.assertEqual(len(judge(history).violations), 1)

    def test_what_was_decided_counts_without_gaps_and_ids_are_unique(self):
        history = good()
        history.decided[2] = line(7, key="id-3")
        self.assert_finds(history, "sequence with gaps")
        history = good()
        history.decided[2] = line(3, key="id-2")
        self.assert_finds(history, "one id for 2 events")

    def test_sums(self):
        history = good()
        history.totals["waiting"] = 1
        self.assert_finds(history, "do not add up")


if __name__ == "__main__":
    unittest.main()
