"""Who in the directory could give the help that a family needs, the best first."""

from dataclasses import dataclass
from math import inf

from contracts import ASKED, VOLUNTARY, because, setting
from hearth import facts, one_day, reason
from manifest import Settings, say, settings
from wit_world.imports import buying_results, calendar, directory, household, messages, request, run, tasks
from wit_world.imports.directory import Audience, Offer, Place, Price
from wit_world.imports.messages import Message, Reason

DIRECTORY = messages.Basis_Read("directory")


@dataclass(frozen=True)
class Service:
    offer: Offer
    place: Place | None
    audience: Audience | None
    price: Price | None


@dataclass(frozen=True)
class Fit:
    """That a service suits in one respect, or may: `yes`, `late` or `unknown`."""

    how: str
    reason: Reason


@dataclass(frozen=True)
class Aged:
    """Somebody whom the help is for."""

    person: int
    age: int | None
    memberships: list[int]


def shortlist() -> str:
    """Code list shortlists."""
    wanted, given = request.current(), settings()
    services = offered(wanted.kind)
    people = whom(wanted.person) if any(takes_some_ages(s.audience) for s in services) else []
    found = []
    for service in services:
        fits = [suits_problems(service), suits_ages(service, people), has_room(service), begins(service, wanted.by, given)]
        if all(fits):
            found.append((rank(service, fits, given), service, fits))
    found.sort(key=lambda entry: entry[0])
    for place, (_, service, fits) in enumerate(found[: given.most_suggestions], start=1):
        buying_results.suggest(service.offer.service, place, reasons(service, fits, given))
    if not found:
        due = calendar.add_working_days(run.as_of(), given.task_working_days)
        tasks.propose("find-help", "commissioner", say.find_help(kind=wanted.kind), due)
    return "suggested" if found else "nobody"


def offered(kind: str) -> list[Service]:
    offers = directory.offers([kind], run.as_of())
    handles = [offer.service for offer in offers]
    return [Service(*row) for row in zip(offers, directory.places(handles), directory.audiences(handles), directory.prices(handles))]


def whom(person: int | None) -> list[Aged]:
    """The person; for the whole family, everybody who lives in the home."""
    today = run.as_of()
    members = [m for m in household.members(one_day(today)) if (m.resident if person is None else m.person == person)]
    persons = sorted({m.person for m in members})
    ages = household.ages(persons, today)
    return [Aged(p, age, [m.fact for m in members if m.person == p]) for p, age in zip(persons, ages)]


def takes_some_ages(audience: Audience | None) -> bool:
    return audience is not None and (audience.youngest is not None or audience.oldest is not None)


def suits_problems(service: Service) -> Fit | None:
    if service.audience is None:
        return Fit("unknown", recorded(say.audience_not_recorded()))
    if not service.audience.needs:
        return Fit("yes", recorded(say.any_problem()))
    problems = request.problems()
    if not problems:
        return Fit("unknown", because(say.no_problem_named(), ASKED, DIRECTORY))
    common = [problem for problem in problems if problem in service.audience.needs]
    return Fit("yes", because(say.this_problem(problem=common[0]), ASKED, DIRECTORY)) if common else None


def suits_ages(service: Service, people: list[Aged]) -> Fit | None:
    """One of them is enough: a group for children of 8 to 11 suits a family with one of them. No age is no ground to refuse."""
    if service.audience is None or not takes_some_ages(service.audience):
        return Fit("yes", recorded(say.any_age()))
    youngest, oldest = service.audience.youngest or 0, inf if service.audience.oldest is None else service.audience.oldest
    for somebody in people:
        if somebody.age is not None and youngest <= somebody.age <= oldest:
            return Fit("yes", reason(say.right_age(person=somebody.person), facts(somebody.memberships)))
    for somebody in people:
        if somebody.age is None:
            return Fit("unknown", reason(say.age_unknown(person=somebody.person), facts(somebody.memberships)))
    return None


def has_room(service: Service) -> Fit | None:
    if service.place is None:
        return Fit("unknown", recorded(say.places_not_recorded()))
    if service.place.capacity is None:
        return Fit("yes", recorded(say.no_limit()))
    free = service.place.capacity - service.place.taken
    return Fit("yes", recorded(say.places_free(free=free))) if free > 0 else None


def begins(service: Service, by: int | None, given: Settings) -> Fit | None:
    """After the wait, by the day on which the help is needed, and while it is still offered."""
    if service.place is None or service.place.waiting_days is None:
        return Fit("yes" if by is None else "unknown", recorded(say.wait_not_recorded()))
    days = service.place.waiting_days
    start = run.as_of() + days
    ends = service.offer.window.last
    if ends is not None and ends < start:
        return None
    if by is None or start <= by:
        return Fit("yes", recorded(say.begins(days=days, start=start)))
    late = because(say.begins_late(days=days, start=start, by=by), ASKED, DIRECTORY, setting("too-late"))
    return Fit("late", late) if given.too_late == "put-last" else None


def rank(service: Service, fits: list[Fit], given: Settings) -> tuple:
    """What is smaller is better; where all else is equal, the directory's order."""
    hows = [fit.how for fit in fits]
    waiting = service.place.waiting_days if service.place and service.place.waiting_days is not None else inf
    return (
        "late" in hows,
        "unknown" in hows,
        given.prefer_voluntary and service.offer.organisation_kind not in VOLUNTARY,
        waiting,
        price_of_a_family(service, given),
        service.offer.service,
    )


def price_of_a_family(service: Service, given: Settings) -> float:
    """Whole pence, rounded up, so that prices of different units compare; without end where it is not known."""
    if service.price is None:
        return inf
    amount, unit = service.price.amount, service.price.unit
    if unit == "year":
        capacity = service.place.capacity if service.place else None
        return -(-amount // capacity) if capacity else inf
    number = {"family": 1, "appointment": given.appointments_a_family, "hour": given.hours_a_family}.get(unit)
    return amount * number if number else inf


def reasons(service: Service, fits: list[Fit], given: Settings) -> list[Reason]:
    said = [because(say.offered_by(service=service.offer.service, provider=service.offer.organisation_kind), ASKED, DIRECTORY)]
    if given.prefer_voluntary and service.offer.organisation_kind in VOLUNTARY:
        said.append(because(say.voluntary(), DIRECTORY, setting("prefer-voluntary")))
    said += [fit.reason for fit in fits]
    if service.price is not None:
        said.append(recorded(say.costs(amount=service.price.amount, unit=service.price.unit)))
    return said


def recorded(message: Message) -> Reason:
    """What the directory says of a service, or does not."""
    return because(message, DIRECTORY)
