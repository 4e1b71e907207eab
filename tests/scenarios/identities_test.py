"""Identities that change: who is met under them, for how long a recording of them is good, and what a copy brings."""

import json
import os
import shutil
import signal

import air
import world
from air import DAY_S, START_S, EddystoneEid, ResolvableAddress, RollingToken, advertisement, day_of, stay, write_capture
from world import Scenario, Shop, parsed

from shop_morning import ibeacon, our_ibeacon, profile

VISIT_S = 10  # of one advertisement a second: three of them start a visit
MIDNIGHT_S = START_S - START_S % DAY_S + DAY_S  # UTC: 07:00 in Bangkok


def shopper(name, *identifiers, **flags):
    return profile(name, None, "th", name, identifiers=list(identifiers), **flags)


class Replayed(Scenario):
    def setUp(self):
        super().setUp()
        self.shop = Shop(self.folder / "shop")

    def people(self, *profiles):
        file = self.folder / "people.jsonl"
        file.write_text("".join(json.dumps(one) + "\n" for one in profiles), encoding="utf-8")
        return file

    def events(self, people, *heard, **options):
        """What a replay says of a capture of what was heard."""
        capture = write_capture(self.folder / "heard.btsnoop", *heard, **options)
        events = self.shop.replay(capture, people=self.people(*people))
        if events:
            self.assertEqual(world.event_faults(events), "")
        return parsed(events)

    def met(self, people, *heard):
        """Who has a visit."""
        return [event["subject"] for event in self.events(people, *heard) if event["type"] == world.VISIT_STARTED]

    def assert_one_visit(self, events, assurance):
        """One visit with one welcome, from the same person."""
        started = [event for event in events if event["type"] == world.VISIT_STARTED]
        welcomes = [event for event in events if event["type"] == world.TRIGGER and event["data"]["kind"] == "welcome"]
        self.assertEqual((len(started), len(welcomes)), (1, 1), events)
        self.assertEqual(len({event["data"]["visit_id"] for event in events}), 1)
        for event in (*started, *welcomes):
            self.assertEqual(event["data"]["assurance"], assurance)


class RollingTokens(Replayed):
    def setUp(self):
        super().setUp()
        self.token = RollingToken("mali")
        self.mali = shopper("mali", self.token.identifier())

    def test_the_window_is_a_period_to_either_side(self):
        for form in (self.token.service_data, self.token.service_uuid):
            for periods in range(-3, 4):
                with self.subTest(form=form.__name__, periods=periods):
                    wrong_clock = stay(START_S, START_S + VISIT_S, lambda at_s: form(at_s + periods * self.token.period_s))
                    self.assertEqual(self.met([self.mali], wrong_clock), ["mali"] if abs(periods) <= 1 else [])

    def test_many_rotations_in_one_visit(self):
        self.token = RollingToken("mali", period_s=60)
        self.mali = shopper("mali", self.token.identifier())
        for form in (self.token.service_data, self.token.service_uuid):
            events = self.events([self.mali], stay(START_S - 7, START_S + 20 * 60, form))
            self.assert_one_visit(events, "rotating")

    def test_over_midnight_utc(self):
        both = shopper("mali", self.token.identifier(day_of(MIDNIGHT_S - 1), day_of(MIDNIGHT_S)))
        over = lambda: stay(MIDNIGHT_S - 600, MIDNIGHT_S + 1800, self.token.service_data)
        self.assert_one_visit(self.events([both], over()), "rotating")
        late = stay(MIDNIGHT_S, MIDNIGHT_S + VISIT_S, lambda at_s: self.token.service_data(at_s - VISIT_S - 1))
        self.assertEqual(self.met([both], late), ["mali"], "yesterday's last token")
        early = stay(MIDNIGHT_S - VISIT_S, MIDNIGHT_S, lambda at_s: self.token.service_data(at_s + VISIT_S))
        self.assertEqual(self.met([both], early), ["mali"], "tomorrow's first token")

        only_yesterday = shopper("mali", self.token.identifier(day_of(MIDNIGHT_S - 1)))
        visit = self.events([only_yesterday], over())
        self.assertEqual(visit[-1]["type"], world.VISIT_ENDED)
        last_known_s = MIDNIGHT_S - 1  # the tokens of a day without its key are strangers'
        self.assertEqual(world.unix_seconds(visit[-1]["data"]["left_at"]), last_known_s)

    def test_a_recording_matches_nobody_two_periods_later(self):
        heard = lambda shift_s: [advertisement(START_S + second + shift_s, self.token.service_data(START_S + second))
                                 for second in range(VISIT_S)]
        self.assertEqual(self.met([self.mali], heard(0)), ["mali"])
        for periods in (-2, 2, 3):
            self.assertEqual(self.met([self.mali], heard(periods * self.token.period_s)), [], periods)

    def test_two_who_claim_the_same_keys_are_neither(self):
        others = [shopper("ploy", self.token.identifier()), shopper("kit", our_ibeacon(7)), shopper("dao", our_ibeacon(7))]
        token = stay(START_S, START_S + VISIT_S, self.token.service_data)
        beacon = stay(START_S, START_S + VISIT_S, lambda at_s: ibeacon(air.shop_morning.OUR_UUID, 100, 7))
        self.assertEqual(self.met([self.mali, *others], token, beacon), [])
        warning = self.shop.ask("profiles", "import", self.people(*others)).stderr
        self.assertIn("1 identifiers are now claimed by two shoppers", warning)


