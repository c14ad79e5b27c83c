"""Our readings of a scheme's document, shown to the organiser as such."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """A value in the scheme's file: its key path, and how it is written there."""

    path: str
    value: str


@dataclass(frozen=True)
class Reading:
    """A reading of ours where a clause is silent or unclear.

    `settings` are the values that it sets, none where it is no setting (rule 59).
    """

    key: str
    text: str
    clause: str
    settings: tuple[Setting, ...] = ()
