"""The hub, and the tasks of those who work around it."""

from hearth import to_iso
from manifest import settings
from wit_world.imports import calendar, meetings, run, tasks
from wit_world.imports.messages import Message

# Who is "often present to discuss next steps" (004:L467-L470), code list organisation-kinds.
AT_THE_HUB = ("council", "health", "police", "jobcentre", "school", "abuse-charity", "social-care")
# Whole months, or weeks, between two hubs (004:L463-L475).
MONTHS, WEEKS = {"month": 1}, {"fortnight": 2, "week": 1}


def next_hub() -> int:
    """The first hub after the date asked about, on a working day."""
    today, given = run.as_of(), settings()
    # A setting that is no day of the calendar is a fault, as one that is not as the schema says.
    first = calendar.read([given.hub_from])[0]
    assert first is not None, f"hub-from is {given.hub_from}, which is no day of the calendar"
    if given.hub_every in MONTHS:
        held = max(calendar.months_between(first, today), 0)
        nominal = [calendar.months_after(first, months) for months in (held, held + 1)]
    else:
        days = 7 * WEEKS[given.hub_every]
        held = max((today - first) // days, 0)
        nominal = [first + days * held, first + days * (held + 1)]
    # One that a bank holiday or a weekend put off may still be to come.
    return next(on for on in (calendar.add_working_days(day, 0) for day in nominal) if on > today)


def bring(about: Message) -> int:
    """Puts the family on the hub's next agenda, once, whatever calls for it. Gives its day."""
    on = next_hub()
    meetings.put_on_agenda(f"hub-{to_iso(on)}", "hub", on, list(AT_THE_HUB), about)
    return on


def in_working_days(number: int) -> int:
    return calendar.add_working_days(run.as_of(), number)


def ask(role: str, what: str, title: Message, due: int) -> None:
    """A task. Each `what` once for each day on which it is due. `role`, code list roles."""
    tasks.propose(f"{what}-{to_iso(due)}", role, title, due)
