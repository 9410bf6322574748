"""What more than one question asks about a contract, and what a reason is made of."""

from hearth import reason
from wit_world.imports import buying_results, calendar, contract, messages, run

# Who counts as the voluntary sector, code list organisation-kinds.
VOLUNTARY = ("charity", "abuse-charity")
# Either of them is a result (001:L1373), code list outcomes.
RESULTS = ("significant-and-sustained", "continuous-employment")

ASKED = messages.Basis_Asked()


def setting(name: str) -> messages.Basis:
    return messages.Basis_Setting(name)


def because(message: messages.Message, *rests_on: messages.Basis) -> messages.Reason:
    return reason(message, list(rests_on))


def told(criterion: str, kept: bool, reason: messages.Reason) -> bool:
    """Reports a rule, and gives whether it is kept."""
    buying_results.rule(criterion, "met" if kept else "not-met", [reason])
    return kept


def exempt(criterion: str, reason: messages.Reason) -> bool:
    """Reports a rule that does not apply, and so is not broken."""
    buying_results.rule(criterion, "not-applicable", [reason])
    return True


def unknown(criterion: str, reason: messages.Reason) -> None:
    """Reports a rule that cannot be judged."""
    buying_results.rule(criterion, "not-enough-evidence", [reason])


def last_of_year(first: int) -> int:
    """The last day of the year that begins on `first`."""
    return calendar.months_after(first, 12) - 1


def end_of(terms: contract.Agreement) -> int:
    """The last day; of a contract without one, that of its first year."""
    return last_of_year(terms.window.first) if terms.window.last is None else terms.window.last


def has_result(helped: contract.Helped) -> bool:
    """Was the family entitled to a result by now?"""
    return helped.outcome in RESULTS and helped.entitled_on is not None and helped.entitled_on <= run.as_of()
