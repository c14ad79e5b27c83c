"""One unit's figures made into points: its components, coefficient, adjustments and total."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ballot.language import Text
from ballot.scoring.adjustments import Effect
from ballot.scoring.applying import AppliedAdjustment, AppliedVeto, applied_adjustments
from ballot.scoring.entries import Adjustment, Entry, Veto
from ballot.scoring.figures import half_up
from ballot.scoring.indicators import Places, indicator_work, ranked
from ballot.scoring.kinds import Kind
from ballot.scoring.standing import AppliedCoefficient
from ballot.scoring.told import component_lines, reading_lines
from ballot.scoring.working import ComponentWork, points_of, worked


@dataclass(frozen=True)
class Sheet:
    """One unit's figures, made into points and told; `total` is None where a figure is blank."""

    entry: Entry
    sector: str
    working: tuple[ComponentWork, ...]
    coefficient: AppliedCoefficient | None
    adjustments: tuple[AppliedAdjustment, ...]
    vetoes: tuple[AppliedVeto, ...]
    total: Decimal | None
    lines: tuple[Text, ...]

    @property
    def unit(self) -> str:
        """The unit's name."""
        return self.entry.unit

    @property
    def ranked(self) -> bool:
        """Whether it takes part in ranking: it competes and has a total."""
        return self.entry.competes and self.total is not None

    @property
    def flags(self) -> tuple[Text, ...]:
        """What its vetoes note beside it, whatever else they do (rule 50)."""
        return tuple(
            Text(
                "%(title)s：%(flag)s（%(clause)s）",
                title=veto.rule.title,
                flag=veto.rule.flag,
                clause=veto.rule.clause,
            )
            for veto in self.vetoes
            if veto.rule.flag
        )


def sheets_of(
    kind: Kind,
    entries: Sequence[Entry],
    adjustments: Sequence[Adjustment],
    vetoes: Sequence[Veto],
) -> list[Sheet]:
    """Return every unit's sheet (rules 14 to 16 and 40 to 50)."""
    places = ranked(kind, entries)
    applied = applied_adjustments(kind, adjustments)
    met: dict[str, list[AppliedVeto]] = {}
    for veto in vetoes:
        met.setdefault(veto.unit, []).append(AppliedVeto(kind.vetoes[veto.rule], veto))
    return [
        _sheet(kind, entry, places, applied.get(entry.unit, ()), met.get(entry.unit, ()))
        for entry in entries
    ]


def _sheet(
    kind: Kind,
    entry: Entry,
    places: Places,
    adjustments: tuple[AppliedAdjustment, ...],
    vetoes: Iterable[AppliedVeto],
) -> Sheet:
    vetoes = tuple(vetoes)
    zeroed = {each.entry.item for each in vetoes if each.rule.effect is Effect.ZEROES}
    working = tuple(_components(kind, entry, places, zeroed))
    counted = [done.points for done in working if done.component.counted]
    parts = [points for points in counted if points is not None]
    coefficient = _coefficient(kind, entry, parts)
    if coefficient:
        parts.append(coefficient.marks)
    parts += [each.marks for each in adjustments]
    blank = any(points is None for points in counted)
    total = None if blank else half_up(sum((Fraction(part) for part in parts), Fraction(0)), 2)
    lines = [line for done in working for line in component_lines(done)]
    if coefficient:
        lines += [coefficient.line, *reading_lines(coefficient.rule.readings)]
    lines += [each.line for each in adjustments]
    lines += reading_lines(reading for each in adjustments for reading in each.readings)
    lines += reading_lines(reading for each in vetoes for reading in each.rule.readings)
    lines += reading_lines(kind.readings)
    lines += [_zeroed_line(each) for each in vetoes if each.rule.effect is Effect.ZEROES]
    if total is not None:
        lines.append(_total_line(parts, total))
    return Sheet(
        entry=entry,
        sector=entry.sector if kind.sectors else "",
        working=working,
        coefficient=coefficient,
        adjustments=adjustments,
        vetoes=vetoes,
        total=total,
        lines=tuple(lines),
    )


def _components(
    kind: Kind, entry: Entry, places: Places, zeroed: set[str]
) -> Iterable[ComponentWork]:
    for component in kind.components:
        if component.indicators and component.key not in entry.figures:
            work = indicator_work(component, component.indicators, entry, places, zeroed)
            yield points_of(component, work)
        else:
            yield points_of(component, worked(component, entry.figures, zeroed))


def _coefficient(kind: Kind, entry: Entry, points: Sequence[Decimal]) -> AppliedCoefficient | None:
    """Return what the unit's coefficient makes of the sum of its components (rule 46)."""
    if kind.coefficient is None:
        return None
    factor = entry.coefficient if entry.coefficient is not None else Decimal(1)
    before = sum((Fraction(each) for each in points), Fraction(0))
    after = half_up(before * Fraction(factor), 2)
    rounded = half_up(before, 2)
    return AppliedCoefficient(kind.coefficient, factor, rounded, after - rounded)


def _zeroed_line(veto: AppliedVeto) -> Text:
    return Text(
        "%(title)s：“%(item)s”计 0 分（%(clause)s）",
        title=veto.rule.title,
        item=veto.entry.item,
        clause=veto.rule.clause,
    )


def _total_line(parts: Sequence[Decimal], total: Decimal) -> Text:
    if len(parts) == 1:
        return Text("总分：%(total)s 分", total=f"{total:f}")
    terms = " ".join(f"{'−' if part < 0 else '+'} {abs(part):f}" for part in parts)
    return Text("总分：%(terms)s = %(total)s 分", terms=terms[2:], total=f"{total:f}")
