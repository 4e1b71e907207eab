"""A broker that dies, hangs, forgets, refuses; a link that flaps: nothing that was decided is lost in silence."""

import pathlib
import signal
import time

from lab import LONG, Lab, Wire, eventually, parsed, times, world


class ForgetfulBroker(Lab):
    """Case 2, without autosave: what the broker had acknowledged dies with it, and with its subscriptions."""

    DURABLE = False
    KILLS = times(3, 100)

    def kill_the_broker(self, receipts):
        self.retailer.confirms = receipts == "required"
        # A kill costs a minute, because the gateway steps back from a broker that dies: the morning lasts as long.
        shop = self.make_shop(times(100, 0.2), receipts)
        daemon = self.run_daemon(shop, "--exit-at-end")
        for number in range(1, self.KILLS + 1):
            eventually(lambda: daemon.log().count("broker: connected") >= number or not daemon.alive(), daemon.log,
                       patience_s=120)  # its back-off goes up to 30 s
            self.pause(1)
            if not daemon.alive():  # all is delivered
                break
            late = self.chance.random() < 0.5  # the retailer comes back after the gateway: what is taken in between is lost
            self.fault("broker_killed")
            if late:
                self.retailer.subscriber.child.kill()
            self.link.child.kill()
            time.sleep(1.1)  # longer than the first back-off: an attempt finds nobody
            self.link.start()
            if late:
                eventually(lambda: daemon.log().count("broker: connected") > number or not daemon.alive(), daemon.log,
                           patience_s=120)
                self.pause(1)
                self.retailer.subscriber.resume()
        self.finish(daemon)
        return shop

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
