"""What becomes of a referral: moderate and low risk comes to the hub (004:L463-L467)."""

from hearth import asked, facts, reason
from hub import ask, bring, in_working_days
from look import stay_now
from manifest import say, settings
from risk import Risk, risk
from wit_world.imports import referral, routing
from wit_world.imports.messages import Reason
from wit_world.imports.referral import Incoming


def triage() -> str:
    """Code list triages. The first rule that has an answer decides."""
    sent, found = referral.current(), risk(referral.problems())
    found.report()
    return high(found) or helped_already() or not_agreed(sent) or to_the_hub(found) or elsewhere(found)


def high(found: Risk) -> str | None:
    """What is more than moderate cannot wait for a hub."""
    if found.level != "high":
        return None
    due = in_working_days(settings().task_working_days)
    ask("duty-worker", "high-risk", say.see_to_high_risk(by=due), due)
    return goes("signpost", "social-care", "today", found.reasons)


def helped_already() -> str | None:
    stay = stay_now()
    if stay is None:
        return None
    due = in_working_days(settings().task_working_days)
    ask("keyworker", "referred", say.referred_again(), due)
    return goes("signpost", "keyworker", "soon", [reason(say.already_helped(since=stay.window.first), facts([stay.fact]))])


def not_agreed(sent: Incoming) -> str | None:
    """A match of data is looked at by people before anybody asks the family (004:L463-L467)."""
    if sent.route == "self" or sent.agreed or (sent.agreed is None and sent.route == "data-match"):
        return None
    due = in_working_days(settings().task_working_days)
    ask("coordinator", "agreement", say.ask_family(by=due), due)
    said = say.agreement_not_recorded() if sent.agreed is None else say.not_agreed()
    return goes("ask-more", "coordinator", "soon", [reason(said, asked())])


def to_the_hub(found: Risk) -> str | None:
    """What is not known the hub is told, and somebody finds out by then."""
    if found.could_be == "no-risk":
        return None
    on = bring(say.referral_at_hub(level=found.level))
    if found.could_be != found.level:
        ask("coordinator", "find-out", say.find_out(by=on, level=found.could_be), on)
    return goes("accept", "hub", "soon" if found.level == "moderate" else "routine", found.reasons)


def elsewhere(found: Risk) -> str:
    return goes("signpost", "universal", "routine", found.reasons)


def goes(answer: str, route: str, priority: str, because: list[Reason]) -> str:
    routing.route(route, because)
    routing.priority(priority, because)
    return answer
