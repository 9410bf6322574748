"""What is due under a contract: a share of what the programme pays for a family, appointments kept, or instalments up front."""

from collections import defaultdict
from dataclasses import dataclass

import money
from contracts import ASKED, RESULTS, because, end_of, has_result, setting, told, unknown
from hearth import holds
from manifest import say, settings
from wit_world.imports import buying_results, calendar, contract, messages, run
from wit_world.imports.contract import Agreement, Helped
from wit_world.imports.types import Window

# As many as the interface takes in a run. What is left over is due the next time.
MOST_LINES = 500


@dataclass(frozen=True)
class Due:
    """A payment line before it is known whether the contract's value leaves room for it. Pence; a correction may be negative."""

    kind: str
    family: int | None
    amount: int
    reasons: list[messages.Reason]


def payment() -> str:
    """Code list payments."""
    terms = contract.current()
    way = {"mixed": shares, "by-result": shares, "by-appointment": appointments, "up-front": instalments}[terms.payment_terms]
    dues, is_known = way(terms)
    if pay(dues, terms):
        return "due"
    return "nothing-due" if is_known else "not-enough-evidence"


def pay(dues: list[Due], terms: Agreement) -> int:
    """Reports payment lines up to the contract's value, and gives their number. What comes back can be paid out again."""
    left = terms.value - sum(line.amount for line in contract.payments())
    lines, was_cut = 0, False
    for due in sorted(dues, key=lambda due: due.amount > 0)[:MOST_LINES]:
        amount = min(due.amount, max(left, 0))
        reasons = due.reasons
        if amount < due.amount:
            was_cut = True
            reasons = [*reasons, because(say.value_reached(due=due.amount), ASKED)]
        if amount:
            buying_results.line(due.kind, due.family, amount, reasons)
            left -= amount
            lines += 1
    if was_cut:
        told("within-value", False, because(say.value_used_up(value=terms.value), ASKED))
    return lines


def paid_before() -> defaultdict[int | None, defaultdict[str, int]]:
    """What was paid for each family, by kind; corrections among them."""
    paid: defaultdict[int | None, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for line in contract.payments():
        paid[line.family][line.kind] += line.amount
    return paid


def shares(terms: Agreement) -> tuple[list[Due], bool]:
    """Some of the attachment fee and, if successful, three quarters of the result payment (000:L2070-L2072). Each is paid once
    for a family. What was paid keeps its amount as long as its ground stands; if that falls away, it is corrected."""
    dues, families, paid = [], contract.families(), paid_before()
    for helped in families:
        before, grounds = paid[helped.family], grounds_of(terms, helped)
        for kind, on in grounds.items():
            if on is not None and kind not in before and (amount := money.share(kind, on)):
                said = say.share_due(kind=kind, on=on, amount=amount)
                dues.append(Due(kind, helped.family, amount, [because(said, ASKED, *money.RATES_AND_PAY)]))
        stands = sum(amount for kind, amount in before.items() if kind in grounds)
        dues += correction(helped.family, sum(before.values()), stands)
    undated = sum(is_undated(helped) for helped in families)
    if undated:
        unknown("results-dated", because(say.results_undated(families=undated), ASKED))
    return dues, not undated


def grounds_of(terms: Agreement, helped: Helped) -> dict[str, int | None]:
    """The shares that a family is a reason to pay, and the day whose rates they have. A result without its day is no reason to pay,
    nor to take anything back."""
    if helped.engaged > run.as_of() or not holds(terms.window, helped.engaged):
        return {}
    grounds: dict[str, int | None] = {money.ATTACHMENT: helped.engaged}
    if has_result(helped) or is_undated(helped):
        grounds[money.RESULT] = helped.entitled_on
    return {kind: on for kind, on in grounds.items() if kind in money.SHARES[terms.payment_terms]}


def is_undated(helped: Helped) -> bool:
    return helped.outcome in RESULTS and helped.entitled_on is None


def correction(family: int, paid: int, stands: int) -> list[Due]:
    if paid == stands:
        return []
    return [Due("correction", family, stands - paid, [because(say.corrected(paid=paid, stands=stands), ASKED)])]


def appointments(terms: Agreement) -> tuple[list[Due], bool]:
    """What was kept up to now, at the price of its last day, less what was paid for it before. A family of which no appointment
    is recorded is not a family that came to none."""
    today, first, last = run.as_of(), terms.window.first, end_of(terms)
    if today < first:
        return [], True
    counted = Window(first, min(today, last))
    paid, kept, worth = paid_before(), defaultdict(int), defaultdict(int)
    for row in contract.sessions(counted):
        if row.window.last is not None and holds(counted, row.window.last):
            kept[row.family] += row.kept
            worth[row.family] += row.kept * money.appointment(row.window.last)
    dues = []
    for family, amount in worth.items():
        before = sum(paid[family].values())
        if amount > before:
            said = say.appointments_kept(kept=kept[family], worth=amount, before=before)
            dues.append(Due("appointment", family, amount - before, [because(said, ASKED, setting("partner-pay"))]))
        else:
            dues += correction(family, before, amount)
    unrecorded = [h for h in contract.families() if h.engaged <= counted.last and h.family not in worth]
    if unrecorded:
        unknown("sessions-recorded", because(say.sessions_missing(families=len(unrecorded)), ASKED))
    return dues, not unrecorded


def instalments(terms: Agreement) -> tuple[list[Due], bool]:
    """Earned autonomy: partners are paid up front, in equal instalments, so that they can plan (001:L1404). Results are told, and
    change nothing of what is paid."""
    first, today, every = terms.window.first, run.as_of(), settings().instalment_months
    if today < first:
        return [], True
    number = calendar.months_between(first, end_of(terms)) // every + 1
    begun = min(calendar.months_between(first, today) // every + 1, number)
    amount = terms.value * begun // number - sum(line.amount for line in contract.payments())
    if amount <= 0:
        return [], True
    families = contract.families()
    results = sum(has_result(helped) for helped in families)
    reasons = [
        because(say.instalments(begun=begun, number=number, value=terms.value), ASKED, setting("instalment-months")),
        because(say.results_told(results=results, families=len(families)), ASKED),
    ]
    return [Due("up-front", None, amount, reasons)], True
