#!/usr/bin/env python3
"""The house's arrows point down: checks every #include of firmware-gateway/ and drivers/ against the tables below.

Usage: include_test.py ROOT       checks the tree; prints each fault as FILE:LINE: text, exits 1 if there is one
       include_test.py --self-test   plants one violation after the other in a small tree and wants each found"""

import re
import sys
import tempfile
from pathlib import Path

# A floor, and the floors or single headers it may include besides itself; * takes the folders in it too.
MAY_INCLUDE = {
    "core": [],
    "core/beacon": ["core"],
    "core/identity": ["core", "core/beacon"],
    "core/presence": ["core", "core/beacon", "core/identity"],
    "core/journey": ["core", "core/beacon", "core/identity", "core/presence"],
    "core, above its folders": ["core", "core/beacon", "core/identity", "core/presence", "core/journey"],
    "ports": ["core*"],
    "messages": ["core*"],
    "settings": ["core*"],
    "gateway": ["core*", "ports", "settings/settings.hpp"],
    "runtime": ["core*", "ports", "settings", "gateway"],
    "cli": ["core*", "ports", "messages", "settings", "gateway", "runtime"],
    "drivers": ["core*", "ports", "messages"],  # each folder of it for itself
    "main": ["core*", "ports", "messages", "settings", "gateway", "runtime", "cli", "drivers*"],
}

# Files (without ending) that stand on another floor than their folder says.
ELSEWHERE = {
    "core/profile": "core/identity",  # holds identifiers
    "core/downlink": "core, above its folders",  # holds profiles
    "core/event": "core, above its folders",
    "core/outbox_row": "core, above its folders",
    "main": "main",
}

# The folders and files that may include a foreign library, by how its headers begin; in .cpp only, but for LOOSE.
FOREIGN = {
    "CLI/": ["cli/", "main"],
    "arm_neon.h": ["core/identity/irk_scan_hardware"],
    "date/": ["settings/"],
    "immintrin.h": ["core/identity/irk_scan_hardware"],
    "mqtt/": ["drivers/mqtt/"],
    "nlohmann/": ["messages/"],
    "openssl/": ["core/digest", "core/identity/aes", "core/identity/rotating_codes", "messages/signed_message", "drivers/"],
    "sqlite3.h": ["drivers/sqlite/"],
    "sys/auxv.h": ["core/identity/irk_scan_hardware"],  # which instructions the processor has
    "sdbus-c++/": ["drivers/bluez/bus"],
    "systemd/sd-bus.h": ["drivers/bluez/message"],
    "sys/mman.h": ["core/identity/large_pages", "drivers/mqtt/credentials"],  # advice to the kernel; keys in memory as files
    "systemd/": ["drivers/system/"],
    "toml++/": ["settings/"],
    "fmt/": ["messages/", "settings/", "gateway", "delivery", "runtime/", "cli/", "drivers/", "main"],
    "spdlog/": ["gateway", "delivery", "runtime/", "cli/", "drivers/", "main"],
    "tl/": [""],
}
LOOSE = {"fmt/", "spdlog/", "tl/"}  # no types of theirs bind anyone: headers may include them too
IN_ONE_FILE = {"CLI/"}  # slow to compile

# The core has no clock, log, lock or I/O, and nothing random.
NOT_IN_CORE = set(
    "atomic condition_variable filesystem fstream future iostream latch mutex random semaphore shared_mutex "
    "stop_token thread".split()
)
POSIX = ["runtime/", "cli/", "drivers/", "main"]  # who may include <unistd.h> and its kind

GENERATED = ".in"  # the build makes FILE of FILE.in

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
CLOCK = re.compile(r"_clock::now\b|\b(gettimeofday|clock_gettime|localtime|time)\(\s*(nullptr|NULL|&|0\))")


def stem(path: str) -> str:
    return path.rsplit(".", 1)[0]


def floor(path: str) -> str:
    """The floor of a file, named from firmware-gateway/ or, for drivers, from the root."""
    if stem(path) in ELSEWHERE:
        return ELSEWHERE[stem(path)]
    parts = path.split("/")
    if len(parts) == 1:
        return "gateway"
    folder = "/".join(parts[:2])
    return folder if folder in MAY_INCLUDE or (parts[0] == "drivers" and len(parts) > 2) else parts[0]


def may_include(path: str, header: str) -> bool:
    upper, lower = floor(path), floor(header)
    allowed = MAY_INCLUDE.get(upper, MAY_INCLUDE["drivers"] if upper.startswith("drivers/") else [])
    return lower == upper or any(
        one in (lower, header) or (one.endswith("*") and lower.startswith(one[:-1])) for one in allowed
    )


