"""A gateway that is stopped, killed, or meets its double: its status is right, and nothing is lost."""

import signal
import time

from lab import GATEWAY, LONG, Lab, eventually, times, world


class Gateway(Lab):
    LONGEST_LIFE_S = 0.45
    SPEED = 200

    def online(self):
        status = self.link.retained(GATEWAY + "status")
        return status is not None and status["online"]

    def one_life(self, shop):
        daemon = self.run_daemon(shop).until(" runs: ")
        self.pause(self.LONGEST_LIFE_S)
        return daemon

    def to_the_end(self, shop):
        self.finish(self.run_daemon(shop, "--exit-at-end"))
        self.assertFalse(self.online())
        self.judged(shop)

    def test_stopped_again_and_again(self):
        """Case 40."""
        shop = self.make_shop(self.SPEED, "optional")
        for _ in range(times(8, 100)):
            daemon = self.one_life(shop)
            self.fault("gateway_stopped")
            began = time.monotonic()
            daemon.signal(signal.SIGTERM)
            self.assertEqual(daemon.wait(), 0, daemon.log())
            self.assertLess(time.monotonic() - began, 5)
            self.assertFalse(self.online(), "the last word of a gateway is that it goes")
        self.to_the_end(shop)

    def test_killed_the_will_speaks_for_it(self):
        shop = self.make_shop(self.SPEED, "optional")
        for _ in range(times(4, 100)):
            daemon = self.one_life(shop)
            self.fault("gateway_killed")
            daemon.kill()
            eventually(lambda: not self.online(), "offline by the will")
        self.to_the_end(shop)

    def test_two_boxes_with_one_identity(self):
        """Case 14. How often each connects over ten minutes: reconnect_policy_test, on a clock of its own."""
        shops = [self.make_shop(1, "optional", name=name) for name in ("shop", "double")]
        for shop in shops:
            shop.edit("gateway.toml", "../control", f"../control-{shop.folder.name}")
        daemons = [self.run_daemon(shop).until(" runs: ") for shop in shops]
        began = time.monotonic()
        eventually(lambda: any("duplicate_identity" in shop.status()["warnings"] for shop in shops),
                   lambda: [daemon.log() for daemon in daemons], patience_s=300)
        if LONG:
            minutes = 10
            time.sleep(max(0, began + 60 * minutes - time.monotonic()))
            connected = [line for line in self.link.log().splitlines() if "New client connected" in line and " gw-1" in
                         line.replace(".", " ")]
            self.assertLessEqual(len(connected), 2 * 2 * minutes)


if __name__ == "__main__":
    world.main()
