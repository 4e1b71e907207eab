"""A broker that dies, hangs, forgets, refuses; a link that flaps: nothing that was decided is lost in silence."""

import pathlib
import re
import signal
import time

from lab import LONG, LONGEST_RUN_S, Lab, Wire, eventually, parsed, times, world
from shop_morning import our_ibeacon, profile


class ForgetfulBroker(Lab):
    """Case 2, without autosave: what the broker had acknowledged dies with it, and with its subscriptions."""

    DURABLE = False
    KILLS = times(3, 100)
    # A gateway whose links break every few seconds steps back, up to 30 s, and to 90 s from the third on, which could be a
    # double's doing: in the long form it is stopped in order and started anew after two. A kill then costs some seconds.
    KILLS_A_LIFE = 2

    def kill_the_broker(self, receipts):
        self.retailer.confirms = receipts == "required"
        if LONG:  # somebody comes each 1.6 s for a quarter of an hour
            crowd = [profile(f"shopper-{number}", our_ibeacon(number), "en", "") for number in range(560)]
            self.let_in(crowd, [(8 * number, number) for number in range(560)])
        shop = self.make_shop(times(100, 5), receipts)
        daemon, connects = self.run_daemon(shop, "--exit-at-end"), 0
        for number in range(self.KILLS):
            connects += 1
            eventually(lambda: daemon.log().count("broker: connected") >= connects or not daemon.alive(), daemon.log,
                       patience_s=120)
            self.pause(1)
            if not daemon.alive():  # all is delivered
                break
            self.kill_once(daemon, shop, connects)
            if LONG and number % self.KILLS_A_LIFE == self.KILLS_A_LIFE - 1 and daemon.alive():
                self.fault("gateway_stopped")
                daemon.signal(signal.SIGTERM)
                self.assertEqual(daemon.wait(), 0, daemon.log())
                daemon, connects = self.run_daemon(shop, "--exit-at-end"), 0
        self.finish(daemon)
        if LONG:
            self.assertEqual(sum(fault.kind == "broker_killed" for fault in self.faults), self.KILLS)
        return shop

    def kill_once(self, daemon, shop, connects):
        late = self.chance.random() < 0.5  # the retailer comes back after the gateway: what is taken in between is lost
        if LONG and self.chance.random() < 0.5:  # while something waits for its answer
            self.link.freeze()
            eventually(lambda: ", 0 in flight" not in shop.status()["broker"], "a row in flight")
        self.fault("broker_killed")
        if late:
            self.retailer.subscriber.child.kill()
        self.link.child.kill()
        time.sleep(1.1)  # longer than the first back-off: an attempt finds nobody
        self.link.start()
        if late:
            eventually(lambda: daemon.log().count("broker: connected") > connects or not daemon.alive(), daemon.log,
                       patience_s=120)
            self.pause(1)
            self.retailer.subscriber.resume()

    def test_with_receipts_every_event_arrives(self):
        shop = self.kill_the_broker("required")
        self.assertEqual(self.judged(shop, "required").gaps, [])

    def test_without_receipts_what_is_lost_shows_as_a_gap(self):
        shop = self.kill_the_broker("optional")
        verdict = self.judged(shop)
        arrived = {int(event["sequence"]) for event in parsed(self.retailer.lines())}
        decided = range(1, self.totals(shop)["recorded"] + 1)
        self.assertEqual(verdict.gaps, [one for one in decided if one not in arrived])


class DurableBroker(ForgetfulBroker):
    """Case 2, with autosave: killed while it writes."""

    DURABLE = True


OFFLINE_S = 71 * 3600  # an hour short of what the outbox keeps
CAMPAIGNS = """[[campaign]]
id = "welcome"
kind = "welcome"
on = "visit.started"
[[campaign.variant]]
id = "a"
title.en = "Hello"
body.en = "Come in"
[[campaign]]
id = "offer"
kind = "promotion"
on = "visit.started"
expires_after = "3d"
[[campaign.variant]]
id = "a"
title.en = "For you"
body.en = "Today only"
"""


class ThreeDays(Lab):
    """Case 3, with a real broker in the end; case 3 of store_fault_tests has the same days on the promised bounds alone."""

    DURABLE = False
    WALKS, PEOPLE = times((10, 10), (240, 86))
    WITHIN_S = 600

    def make_shop(self, *settings):
        shop = super().make_shop(*settings)
        for file in (shop.configuration / "campaigns.d").iterdir():
            file.unlink()
        (shop.configuration / "campaigns.d/days.toml").write_text(CAMPAIGNS, encoding="utf-8")
        shop.edit("gateway.toml", "[privacy]\n", "[journey]\ndaily_cap_per_shopper = 100\n[privacy]\n")
        return shop

    def test_what_is_still_good_goes_out_in_order(self):
        people = [profile(f"shopper-{number}", our_ibeacon(number), "en", "", ("presence", ("welcome", "promotion")[number % 2]))
                  for number in range(self.PEOPLE)]
        self.let_in(people, [(OFFLINE_S / self.WALKS * walk, number) for walk in range(self.WALKS) for number in range(self.PEOPLE)])
        shop = self.make_shop(0, "optional")
        self.link.stop()
        daemon = self.run_daemon(shop)
        daemon.until("capture: ended", LONGEST_RUN_S)
        eventually(lambda: shop.status()["outbox"]["expired"] == self.WALKS * self.PEOPLE / 2, shop.status)
        waiting = shop.status()["outbox"]["waiting"]
        self.link.start()
        self.retailer.subscriber.resume()
        began = time.monotonic()
        eventually(lambda: len(self.retailer.lines()) >= waiting, shop.status, patience_s=self.WITHIN_S)
        took_s = time.monotonic() - began
        eventually(lambda: shop.status()["outbox"]["waiting"] == 0, shop.status)
        most_kib = int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()).group(1))
        print(f"{waiting} events at the retailer within {took_s:.1f} s of the broker's start; {most_kib} KiB of memory at most")
        if LONG:
            self.assertLess(most_kib, 64 * 1024)
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(), 0, daemon.log())
        arrived = {event["id"] for event in parsed(self.retailer.lines())}
        decided = self.decided(shop)
        missing = [event for event in parsed(decided) if event["id"] not in arrived]
        self.assertNotIn("offer", {event["data"].get("campaign") for event in missing})
        ended = {event["id"]: "expired" if event["data"].get("kind") == "welcome" else "evicted" for event in missing}
        self.judged(shop, ended=ended, decided=decided)


