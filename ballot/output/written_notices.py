"""The written notices (书面通知): for each unit its result, and how to ask for a review."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from ballot.domain.notices import Contact
from ballot.language import Text
from ballot.output.flow import Align, Flow, Style
from ballot.output.masthead import Masthead, dated
from ballot.output.pages import Ink
from ballot.output.result_sheets import CYCLE, NO_VOTES, TITLE, Sheet, Votes, sheets_pdf
from ballot.output.standing_words import ranked_beside
from ballot.scoring import Kind, Standing

_LEFT_OUT: Final = frozenset(
    {Text("口径：%(reading)s").id, Text("依据：%(clause)s").id}  # ids of scoring's own lines
)
_BODY: Final = Style(Ink(11.5), indent=2, leading=1.6)
_TO: Final = Style(Ink(11.5), Align.LEFT, leading=1.6)


@dataclass(frozen=True)
class Delivered:
    """When a notice was delivered, and the last day for asking for a review."""

    told_on: date
    last: date


NOBODY: Final[Mapping[str, Delivered]] = MappingProxyType({})


def written_notices_pdf(
    masthead: Masthead,
    kind: Kind,
    standings: Sequence[Standing],
    *,
    only: Container[str] | None = None,
    votes: Votes = NO_VOTES,
    contact: Contact,
    delivered: Mapping[str, Delivered] = NOBODY,
) -> bytes:
    """Return the notices of a kind's units as a PDF, each on a page of its own.

    No notice tells another unit's figures. `only`: the units whose notices are wanted, by default
    all; `delivered`: of those that were told already, with the last day for asking.
    Raises: FontMissingError.
    """
    return sheets_pdf(
        masthead,
        Text("%(cycle)s结果书面通知", cycle=masthead.cycle),
        [
            _Notice(
                masthead,
                kind,
                standing,
                ranked_beside(standing, standings),
                votes,
                contact=contact,
                delivered=delivered.get(standing.unit),
            )
            for standing in standings
            if only is None or standing.unit in only
        ],
    )


@dataclass(frozen=True, kw_only=True)
class _Notice(Sheet):
    """One unit's notice: a result sheet with an address above and the right to a review below."""

    contact: Contact
    delivered: Delivered | None

    def kept(self, lines: Sequence[Text]) -> Sequence[Text]:
        """Return a derivation in short: without the scheme's readings and clauses by themselves."""
        return [line for line in lines if line.id not in _LEFT_OUT]

    def head(self, flow: Flow, size: float) -> None:  # noqa: ARG002 - its type keeps its size
        """Set title, address and what was fixed, with total, rank and grade."""
        words, masthead = self.words, self.masthead
        flow.paragraph(masthead.cycle, CYCLE)
        flow.paragraph(words(Text("考核结果书面通知")), TITLE)
        flow.gap(3)
        flow.paragraph(words(Text("%(unit)s：", unit=self.standing.unit)), _TO)
        fixed = Text(
            "根据《%(scheme)s》，%(state)s，现将考核结果书面通知如下。",
            scheme=masthead.scheme.title,
            state=masthead.state,
        )
        flow.paragraph(words(fixed), _BODY)
        flow.gap(2)
        self.summary(flow)
        flow.gap(3)

    def foot(self, flow: Flow, size: float) -> None:
        """Set how to ask for a review, with both clocks, and a receipt to be cut off."""
        words, rule = self.words, self.kind.review
        style = Style(Ink(max(size, 9.5)), indent=2, leading=1.5)
        flow.gap(2)
        lines = [
            Text(
                "对结果有异议的，可在接到本通知之日起 %(days)s 日内"
                "（接到当天不计入）书面申请复核。",
                days=rule.ask,
            )
        ]
        if self.delivered:
            lines.append(
                Text(
                    "本通知于%(told)s送达，申请复核到%(last)s为止。",
                    told=dated(self.delivered.told_on),
                    last=dated(self.delivered.last),
                )
            )
        lines.append(Text("收到申请之日起 %(days)s 日内书面答复。", days=rule.answer))
        if self.contact.name:
            lines.append(
                Text(
                    "受理：%(place)s，联系人：%(name)s，电话：%(phone)s。",
                    place=self.contact.place,
                    name=self.contact.name,
                    phone=self.contact.phone,
                )
            )
        flow.paragraph("".join(words(line) for line in lines), style)
        self.signatures(flow)
