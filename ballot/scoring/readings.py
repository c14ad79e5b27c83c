"""Our readings of a scheme's document, shown to the organiser as such."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """A reading of ours where a clause is silent or unclear.

    `setting` is the key path in the scheme's file of the value that it sets, empty where it is
    no setting (rule 59); `value` is that value as it is written there.
    """

    key: str
    text: str
    clause: str
    setting: str = ""
    value: str = ""
