#!/usr/bin/python3
"""Runs the gateway on a real bluetoothd and emulated controllers, in guests without root, radio or KVM.

usage: vm_test.py BUILD_DIR [--short] [--kernel user-mode|stock] [--suite bookworm|trixie] [JOB[:TEST] ...]

BUILD_DIR holds the gateway and tests/vm/controller_emulator. Kernels and guest roots are made when they are first needed
(build_kernel, build_root) and kept in ~/.cache/beacon-gateway/vm. --short: one job on Debian's own kernel, which needs no build of a kernel.
What the daemons of the guest said is kept in BUILD_DIR/vm/RUN/log. The last line is "N passed, N failed".
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "beacon-gateway/vm"

# Simulated time, and nobody else's load: all that measures or breaks something. Debian's own kernel shows that the product
# works on what shops run.
JOBS = [(kernel, suite, job)
        for kernel, jobs in (("user-mode", ("welcome", "packets", "recovery", "beacon", "clients", "flood", "clock", "record")), ("stock", ("welcome",)))
        for suite in ("bookworm", "trixie") for job in jobs]
SHORT = [("stock", "bookworm", "welcome")]

# What would otherwise hang: the longest job (recovery) takes two minutes on an idle machine, and eight on one that is busy.
BOOT_LIMIT_S = {"user-mode": 1200, "stock": 300}
MEMORY_MB = 512
# Work costs no simulated time, so a busy machine changes no figure; but where it is asked how much bluetoothd can take, it
# does. (BlueZ 5.82 reads the clock 90 times a report, a slow system call in this kernel only: it is not asked.)
WORK_COSTS_TIME = {("bookworm", "packets")}
USER_MODE = "con=null con0=fd:0,fd:1 ssl=null root=/dev/root rootfstype=hostfs ro init=/init"
# An emulated processor: what the kernel would measure or wait for at its start is said to it.
STOCK = ("console=ttyS0 nokaslr mitigations=off tsc=reliable no_timer_check lpj=4000000 random.trust_cpu=on cryptomgr.notests "
         "audit=0 apparmor=0")
# /dev/kvm may exist where it cannot run a kernel: tcg, said explicitly, runs everywhere.
QEMU = ["qemu-system-x86_64", "-machine", "pc,graphics=off,vmport=off,usb=off", "-accel", "tcg,thread=multi,tb-size=256",
        "-cpu", "max", "-smp", "2", "-m", str(MEMORY_MB), "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
        "-serial", "stdio", "-monitor", "none", "-nic", "none", "-device", "virtio-rng-pci,romfile="]


class Unable(Exception):
    """What cannot be done on this machine, and what to do about it."""


def made_by(*command):
    """The path that a build script prints; its progress goes to our standard error."""
    answer = subprocess.run([HERE / command[0], *map(str, command[1:])], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    if answer.returncode != 0:
        raise Unable(f"{command[0]} failed; the lines above say why")
    return pathlib.Path(answer.stdout.decode().strip())


# The guest may be of another suite than the machine that built the gateway: a program comes with all its libraries.
def bring(program, share):
    (share / "bin").mkdir(exist_ok=True)
    (share / "lib").mkdir(exist_ok=True)
    name = program.name
    if not program.is_file():
        raise Unable(f"{program} is not built: ./dev build release")
    shutil.copy2(program, share / "lib" / name)
    loader = None
    for line in subprocess.run(["ldd", program], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout.splitlines():
        found = re.search(r"(/\S+) \(0x", line)
        if found:
            path = pathlib.Path(found.group(1))
            loader = path if path.name.startswith("ld-linux") else loader
            shutil.copy2(path, share / "lib" / path.name)
    wrapper = share / "bin" / name
    wrapper.write_text(f'#!/bin/sh\nexec /share/lib/{loader.name} --library-path /share/lib /share/lib/{name} "$@"\n')
    wrapper.chmod(0o755)


def boot_command(kernel, suite, job, share):
    if kernel == "user-mode":
        linux = made_by("build_kernel", CACHE)
        root = made_by("build_root", suite, CACHE)
        time_travel = "time-travel" if (suite, job.split(":")[0]) in WORK_COSTS_TIME else "time-travel=inf-cpu"
        return [linux, f"mem={MEMORY_MB}M", time_travel, *USER_MODE.split(), f"rootflags={root}", "quiet", "loglevel=4", "panic=-1",
                f"share={share}", f"repository={REPOSITORY}", f"job={job}"]
    root = made_by("build_root", suite, CACHE, "--stock-kernel")
    folders = []
    for name, path, rights in (("root", root, ",readonly=on"), ("share", share, ""), ("repository", REPOSITORY, ",readonly=on")):
        folders += ["-virtfs", f"local,path={path},mount_tag={name},security_model=none,id={name}{rights}"]
    return [*QEMU, "-kernel", f"{root}.kernel/vmlinux", "-initrd", f"{root}.kernel/initrd", *folders,
            "-append", f"{STOCK} quiet loglevel=4 panic=-1 job={job}"]


CHATTER = re.compile(r"^(Core dump limits|Checking |\[ *\d+\.\d+\]|\s*$|SeaBIOS|reboot: |-+$|Ran \d+ test|OK$|FAILED \(|"
                     r"Bluetooth: hci\d+: |ERROR:dbus)")
TERMINAL_CODES = re.compile(r"\x1b(c|\[[0-9;?]*[A-Za-z])|Booting from ROM\.\.")  # SeaBIOS puts them before our first line


def boot(command, limit_s, console):
    """Runs the guest to its end or for `limit_s`, passes on what it says, and gives the last counts, or None."""
    limited = ["timeout", "--kill-after=5", str(limit_s), *map(str, command)]
    guest = subprocess.Popen(limited, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             encoding="utf-8", errors="replace", start_new_session=True)
    counts = None
    try:
        with open(console, "w", encoding="utf-8") as kept:
            for line in guest.stdout:
                kept.write(line)
                line = TERMINAL_CODES.sub("", line)
                found = re.match(r"counts: (\d+) passed, (\d+) failed, (\d+) skipped", line)
                counts = tuple(map(int, found.groups())) if found else counts
                if not found and not CHATTER.match(line):
                    print("  " + line.rstrip(), flush=True)
    finally:  # an interrupted run leaves no guest behind
        if guest.poll() is None:
            os.killpg(guest.pid, signal.SIGKILL)
        guest.wait()
    return counts


def run(kernel, suite, job, build):
    name = f"{kernel}-{suite}-{job.replace(':', '-')}"
    share = build / "vm" / name
    shutil.rmtree(share, ignore_errors=True)
    share.mkdir(parents=True)
    for program in ("beacon-gateway", "tests/vm/controller_emulator"):
        bring(build / program, share)
    command = boot_command(kernel, suite, job, share)
    print(f"{job} on {suite}'s BlueZ, {kernel} kernel:", flush=True)
    began = time.monotonic()
    counts = boot(command, BOOT_LIMIT_S[kernel], share / "console")
    took = time.monotonic() - began
    if counts is None:
        why = "the guest ended without an outcome" if took < BOOT_LIMIT_S[kernel] else f"no outcome within {BOOT_LIMIT_S[kernel]} s"
        print(f"  FAILED: {why}: see {share}/console and {share}/log")
        counts = (0, 1, 0)
    elif counts[1]:
        print(f"  what the daemons said: {share}/log")
    print(f"  {took:.1f} s", flush=True)
    return counts


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("vm_test: ended by a signal"))
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("build", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--kernel", choices=("user-mode", "stock"))
    parser.add_argument("--suite", choices=("bookworm", "trixie"))
    parser.add_argument("jobs", nargs="*")
    options = parser.parse_intermixed_args()

    chosen = [(kernel, suite, wanted or job) for kernel, suite, job in (SHORT if options.short else JOBS)
              for wanted in (options.jobs or [None])
              if options.kernel in (None, kernel) and options.suite in (None, suite) and (wanted is None or wanted.split(":")[0] == job)]
    if not chosen:
        sys.exit(f"no such job; there are {sorted({job for _, _, job in JOBS})}")
    try:
        outcomes = [run(*one, options.build) for one in chosen]
    except Unable as fault:
        sys.exit(f"vm_test: {fault}")
    passed, failed, skipped = map(sum, zip(*outcomes))
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
