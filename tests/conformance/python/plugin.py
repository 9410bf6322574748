"""The rule of README.md."""

from hearth import Absence, facts, holds, is_known, one_day, reason, refuse, searched, setting, tenths_of_a_percent, to_iso
from manifest import Settings, say, settings
from wit_world.imports import calendar, coverage, education, episode, findings, household, run, tasks
from wit_world.imports.findings import Finding
from wit_world.imports.messages import Basis_Reported
from wit_world.imports.types import Window


def eligibility() -> str:
    on = run.as_of()
    home = Home(on)
    a_year_ago = household.ages(home.residents, calendar.add_months([on], -12)[0])
    standings = []
    for person, age, before in zip(home.residents, home.ages, a_year_ago):
        found = finding("age", person, "not-enough-evidence", one_day(on), [home.age_unknown(person)])
        if age is not None:
            found.standing = met(5 <= age <= 15)
            found.reasons = [reason(say.age(person=person, years=age), home.of_person(person))]
            found.now = age * 10
        else:
            found.look_again = calendar.add_months([on], 1)[0]
        found.before = None if before is None else before * 10
        found.threshold = 50
        findings.add(found)
        standings.append(found.standing)
    if not standings:
        findings.add(finding("age", None, "not-applicable", one_day(on), [home.nobody(on)]))
    if "met" in standings:
        return "eligible"
    return "not-enough-evidence" if "not-enough-evidence" in standings else "not-eligible"


def progress() -> str:
    on, given = run.as_of(), settings()
    stay = episode.current()
    engaged = stay.window.first
    if engaged > on:
        refuse("engaged-after-as-of", say.not_yet(engaged=engaged))
    now, before = periods(on, given)
    if not now:
        refuse("not-enough-evidence", say.no_term(months=given.look_back_months))
    found = school(Home(on), on, given, now, before)

    months, needed = calendar.months_between(engaged, on), given.result_months
    working = calendar.working_days(Window(engaged, on))
    is_settled = months >= needed
    helped = reason(say.settled(engaged=engaged, months=months, working=working), facts([stay.fact]) + setting("result-months"))
    part = finding("settled", None, met(is_settled), stay.window, [helped])
    part.before = calendar.months_between(on, engaged) * 10
    part.now, part.threshold = months * 10, needed * 10
    part.look_again = None if is_settled else calendar.add_months([engaged], needed)[0]
    settled = findings.add(part)

    reached = [number for number, part in enumerate(found) if part.standing == "met"]
    outcome = "significant-and-sustained" if len(reached) == len(found) else "progress" if reached else "none-yet"
    earlier = [claim for claim in episode.earlier_claims() if claim[0] in ("progress-result", "employment-result")]
    amount = rate(on, given)
    standing = met(outcome == "significant-and-sustained" and is_settled)
    if earlier:
        kind, day = earlier[0]
        standing, why = "not-applicable", reason(say.claimed(kind=kind, on=day), facts([stay.fact]))
    elif not amount:
        standing, why = "not-met", reason(say.no_rate(on=on), setting("rates") + [Basis_Reported(settled)])
    else:
        message = say.rate(amount=amount, sum=amount + given.adjustment_pence, criterion="school", stay=stay.fact)
        why = reason(message, setting("rates") + [Basis_Reported(number) for number in range(settled + 1)])
    result = findings.add(finding("result", None, standing, one_day(on), [why]))
    if standing == "met":
        findings.claim("progress-result", amount, on, reached + [settled, result])

    for number, part in enumerate(found):
        if part.person is not None and part.standing == "not-enough-evidence":
            by = calendar.add_working_days(on, max(given.working_days, 0))
            tasks.propose(f"ask-{to_iso(on)}-{number}", "data-manager", say.ask(child=part.person, by=by), by)
    return outcome


def met(is_met: bool) -> str:
    return "met" if is_met else "not-met"


