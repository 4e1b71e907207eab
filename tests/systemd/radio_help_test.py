#!/usr/bin/env python3
"""The privileged helper in a /sys of our own, with a systemctl that only tells. Usage: radio_help_test.py RADIO_HELP"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path


def run(helper, folder, trigger):
    """Exit status, and what systemctl was asked, or what `authorized` said during the pause."""
    (folder / "trigger").write_text(trigger)
    asked = folder / "asked"
    asked.unlink(missing_ok=True)
    environment = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "SYSFS": str(folder / "sys"), "PAUSE_S": "0"}
    done = subprocess.run([helper, folder / "trigger"], env=environment, capture_output=True, text=True, check=False)
    return done.returncode, asked.read_text().strip() if asked.exists() else ""


def faults(helper, folder):
    device = folder / "sys/devices/usb1/1-1"
    (device / "1-1:1.0/bluetooth/hci3").mkdir(parents=True)
    authorized = device / "authorized"
    (folder / "sys/devices/uart/bluetooth/hci0").mkdir(parents=True)
    for adapter, at in (("hci3", device / "1-1:1.0"), ("hci0", folder / "sys/devices/uart")):
        (folder / f"sys/class/bluetooth/{adapter}").mkdir(parents=True)
        (folder / f"sys/class/bluetooth/{adapter}/device").symlink_to(at)
    (folder / "bin").mkdir()
    (folder / "bin/systemctl").write_text(f'#!/bin/sh\necho "$@" >>{folder}/asked\n')
    (folder / "bin/sleep").write_text(f'#!/bin/sh\ncat {authorized} >>{folder}/asked\n')
    for program in (folder / "bin").iterdir():
        program.chmod(0o755)
    authorized.write_text("1\n")

    if run(helper, folder, "hci3\n") != (0, "0") or authorized.read_text() != "1\n":
        yield "an adapter on USB is not taken off its port and back"
    restarted = (0, "restart bluetooth.service")
    if run(helper, folder, "hci0\n") != restarted:
        yield "for an adapter that is not on USB bluetoothd is not restarted"
    if run(helper, folder, "hci7\n") != restarted:
        yield "for an adapter that is gone bluetoothd is not restarted"
    for wrong in ("", "hci", "hci3x", "../hci3", "hci3; reboot", "hci333", "$(reboot)", "root:x:0:0\nhci3\n"):
        if run(helper, folder, wrong) != (1, "") or authorized.read_text() != "1\n":
            yield f"{wrong!r} is taken for an adapter's name"


def main():
    with tempfile.TemporaryDirectory() as folder:
        found = list(faults(Path(sys.argv[1]).resolve(), Path(folder)))
    print("\n".join(found) or "the helper does what it is asked, and nothing else")
    return 1 if found else 0


sys.exit(main())
