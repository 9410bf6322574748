from typing import Final

from hearth import asked, reason, setting
from manifest import say, settings
from wit_world.imports import caseload, referral, routing

ABUSE: Final = ("domestic-abuse", "abuse-and-exploitation")


def triage() -> str:
    """Code list triages."""
    urgent, problems, enough = referral.current().urgent, referral.problems(), settings().support_from
    abuse = [reason(say.abuse(problem=problem), asked()) for problem in ABUSE if problem in problems]
    counted = [reason(say.problems(number=len(problems), enough=enough), asked() + setting("support-from"))]
    if abuse:
        route, why = "abuse-hub", abuse
    else:
        route, why = "family-support" if len(problems) >= enough else "advice", counted
    routing.route(route, why)

    marked = say.urgent() if urgent else say.not_urgent()
    unhurried = "soon" if abuse else "routine"
    routing.priority("today" if urgent else unhurried, [reason(marked, asked())])
    return "signpost" if route == "advice" else "accept"


def on_event() -> str:
    """Code list event-answers."""
    return "nothing-to-do"


def allocate() -> str:
    """Code list allocations."""
    free = [one for one in caseload.candidates() if one.most is None or one.families < one.most]
    free.sort(key=lambda one: (one.families, one.worker))
    for place, one in enumerate(free, start=1):
        routing.rank(one.worker, place, [reason(say.holds(worker=one.worker, families=one.families), asked())])
    return "ranked" if free else "nobody"
