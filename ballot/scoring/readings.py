"""What a line rests on: a clause of the scheme's document, or a reading of ours of it."""

from dataclasses import dataclass

from ballot.language import Text


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


def with_clause(line: Text, clause: str) -> Text:
    """Return a line with the clause it rests on, if it rests on one."""
    return Text("%(line)s（%(clause)s）", line=line, clause=clause) if clause else line
