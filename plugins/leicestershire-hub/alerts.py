"""What follows from an event: alerts on the dashboard of a family's keyworker, so that crises do not hide the outcomes (004:L739-L758)."""

from hearth import one_day, to_iso
from hub import ask, bring, in_working_days
from look import Looked, look, stay_now
from manifest import say, settings
from risk import risk
from wit_world.imports import education, happening, household, meetings, notices, offending, run, safeguarding, service_requests, support
from wit_world.imports.happening import Event
from wit_world.imports.messages import Message
from wit_world.imports.support import Goal
from wit_world.imports.types import Window

# Code list events. What throws a family back; what goes on in its plan.
CRISES = ("offence", "antisocial-incident", "police-callout", "exclusion")
PLAN = ("review-due", "date-missed", "goal-met", "service-declined")
# Standings with children's social care by which a child is referred to early education.
WITH_SOCIAL_CARE = ("child-in-need", "child-protection-plan")


def on_event() -> str:
    """Code list event-answers."""
    event = happening.current()
    acted = alerted(event) if stay_now() else found(event)
    told = tell_of_abuse(event)
    taught = ask_for_early_education(event)
    return "acted" if acted or told or taught else "nothing-to-do"


def alerted(event: Event) -> bool:
    """A family in the programme: its keyworker is alerted to what happened, and its manager to what comes of it."""
    if event.kind not in CRISES + PLAN:
        return False
    due = in_working_days(settings().task_working_days)
    ask("keyworker", f"{event.kind}-{to_iso(event.on)}", say.alert(event=event.kind, on=event.on), due)
    if event.kind in CRISES:
        crisis_after_crisis()
    elif event.kind == "goal-met":
        next_goal()
    elif event.kind == "date-missed":
        overdue()
    elif event.kind == "service-declined":
        bring(say.declined_at_hub())
    else:
        feeds()
    return True


def crisis_after_crisis() -> None:
    """"Just go from crisis to crisis to crisis" (004:L754-L756): then keyworker and manager look at the outcomes together."""
    given = settings()
    number = sum(len(looked.rows) for looked in crises())
    if number >= given.crises:
        talk(say.crises_at_review(number=number, weeks=given.crisis_weeks))


def next_goal() -> None:
    """Targets are raised when they are met (000:L921-L922); when all are, it is talked over whether help ends (000:L1230-L1233)."""
    if goals_open():
        due = in_working_days(settings().task_working_days)
        ask("keyworker", "raise", say.raise_target(), due)
    else:
        talk(say.all_goals_met())


def overdue() -> None:
    """Obstacles are talked over once several dates were missed (004:L742-L746)."""
    late = [goal for goal in goals_open() if goal.due is not None and goal.due < run.as_of()]
    if len(late) >= settings().overdue_goals:
        talk(say.overdue_at_review(goals=len(late)))


def feeds() -> None:
    """A dashboard on which nothing happens must not look like a family to which nothing happens."""
    due = in_working_days(settings().task_working_days)
    for looked in crises():
        if not looked.complete:
            ask("data-manager", f"feed-{looked.kind}", say.feed_stopped(kind=looked.kind), due)


def crises() -> list[Looked]:
    today = run.as_of()
    window = Window(today - 7 * settings().crisis_weeks + 1, today)
    return [
        look("offending", "offence", window, offending.offences),
        look("offending", "antisocial-incident", window, offending.antisocial_incidents),
        look("offending", "police-callout", window, offending.police_callouts),
        look("education", "exclusion", window, education.exclusions),
    ]


def goals_open() -> list[Goal]:
    return [goal for goal in look("support", "goal", one_day(run.as_of()), support.goals).rows if goal.state == "set"]


def talk(about: Message) -> None:
    """Coordinators meet "frequently with key workers to review the status of families in their caseload" (004:L741-L746)."""
    on = in_working_days(settings().review_working_days)
    meetings.put_on_agenda(f"caseload-review-{to_iso(on)}", "caseload-review", on, ["council"], about)


def found(event: Event) -> bool:
    """A family that nobody referred comes to the hub through the automated system (004:L463-L467)."""
    if event.kind not in CRISES + ("safeguarding-changed",):
        return False
    now = risk([])
    now.report()
    if now.level == "high":
        due = in_working_days(settings().task_working_days)
        ask("duty-worker", "high-risk", say.see_to_high_risk(by=due), due)
    elif now.level == "moderate":
        bring(say.found_at_hub(level=now.level))
    return now.level in ("high", "moderate")


def tell_of_abuse(event: Event) -> bool:
    """A report of domestic abuse with a child present: children's services and the school are told (001:L742)."""
    if event.kind != "police-callout":
        return False
    rows = look("offending", "police-callout", one_day(event.on), offending.police_callouts).rows
    # In doubt a child was there.
    told = [row for row in rows if row.fact == event.fact and row.domestic and row.child_present is not False]
    by = in_working_days(settings().notice_working_days)
    for kind in ("social-care", "school") if told else ():
        notices.notify(f"tell-{kind}-{to_iso(event.on)}", kind, say.tell_of_callout(on=event.on), by)
    return bool(told)


def ask_for_early_education(event: Event) -> bool:
    """A young child whom social care helps is referred to early education (004:L808-L815)."""
    if event.kind != "safeguarding-changed" or event.person is None:
        return False
    today, given, child = run.as_of(), settings(), event.person
    standings = look("safeguarding", "safeguarding-standing", one_day(today), safeguarding.standings).rows
    if not any(row.person == child and row.status in WITH_SOCIAL_CARE for row in standings):
        return False
    age = household.ages([child], today)[0]
    if age is None:
        due = in_working_days(given.task_working_days)
        ask("coordinator", "age", say.find_age(person=child), due)
    elif given.early_education_from <= age < given.early_education_until:
        by = today + 7 * given.early_education_weeks
        service_requests.ask_for(f"early-education-{to_iso(event.on)}", "early-years", None, child, say.early_education(child=child), by)
    else:
        return False
    return True
