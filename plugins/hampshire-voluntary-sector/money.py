"""What a partner is paid: its part of what the programme pays for a family, and the price of an appointment."""

import json
from functools import cache

from contracts import setting
from hearth import from_iso, refuse
from manifest import SettingsPartnerPayItem, say, settings
from wit_world.imports import messages, reference

ATTACHMENT, RESULT = "attachment-share", "result-share"
# What a contract pays for a family, by its terms of payment. The others pay for no family's result.
SHARES = {"mixed": (ATTACHMENT, RESULT), "by-result": (RESULT,)}
# What every amount here rests on. To be cited after an amount was looked up: nothing rests on a table that was not read.
RATES_AND_PAY = (messages.Basis_Table("rates"), setting("partner-pay"))


# Kept for the run: nothing outlives it, since every question has an instance of its own.
@cache
def share(kind: str, on: int) -> int:
    """The partner's part of the attachment fee or of the result payment in force on a day, rounded down to whole pence."""
    rates = json.loads(reference.rows("rates", on))
    if not rates:
        refuse("no-rate", say.no_rate(on=on))
    pay = pay_on(on)
    whole, percent = {
        ATTACHMENT: (rates[-1]["attachment"], pay.attachment_percent),
        RESULT: (rates[-1]["result"], pay.result_percent),
    }[kind]
    return whole * percent // 100


@cache
def appointment(on: int) -> int:
    """The price of an appointment kept, in pence."""
    return pay_on(on).appointment_pence


def pay_on(on: int) -> SettingsPartnerPayItem:
    """The authority's own part of the bargain: the latest that has begun."""
    begun = [(first, pay) for pay in settings().partner_pay if (first := from_iso(pay.from_)) is not None and first <= on]
    if not begun:
        refuse("no-rate", say.no_pay(on=on))
    return max(begun, key=lambda dated: dated[0])[1]