def finding(criterion: str, person: int | None, standing: str, window: Window, reasons: list) -> Finding:
    return Finding(criterion, person, standing, window, None, None, None, reasons, None)


class Home:
    """Who lives in the home, by handle, each once, with their ages that day."""

    def __init__(self, on: int):
        self.members = household.members(one_day(on))
        self.residents = sorted({member.person for member in self.members if member.resident})
        self.ages = household.ages(self.residents, on)

    def of_person(self, person: int) -> list:
        return facts([member.fact for member in self.members if member.person == person])

    def age_unknown(self, person: int):
        return reason(say.age_unknown(person=person), self.of_person(person))

    def nobody(self, on: int):
        return reason(say.nobody(), searched("household", "membership", one_day(on), len(self.members)))


def periods(on: int, given: Settings) -> tuple[list[Window], list[Window]]:
    """Those that are counted now, and those before them."""
    try:
        terms = calendar.terms(Window(calendar.add_months([on], given.look_back_months)[0], on))
    except Absence as absence:
        if absence.why != "not-supplied":
            raise
        now = calendar.months_to(on, given.months)
        return [now], [calendar.months_to(now.first - 1, given.months)]
    ended = [term.window for term in terms if term.window.last is not None and term.window.last <= on]
    return ended[-given.terms :], ended[-2 * given.terms : -given.terms]


def whole(periods: list[Window]) -> Window:
    return Window(periods[0].first, periods[-1].last)


def school(home: Home, on: int, given: Settings, now: list[Window], before: list[Window]) -> list[Finding]:
    window = whole(now)
    rows = education.attendances(window)
    rows_before = education.attendances(whole(before)) if before else []
    spans = coverage.spans("education", window)
    found = []
    for person, age in zip(home.residents, home.ages):
        if age is None:
            found.append(finding("school", person, "not-enough-evidence", window, [home.age_unknown(person)]))
        elif 5 <= age <= 15:
            known = is_known(spans, "attendance", window, person)
            found.append(child(person, given, window, counted(rows, person, now), counted(rows_before, person, before), rows, known))
    if not found:
        found.append(finding("school", None, "not-applicable", window, [home.nobody(on)]))
    for part in found:
        if part.standing in ("not-met", "not-enough-evidence"):
            part.look_again = calendar.add_working_days(on, given.working_days)
        findings.add(part)
    return found


def counted(rows: list[education.Attendance], person: int, periods: list[Window]) -> list[education.Attendance]:
    own = [row for row in rows if row.person == person and row.window.last is not None]
    return [row for row in own if any(holds(period, row.window.last) for period in periods)]


def child(person: int, given: Settings, window: Window, now: list, before: list, rows: list, known: bool) -> Finding:
    attended, possible = sum(row.attended for row in now), sum(row.possible for row in now)
    share = tenths_of_a_percent(attended, possible)
    search = searched("education", "attendance", window, len([row for row in rows if row.person == person]), person)
    if share is None:
        reasons = [reason(say.no_sessions(child=person), search)]
    else:
        last = max(row.window.last for row in now)
        rests_on = facts([row.fact for row in now]) + setting("attendance-tenths")
        reasons = [reason(say.attended(child=person, share=share, possible=possible, last=last), rests_on)]
    if not known:
        reasons.append(reason(say.not_known(child=person, kind="attendance"), search))
    enough = met(attended * 1000 >= given.attendance_tenths * possible)
    part = finding("school", person, "not-enough-evidence" if share is None or not known else enough, window, reasons)
    part.before = tenths_of_a_percent(sum(row.attended for row in before), sum(row.possible for row in before))
    part.now, part.threshold = share, given.attendance_tenths
    return part


def rate(on: int, given: Settings) -> int:
    """In pence, that day; 0 where there is none."""
    days = calendar.read([each.from_ for each in given.rates])
    begun = [(day, number) for number, day in enumerate(days) if day is not None and day <= on]
    return given.rates[max(begun)[1]].pence if begun else 0
