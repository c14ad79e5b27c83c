"""The ballot account: printed = issued + left over, issued = returned + not returned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring import Base


class AccountError(MistakesError):
    """The numbers of ballots do not fit together."""


@dataclass(frozen=True)
class AccountLine:
    """One group's ballots, all in numbers of ballots.

    `printed` includes spares and voided slips; `issued` is what was handed out to voters.
    """

    group: str
    name: str
    printed: int
    spares: int
    voided: int
    issued: int
    returned: int
    eligible: int | None = None

    @property
    def left_over(self) -> int:
        """Return how many printed ballots were not handed out."""
        return self.printed - self.issued

    @property
    def not_returned(self) -> int:
        """Return how many ballots were handed out and not cast."""
        return self.issued - self.returned


@dataclass(frozen=True)
class Account:
    """The ballot account of a poll: a line per group, and how many of all votes are invalid."""

    lines: tuple[AccountLine, ...]
    invalid: int = 0

    @property
    def total(self) -> AccountLine:
        """Return the sum over all groups."""
        eligible = [line.eligible for line in self.lines]
        return AccountLine(
            group="",
            name="",
            printed=sum(line.printed for line in self.lines),
            spares=sum(line.spares for line in self.lines),
            voided=sum(line.voided for line in self.lines),
            issued=sum(line.issued for line in self.lines),
            returned=sum(line.returned for line in self.lines),
            eligible=None if None in eligible else sum(e or 0 for e in eligible),
        )

    @property
    def valid(self) -> int:
        """Return how many returned votes are valid."""
        return self.total.returned - self.invalid

    def declaring(self, issued: Mapping[str, int]) -> "Account":
        """Return the account with the numbers of ballots handed out that people declare."""
        lines = tuple(
            replace(line, issued=issued.get(line.group, line.issued)) for line in self.lines
        )
        return Account(lines, self.invalid)

    def of(self, base: Base) -> int | None:
        """Return a base of the whole poll; None where the number of eligible is not known."""
        return {
            Base.OPINIONS: self.valid,
            Base.VALID: self.valid,
            Base.RETURNED: self.total.returned,
            Base.ISSUED: self.total.issued,
            Base.ELIGIBLE: self.total.eligible,
        }[base]

    def check(self) -> None:
        """Refuse an account that does not balance.

        Raises: AccountError with a text per group.
        """
        mistakes = [text for line in self.lines for text in _mistakes(line)]
        if mistakes:
            raise AccountError(mistakes)


def _mistakes(line: AccountLine) -> Iterable[Text]:
    if line.issued > line.printed:
        yield Text(
            "%(group)s：发出 %(issued)s 张，多于印制的 %(printed)s 张。",
            group=line.name,
            issued=line.issued,
            printed=line.printed,
        )
    if line.returned > line.issued:
        yield Text(
            "%(group)s：收回 %(returned)s 张，多于发出的 %(issued)s 张。请填写实际发出数。",
            group=line.name,
            returned=line.returned,
            issued=line.issued,
        )
