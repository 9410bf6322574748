from typing import Final

from hearth import answered, reason, setting
from manifest import say, settings
from wit_world.imports import answers, results
from wit_world.imports.answers import Value_Tenths

# Each is a domain and the question that asks for its points, from one to five, in tenths.
AREAS: Final = ("home", "school", "health")
LEAST, MOST = 10, 50


def evaluate() -> str:
    """Code list assessment-results."""
    given = settings()
    points = {answer.question: answer.value.value for answer in answers.given() if isinstance(answer.value, Value_Tenths)}
    for area in AREAS:
        if area in points:
            says = say.scored(area=area, points=points[area], most=MOST)
            results.score(area, None, points[area], LEAST, MOST, True, [reason(says, answered(area))])
    # Not scored is not well.
    if any(area not in points for area in AREAS):
        return "incomplete"

    low = [area for area in AREAS if points[area] <= given.low_points]
    if len(low) >= given.intensive_from:
        tier = "intensive"
    else:
        tier = "light" if low else "super-light"
    rests_on = [basis for area in AREAS for basis in answered(area)] + setting("low-points") + setting("intensive-from")
    results.tier(tier, [reason(say.low(number=len(low), points=given.low_points), rests_on)])
    return "complete"
