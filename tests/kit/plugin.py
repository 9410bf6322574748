from hearth import from_iso, is_known, most_after_a_fall, one_day, reason, refuse, searched, tenths_of_a_percent, to_iso
from manifest import say, settings
from wit_world.imports import calendar, coverage, findings, run
from wit_world.imports.coverage import Span
from wit_world.imports.types import Window


def add(**more):
    window = one_day(run.as_of())
    reasons = [reason(say.sessions(number=3), searched("education", "attendance", window, 0))]
    coverage.spans("education", window)
    nothing = dict(person=None, before=None, now=None, threshold=None, look_again=None)
    findings.add(findings.Finding(**{**nothing, "criterion": "attendance", "standing": "met", "window": window, "reasons": reasons, **more}))


def throw():
    raise ValueError("deliberate")


def helpers():
    given = settings()
    spans = [Span(None, "attendance", Window(1, 9), "complete")]
    print(given.strictness, given.rates[0].amount_pence, from_iso("2024-02-29"), to_iso(-135140), to_iso(157053), from_iso("2023-02-29"))
    print(tenths_of_a_percent(179, 200), most_after_a_fall(11, 60), is_known(spans, "attendance", Window(1, 9), 3))
    add()


doing = {
    "answer": lambda: add(),
    "refuse": lambda: refuse("no-rate", say.delete(from_=16526, in_="attendance")),
    "refuse-wrongly": lambda: refuse(3),
    "absence": lambda: coverage.spans("education", one_day(run.as_of())),
    "throw": throw,
    "text-for-a-number": lambda: add(now="ninety"),
    "nothing-for-a-number": lambda: calendar.months_to(run.as_of(), None),
    "not-a-number": lambda: add(now=float("nan")),
    "field-missing": lambda: add(window=None),
    "field-unknown": lambda: add(lookagain=3),
    "no-answer": lambda: None,
    "helpers": helpers,
}


def eligibility():
    doing[settings().do]()
    return None if settings().do == "no-answer" else "eligible"


def progress():
    return "none-yet"
