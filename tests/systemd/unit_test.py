#!/usr/bin/env python3
"""Reads a unit file as systemd does, and as a reviewer does: nothing that systemd would ignore, no line of hardening
or bounds without its reason in a comment above it. Usage: unit_test.py UNIT"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

FIRST_HEADING = "### Bounds"  # from here on every directive needs a reason


def without_reason(text: str) -> list[str]:
    """The directives after the first heading that have no comment above them; lines of one name in a row share it."""
    if FIRST_HEADING not in text:
        return [f"the heading '{FIRST_HEADING}' is missing"]
    found, reasoned, name = [], False, ""
    for line in text[text.index(FIRST_HEADING) :].splitlines():
        if line.startswith("["):
            break
        directive = re.match(r"(\w+)=", line)
        if directive:
            reasoned = reasoned and name in ("", directive[1])
            if not reasoned:
                found.append(f"no reason above: {line}")
            name = directive[1]
        else:
            reasoned, name = bool(re.match(r"# \S", line)), ""
    return found


def complaints_of_systemd(text: str) -> list[str]:
    """What `systemd-analyze verify` says; it exits 0 on a directive that it ignores, so its words count."""
    with tempfile.TemporaryDirectory() as folder:
        unit = Path(folder) / "beacon-gateway.service"
        unit.write_text(re.sub(r"^ExecStart=.*$", "ExecStart=/bin/true", text, flags=re.M))  # not installed here
        told = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    return [line for line in told.stderr.splitlines() if unit.name in line]


def main() -> int:
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    faults = without_reason(text) + complaints_of_systemd(text)
    planted = text.replace(FIRST_HEADING, FIRST_HEADING + "\nProtctHome=yes")
    if not without_reason(planted) or not complaints_of_systemd(planted):
        faults.append("the check itself is blind: a planted, misspelt line without a reason went through")
    print("\n".join(faults) or "every line is known to systemd and has its reason")
    return 1 if faults else 0


sys.exit(main())
