"""Help from the voluntary sector: who could give it, whether a contract is within the rules, what is due, whether it goes on.
The rules in words, each with its source, are in README.md."""

from check_contract import check_contract
from payment import payment
from review import review
from shortlist import shortlist

__all__ = ["check_contract", "payment", "review", "shortlist"]
