"""In the guest, run by init: one bus for all, then the job's tests, each with a bluetoothd and controllers of its own.

The figures that the tests print and their outcome go to the console, what the daemons said to /share/log. Exit status 0: all passed.
"""

import importlib
import os
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "scenarios")]
os.environ.setdefault("BEACON_GATEWAY", "/share/bin/beacon-gateway")
SHARE = pathlib.Path("/share")


def start_bus():
    os.makedirs("/run/dbus", exist_ok=True)
    with open(SHARE / "log/dbus-daemon", "wb") as log:
        subprocess.run(["dbus-daemon", "--system", "--fork", "--nopidfile"], check=True, stdout=log, stderr=log)


class Outcome(unittest.TextTestResult):
    """One line a test, once it is over: the figures that it printed come before."""

    def startTest(self, test):
        unittest.TestResult.startTest(self, test)

    def _say(self, word, test):
        self.stream.writeln(f"{word}: {test.id()}")
        self.stream.flush()

    passed = 0

    def addSuccess(self, test):
        unittest.TestResult.addSuccess(self, test)
        self.passed += 1
        self._say("passed", test)

    def addFailure(self, test, err):
        unittest.TestResult.addFailure(self, test, err)
        self._say("FAILED", test)

    def addError(self, test, err):
        unittest.TestResult.addError(self, test, err)
        self._say("FAILED", test)

    def addSkip(self, test, reason):
        unittest.TestResult.addSkip(self, test, reason)
        self._say(f"skipped ({reason})", test)


def main():
    (SHARE / "log").mkdir(exist_ok=True)
    start_bus()
    name, _, only = sys.argv[1].partition(":")
    loader = unittest.TestLoader()
    if only:
        loader.testNamePatterns = [f"*{only}*"]
    tests = loader.loadTestsFromModule(importlib.import_module(f"{name}_test"))
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Outcome).run(tests)
    print(f"counts: {result.passed} passed, {len(result.failures) + len(result.errors)} failed, "
          f"{len(result.skipped)} skipped", flush=True)
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