def foreign_fault(path: str, header: str) -> str | None:
    if "." not in header and "/" not in header:
        return f"the core has no <{header}>" if path.startswith("core/") and header in NOT_IN_CORE else None
    library = next((name for name in FOREIGN if header.startswith(name)), None)
    if library is None:
        is_posix = header.endswith(".h")
        if is_posix and any(path.startswith(place) for place in POSIX):
            return None
        return f"<{header}> belongs to the edges" if is_posix else f"<{header}> has no owner in the table"
    if not any(path.startswith(place) for place in FOREIGN[library]):
        return f"<{header}> is not for this folder"
    if not path.endswith(".cpp") and library not in LOOSE:
        return f"<{header}> in a header: only .cpp files may show a foreign library"
    return None


def cycle(graph: dict[str, list[str]]) -> list[str]:
    """The files of one circle of includes, or nothing."""
    done: set[str] = set()

    def walk(file: str, trail: list[str]) -> list[str]:
        if file in trail:
            return trail[trail.index(file) :] + [file]
        if file not in done:
            for below in graph.get(file, []):
                if found := walk(below, trail + [file]):
                    return found
            done.add(file)
        return []

    return next((found for file in graph if (found := walk(file, []))), [])


def check(root: Path) -> list[str]:
    faults, graph, users = [], {}, {}
    product = root / "firmware-gateway"
    files = [p for folder in (product, root / "drivers") for p in folder.rglob("*") if p.suffix in (".hpp", ".cpp", ".h")]
    for file in sorted(files):
        path = (file.relative_to(product) if file.is_relative_to(product) else file.relative_to(root)).as_posix()
        graph[path] = []
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            fault = None
            if include := INCLUDE.match(line):
                quote, header = include.groups()
                if quote == "<":
                    fault = foreign_fault(path, header)
                    for library in IN_ONE_FILE:
                        if header.startswith(library):
                            users.setdefault(library, set()).add(path)
                elif not any((p / (header + end)).exists() for p in (product, root) for end in ("", GENERATED)):
                    fault = f'"{header}": write the path from firmware-gateway/ or the root'
                elif header.startswith("tests/"):
                    fault = "the product includes no test"
                else:
                    graph[path].append(header)
                    if not may_include(path, header):
                        fault = f'{floor(path)} must not include {floor(header)} ("{header}")'
            elif path.startswith("core/") and CLOCK.search(line):
                fault = "the core reads no clock: time comes in as an Instant"
            if fault:
                faults.append(f"{file.relative_to(root)}:{number}: {fault}")
    for library, paths in users.items():
        if len(paths) > 1:
            faults.append(f"{library} is slow to compile and belongs to one file, not to {', '.join(sorted(paths))}")
    if circle := cycle(graph):
        faults.append("circle of includes: " + " -> ".join(circle))
    if not graph:
        faults.append(f"no source found under {root}")
    return faults


# A small tree without fault.
SOUND = {
    "firmware-gateway/core/time.hpp": "#include <chrono>\n",
    "firmware-gateway/core/profile.hpp": '#include "core/beacon/frame.hpp"\n',
    "firmware-gateway/core/digest.cpp": "#include <openssl/evp.h>\n",
    "firmware-gateway/core/beacon/frame.hpp": '#include "core/time.hpp"\n',
    "firmware-gateway/core/identity/index.hpp": '#include "core/profile.hpp"\n',
    "firmware-gateway/core/presence/track.hpp": '#include "core/identity/index.hpp"\n',
    "firmware-gateway/core/journey/decide.hpp": '#include "core/presence/track.hpp"\n',
    "firmware-gateway/core/event.hpp": '#include "core/journey/decide.hpp"\n',
    "firmware-gateway/ports/radio.hpp": '#include "core/event.hpp"\n#include <tl/expected.hpp>\n',
    "firmware-gateway/messages/event_json.hpp": '#include "core/event.hpp"\n',
    "firmware-gateway/messages/event_json.cpp": "#include <nlohmann/json.hpp>\n",
    "firmware-gateway/settings/settings.hpp": '#include "core/time.hpp"\n',
    "firmware-gateway/settings/read.hpp": '#include "settings/settings.hpp"\n',
    "firmware-gateway/settings/read.cpp": "#include <toml++/toml.h>\n",
    "firmware-gateway/gateway.hpp": '#include "ports/radio.hpp"\n#include "settings/settings.hpp"\n',
    "firmware-gateway/runtime/loop.hpp": '#include "gateway.hpp"\n#include <poll.h>\n#include "settings/read.hpp"\n',
    "firmware-gateway/cli/run.hpp": '#include "runtime/loop.hpp"\n#include "messages/event_json.hpp"\n',
    "firmware-gateway/cli/command_line.cpp": '#include <CLI/CLI.hpp>\n#include "cli/version.hpp"\n',
    "firmware-gateway/cli/version.hpp.in": "",
    "drivers/mqtt/uplink.hpp": '#include "ports/radio.hpp"\n#include "messages/event_json.hpp"\n',
    "drivers/mqtt/uplink.cpp": '#include <mqtt/async_client.h>\n#include "drivers/mqtt/uplink.hpp"\n',
    "drivers/capture/reader.hpp": "#include <spdlog/spdlog.h>\n",
    "firmware-gateway/main.cpp": '#include "cli/run.hpp"\n#include "drivers/mqtt/uplink.hpp"\n',
    "tests/fakes/radio.hpp": "",
}

