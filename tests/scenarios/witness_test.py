"""Sees the witness of every scenario's broker find what is not of the contract."""

import world
from world import Scenario, Witness

GATEWAY = "beacon-gateway/v1/acme/bkk-siam-01/gw-1/"


class Seen(Scenario):
    def test_what_is_wrong_is_told_with_its_topic_and_what_was_wrong_on_purpose_is_not(self):
        link = self.broker(witnessed=False)
        witness = Witness(link, link.folder)
        self.addCleanup(witness.child.kill)
        link.publish(GATEWAY + "sync", '{"have_revision":7}')
        link.publish(GATEWAY + "sync", '{"have_revision":"7"}')
        link.publish(GATEWAY + "command", "garbage")
        link.publish(GATEWAY + "command", "more garbage")
        link.publish("elsewhere", "anything")
        faults = witness.faults({"garbage"}).splitlines()
        self.assertEqual([fault.split(": ")[0] for fault in faults], [GATEWAY + "sync", GATEWAY + "command", "elsewhere"])


if __name__ == "__main__":
    world.main()
