"""`doctor`: what it finds of a shop of captures, a real broker and a real store, stopped and running."""

import json
import subprocess

import world
from world import Scenario, Shop

CLIENT_ID = "acme.bkk-siam-01.gw-1"  # of the example's gateway


class Doctor(Scenario):
    def findings(self, shop, *options):
        """Exit status, what is good by check, and (number, verdict, check, text) of the rest."""
        answer = shop.ask("doctor", "--json", *options)
        lines = [json.loads(line) for line in answer.stdout.splitlines()]
        good = {line["check"]: line["text"] for line in lines if line["verdict"] == "good"}
        bad = [line for line in lines if line["verdict"] != "good"]
        for line in bad:
            self.assertTrue(line["cause"] and line["remedy"], line)
        self.assertEqual([line["number"] for line in bad], list(range(1, len(bad) + 1)))
        return answer.returncode, good, [line for line in bad if line["verdict"] == "fault"]

    def test_a_shop_that_runs_well_has_no_fault(self):
        broker = self.broker()
        shop = Shop(self.folder / "shop", broker.port)
        shop.seal()
        shop.take_profiles()
        self.run_daemon(shop).until("runs:")
        world.eventually(lambda: "not connected" not in shop.status()["broker"], "the link")
        status, good, faults = self.findings(shop)
        self.assertEqual((status, faults), (0, []))
        self.assertIn("connected", good["broker"])
        self.assertIn("3 of 3", good["campaigns"])
        self.assertIn("identifiers", good["profiles"])
        self.assertIn(", sealed,", good["store"])
        shop.good("pause")
        status, _, faults = self.findings(shop)
        self.assertEqual((status, [one["check"] for one in faults]), (1, ["gateway"]))

    def test_a_new_box_is_told_what_is_missing_in_both_languages(self):
        shop = Shop(self.folder / "shop")
        before = sorted(self.folder.rglob("*"))
        status, _, faults = self.findings(shop)
        self.assertEqual((status, [one["check"] for one in faults]), (1, ["gateway", "broker", "profiles"]))
        thai = shop.ask("doctor", "--lang", "th").stdout
        self.assertIn("1. ผิดปกติ gateway: เกตเวย์ไม่ได้ทำงาน", thai)
        self.assertIn("ให้ทำ: ", thai)
        self.assertEqual(sorted(self.folder.rglob("*")), before, "a file was written")

    def test_faults_of_configuration_store_keys_and_campaigns_are_found(self):
        shop = Shop(self.folder / "shop")
        shop.edit("gateway.toml", "sealed = false", 'key_file = "none.key"')
        shop.edit("gateway.toml", "allow_unsigned = true", 'trusted_keys = ["none.pem"]')
        for campaigns in (shop.configuration / "campaigns.d").iterdir():
            shop.edit(campaigns, "[[campaign]]\n", "[[campaign]]\nends = 2026-01-01T00:00:00Z\n")
        shop.store.mkdir(mode=0o755)
        status, good, faults = self.findings(shop)
        self.assertEqual(status, 1)
        texts = [one["text"] + one["cause"] for one in faults]
        self.assertTrue(any("none.key" in text for text in texts), texts)
        self.assertTrue(any("others can read" in text for text in texts), texts)
        self.assertTrue(any("none.pem" in text for text in texts), texts)
        self.assertNotIn("campaigns", good)
        (shop.configuration / "gateway.toml").write_text("[gateway]\n")
        status, good, faults = self.findings(shop)
        self.assertEqual((status, good), (1, {}))
        self.assertEqual({one["check"] for one in faults}, {"configuration"})

    def test_the_log_in_takes_nothing_of_what_the_broker_keeps_for_the_gateway(self):
        broker = self.broker(witnessed=False)  # what goes over it is not ours
        shop = Shop(self.folder / "shop", broker.port)
        def listen(*options):
            return subprocess.run(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-V", "mqttv5", "-q", "1",
                                   "-c", "-i", CLIENT_ID, "-x", "86400", "-t", "kept", *options], check=False,
                                  stdout=subprocess.PIPE, timeout=world.PATIENCE_S, encoding="utf-8").stdout
        listen("-E")  # subscribes, and leaves
        broker.publish("kept", "profiles")
        _, good, _ = self.findings(shop)
        self.assertIn(CLIENT_ID, good["broker"])
        self.assertEqual(listen("-C", "1", "-W", "5"), "profiles\n")

    def test_a_broker_that_lets_nobody_in_is_told_from_one_that_is_away(self):
        broker = self.broker(witnessed=False)  # who is let in by nobody
        broker.stop()
        conf = broker.folder / "mosquitto.conf"
        conf.write_text(conf.read_text().replace("allow_anonymous true", "allow_anonymous false"))
        shop = Shop(self.folder / "shop", broker.port)
        _, _, faults = self.findings(shop)
        self.assertIn("does not answer", [one["text"] for one in faults if one["check"] == "broker"][0])
        broker.start()
        _, _, faults = self.findings(shop)
        refused = [one for one in faults if one["check"] == "broker"][0]
        self.assertIn(f"does not let {CLIENT_ID} in", refused["text"])
        self.assertIn("not authorized", refused["cause"])


if __name__ == "__main__":
    world.main()