# What is planted at the end of which file, and a word of the fault that it must be.
VIOLATIONS = [
    ("firmware-gateway/core/time.hpp", '#include "core/beacon/frame.hpp"', "core must not include core/beacon"),
    ("firmware-gateway/core/time.hpp", '#include "core/event.hpp"', "core must not include core, above"),
    ("firmware-gateway/core/beacon/frame.hpp", '#include "core/profile.hpp"', "must not include core/identity"),
    ("firmware-gateway/core/identity/index.hpp", '#include "core/presence/track.hpp"', "must not include"),
    ("firmware-gateway/core/presence/track.hpp", '  #  include "core/journey/decide.hpp"', "must not include"),
    ("firmware-gateway/core/journey/decide.hpp", '#include "core/event.hpp"', "must not include"),
    ("firmware-gateway/core/event.hpp", '#include "ports/radio.hpp"', "must not include ports"),
    ("firmware-gateway/core/time.hpp", "#include <mutex>", "the core has no <mutex>"),
    ("firmware-gateway/core/time.hpp", "auto now = std::chrono::system_clock::now();", "reads no clock"),
    ("firmware-gateway/core/time.hpp", "#include <unistd.h>", "belongs to the edges"),
    ("firmware-gateway/core/time.hpp", "#include <spdlog/spdlog.h>", "not for this folder"),
    ("firmware-gateway/core/profile.hpp", "#include <openssl/evp.h>", "not for this folder"),
    ("firmware-gateway/ports/radio.hpp", '#include "settings/settings.hpp"', "ports must not include"),
    ("firmware-gateway/messages/event_json.hpp", '#include "ports/radio.hpp"', "messages must not include"),
    ("firmware-gateway/messages/event_json.hpp", "#include <nlohmann/json.hpp>", "only .cpp files"),
    ("firmware-gateway/settings/read.cpp", '#include "messages/event_json.hpp"', "settings must not include"),
    ("firmware-gateway/gateway.hpp", '#include "settings/read.hpp"', "gateway must not include settings"),
    ("firmware-gateway/gateway.hpp", '#include "runtime/loop.hpp"', "gateway must not include runtime"),
    ("firmware-gateway/runtime/loop.hpp", '#include "messages/event_json.hpp"', "runtime must not include"),
    ("firmware-gateway/runtime/loop.hpp", '#include "cli/run.hpp"', "runtime must not include cli"),
    ("firmware-gateway/cli/run.hpp", '#include "drivers/mqtt/uplink.hpp"', "cli must not include drivers/mqtt"),
    ("firmware-gateway/cli/run.cpp", "#include <CLI/CLI.hpp>", "belongs to one file"),
    ("drivers/mqtt/uplink.cpp", '#include "drivers/capture/reader.hpp"', "must not include drivers/capture"),
    ("drivers/mqtt/uplink.cpp", '#include "runtime/loop.hpp"', "must not include runtime"),
    ("drivers/mqtt/uplink.cpp", '#include "settings/settings.hpp"', "must not include settings"),
    ("drivers/mqtt/uplink.hpp", "#include <mqtt/async_client.h>", "only .cpp files"),
    ("drivers/mqtt/uplink.cpp", "#include <sqlite3.h>", "not for this folder"),
    ("drivers/mqtt/uplink.cpp", "#include <curl/curl.hpp>", "no owner in the table"),
    ("drivers/mqtt/uplink.cpp", '#include "uplink.hpp"', "write the path from"),
    ("drivers/mqtt/uplink.cpp", '#include "tests/fakes/radio.hpp"', "no test"),
    ("drivers/mqtt/uplink.hpp", '#include "drivers/mqtt/uplink.hpp"', "circle of includes"),
]


def faults_with(path: str, text: str) -> list[str]:
    """The faults of the sound tree with `text` added to the file at `path`."""
    with tempfile.TemporaryDirectory() as folder:
        for name, sound in {path: "", **SOUND}.items():
            file = Path(folder) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(sound + (text + "\n" if name == path else ""), encoding="utf-8")
        return check(Path(folder))


def self_test() -> list[str]:
    faults = [f"sound tree: {fault}" for fault in faults_with("firmware-gateway/core/time.hpp", "// nothing")]
    for path, text, expected in VIOLATIONS:
        found = faults_with(path, text)
        if not any(expected in fault for fault in found):
            faults.append(f"{path}: {text}: wanted '{expected}', got {found}")
    return faults


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    faults = self_test() if sys.argv[1] == "--self-test" else check(Path(sys.argv[1]))
    print("\n".join(faults) or "all arrows point down")
    return 1 if faults else 0


sys.exit(main())
