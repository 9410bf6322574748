from math import inf

from hearth import asked, read, reason, setting
from manifest import say, settings
from wit_world.imports import buying_results, contract, directory, request, run


def shortlist() -> str:
    """Code list shortlists."""
    offers = directory.offers([request.current().kind], run.as_of())
    places = directory.places([offer.service for offer in offers])
    # Of which nothing is recorded, nothing is free.
    recorded = [(offer.service, place) for offer, place in zip(offers, places) if place is not None]
    free = [(service, inf if place.capacity is None else place.capacity - place.taken) for service, place in recorded]
    free = sorted((one for one in free if one[1] > 0), key=lambda one: (-one[1], one[0]))
    for place, (service, number) in enumerate(free, start=1):
        says = say.no_limit(service=service) if number == inf else say.free(service=service, number=int(number))
        buying_results.suggest(service, place, [reason(says, read("directory"))])
    return "suggested" if free else "nobody"


def check_contract() -> str:
    """Code list contract-checks."""
    families, below = contract.current().most_families, settings().families_below
    # How many it may help was not agreed, so nobody can say that they are few enough.
    if families is None:
        buying_results.rule("families", "not-enough-evidence", [reason(say.families_not_agreed(), asked())])
        return "not-enough-evidence"
    standing = "met" if families < below else "not-met"
    buying_results.rule("families", standing, [reason(say.families(number=families, below=below), asked() + setting("families-below"))])
    return "within-rules" if standing == "met" else "breaks-rules"


def payment() -> str:
    """Code list payments."""
    return "not-enough-evidence"


def review() -> str:
    """Code list reviews."""
    return "not-enough-evidence"
