"""What every plugin in Python may want beside the interface."""


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


def refuse(why, message=None):
    """Ends the question with a refusal: an answer, not a fault. `why`, code list failures; `message`, one of `words`."""
    raise Refusal(why, message)
