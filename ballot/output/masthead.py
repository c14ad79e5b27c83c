"""What every report and sheet of a yearly standing says about where it comes from."""

from dataclasses import dataclass
from datetime import date

from ballot.language import SOURCE, Text
from ballot.scoring import Scheme


@dataclass(frozen=True)
class Approved:
    """The meeting that fixed the result (党政会议审定), by name, and its day."""

    meeting: str
    held_on: date


@dataclass(frozen=True)
class Masthead:
    """The cycle's title, its scheme, who issues the report, and the approval it rests on.

    `approval` is None for a draft, which every report marks as one. `issuer` may be left empty:
    then its place stays free for the hand. `issued_on` is the day on the report, by default the
    approval's. `review` tells in a sentence how to ask for a review.
    """

    cycle: str
    scheme: Scheme
    approval: Approved | None = None
    issuer: str = ""
    issued_on: date | None = None
    review: str = ""
    language: str = SOURCE

    @property
    def draft(self) -> bool:
        """Tell whether no meeting has fixed the result yet."""
        return self.approval is None

    @property
    def day(self) -> str:
        """Return the day of issue in words, nothing for a draft without one."""
        day = self.issued_on or (self.approval.held_on if self.approval else None)
        return self.words(dated(day)) if day else ""

    @property
    def signature(self) -> tuple[str, str]:
        """Return who issues the report, and when; a place for seal or hand where it is open."""
        issuer = self.issuer or self.words(Text("（发文单位盖章）"))
        return issuer, self.day or self.words(Text("____年____月____日"))

    @property
    def state(self) -> Text:
        """Say whether the figures are final, and by whom."""
        if self.approval is None:
            return Text("草案，未经审定")
        return Text(
            "%(day)s经%(meeting)s审定",
            day=dated(self.approval.held_on),
            meeting=self.approval.meeting,
        )

    def words(self, text: Text) -> str:
        """Return a text in the report's language."""
        return text.in_(self.language)


def dated(day: date) -> Text:
    """Return a day in words."""
    return Text("%(year)d年%(month)d月%(day)d日", year=day.year, month=day.month, day=day.day)
