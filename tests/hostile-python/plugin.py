"""Attacks its host in the way that its settings name: what a language with an interpreter of its own can try beyond what the plugin
in Rust does. `tests/src/attacks/` says how each must end."""

import itertools
import os
import re
import sys
import threading
import types

import hearth_guard
from hearth import one_day, reason, searched
from manifest import say, settings
from wit_world.imports import calendar, education, findings, household, log, run, tasks
from wit_world.imports.findings import Finding
from wit_world.imports.messages import Basis_Fact, Reason
from wit_world.imports.types import Window

# What the kit's checked function calls, fetched out of it.
unguarded = next(cell.cell_contents for cell in findings.add.__closure__ if getattr(cell.cell_contents, "__name__", "") == "add")

left = None


def eligibility() -> str:
    return "eligible"


def progress() -> str:
    return ATTACKS[settings().attack]() or "none-yet"


def tell(what: object) -> None:
    log.write(log.Level.INFO, str(what))


def finding(**changes) -> Finding:
    """What a plugin that means well reports."""
    day = one_day(run.as_of())
    education.attendances(day)
    found = Finding("harmless", None, "met", day, None, None, None, [reason(say.said(n=0), searched("education", "attendance", day, 0))], None)
    for field, value in changes.items():
        setattr(found, field, value)
    return found


def decent() -> None:
    findings.add(finding())


def loop() -> None:
    while True:
        pass


def recursion() -> int:
    def deep(n):
        return deep(n + 1) + 1

    return deep(0)


def recursion_without_a_limit() -> int:
    sys.setrecursionlimit(2**31 - 1)
    return recursion()


def memory() -> None:
    held = []
    while True:
        held.append(bytearray(b"x" * (1 << 20)))


def memory_and_answer() -> None:
    held = []
    try:
        while True:
            held.append(bytearray(b"x" * (1 << 20)))
    except MemoryError:
        held.clear()
    decent()


def a_huge_string() -> None:
    tell(len("x" * (1 << 30)))


def a_huge_string_to_the_host() -> None:
    findings.add(finding(criterion="x" * (4 << 20)))


def a_huge_answer() -> str:
    return "x" * (8 << 20)


def a_number_of_a_hundred_million_digits() -> None:
    tell((10 ** (10**8)).bit_length())


def a_number_written_out() -> None:
    sys.set_int_max_str_digits(0)
    tell(len(str(7 ** (10**7))))


def a_format_of_a_billion_places() -> None:
    tell(len("%0999999999d" % 1))


def a_list_of_everything() -> None:
    tell(len(list(itertools.count())))


def a_generator_without_end() -> None:
    tell(sum(1 for _ in itertools.repeat(None)))


def generators_in_generators() -> None:
    each = iter(range(10))
    for _ in range(1_000_000):
        each = (n for n in each)
    tell(sum(each))


def exception() -> None:
    raise ValueError("deliberate: criterion crime-1 has no rule")


def an_exception_that_cannot_be_shown() -> None:
    class Hidden(Exception):
        def __str__(self):
            raise Hidden

    raise Hidden


def leave() -> None:
    sys.exit(0)


def leave_at_once() -> None:
    os._exit(0)


def files() -> None:
    with open("/etc/passwd") as file:
        tell(file.read())


def the_root_folder() -> None:
    tell(os.listdir("/"))


def environment() -> None:
    tell(f"environment: {dict(os.environ)}, arguments: {sys.argv}")
    decent()


def a_process() -> None:
    tell(os.system("id"))


def a_socket() -> None:
    import socket

    socket.create_connection(("127.0.0.1", 8080))


def a_thread() -> None:
    threading.Thread(target=loop).start()


def foreign_functions() -> None:
    import ctypes

    ctypes.string_at(0)


def the_guard_taken_away() -> None:
    hearth_guard._check = lambda *of: None
    findings.add(finding(criterion="Mrs Jones drinks"))


def the_bindings_replaced() -> None:
    findings.add = lambda found: 7
    findings.claim("progress-result", 100, run.as_of(), [findings.add(finding())])


def wrong_types() -> None:
    unguarded(finding(criterion=7, window="now"))


def a_missing_number() -> None:
    unguarded(finding(window=Window(None, None)))


def a_number_too_large() -> None:
    unguarded(finding(now=2**63))


def a_fact_never_given() -> None:
    unguarded(finding(reasons=[Reason(say.said(n=0), [Basis_Fact(0)])]))


def a_regular_expression_that_explodes() -> None:
    tell(re.match(r"^(a+)+$", "a" * 64 + "!"))


def code_nested_without_end() -> None:
    eval("(" * 100_000)


def code_of_its_own_making() -> None:
    # The interpreter believes such bytes: what it does then is confined to its own memory.
    code = (lambda: None).__code__.replace(co_code=bytes([0x64, 0xFF]) * 5_000, co_stacksize=1)
    types.FunctionType(code, {})()


def log_without_end() -> None:
    while True:
        log.write(log.Level.INFO, "x" * 100_000)


def host_calls() -> None:
    for _ in range(10_000_000):
        run.as_of()


def proposals() -> None:
    for n in range(1_000):
        tasks.propose(f"task-{n}", "keyworker", say.said(n=n), run.as_of())


def ages_of_strangers() -> None:
    household.ages([0, 1, 2], run.as_of())


def months_beyond_the_end() -> None:
    calendar.add_months([run.as_of()], 2**31 - 1)


def keep_something_for_the_next_run() -> None:
    global left
    tell(f"left: {left}, {getattr(sys, 'left', None)}, {os.environ.get('LEFT')}")
    left = sys.left = "somebody was here"
    os.environ["LEFT"] = "somebody was here"
    decent()


ATTACKS = {name.replace("_", " "): of for name, of in globals().items() if isinstance(of, types.FunctionType) and of.__module__ == __name__}
ATTACKS["none"] = decent
