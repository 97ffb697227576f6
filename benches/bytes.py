#!/usr/bin/env python3
"""How many bytes go to a terminal, and so over ssh, in five minutes of looking at the same jobs, in one run.

    cargo build --release
    cargo install hwatch                           # for the comparison alone, as procps' watch
    benches/bytes.py [--seconds 300] [--trailwatch target/release/trailwatch] [--hwatch hwatch]

Four programs look at three worlds, each in a terminal of 80x24 of its own, all at the same time: the dashboard,
`trailwatch watch`, `watch -n 10 trailwatch list` and `hwatch -n 10 trailwatch list`. Trailwatch reads as often as it does by
itself, every 10 s where a job is active. The terminals answer what programs ask them, as modern ones do. Prints a table;
ends with 1 where `trailwatch watch` is not below `watch` and hwatch in each world.
"""

import argparse
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

# What happens: how the endpoint is started for it, and how many jobs are under way all the time.
WORLDS = {
    "nothing changes": (["--jobs", "44"], 0),
    "one job progresses": (["--accounts", "1"], 1),
    "twenty jobs progress": (["--accounts", "20"], 20),
}
# Questions of programs, and the answers: attributes, cursor, mode 2026 (updates shown whole), kitty's keys, background.
ANSWERS = [
    (rb"\x1b\[0?c", b"\x1b[?62;22c"),
    (rb"\x1b\[6n", b"\x1b[1;1R"),
    (rb"\x1b\[\?2026\$p", b"\x1b[?2026;2$y"),
    (rb"\x1b\[\?u", b"\x1b[?0u"),
    (rb"\x1b\]11;\?(?:\x07|\x1b\\)", b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
]
QUESTION = re.compile(b"|".join(b"(%s)" % question for question, _ in ANSWERS))
# What comes later than this is no more the first frame.
BEGINNING = 8


class Endpoint:
    """An emulator, and what it takes to read it: with a profile for each of its accounts."""

    def __init__(self, program, arguments):
        command = [program, "emulator", "--quota", "1000", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url, self.profiles = None, []
        region, fields = None, {}
        while len(self.profiles) < (1 if "--jobs" in arguments else int(arguments[-1])):
            line = self.process.stdout.readline()
            if not line:
                sys.exit("the emulator did not start")
            name, _, value = line.strip().lstrip("# ").removeprefix("export ").partition("=")
            if name == "TRAILWATCH_ENDPOINT":
                self.url = value
            elif name == "TRAILWATCH_REGION":
                region = value
            else:
                fields[name] = value
            if name == "ALIBABA_CLOUD_ACCESS_KEY_SECRET":
                self.profiles.append({
                    "name": f"account-{len(self.profiles) + 1}", "mode": "AK", "region_id": region,
                    "access_key_id": fields["ALIBABA_CLOUD_ACCESS_KEY_ID"], "access_key_secret": value,
                })

    def environment(self, home):
        """Variables for a program that reads it, whose home is there."""
        os.makedirs(f"{home}/.aliyun")
        with open(f"{home}/.aliyun/config.json", "w") as file:
            json.dump({"current": "account-1", "profiles": self.profiles}, file)
        return {
            "HOME": home, "PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8",
            "TRAILWATCH_ENDPOINT": self.url, "TRAILWATCH_PROFILE": ",".join(one["name"] for one in self.profiles),
        }


class Terminal:
    """A program in a pty, and all that it wrote."""

    def __init__(self, command, environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
                os.execvpe(command[0], command, environment)
            finally:
                os._exit(127)
        self.command, self.begun = command, time.monotonic()
        self.bytes, self.later, self.answered = bytearray(), 0, 0

    def read(self):
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if not data:
            sys.exit(f"{' '.join(self.command)} ended: {self.bytes[-500:]!r}")
        self.bytes += data
        if time.monotonic() - self.begun > BEGINNING:
            self.later += len(data)
        for match in QUESTION.finditer(self.bytes, self.answered):
            os.write(self.fd, ANSWERS[match.lastindex - 1][1])
            self.answered = match.end()

    def end(self):
        if b"audit" not in self.bytes:
            sys.exit(f"{' '.join(self.command)} shows no jobs: {self.bytes[-500:]!r}")
        os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def active(trailwatch, environment):
    """How many jobs are under way."""
    command = [trailwatch, "list", "--status", "active", "-o", "id"]
    return len(subprocess.run(command, env=environment, capture_output=True, check=True).stdout.split())


def watched(terminals, seconds):
    """Reads what they write for so long."""
    end, by_fd = time.monotonic() + seconds, {terminal.fd: terminal for terminal in terminals}
    while (rest := end - time.monotonic()) > 0:
        for fd in select.select(list(by_fd), [], [], rest)[0]:
            by_fd[fd].read()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=float, default=300)
    arguments.add_argument("--trailwatch", default="target/release/trailwatch")
    arguments.add_argument("--hwatch", default="hwatch")
    arguments.add_argument("--keep", metavar="DIR", help="keep there what each of them wrote")
    given = arguments.parse_args()
    trailwatch, hwatch, watch = (shutil.which(name) for name in (given.trailwatch, given.hwatch, "watch"))
    if None in (trailwatch, hwatch, watch):
        sys.exit("trailwatch, hwatch and watch are needed: see --help")
    trailwatch = os.path.abspath(trailwatch)
    programs = {
        "trailwatch": [trailwatch],
        "trailwatch watch": [trailwatch, "watch"],
        "watch -n 10 trailwatch list": [watch, "-n", "10", trailwatch, "list"],
        "hwatch -n 10 trailwatch list": [hwatch, "-n", "10", trailwatch, "list"],
    }
    endpoints, terminals = [], {}
    with tempfile.TemporaryDirectory() as homes:
        try:
            checks = []
            for world, (options, running) in WORLDS.items():
                endpoints.append(Endpoint(trailwatch, options))
                for name, command in programs.items():
                    environment = endpoints[-1].environment(f"{homes}/{world}/{name}")
                    terminals[name, world] = Terminal(command, environment)
                checks.append((world, running, environment))
            for seconds in (given.seconds, 0):
                for world, running, environment in checks:
                    if (found := active(trailwatch, environment)) != running:
                        sys.exit(f"{world}: {found} jobs are under way")
                watched(terminals.values(), seconds)
            for (name, world), terminal in terminals.items():
                terminal.end()
                if given.keep:
                    os.makedirs(given.keep, exist_ok=True)
                    with open(f"{given.keep}/{name}, {world}".replace(" ", "_"), "wb") as file:
                        file.write(terminal.bytes)
        finally:
            for endpoint in endpoints:
                endpoint.process.terminate()
                endpoint.process.wait()
    table(terminals, list(programs), given.seconds)
    _, ours, *theirs = programs
    total = lambda name, world: len(terminals[name, world].bytes)
    if any(total(ours, world) >= total(name, world) for world in WORLDS for name in theirs):
        sys.exit(1)


def table(terminals, names, seconds):
    """Prints what each of them wrote in each world."""
    print(f"Bytes in {seconds:.0f} s in a terminal of 80x24: in the first {BEGINNING} s, and afterwards\n")
    print("| " + " | ".join(["", *WORLDS]) + " |")
    print("|---" * (len(WORLDS) + 1) + "|")
    for name in names:
        cells = [terminals[name, world] for world in WORLDS]
        figures = [f"{len(cell.bytes) - cell.later:,} + {cell.later:,}" for cell in cells]
        print(f"| `{name}` | " + " | ".join(figures) + " |")


if __name__ == "__main__":
    main()