class Broker(Lab):
    def test_a_broker_that_hangs(self):
        """Case 4."""
        shop = self.make_shop(100, "optional")
        daemon = self.run_daemon(shop, "--exit-at-end")
        eventually(lambda: self.retailer.lines(), "the first event")
        self.fault("broker_frozen")
        self.link.freeze()
        eventually(lambda: ", 0 in flight" not in shop.status()["broker"], "a row in flight")
        began = time.monotonic()
        daemon.until("does not answer")
        if LONG:  # a busy machine proves nothing
            self.assertLess(time.monotonic() - began, 20)
        self.link.thaw()
        self.finish(daemon)
        self.judged(shop)

    def test_a_link_that_flaps(self):
        """Case 5."""
        wire = Wire(self.link.port)
        self.addCleanup(wire.stop)
        shop = self.make_shop(times(300, 10), "optional", wire.port)
        daemon = self.run_daemon(shop, "--exit-at-end").until("broker: connected")
        sizes = []
        began = time.monotonic()
        for _ in range(times(2, 300)):
            wire.whole = False
            self.fault("link_cut")
            self.pause(1)
            wire.whole = True
            time.sleep(times(0.5, 1))
            process = pathlib.Path(f"/proc/{daemon.process.pid}")
            if daemon.alive():
                sizes.append((len(list((process / "fd").iterdir())), len(list((process / "task").iterdir()))))
        if LONG:
            used = sum(map(int, (process / "stat").read_text().rsplit(")", 1)[1].split()[11:13])) / 100  # proc(5), USER_HZ
            self.assertLess(used / (time.monotonic() - began), 0.1)
            half = len(sizes) // 2
            self.assertLessEqual([max(column) for column in zip(*sizes[half:])],
                                 [max(column) + 2 for column in zip(*sizes[:half])])
        self.finish(daemon)
        self.judged(shop)

    def test_events_that_the_broker_forbids(self):
        """Case 7: told at once, and sent when it allows them."""
        self.link.stop()
        with open(self.link.folder / "mosquitto.conf", "a", encoding="utf-8") as configuration:
            configuration.write(f"acl_file {self.link.folder}/acl\n")
        (self.link.folder / "acl").write_text("topic readwrite #\ntopic deny beacon-gateway/v1/+/+/+/events/#\n")
        self.link.start()
        shop = self.make_shop(0, "optional")
        daemon = self.run_daemon(shop, "--exit-at-end").until("0x87 not authorized")
        eventually(lambda: "events_held" in shop.status()["warnings"], shop.status, patience_s=5)
        self.assertEqual(shop.status()["outbox"]["delivered"], 0)
        self.link.allow_all()
        self.link.child.signal(signal.SIGHUP)
        self.finish(daemon)
        self.judged(shop)
        self.assertNotIn("connection lost", daemon.log())
        self.assertEqual(len(self.retailer.lines()), len(shop.replay()), "none comes twice")

    def test_events_too_large_for_the_broker(self):
        """Case 9: counted, and in nobody's way."""
        shop = self.make_shop(0, "optional")
        sizes = sorted({len(line.encode()) for line in shop.replay()})
        self.link.stop()
        with open(self.link.folder / "mosquitto.conf", "a", encoding="utf-8") as configuration:
            configuration.write(f"max_packet_size {sizes[-1]}\n")
        self.link.start()
        daemon = self.run_daemon(shop, "--exit-at-end")
        self.finish(daemon)
        self.retailer.subscriber.drain()
        arrived = {event["id"] for event in parsed(self.retailer.subscriber.events())}
        dead = {event["id"]: "dead_letter" for event in parsed(shop.replay()) if event["id"] not in arrived}
        self.assertTrue(dead and arrived)
        for line in shop.replay():  # topic and headers weigh less than 200 octets
            if len(line.encode()) < sizes[-1] - 200:
                self.assertIn(parsed([line])[0]["id"], arrived)
        self.judged(shop, ended=dead)


class NobodyConfirms(Lab):
    def test_receipts_that_come_late(self):
        """Case 8: what nobody confirmed goes again until somebody does."""
        shop = self.make_shop(0, "required")
        daemon = self.run_daemon(shop, "--exit-at-end").until("capture: ended")
        self.fault("receipts_withheld")
        count = len(shop.replay())
        eventually(lambda: len(self.retailer.lines()) >= 2 * count, "every event twice", patience_s=120)
        self.assertEqual(shop.status()["outbox"]["delivered"], 0)
        self.retailer.confirms = True
        self.finish(daemon)
        self.assertEqual(self.totals(shop)["delivered"], count)
        self.judged(shop, "required")


if __name__ == "__main__":
    world.main()
