"""Who takes the family: whoever knows its problems, and of those the least full. Dashboards show each caseload (004:L747-L749)."""

from hearth import asked, facts, reason, setting
from hub import ask, in_working_days
from look import stay_now
from manifest import say, settings
from wit_world.imports import caseload, episode, routing
from wit_world.imports.caseload import Candidate
from wit_world.imports.messages import Reason


def allocate() -> str:
    """Code list allocations."""
    given, stay = settings(), stay_now()
    needs = episode.needs_at_entry() if stay else []
    strengths, before = caseload.strengths(), set(caseload.worked_before())
    knows = {c.worker: [need for need in needs if (c.worker, need) in strengths] for c in caseload.candidates()}
    free = [c for c in caseload.candidates() if c.role in given.roles and c.families < most(c)]
    # Smaller comes first, and false before true. Fullness as a fraction: 4 of 8 is as full as 5 of 10.
    free.sort(key=lambda c: (-len(knows[c.worker]), c.worker not in before, c.families / most(c), c.worker))
    for place, candidate in enumerate(free[: given.places], start=1):
        reasons = [holds(candidate)]
        reasons += [reason(say.knows(problem=need), asked() + facts([stay.fact])) for need in knows[candidate.worker] if stay]
        if candidate.worker in before:
            reasons.append(reason(say.worked_before(), asked()))
        routing.rank(candidate.worker, place, reasons)
    if not free:
        due = in_working_days(given.task_working_days)
        ask("manager", "nobody", say.nobody_has_room(by=due), due)
    return "ranked" if free else "nobody"


def most(candidate: Candidate) -> int:
    return settings().most_families if candidate.most is None else candidate.most


def holds(candidate: Candidate) -> Reason:
    said = say.holds(families=candidate.families, most=most(candidate))
    return reason(said, asked() + (setting("most-families") if candidate.most is None else []))
