"""Looks things up together with how well they are known: nothing recorded is not the same as nothing happened."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from hearth import Absence, facts, holds, is_known, not_told, searched
from wit_world.imports import coverage, episode, run
from wit_world.imports.episode import Stay
from wit_world.imports.types import Window


# Kinds of facts that are looked for, code list kinds.
type Kind = Literal["offence", "antisocial-incident", "police-callout", "exclusion", "safeguarding-standing", "goal"]


class Recorded(Protocol):
    """A row of any section."""

    fact: int


@dataclass(frozen=True)
class Looked[Row: Recorded]:
    """Facts of one kind that were looked for."""

    kind: Kind
    rows: list[Row]
    complete: bool
    # The search, for a reason that says that there is nothing; that nothing was told where the section may not be read.
    search: list

    @property
    def rests_on(self) -> list:
        return facts([row.fact for row in self.rows]) if self.rows else self.search


def look[Row: Recorded](section: str, kind: Kind, window: Window, read: Callable[[Window], list[Row]]) -> Looked[Row]:
    """A section that is withheld or not granted is one of which nothing is known: the question ends with a person, not a refusal."""
    try:
        rows, spans = read(window), coverage.spans(section, window)
    except Absence:
        return Looked(kind, [], False, not_told(section))
    return Looked(kind, rows, is_known(spans, kind, window), searched(section, kind, window, 0))


def stay_now() -> Stay | None:
    """The stay that the programme helps the family in on the date asked about."""
    try:
        stay = episode.current()
    except Absence:
        return None
    return stay if holds(stay.window, run.as_of()) else None
