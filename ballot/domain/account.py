"""The ballot account (票账): what became of every printed slip, group by group.

    printed  = issued + replaced + left over   (replaced: spares given for damaged and lost slips)
    issued   = returned + not returned         (issued: persons who got the right to one vote)
    returned = valid + invalid

A lost slip cannot be named and stays good, so it may be cast beside its replacement; the account
says so. Source and a worked example: docs/scoring-rules.md, "The ballot account".
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ballot.domain.account_line import AccountLine, require_whole
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.scoring import Base

__all__ = ["BOX_MARK", "Account", "AccountError", "AccountLine", "ExcessError", "box_key"]

BOX_MARK: Final = "@"
"""Between a group's key and a box's name, where a box's number is declared: `members@一号箱`."""


class AccountError(MistakesError):
    """The numbers of ballots do not fit together."""


class ExcessError(RefusedError):
    """More votes than persons with a right to one: lost slips were cast as well."""

    message = N_(
        "%(group)s：收回 %(returned)s 票，多于发出的 %(issued)s 张：至少有 %(excess)s 张"
        "已报遗失的票也投了出来，是谁的票无从得知。确需认定的，请填写理由。"
    )


@dataclass(frozen=True)
class Account:
    """The ballot account of a poll.

    `lines`: one for each group, its mobile boxes included. `invalid`: of all votes. `boxes`: a line
    for each mobile box (流动票箱) and group whose slips it carries, named by the box; each is a
    part of its group's line, and no result is ever told of it.
    """

    lines: tuple[AccountLine, ...]
    invalid: int = 0
    boxes: tuple[AccountLine, ...] = ()

    @property
    def total(self) -> AccountLine:
        """Return the sum over all groups."""
        whole = AccountLine("", "", *[0] * 11)
        for line in self.lines:
            whole += line
        return whole

    @property
    def valid(self) -> int:
        """Return how many returned votes are valid."""
        return self.total.returned - self.invalid

    def boxes_of(self, group: str) -> tuple[AccountLine, ...]:
        """Return the lines of a group's mobile boxes."""
        return tuple(box for box in self.boxes if box.group == group)

    def in_hall(self, line: AccountLine) -> AccountLine:
        """Return a group's line without its mobile boxes."""
        for box in self.boxes_of(line.group):
            line = line.without(box)
        return line

    def declaring(self, issued: Mapping[str, int]) -> "Account":
        """Return the account with the numbers of ballots handed out that people declare.

        `issued`: by group, its boxes included, or by `box_key`.
        """
        lines, boxes = (
            tuple(replace(line, issued=issued.get(key(line), line.issued)) for line in some)
            for some, key in ((self.lines, lambda line: line.group), (self.boxes, box_key))
        )
        return replace(self, lines=lines, boxes=boxes)

    @property
    def counts_replacements(self) -> bool:
        """Tell whether exchanged slips were counted, which early versions did not."""
        return all(line.damaged is not None for line in (*self.lines, *self.boxes))

    @property
    def voided(self) -> Mapping[str, int]:
        """Return the voided slips by group, and by `box_key` for mobile boxes."""
        boxes = {box_key(box): box.voided for box in self.boxes}
        return {line.group: line.voided for line in self.lines} | boxes

    @property
    def returned_by_box(self) -> Mapping[str, int]:
        """Return how many votes by phone came from each mobile box, by `box_key`."""
        return {box_key(box): box.by_phone for box in self.boxes}

    @property
    def on_paper_by_box(self) -> Mapping[str, int]:
        """Return how many papers came from each mobile box, by `box_key`; boxes without are out."""
        return {box_key(box): box.on_paper for box in self.boxes if box.on_paper}

    @property
    def issued_by_box(self) -> Mapping[str, int]:
        """Return how many slips each mobile box handed out, by `box_key`."""
        return {box_key(box): box.issued for box in self.boxes}

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

        Raises: AccountError with a text per mistake.
        """
        mistakes = [text for line in self.lines for text in line.mistakes(line.name)]
        for line in self.lines:
            boxes = self.boxes_of(line.group)
            parts: list[tuple[AccountLine, str | Text]] = [(box, box.name) for box in boxes]
            if boxes:
                hall = self.in_hall(line)  # papers may have come with a box's slips
                hall = replace(hall, returned=hall.by_phone)
                parts.append((hall, Text("会场（流动票箱以外）")))
            for part, name in parts:
                inside = Text("%(group)s · %(part)s", group=line.name, part=name)
                mistakes += part.mistakes(inside)
        if mistakes:
            raise AccountError(mistakes)

    def require_reason_for_excess(self, reason: str) -> None:
        """Refuse more votes than rights that come without a reason.

        Raises: ExcessError.
        """
        for line in self.lines:
            if line.excess and not reason.strip():
                raise ExcessError(
                    group=line.name, returned=line.returned, issued=line.issued, excess=line.excess
                )

    def remarks(self) -> list[Text]:
        """Say what the numbers cannot: which votes may be second ones of the same person."""
        return [text for line in self.lines for text in line.remarks()]

    def to_json(self) -> dict[str, Any]:
        """Return the account as plain values, as it is stored and archived."""
        value: dict[str, Any] = {
            "invalid": self.invalid,
            "lines": [line.to_json() for line in self.lines],
        }
        if self.boxes:
            value["boxes"] = [box.to_json() for box in self.boxes]
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Account":
        """Read what `to_json` wrote, in this version or an earlier one.

        Raises: KeyError, TypeError for what is no account.
        """
        lines, boxes = (
            tuple(map(AccountLine.from_json, some))
            for some in (value["lines"], value.get("boxes", ()))
        )
        require_whole(value["invalid"])
        return cls(lines, value["invalid"], boxes)


def box_key(line: AccountLine) -> str:
    """Return the key under which a box's number is declared."""
    return f"{line.group}{BOX_MARK}{line.name}"
