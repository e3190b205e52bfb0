"""What a measurement raises where a reading lacks the number."""


class MeasureError(ValueError):
    """A number that a reading does not have; the message says why."""
