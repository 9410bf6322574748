"""What every plugin in Python may want beside the interface."""

from datetime import date
from typing import NoReturn

from wit_world.imports import messages
from wit_world.imports.types import Window


class Absence(Exception):
    """A section that gives no answer: `why`, code list absences. Not caught, it is the plugin's refusal."""

    def __init__(self, asked, why):
        super().__init__(f"{asked} gives no answer: {why}")
        self.why = why


class Refusal(Exception):
    """What `refuse` raises."""

    def __init__(self, why, message):
        super().__init__(f"refused: {why}")
        self.why = why
        self.message = message


def refuse(why: str, message: messages.Message | None = None) -> NoReturn:
    """Ends the question with a refusal: an answer, not a fault. `why`, code list failures; `message`, one of `say`."""
    raise Refusal(why, message)


def from_iso(text: str) -> int | None:
    """Reads `2015-04-01`, from 1600 to 2399, as a day of the interface. None for anything else, 31 February included."""
    if not (len(text) == 10 and text[4] == text[7] == "-" and text.isascii() and text.replace("-", "").isdigit()):
        return None
    try:
        day = date(int(text[:4]), int(text[5:7]), int(text[8:]))
    except ValueError:
        return None
    return day.toordinal() - _EPOCH if 1600 <= day.year < 2400 else None


def to_iso(day: int) -> str:
    """A day of the interface as `2015-04-01`."""
    return date.fromordinal(day + _EPOCH).isoformat()


_EPOCH = date(1970, 1, 1).toordinal()


def one_day(day: int) -> Window:
    """One day as a window."""
    return Window(day, day)


def holds(window: Window, day: int) -> bool:
    """Does the window hold the day?"""
    return window.first <= day and (window.last is None or day <= window.last)


def tenths_of_a_percent(part: int, whole: int) -> int | None:
    """`part` of `whole` in tenths of a per cent, rounded down: 179 of 200 is 895. None where there is no whole."""
    return part * 1000 // whole if whole else None


def is_at_least(part: int, whole: int, percent: int) -> bool:
    """Is `part` at least `percent` per cent of `whole`?"""
    return part * 100 >= percent * whole


def most_after_a_fall(before: int, percent: int) -> int:
    """The most that may be left of `before` for a fall of at least `percent` per cent: of 11, 60% less is 4."""
    return before * (100 - min(percent, 100)) // 100


def is_known(spans, kind: str, window: Window, person: int | None = None) -> bool:
    """Is a kind of fact completely known on every day of the window? `spans`: what `coverage.spans` gave for it. For one
    person: none of the person's own pieces falls short, and with the family's they fill the window. Without a person: no piece
    falls short, whoever it is about, and the family's own fill it."""
    pieces = [span for span in spans if span.kind == kind]
    family = [span for span in pieces if span.person is None]
    if person is None:
        return all(map(_complete, pieces)) and _fill(window, family)
    own = [span for span in pieces if span.person == person]
    return all(map(_complete, own)) and _fill(window, own + [span for span in family if _complete(span)])


def _complete(span) -> bool:
    return span.state == "complete"


def _fill(window: Window, spans) -> bool:
    following: int | None = window.first
    for piece in sorted((span.window for span in spans), key=lambda piece: piece.first):
        if following is None or piece.first > following:
            break
        following = None if piece.last is None else max(following, piece.last + 1)
    # None: known without an end.
    return following is None or window.last is not None and following > window.last


def reason(message: messages.Message, rests_on: list) -> messages.Reason:
    """What is said, and what it rests on."""
    return messages.Reason(message, rests_on)


def facts(facts: list[int]) -> list:
    """Facts to rest on; of very many, the first thousand."""
    return [messages.Basis_Fact(fact) for fact in facts[:1000]]


def searched(section: str, kind: str, window: Window, found: int, person: int | None = None) -> list:
    """A search to rest on: how many there were; of one person, or of the whole family. Absence is evidence too."""
    return [messages.Basis_Searched(messages.Search(section, kind, person, window, found))]


def setting(name: str) -> list:
    """A setting to rest on, by its name in manifest.json."""
    return [messages.Basis_Setting(name)]


def answered(question: str, person: int | None = None, item: int | None = None, before: bool = False) -> list:
    """An answer of the form to rest on, by its question's id; of one person or one item, or all that was answered to it. `before`:
    of the time before."""
    # Releases 0.9 of the interface know no more than the question.
    cited = messages.Cited(question, person, item, before) if hasattr(messages, "Cited") else question
    return [messages.Basis_Answered(cited)]


def not_told(section: str) -> list:
    """A section of the record to rest on that gave no answer: not granted, withheld, or of no family."""
    return [messages.Basis_NotTold(section)]


def read(source: str) -> list:
    """To rest on something else that was read: `source`, code list sources."""
    return [messages.Basis_Read(source)]


def asked() -> list:
    """To rest on what the question itself is about: the referral, the candidates, the contract."""
    return [messages.Basis_Asked()]