class EddystoneEids(Replayed):
    def test_the_window_and_both_keys(self):
        eid = EddystoneEid("anna")
        for identifier in (eid.identifier(), eid.identifier(temporary_at_s=START_S)):
            for periods in (-2, -1, 0, 1, 2):
                with self.subTest(identifier=identifier, periods=periods):
                    heard = stay(START_S, START_S + VISIT_S, lambda at_s: eid.frame(at_s + periods * eid.period_s))
                    self.assertEqual(self.met([shopper("anna", identifier)], heard), ["anna"] if abs(periods) <= 1 else [])

    def test_many_rotations_in_one_visit(self):
        eid = EddystoneEid("anna", exponent=6)
        for identifier in (eid.identifier(), eid.identifier(temporary_at_s=START_S)):
            events = self.events([shopper("anna", identifier)], stay(START_S, START_S + 1200, eid.frame))
            self.assert_one_visit(events, "rotating")

    def test_a_temporary_key_is_good_for_its_block_alone(self):
        eid = EddystoneEid("anna")
        end_s = eid.block_from_s(START_S) + eid.BLOCK_S
        over = lambda: stay(end_s - 600, end_s + 1200, eid.frame)
        for identifier, last_s in ((eid.identifier(), end_s + 1200), (eid.identifier(temporary_at_s=START_S), end_s)):
            events = self.events([shopper("anna", identifier)], over())
            self.assertEqual(world.unix_seconds(events[-1]["data"]["left_at"]), last_s - 1)


class ResolvableAddresses(Replayed):
    def setUp(self):
        super().setUp()
        self.phone = ResolvableAddress("john")
        self.john = shopper("john", self.phone.identifier())

    def heard(self, first_s, last_s, shift_s=0):
        return stay(first_s, last_s, lambda at_s: air.FLAGS, lambda at_s: self.phone.address(at_s - shift_s))

    def test_rotations_are_one_visit_that_could_be_a_copy(self):
        events = self.events([self.john], self.heard(START_S, START_S + 2400))
        self.assert_one_visit(events, "static")

    def test_a_recording_is_as_good_as_the_phone(self):
        """So says `assurance`: nothing in a resolvable address tells its age."""
        shift_s = 2 * ResolvableAddress.PERIOD_S
        self.assertEqual(self.met([self.john], self.heard(START_S + shift_s, START_S + shift_s + VISIT_S, shift_s)), ["john"])
        other = ResolvableAddress("somebody else")
        self.assertEqual(self.met([shopper("john", other.identifier())], self.heard(START_S, START_S + VISIT_S)), [])


class Assurance(Replayed):
    def test_a_campaign_may_want_an_identity_that_cannot_be_copied(self):
        self.shop.edit("campaigns.d/welcome.toml", 'kind = "welcome"', 'kind = "welcome"\nmin_assurance = "rotating"')
        with open(self.shop.configuration / "gateway.toml", "a", encoding="utf-8") as file:
            file.write("[journey]\nreport_suppressed = true\n")
        token, phone, eid = RollingToken("mali"), ResolvableAddress("john"), EddystoneEid("anna")
        people = [shopper("mali", token.identifier()), shopper("john", phone.identifier()), shopper("anna", eid.identifier()),
                  shopper("ploy", our_ibeacon(3))]
        span = START_S, START_S + VISIT_S
        events = self.events(people, stay(*span, token.service_data), stay(*span, lambda at_s: air.FLAGS, phone.address),
                             stay(*span, eid.frame), stay(*span, lambda at_s: ibeacon(air.shop_morning.OUR_UUID, 100, 3)))
        started = {event["subject"]: event["data"]["assurance"] for event in events if event["type"] == world.VISIT_STARTED}
        self.assertEqual(started, {"mali": "rotating", "anna": "rotating", "john": "static", "ploy": "static"})
        self.assertEqual({event["subject"] for event in events if event["type"] == world.TRIGGER}, {"mali", "anna"})
        suppressed = {event["subject"]: event["data"]["reason"] for event in events if event["type"] == world.DECISION}
        self.assertEqual(suppressed, {"john": "assurance", "ploy": "assurance"})


