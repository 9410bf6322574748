from hearth import facts, holds, is_at_least, is_known, one_day, reason, searched, tenths_of_a_percent
from manifest import say, settings
from wit_world.imports import calendar, coverage, education, findings, household, run
from wit_world.imports.findings import Finding
from wit_world.imports.types import Window


def eligibility() -> str:
    """Code list eligibilities."""
    standings = each_child()
    if "not-met" in standings:
        return "eligible"
    return "not-enough-evidence" if "not-enough-evidence" in standings else "not-eligible"


def progress() -> str:
    """Code list outcomes."""
    standings = [standing for standing in each_child() if standing != "not-applicable"]
    met = standings.count("met")
    if met == 0:
        return "none-yet"
    return "significant-and-sustained" if met == len(standings) else "progress"


def each_child() -> list[str]:
    """Reports a finding for each child of school age in the home, and gives their standings."""
    today, given = run.as_of(), settings()
    window = calendar.months_to(today, given.months)
    members = [member for member in household.members(one_day(today)) if member.resident]
    persons = sorted({member.person for member in members})
    rows = education.attendances(window)
    spans = coverage.spans("education", window)

    found = []
    for person, age in zip(persons, household.ages(persons, today)):
        if age is None:
            found.append(age_unknown(person, members, window))
        elif given.youngest <= age <= given.oldest:
            found.append(child(person, rows, spans, window, given.attendance_percent))
    if not found:
        found.append(nobody(members, today, window))
    for finding in found:
        if finding.standing in ("not-met", "not-enough-evidence"):
            finding.look_again = calendar.months_after(today, 1)
        findings.add(finding)
    return [finding.standing for finding in found]


def finding(standing: str, window: Window, reasons: list, person=None, now=None, threshold=None) -> Finding:
    return Finding("attendance", person, standing, window, None, now, threshold, reasons, None)


def child(person: int, rows: list[education.Attendance], spans: list[coverage.Span], window: Window, percent: int) -> Finding:
    # A term that reaches over the edge of the window counts where its last day lies.
    own = [row for row in rows if row.person == person and row.window.last is not None and holds(window, row.window.last)]
    possible = sum(row.possible for row in own)
    attended = sum(row.attended for row in own)
    share = tenths_of_a_percent(attended, possible)
    known = is_known(spans, "attendance", window, person)
    search = searched("education", "attendance", window, len(own), person)

    if share is None:
        reasons = [reason(say.no_sessions(child=person), search)]
    else:
        reasons = [reason(say.attended(child=person, share=share, possible=possible), facts([row.fact for row in own]))]
    if not known:
        reasons.append(reason(say.not_known(child=person), search))
    enough = "met" if is_at_least(attended, possible, percent) else "not-met"
    standing = "not-enough-evidence" if share is None or not known else enough
    return finding(standing, window, reasons, person, share, percent * 10)


def age_unknown(person: int, members: list[household.Member], window: Window) -> Finding:
    own = [member.fact for member in members if member.person == person]
    return finding("not-enough-evidence", window, [reason(say.age_unknown(person=person), facts(own))], person)


def nobody(members: list[household.Member], today: int, window: Window) -> Finding:
    search = searched("household", "membership", one_day(today), len(members))
    return finding("not-applicable", window, [reason(say.no_child(), search)])
