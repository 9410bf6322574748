"""The rule of tests/conformance/python, its source unchanged, in a process kept alive: a line of JSON in, a line of JSON out.

Its arguments are the folders to import from: the rule's, and those of the kit and the interface that were written for it. What the
host would lend is answered here, from the line."""

import json
import sys
from bisect import bisect_right
from calendar import monthrange
from datetime import date
from types import SimpleNamespace

sys.path[:0] = sys.argv[1:]

import hearth  # noqa: E402
import plugin  # noqa: E402
from wit_world.imports import calendar, coverage, education, episode, findings, household, run, settings, tasks  # noqa: E402
from wit_world.imports.types import Window  # noqa: E402

EPOCH = date(1970, 1, 1).toordinal()
# What the question under way was given, and what was said about it so far.
asked = SimpleNamespace()


def lent_by(interface):
    """Puts a function in the place of the interface's own of that name."""

    def lend(answer):
        setattr(interface, answer.__name__.rstrip("_"), answer)
        return answer

    return lend


def shares_a_day(window, row):
    return (window.last is None or row["first"] <= window.last) and (row["last"] is None or window.first <= row["last"])


def shown(rows, window):
    return [row for row in rows if shares_a_day(window, row)]


def window_of(row):
    return Window(row["first"], row["last"])


@lent_by(run)
def as_of():
    return asked.given["as_of"]


@lent_by(settings)
def json_():
    return asked.given["settings"]


@lent_by(household)
def members(window):
    rows = shown(asked.given["members"], window)
    return [household.Member(row["fact"], row["person"], row["resident"], window_of(row)) for row in rows]


@lent_by(household)
def ages(persons, on):
    return [age(asked.given["people"][person], on) for person in persons]


def age(born, on):
    if born is None or born > on:
        return None
    one, other = civil(born), civil(on)
    return other.year - one.year - ((other.month, other.day) < (one.month, one.day))


@lent_by(education)
def attendances(window):
    rows = shown(asked.given["attendances"], window)
    made = education.Attendance
    return [made(row["fact"], row["person"], window_of(row), row["possible"], row["attended"], row["unauthorised"]) for row in rows]


@lent_by(coverage)
def spans(section, window):
    rows = shown(asked.given["coverage"], window)
    cut = [Window(max(row["first"], window.first), min(row["last"], window.last)) for row in rows]
    return [coverage.Span(row["person"], row["kind"], part, row["state"]) for row, part in zip(rows, cut)]


@lent_by(episode)
def current():
    on, stays = asked.given["as_of"], asked.given["stays"]
    found = shown(stays, Window(on, on))[-1:] or [stay for stay in stays if stay["first"] <= on][-1:] or stays[:1]
    if not found:
        raise hearth.Absence("episode.current", "no-episode")
    return episode.Stay(found[0]["fact"], window_of(found[0]))


@lent_by(episode)
def earlier_claims():
    return [tuple(claim) for claim in asked.given["claims"]]


def civil(day):
    return date.fromordinal(day + EPOCH)


def later(day, months):
    start = civil(day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1])).toordinal() - EPOCH


@lent_by(calendar)
def add_months(days, months):
    return [later(day, months) for day in days]


@lent_by(calendar)
def months_to(last, months):
    return Window(later(last + 1, -months), last)


@lent_by(calendar)
def months_between(first, until):
    if until < first:
        return -months_between(until, first)
    one, other = civil(first), civil(until)
    months = (other.year - one.year) * 12 + other.month - one.month
    return months - (later(first, months) > until)


@lent_by(calendar)
def read(texts):
    return [hearth.from_iso(text) for text in texts]


def working_up_to(day):
    # 1970-01-01 was a Thursday.
    weeks, rest = divmod(day + 3, 7)
    return weeks * 5 + min(rest + 1, 5) - bisect_right(asked.given["bank_holidays"], day)


@lent_by(calendar)
def working_days(window):
    return max(working_up_to(window.last) - working_up_to(window.first - 1), 0)


@lent_by(calendar)
def add_working_days(start, count):
    step = -1 if count < 0 else 1
    left = 1 if count == 0 and not is_working(start) else abs(count)
    while left:
        start += step
        left -= is_working(start)
    return start


def is_working(day):
    return civil(day).weekday() < 5 and day not in asked.given["bank_holidays"]


@lent_by(calendar)
def terms(window):
    if asked.given["terms"] is None:
        raise hearth.Absence("calendar.terms", "not-supplied")
    return [calendar.Term(row["name"], window_of(row)) for row in shown(asked.given["terms"], window)]


@lent_by(findings)
def add(finding):
    asked.findings.append(finding)
    return len(asked.findings) - 1


@lent_by(findings)
def claim(kind, amount, entitled_on, rests_on):
    asked.claims.append({"kind": kind, "amount_pence": amount, "entitled_on": entitled_on, "rests_on": rests_on})


@lent_by(tasks)
def propose(key, role, title, due):
    asked.tasks.append({"key": key, "role": role, "title": title, "due": due})


def plain(value):
    """A variant's case is a class named after both; a record has its fields."""
    kind, _, case = type(value).__name__.partition("_")
    return {case.lower(): value.value} if case else vars(value)


def answer(line):
    asked.given, asked.findings, asked.claims, asked.tasks = json.loads(line), [], [], []
    try:
        result = {"answered": plugin.progress()}
    except (hearth.Absence, hearth.Refusal) as refusal:
        result = {"refused": {"why": refusal.why, "message": getattr(refusal, "message", None)}}
    said = {"result": result, "findings": asked.findings, "claims": asked.claims, "tasks": asked.tasks}
    return json.dumps(said, default=plain, separators=(",", ":"))


print(sys.version.split()[0], flush=True)
for line in sys.stdin:
    sys.stdout.write(answer(line) + "\n")
    sys.stdout.flush()
