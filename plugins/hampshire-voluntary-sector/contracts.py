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
    buying_results.rule(criterion, kept, [reason])
    return kept


def unknown(criterion: str, reason: messages.Reason) -> None:
    """Reports a rule that is not kept as far as is known: the question's answer says that the evidence is missing."""
    buying_results.rule(criterion, False, [reason])


def last_of_year(first: int) -> int:
    """The last day of the year that begins on `first`."""
    return calendar.add_months([first], 12)[0] - 1


def end_of(terms: contract.Agreement) -> int:
    """The last day; of a contract without one, that of its first year."""
    return last_of_year(terms.window.first) if terms.window.last is None else terms.window.last


def has_result(helped: contract.Helped) -> bool:
    """Was the family entitled to a result by now?"""
    return helped.outcome in RESULTS and helped.entitled_on is not None and helped.entitled_on <= run.as_of()
