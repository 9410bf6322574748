"""The automated system: how great is the risk in a family? Signs in the record and problems that a sender names have points."""

from dataclasses import dataclass
from typing import Literal

from hearth import asked, facts, one_day, reason, setting
from look import Looked, look
from manifest import say, settings
from wit_world.imports import calendar, education, offending, routing, run, safeguarding
from wit_world.imports.messages import Reason

# The ids of the names of the sort `level`.
type Level = Literal["high", "moderate", "low", "no-risk"]
# Where a social worker has duties, no hub decides (002:L654-L663).
SOCIAL_CARE_LEADS = ("child-protection-plan", "looked-after")


@dataclass(frozen=True)
class Risk:
    level: Level
    # What it could be, for all that is not known.
    could_be: Level
    reasons: list[Reason]

    def report(self) -> int:
        return routing.level(self.level, self.reasons)


def risk(named: list[str]) -> Risk:
    """`named`: the problems that a sender names, code list problems."""
    standings = look("safeguarding", "safeguarding-standing", one_day(run.as_of()), safeguarding.standings)
    led = [row.fact for row in standings.rows if row.status in SOCIAL_CARE_LEADS]
    if led:
        return Risk("high", "high", [reason(say.social_care_leads(standings=len(led)), facts(led))])

    reasons = [reason(say.named(problem=problem), asked()) for problem in named]
    points = possible = len(named) * settings().points.named
    missing = []
    looked_for = signs(standings)
    for looked, worth in looked_for:
        if looked.rows:
            points, possible = points + worth, possible + worth
            reasons.append(reason(say.sign(kind=looked.kind, number=len(looked.rows), points=worth), looked.rests_on + setting("points")))
        elif not looked.complete:
            possible += worth
            missing.append(reason(say.not_known(kind=looked.kind), looked.search))
    level, could_be = level_of(points), level_of(possible)
    if could_be != level:
        reasons += missing
    return Risk(level, could_be, (reasons or [nothing(looked_for)])[:20])


def signs(standings: Looked) -> list[tuple[Looked, int]]:
    """Each sign with its points, in the order in which it is told."""
    window = calendar.months_to(run.as_of(), settings().risk_months)
    points = settings().points
    helped = Looked(standings.kind, [row for row in standings.rows if row.status == "child-in-need"], standings.complete, standings.search)
    return [
        (look("offending", "offence", window, offending.offences), points.offence),
        (look("offending", "antisocial-incident", window, offending.antisocial_incidents), points.antisocial_incident),
        (look("offending", "police-callout", window, offending.police_callouts), points.police_callout),
        (look("education", "exclusion", window, education.exclusions), points.exclusion),
        (helped, points.child_in_need),
    ]


def nothing(looked_for: list[tuple[Looked, int]]) -> Reason:
    return reason(say.nothing_found(), [basis for looked, _ in looked_for for basis in looked.search])


def level_of(points: int) -> Level:
    given = settings()
    if points >= given.high_from:
        return "high"
    if points >= given.moderate_from:
        return "moderate"
    return "low" if points > 0 else "no-risk"
