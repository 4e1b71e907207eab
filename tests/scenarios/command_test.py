"""What the orchestrator asks of one gateway over the broker: done, answered, bounded."""

import json

import world
from sync_test import GATEWAY, Synced, shopper

import orchestrator
from orchestrator import Orchestrator

REPLIES = "beacon-gateway/v1/acme/reply/desk-7"


class Commanded(Synced):
    def setUp(self):
        super().setUp()
        self.desk = Orchestrator(self.key)  # each topic has its own `seq`
        self.answers = 0

    def put(self, message, *properties):
        self.link.publish(GATEWAY + "command", message, *properties)

    def ask(self, word, **fields):
        """The answer on the gateway's own topic."""
        message = self.desk.sign({"command": word, **fields})
        if word == "format_disk":
            self.wrong_on_purpose.add(message)
        self.put(message)
        self.answers += 1
        world.eventually(lambda: len(self.said("reply")) == self.answers, lambda: f"the answer to {word}")
        return json.loads(self.said("reply")[-1])

    def test_each_command_is_done_and_answered(self):
        daemon = self.start()
        self.send(*self.sender.increments([shopper(1), shopper(2)]))
        self.until_met(1)
        self.assertEqual(self.ask("pause"), {"command": "pause", "ok": True})
        self.assertTrue(self.shop.status()["paused"])
        self.assertTrue(self.ask("resume")["ok"])
        self.assertFalse(self.shop.status()["paused"])

        asked = len(self.said("sync"))
        self.assertTrue(self.ask("sync")["ok"])
        world.eventually(lambda: len(self.said("sync")) > asked, "the revision told at once")

        self.assertTrue(self.ask("identify")["ok"])
        self.assertTrue(self.shop.status()["identify"])
        self.assertIn("THIS IS THE BOX", self.shop.good("status"))
        daemon.until("identify: this is gateway /acme/bkk-siam-01/gw-1")

        self.assertTrue(self.ask("reload")["ok"])
        self.shop.edit("gateway.toml", "[gateway]\n", "[gateway]\nsurprise = 1\n")
        refused = self.ask("reload")
        self.assertEqual((refused["ok"], refused["error"]), (False, "failed"))
        self.assertIn("log", refused["detail"])
        self.shop.edit("gateway.toml", "surprise = 1\n", "")

        self.assertTrue(self.ask("erase", shopper_id="shopper-1")["ok"])
        self.until_erased(1)
        self.assertEqual(self.shop.held(), {"shopper-2"})
        self.assertEqual(self.ask("erase", shopper_id="shopper-2", version=0)["error"], "version_behind")
        self.assertEqual(self.shop.held(), {"shopper-2"})
        self.assertEqual(self.ask("format_disk")["error"], "unknown_command")
        self.assertEqual(self.counter("commands_unknown_command"), 1)
        self.assertEqual(self.counter("commands"), 6)
        self.assertNotIn("shopper-", daemon.log())
        self.stop(daemon)

    def test_an_answer_goes_where_it_was_asked_for_within_the_tenant(self):
        daemon = self.start()
        listener = world.Child(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.link.port), "-V", "mqttv5", "-q", "1",
                                "-F", "%t %D %p", "-t", REPLIES, "-t", GATEWAY + "reply", "-t", "elsewhere/#"],
                               self.folder / "answers", self.folder / "answers.errors")
        self.addCleanup(listener.kill)
        world.eventually(lambda: "elsewhere/# (QoS 1)" in self.link.log(), "the subscription")

        def answered():
            return (self.folder / "answers").read_text(encoding="utf-8").splitlines()

        self.put(self.desk.sign({"command": "pause"}), "-D", "publish", "response-topic", REPLIES,
                 "-D", "publish", "correlation-data", "question-1")
        world.eventually(lambda: len(answered()) == 1, "the answer")
        self.assertEqual(answered()[0], f'{REPLIES} question-1 {{"command":"pause","ok":true}}')

        self.put(self.desk.sign({"command": "resume"}), "-D", "publish", "response-topic", "elsewhere/reply",
                 "-D", "publish", "correlation-data", "question-2")
        world.eventually(lambda: len(answered()) == 2, "the refusal")
        topic, correlation, payload = answered()[1].split(" ", 2)
        self.assertEqual((topic, correlation, json.loads(payload)["error"]), (GATEWAY + "reply", "question-2", "reply_topic"))
        self.assertTrue(self.shop.status()["paused"], "refused as a whole")
        self.stop(daemon)

    def test_what_is_old_strange_or_too_much_does_nothing(self):
        daemon = self.start()
        pause = self.desk.sign({"command": "pause"})
        self.put(pause)
        world.eventually(lambda: len(self.said("reply")) == 1, "the answer")
        self.answers = 1
        self.ask("resume")
        self.put(pause)
        world.eventually(lambda: self.counter("downlink_repeated") == 1, "the repeat counted")
        stranger = self.folder / "stranger.pem"
        orchestrator.make_key(stranger)
        self.put(Orchestrator(stranger, seq=1000).sign({"command": "pause"}, kid="orchestrator.pub"))
        world.eventually(lambda: self.counter("downlink_bad_signature") == 1, "the stranger counted")
        astray = self.desk.sign({"command": "pause", "gateway": "gw-2"})
        self.wrong_on_purpose.add(astray)
        self.put(astray)
        world.eventually(lambda: self.counter("downlink_other_gateway") == 1, "another gateway's counted")
        self.assertFalse(self.shop.status()["paused"])

        flood = [self.desk.sign({"command": "identify"}) for _ in range(60)]
        orchestrator.publish(flood, self.link.port, GATEWAY + "command")
        world.eventually(lambda: self.counter("commands") + self.counter("commands_rate_limited") == 62, self.shop.status)
        self.assertGreater(self.counter("commands_rate_limited"), 0)
        world.eventually(lambda: len(self.said("reply")) == 62 - self.counter("replies_dropped"), "the answers")
        self.stop(daemon)

        daemon = self.start()
        self.put(pause)
        world.eventually(lambda: self.counter("downlink_repeated") == 1, "an old `seq` after a restart")
        self.assertFalse(self.shop.status()["paused"])
        self.stop(daemon)


if __name__ == "__main__":
    world.main()