class TwoPlaces(Replayed):
    """hci2 hangs in the storeroom: from the entrance one comes there through the aisle."""

    def setUp(self):
        super().setUp()
        self.shop.edit("gateway.toml", '[[zone]]\nid = "aisle"\nnext_to = ["entrance"]\n',
                       '[[zone]]\nid = "aisle"\nnext_to = ["entrance", "storeroom"]\n\n'
                       '[[zone]]\nid = "storeroom"\nnext_to = ["aisle"]\n\n'
                       '[[scanner]]\ndriver = "capture"\nadapter = "hci2"\nzone = "storeroom"\nfile = "none"\nspeed = 0\n\n'
                       '[journey]\nreport_suppressed = true\n')
        self.token = RollingToken("mali")
        self.mali = shopper("mali", self.token.identifier())

    def outcome(self, *heard):
        events = self.events([self.mali], *heard, scanners=3)
        self.assertEqual(len([event for event in events if event["type"] == world.VISIT_STARTED]), 1)
        triggers = {event["data"]["campaign"] for event in events if event["type"] == world.TRIGGER}
        reasons = {event["data"]["campaign"]: event["data"]["reason"] for event in events if event["type"] == world.DECISION}
        return triggers, reasons

    def at(self, scanner, first_s=0.0, rssi_dbm=air.NEAR_DBM):
        return stay(START_S + first_s, START_S + first_s + VISIT_S, self.token.service_data, scanner=scanner, rssi_dbm=rssi_dbm)

    def test_nobody_is_at_once_where_nobody_can_be(self):
        self.assertEqual(self.outcome(self.at(0), self.at(2, 0.5)), (set(), {"welcome": "two_places"}))

    def test_what_is_possible_is_no_copy(self):
        welcomed = ({"welcome"}, {})
        self.assertEqual(self.outcome(self.at(0), self.at(1, 0.5, air.NEAR_DBM - 10)), welcomed, "zones that touch")
        self.assertEqual(self.outcome(self.at(0), self.at(2, 0.5, air.FAR_DBM)), welcomed, "heard from afar")

    def test_the_alarm_names_nobody_and_is_explained(self):
        capture = write_capture(self.folder / "copied.btsnoop", self.at(0), self.at(2, 0.5), scanners=3)
        self.shop.edit("gateway.toml", str(world.morning()), str(capture))
        self.shop.edit("gateway.toml", '"none"', f'"{capture}"')
        self.shop.good("profiles", "import", self.people(self.mali))
        daemon = self.run_daemon(self.shop).until("capture: ended")
        self.assertEqual(self.shop.status()["counters"]["two_places_alarms"], 1)
        explained = [(one["outcome"], one["reason"]) for one in self.shop.explained("mali")]
        self.assertEqual(explained, [("suppressed", "two_places")])
        self.assertIn("alarm: ", daemon.log())
        self.assertNotIn("mali", daemon.log())
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(), 0)


class SameBytes(Replayed):
    def test_whatever_the_clock_and_the_zone(self):
        token, tag, phone = RollingToken("mali", period_s=300), EddystoneEid("anna", exponent=8), ResolvableAddress("john")
        days = [day_of(MIDNIGHT_S - 1), day_of(MIDNIGHT_S)]
        people = self.people(shopper("mali", token.identifier(*days)), shopper("anna", tag.identifier()),
                             shopper("john", phone.identifier()))
        span = MIDNIGHT_S - 900, MIDNIGHT_S + 900
        capture = write_capture(self.folder / "night.btsnoop", stay(*span, token.service_data), stay(*span, tag.frame),
                                stay(*span, lambda at_s: air.FLAGS, phone.address))
        here = self.shop.replay(capture, people=people)
        self.assertEqual(len(parsed(here, world.VISIT_STARTED)), 3)
        command = ["replay", capture, "--profiles", people]
        there = self.shop.good(*command, env=os.environ | {"TZ": "Pacific/Kiritimati", "LC_ALL": "th_TH.UTF-8"})
        self.assertEqual(there.splitlines(), here)
        if not shutil.which("faketime"):
            return
        for date in ("2031-05-05 05:05:05", "2001-01-01 00:00:00"):
            # A preloaded library comes before the address sanitizer's, which is well here.
            environment = os.environ | {"ASAN_OPTIONS": "verify_asan_link_order=0"}
            there = self.shop.good(*command, env=environment, before=["faketime", "-f", "@" + date])
            self.assertEqual(there.splitlines(), here, date)


if __name__ == "__main__":
    world.main()
