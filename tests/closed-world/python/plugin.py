"""Looks for the world outside in the way that its settings name, and logs what it got."""

import datetime
import encodings.idna  # noqa: F401  What encodes host names is found while the plugin is built, or not at all.
import json
import os
import random
import socket
import sys
import time
import uuid
from collections.abc import Callable

from wit_world import exports
from wit_world.imports import log, settings

HOUR = 60 * 60


def tell(what: str, got: object) -> None:
    log.write(log.Level.INFO, f"{what}: {got!r}")


def tried(what: str, attempt: Callable[[], object]) -> None:
    """The kind of error is what it got: its text names a system's number for it."""
    try:
        tell(what, attempt())
    except Exception as e:
        tell(what, type(e).__name__)


def files() -> None:
    for path in ["/etc/passwd", "plugin.py", "/dev/urandom", "../../etc/passwd"]:
        tried(path, lambda path=path: open(path, "rb").read(16))
    tried("folder", lambda: os.listdir("/"))
    tried("new file", lambda: open("/tmp/new", "w"))
    tried("new folder", lambda: os.mkdir("/new"))


def clock() -> None:
    tell("seconds", time.time())
    tell("later", time.time_ns() - time.time_ns())
    tell("date", datetime.datetime.now(datetime.timezone.utc).isoformat())
    started = time.monotonic_ns()
    tell("worked for", sum(range(100_000)))
    tell("took", time.monotonic_ns() - started)


def environment() -> None:
    tell("variables", dict(os.environ))
    tell("arguments", sys.argv)
    tried("user", lambda: os.getlogin())
    tell("terminals", [stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)])


def randomness() -> None:
    tell("system", os.urandom(4).hex())
    tell("uuid", str(uuid.uuid4()))
    tell("seeded afresh", random.SystemRandom().random())


def random_without_end() -> None:
    while True:
        os.urandom(1 << 16)


def sockets() -> None:
    tried("connect", lambda: socket.create_connection(("127.0.0.1", 80)))
    tried("listen", lambda: socket.create_server(("127.0.0.1", 0)))
    tried("datagram", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 53)))
    tried("name", lambda: socket.getaddrinfo(b"example.org", 80))


def output() -> None:
    print("to standard output")
    print("to standard error", file=sys.stderr)
    print("£" * 2_000)
    print("without an end", end="", flush=True)


def output_without_end() -> None:
    while True:
        sys.stdout.write("x" * 4_096)


def standard_input() -> None:
    tried("read", lambda: sys.stdin.read())


def sleep() -> None:
    started = time.monotonic()
    time.sleep(HOUR)
    tell("slept for", time.monotonic() - started)


def processes() -> None:
    tried("process", lambda: os.system("ls"))
    tried("fork", lambda: os.fork())


def leave() -> None:
    print("leaving: criterion crime-1 has no rule", file=sys.stderr, flush=True)
    os._exit(0)


def throw() -> None:
    raise RuntimeError("deliberate: criterion crime-1 has no rule")


ATTEMPTS: dict[str, Callable[[], None]] = {
    "none": lambda: None,
    "files": files,
    "clock": clock,
    "environment": environment,
    "random": randomness,
    "random bytes without end": random_without_end,
    "sockets": sockets,
    "output": output,
    "output without end": output_without_end,
    "input": standard_input,
    "sleep": sleep,
    "processes": processes,
    "exit": leave,
    "throw": throw,
}


class Rules(exports.Rules):
    def eligibility(self) -> str:
        return "eligible"

    def progress(self) -> str:
        ATTEMPTS[json.loads(settings.json())["attempt"]]()
        return "none-yet"
