"""Moments as people here write them: `2023年12月28日 09:30`, in Chinese time."""

from datetime import date, datetime

from ballot.clock import LOCAL
from ballot.language import Text


def moment(value: datetime) -> Text:
    """Return an aware moment in words, to the minute."""
    return _written(value, "%H:%M")


def second(value: datetime) -> Text:
    """Return an aware moment in words, to the second."""
    return _written(value, "%H:%M:%S")


def day(value: date) -> Text:
    """Return a day in words: `2023年12月28日`."""
    return Text("%(year)s年%(month)s月%(day)s日", year=value.year, month=value.month, day=value.day)


def _written(value: datetime, clock: str) -> Text:
    local = value.astimezone(LOCAL)
    return Text(
        "%(year)s年%(month)s月%(day)s日 %(clock)s",
        year=local.year,
        month=local.month,
        day=local.day,
        clock=local.strftime(clock),
    )
