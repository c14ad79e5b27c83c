"""One line of the ballot account: a voter group's ballots, or those of one of its mobile boxes.

Source and a worked example: docs/scoring-rules.md, "The ballot account".
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from ballot.language import Text


@dataclass(frozen=True)
class AccountLine:
    """One group's ballots, or those of one of its mobile boxes, all in numbers of ballots.

    `printed` includes spares and voided slips; `issued` is how many persons got the right to a
    vote. `damaged`, `lost`: spares given in exchange for a damaged slip (which was voided) and for
    a lost one; None in accounts from before these were counted. `handed_out`: what was recorded
    when slips were handed out, None where nothing was. `on_paper`: how many of `returned` came
    on paper; `set_aside`: papers left out since their ballots were cast by phone; None where the
    poll had no paper votes.
    """

    group: str
    name: str
    printed: int
    spares: int
    voided: int
    issued: int
    returned: int
    eligible: int | None = None
    damaged: int | None = None
    lost: int | None = None
    handed_out: int | None = None
    on_paper: int | None = None
    set_aside: int | None = None

    @property
    def replaced(self) -> int:
        """Return how many spares were given in exchange."""
        return (self.damaged or 0) + (self.lost or 0)

    @property
    def left_over(self) -> int:
        """Return how many printed ballots were never handed out (slips voided before are here)."""
        return self.printed - self.issued - self.replaced

    @property
    def not_returned(self) -> int:
        """Return how many persons' votes did not come back; below 0 it is the excess."""
        return self.issued - self.returned

    @property
    def excess(self) -> int:
        """Return by how many the votes exceed the rights: lost slips that were cast for certain."""
        return max(0, self.returned - self.issued)

    @property
    def possible_excess(self) -> int:
        """Return how many votes at most may come from lost slips, beside their replacements."""
        return min(self.lost or 0, self.returned)

    @property
    def by_phone(self) -> int:
        """Return how many votes came by phone: as many as there are receipts."""
        return self.returned - (self.on_paper or 0)

    @property
    def source(self) -> Text:
        """Say where `issued` comes from."""
        if self.handed_out is not None and self.handed_out == self.issued:
            return Text("发放记录")
        if self.handed_out is None and self.issued == self.printed - self.spares:
            return Text("印制 − 备用（没有发放记录）")
        return Text("认定时填写")

    def __add__(self, other: "AccountLine") -> "AccountLine":
        sums: dict[str, Any] = {
            name: _sum(getattr(self, name), getattr(other, name)) for name in _NUMBERS
        }
        return AccountLine(self.group, self.name, **sums)

    def without(self, part: "AccountLine") -> "AccountLine":
        """Return the line less a part of it."""
        less: dict[str, Any] = {
            name: _difference(getattr(self, name), getattr(part, name))
            for name in _NUMBERS
            if name != "eligible"
        }
        return replace(self, **less)

    def mistakes(self, name: str | Text) -> Iterator[Text]:
        """Say what cannot be about the line; `name` is how it is called."""
        yield from _mistakes(self, name)

    def remarks(self) -> Iterator[Text]:
        """Say what the numbers cannot: which votes may be second ones of the same person."""
        yield from _remarks(self)

    def to_json(self) -> dict[str, Any]:
        """Return the line as plain values; what was not counted is left out."""
        return {
            name: value
            for name, value in asdict(self).items()
            if value is not None or name not in _OPTIONAL
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "AccountLine":
        """Read what `to_json` wrote, in this version or an earlier one.

        Raises: TypeError for what is no line.
        """
        line = cls(**value)
        for name in _NUMBERS:
            number = getattr(line, name)
            if number is not None or name not in {"eligible", *_OPTIONAL}:
                require_whole(number)
        return line


_NUMBERS: Final = tuple(field.name for field in fields(AccountLine)[2:])
_OPTIONAL: Final = frozenset({"damaged", "lost", "handed_out", "on_paper", "set_aside"})


def _sum(mine: int | None, theirs: int | None) -> int | None:
    return None if mine is None or theirs is None else mine + theirs


def _difference(mine: int | None, theirs: int | None) -> int | None:
    return mine if mine is None or theirs is None else mine - theirs


def require_whole(value: object) -> None:
    """Refuse what is no whole number from 0 up.

    Raises: TypeError.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(value)


def _mistakes(line: AccountLine, name: str | Text) -> Iterator[Text]:
    told = {"group": name, "printed": line.printed, "issued": line.issued, "lost": line.lost}
    if line.issued > line.printed:
        yield Text("%(group)s：发出 %(issued)s 张，多于印制的 %(printed)s 张。", **told)
    elif line.left_over < 0:
        yield Text(
            "%(group)s：发出 %(issued)s 张，另有换发 %(replaced)s 张，多于印制的 %(printed)s 张。",
            **told,
            replaced=line.replaced,
        )
    elif line.damaged is not None and line.left_over < line.voided - line.damaged:
        # a voided slip gives nobody a right: it was exchanged, or it is still on the table
        yield Text(
            "%(group)s：发出 %(issued)s 张、遗失换发 %(lost)s 张、作废 %(voided)s 张，"
            "合计多于印制的 %(printed)s 张；作废的票不算发出。",
            **told,
            voided=line.voided,
        )
    if any((getattr(line, number) or 0) < 0 for number in _NUMBERS):
        yield Text("%(group)s：流动票箱的数比整个类别的数还大。", group=name)
    if (line.on_paper or 0) > line.returned:
        yield Text(
            "%(group)s：纸质票 %(on_paper)s 张，多于收回的 %(returned)s 张。",
            group=name,
            on_paper=line.on_paper,
            returned=line.returned,
        )
    if (line.damaged or 0) > line.voided:
        yield Text(
            "%(group)s：损坏换发 %(damaged)s 张，而作废的票只有 %(voided)s 张。",
            group=name,
            damaged=line.damaged,
            voided=line.voided,
        )
    if line.excess > (line.lost or 0):
        yield _too_many(line, told)


def _too_many(line: AccountLine, told: Mapping[str, object]) -> Text:
    if line.lost:
        return Text(
            "%(group)s：收回 %(returned)s 张，多于发出的 %(issued)s 张与遗失换发的 %(lost)s 张"
            "之和。请填写实际发出数。",
            **told,
            returned=line.returned,
        )
    return Text(
        "%(group)s：收回 %(returned)s 张，多于发出的 %(issued)s 张。请填写实际发出数。",
        **told,
        returned=line.returned,
    )


def _remarks(line: AccountLine) -> Iterator[Text]:
    if line.excess:
        yield Text(
            "%(group)s：收回比发出多 %(excess)s 票，说明至少有 %(excess)s 张"
            "已报遗失的票也投了出来。",
            group=line.name,
            excess=line.excess,
        )
    if line.possible_excess:
        yield Text(
            "%(group)s：遗失换发 %(lost)s 张。遗失的票无法指认，找到后仍能投出，"
            "所以收回数中最多可能有 %(most)s 票是同一人的第二票。",
            group=line.name,
            lost=line.lost,
            most=line.possible_excess,
        )
