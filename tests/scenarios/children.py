"""A real mosquitto and what listens to it, as children that die with their test.

Nothing is waited for by a fixed sleep; PATIENCE_S is only for what would otherwise hang.
"""

import ctypes
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PATIENCE_S = 180  # what takes a second on an idle machine may take a hundred under a sanitizer on a busy one
LOOK_AGAIN_S = 0.01
EVENTS = "/events/"  # in every topic of an event


def eventually(condition, what, patience_s=PATIENCE_S):
    """The first true answer of `condition`."""
    end = time.monotonic() + patience_s
    while not (answer := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"in {patience_s} s not seen: {what() if callable(what) else what}")
        time.sleep(LOOK_AGAIN_S)
    return answer


# Children.
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Child:
    """A process whose output goes to a file, so that nobody has to read it in time."""

    def __init__(self, command, out, err):
        with open(out, "ab") as out_file, open(err, "ab") as err_file:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out_file, stderr=err_file,
                                            preexec_fn=die_with_parent)

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """The exit status; negative: the signal it died of."""
        return self.process.wait(PATIENCE_S)

    def kill(self):
        if self.alive():
            self.process.kill()
        self.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# More than any test sends. mosquitto's own word for all is 0, with which it ends the connection with each PUBACK that refuses
# (eclipse-mosquitto/mosquitto#3244, until 2.0.22).
ALL = 1_000_000


class Broker:
    """A mosquitto on loopback. `most_queued`: for each client. It remembers what it took across `stop` and `start`
    if it is `durable`. `second_listener`: lines of its configuration; what they allow is not what the first one allows."""

    def __init__(self, folder, durable=True, denied_topic=None, most_queued=ALL, second_listener=()):
        self.folder = folder
        self.folder.mkdir()
        self.port = free_port()
        self.child = None
        lines = [f"listener {self.port} 127.0.0.1", "allow_anonymous true", f"max_queued_messages {most_queued}"]
        if durable:
            lines += ["persistence true", f"persistence_location {folder}/", "autosave_on_changes true", "autosave_interval 1"]
        if denied_topic:
            (folder / "acl").write_text(f"topic readwrite #\ntopic deny {denied_topic}\n")
            lines.append(f"acl_file {folder}/acl")
        if second_listener:
            lines = ["per_listener_settings true", *lines, *second_listener]
        if os.geteuid() == 0:
            lines.append("user root")  # else it becomes a user that cannot read our folder
        (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
        self.start()

    def start(self):
        command = [shutil.which("mosquitto", path=os.environ["PATH"] + ":/usr/sbin"), "-v", "-c",
                   self.folder / "mosquitto.conf"]

        def listens():
            if self.child is None or not self.child.alive():  # the port may be held for a moment
                self.child = Child(command, self.folder / "log", self.folder / "log")
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0 and self.child.alive()

        eventually(listens, lambda: "mosquitto listening: " + self.log())

    def stop(self):
        self.child.signal(signal.SIGTERM)
        self.child.wait()

    def freeze(self):
        self.child.signal(signal.SIGSTOP)

    def thaw(self):
        self.child.signal(signal.SIGCONT)

    def allow_all(self):
        """Nothing is denied from the next start on."""
        (self.folder / "acl").write_text("topic readwrite #\n")

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def until_subscribed(self, topic):
        """A gateway says `connected` before the broker has heard what it subscribes to."""
        eventually(lambda: f"{topic} (QoS 1)" in self.log(), f"the subscription to {topic}")

    def publish(self, topic, message, *options):
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.port), "-V", "mqttv5", "-q", "1", "-t", topic, "-m", message,
                        *options], check=True, timeout=PATIENCE_S)

    def publish_file(self, topic, file):
        """One message, as large as the file."""
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.port), "-V", "mqttv5", "-q", "1", "-t", topic, "-f", file],
                       check=True, timeout=PATIENCE_S)

    def retained(self, topic):
        """What the broker keeps on a topic, or None."""
        answer = subprocess.run(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.port), "-V", "mqttv5", "-q", "1", "-t", topic,
                                 "--retained-only", "-C", "1", "-W", "2"], stdout=subprocess.PIPE, timeout=PATIENCE_S)
        return json.loads(answer.stdout) if answer.stdout else None


