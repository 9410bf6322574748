"""The quarterly review: does the provider reach the families, and do they get further?"""

from contracts import ASKED, because, end_of, has_result, setting, told, unknown
from hearth import holds, is_at_least, refuse, tenths_of_a_percent
from manifest import Settings, say, settings
from wit_world.imports import buying_results, calendar, contract, run
from wit_world.imports.contract import Agreement, Reviewed
from wit_world.imports.types import Window


def review() -> str:
    """Code list reviews."""
    terms, given, today = contract.current(), settings(), run.as_of()
    earlier = [reviewed for reviewed in contract.reviews() if reviewed.on < today]
    period = period_since(terms, earlier)
    # All are asked, so that all that is known is told.
    judged = [sessions_recorded(period, given), sessions_kept(period, given), results_reached(given)]
    came_to = decide(judged, earlier, given)
    if came_to != "end":
        review_again(came_to, terms, given)
    return came_to


def period_since(terms: Agreement, earlier: list[Reviewed]) -> Window:
    """From the day after the last review, or the beginning, to today or the end."""
    first = max([terms.window.first, *(reviewed.on + 1 for reviewed in earlier)])
    last = min(run.as_of(), end_of(terms))
    if last < first:
        refuse("not-enough-evidence", say.nothing_to_review(first=first))
    return Window(first, last)


def sessions_in(period: Window) -> list[contract.Appointments]:
    rows = contract.sessions(period)
    return [row for row in rows if row.window.last is not None and holds(period, row.window.last)]


def sessions_recorded(period: Window, given: Settings) -> bool | None:
    """Whoever records nothing must not look well: of so many of the families helped in the period there is a record."""
    helped = [h.family for h in contract.families() if h.engaged <= period.last and (h.ended is None or h.ended >= period.first)]
    recorded = {row.family for row in sessions_in(period)}.intersection(helped)
    said = say.recorded_of(recorded=len(recorded), families=len(helped), first=period.first, last=period.last)
    reason = because(said, ASKED, setting("sessions-recorded-percent"))
    if helped and is_at_least(len(recorded), len(helped), given.sessions_recorded_percent):
        return told("sessions-recorded", True, reason)
    return unknown("sessions-recorded", reason)


def sessions_kept(period: Window, given: Settings) -> bool | None:
    rows = sessions_in(period)
    kept, offered = sum(row.kept for row in rows), sum(row.offered for row in rows)
    share = tenths_of_a_percent(kept, offered)
    if share is None:
        return unknown("sessions-kept", because(say.none_offered(), ASKED))
    enough = is_at_least(kept, offered, given.sessions_kept_percent)
    said = say.kept_of(kept=kept, offered=offered, share=share, asked=given.sessions_kept_percent)
    return told("sessions-kept", enough, because(said, ASKED, setting("sessions-kept-percent")))


def results_reached(given: Settings) -> bool:
    """Of the families that were helped long enough to get there. As long as there are none, nothing is held against anyone."""
    families = contract.families()
    ripe = calendar.add_months([helped.engaged for helped in families], given.outcome_months)
    due = [helped for helped, on in zip(families, ripe) if on <= run.as_of()]
    if not due:
        return True
    reached = sum(has_result(helped) for helped in due)
    enough = is_at_least(reached, len(due), given.outcome_percent)
    said = say.reached_of(reached=reached, families=len(due), months=given.outcome_months, asked=given.outcome_percent)
    return told("results-reached", enough, because(said, ASKED, setting("outcome-months"), setting("outcome-percent")))


def decide(judged: list[bool | None], earlier: list[Reviewed], given: Settings) -> str:
    if None in judged:
        return "not-enough-evidence"
    if all(judged):
        return "continue"
    return "end" if improvements_asked(earlier) + 1 >= given.improvements_in_a_row else "improve"


def improvements_asked(earlier: list[Reviewed]) -> int:
    """How many reviews in a row, up to the last, came to `improve`. One without evidence neither counts nor breaks the row."""
    number = 0
    for reviewed in reversed(earlier):
        if reviewed.came_to == "improve":
            number += 1
        elif reviewed.came_to != "not-enough-evidence":
            break
    return number


def review_again(came_to: str, terms: Agreement, given: Settings) -> None:
    """On a working day, sooner where evidence was missing, and not after the contract's last day."""
    name, months = ("gap-months", given.gap_months) if came_to == "not-enough-evidence" else ("review-months", given.review_months)
    on = calendar.add_working_days(calendar.months_after(run.as_of(), months), 0)
    if terms.window.last is None or on <= terms.window.last:
        buying_results.review_again(on, [because(say.review_again(months=months), ASKED, setting(name))])
