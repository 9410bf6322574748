"""Small contracts: under thirty families and a year at most, so that their value stays below the tender threshold."""

import money
from contracts import ASKED, VOLUNTARY, because, end_of, exempt, last_of_year, setting, told, unknown
from manifest import Settings, say, settings
from wit_world.imports import calendar, contract
from wit_world.imports.contract import Agreement
from wit_world.imports.types import Window


def check_contract() -> str:
    """Code list contract-checks. Every rule says whether it is kept: None where that cannot be said, True where it does not apply."""
    terms, given = contract.current(), settings()
    rules = (few_families, at_most_a_year, value_below_tender, payments_below_tender, not_split, not_by_result_only)
    kept = [rule(terms, given) for rule in rules]
    if False in kept:
        return "breaks-rules"
    return "not-enough-evidence" if None in kept else "within-rules"


def few_families(terms: Agreement, given: Settings) -> bool | None:
    if terms.most_families is None:
        return unknown("few-families", because(say.families_not_stated(), ASKED))
    kept = terms.most_families < given.families_below
    said = say.families_agreed(families=terms.most_families, below=given.families_below)
    return told("few-families", kept, because(said, ASKED, setting("families-below")))


def at_most_a_year(terms: Agreement, given: Settings) -> bool:
    latest, last = last_of_year(terms.window.first), terms.window.last
    if last is None:
        return told("at-most-a-year", False, because(say.no_end(latest=latest), ASKED))
    return told("at-most-a-year", last <= latest, because(say.ends(last=last, latest=latest), ASKED))


def value_below_tender(terms: Agreement, given: Settings) -> bool:
    kept = terms.value < given.tender_threshold_pence
    said = say.value_agreed(value=terms.value, below=given.tender_threshold_pence)
    return told("value-below-tender", kept, because(said, ASKED, setting("tender-threshold-pence")))


def payments_below_tender(terms: Agreement, given: Settings) -> bool | None:
    """If every family reached its result: what the source calls the value of the outcomes payments (001:L556)."""
    if terms.payment_terms not in money.SHARES:
        return exempt("payments-below-tender", because(say.pays_no_outcomes(paid=terms.payment_terms), ASKED))
    if terms.most_families is None:
        return unknown("payments-below-tender", because(say.families_not_stated(), ASKED))
    each = sum(money.share(kind, terms.window.first) for kind in money.SHARES[terms.payment_terms])
    total = terms.most_families * each
    said = say.outcomes_worth(families=terms.most_families, each=each, total=total, below=given.tender_threshold_pence)
    reason = because(said, ASKED, setting("tender-threshold-pence"), *money.RATES_AND_PAY)
    return told("payments-below-tender", total < given.tender_threshold_pence, reason)


def not_split(terms: Agreement, given: Settings) -> bool:
    """A need is not cut into contracts of the same provider that each stay below: neither side by side nor one after another
    within a year. The yearly renewal of a contract of a whole year is no split."""
    first, last = terms.window.first, end_of(terms)
    year = Window(min(first, calendar.months_to(last, 12).first), max(last, last_of_year(first)))
    others = contract.others(year)
    total = terms.value + sum(other.value for other in others)
    kept = not others or total < given.tender_threshold_pence
    said = say.with_others(others=len(others), first=year.first, last=year.last, total=total, below=given.tender_threshold_pence)
    return told("not-split", kept, because(said, ASKED, setting("tender-threshold-pence")))


def not_by_result_only(terms: Agreement, given: Settings) -> bool:
    """A charity must train its staff before anything is sure to come in, and small ones fold (001:L572)."""
    if terms.organisation_kind not in VOLUNTARY:
        return exempt("not-by-result-only", because(say.not_voluntary(provider=terms.organisation_kind), ASKED))
    kept = terms.payment_terms != "by-result" or given.charities_by_result_only
    return told("not-by-result-only", kept, because(say.charity_paid(paid=terms.payment_terms), ASKED, setting("charities-by-result-only")))