def messages(lines):
    """(topic, payload) of what a subscriber wrote."""
    for line in lines.splitlines():
        topic, _, payload = line.split(" ", 2)
        yield topic, payload


class Subscriber:
    """The retailer's side: takes every message of `topics`, with a session that outlives the broker."""

    def __init__(self, broker, folder, topics="beacon-gateway/#"):
        self.broker, self.file, self.topics = broker, folder / "subscriber", topics
        self.barriers, self.child = 0, None
        broker.publish("barrier", "subscribed", "-r")
        self.resume()
        eventually(lambda: "barrier 1 subscribed" in self.lines(), "the subscription")

    def resume(self):
        """There, or there again after the broker was away."""
        if self.child:
            self.child.kill()
        self.child = Child(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.broker.port), "-V", "mqttv5", "-q", "1", "-c", "-i",
                            "subscriber", "-x", "86400", "-F", "%t %r %p", "-t", self.topics, "-t", "barrier"],
                           self.file, self.file.with_suffix(".errors"))

    def lines(self):
        text = self.file.read_text(encoding="utf-8", errors="replace")
        return text[: text.rfind("\n") + 1].splitlines()

    def messages(self):
        """(topic, payload) in the order of arrival."""
        return messages("\n".join(self.lines()))

    def events(self):
        """As `messages`, events only; repeats included."""
        return [payload for topic, payload in self.messages() if EVENTS in topic]

    def drain(self):
        """Waits until everything that was published before has arrived."""
        self.barriers += 1
        self.broker.publish("barrier", f"number {self.barriers}")
        eventually(lambda: f"barrier 0 number {self.barriers}" in self.lines(), "the end of what was published")


class Witness:
    """Sees every message that any topic of a broker carries, for the contract."""

    def __init__(self, broker, folder):
        self.broker, self.file = broker, folder / "witness"
        broker.publish("barrier", "witnessed", "-r")
        self.child = None
        self.resume()
        eventually(lambda: self.saw("witnessed"), "the witness")

    def resume(self):
        """There, or there again after the broker was away."""
        if self.child:
            self.child.kill()
        self.child = Child(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.broker.port), "-V", "mqttv5", "-q", "1", "-c", "-i",
                            "witness", "-x", "86400", "-F", "%t %x", "-t", "#"], self.file, self.file.with_suffix(".errors"))

    def lines(self):
        text = self.file.read_text(encoding="utf-8")
        return text[: text.rfind("\n") + 1].splitlines()

    def saw(self, barrier):
        return f"barrier {barrier.encode().hex()}" in self.lines()

    def faults(self, wrong):
        """What is not as the contract says, as text. `wrong`: payloads that were sent wrong on purpose."""
        if self.broker.child.alive():  # else it saw what it saw
            self.broker.thaw()
            self.resume()  # the broker may have been away
            self.broker.publish("barrier", "the end", "-r")
            eventually(lambda: self.saw("the end"), "the end of what was published")
        self.child.kill()
        excused = self.file.with_suffix(".wrong")
        excused.write_text("\n".join(payload.encode().hex() for payload in wrong), encoding="utf-8")
        messages = "\n".join(line for line in self.lines() if not line.startswith("barrier "))
        return contract_check("validate_wire.py", REPOSITORY / "config/contract", excused, input=messages)


def contract_faults(validator, *arguments, **options):
    return contract_check(validator, REPOSITORY / "config/contract/schemas", *arguments, **options)


def contract_check(validator, *arguments, **options):
    """What a check of tests/contract finds wrong, as text."""
    command = ["/usr/bin/python3", "-B", REPOSITORY / "tests/contract" / validator, *arguments]
    return subprocess.run(command, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **options).stdout
