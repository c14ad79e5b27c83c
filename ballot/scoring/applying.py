"""Adjustments applied to units: each row's marks, and what limits leave of several together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ballot.language import SOURCE, Text
from ballot.scoring.adjustments import AdjustmentLimit, AdjustmentRule, VetoRule
from ballot.scoring.entries import Adjustment, Veto
from ballot.scoring.figures import exact, half_up, signed
from ballot.scoring.kinds import Kind
from ballot.scoring.readings import Reading, with_clause


@dataclass(frozen=True)
class AppliedAdjustment:
    """An adjustment with its rule and the marks it brought, rounded once to two decimals.

    `before` are the marks it would bring by itself; where a limit took some of them, `limit` is
    that rule and `reason` says why (rules 47 to 49).
    """

    rule: AdjustmentRule
    entry: Adjustment
    marks: Decimal
    before: Decimal = Decimal(0)
    limit: AdjustmentLimit | None = None
    reason: Text | None = None

    def to_json(self, language: str = SOURCE) -> dict[str, Any]:
        """Return the row as JSON values; `before` and `reason` only where a limit took marks."""
        written = {
            "rule": self.rule.key,
            "times": self.entry.times,
            "marks": f"{self.marks:f}",
            "item": self.entry.item,
            "note": self.entry.note,
        }
        if self.reason is None:
            return written
        return {**written, "before": f"{self.before:f}", "reason": self.reason.in_(language)}

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings that its marks rest on."""
        return (*self.rule.readings, *(self.limit.readings if self.limit else ()))

    @property
    def line(self) -> Text:
        """Tell how its marks came about."""
        each = self.rule.marks if self.rule.marks is not None else self.entry.marks
        line = Text(
            "%(title)s：%(each)s × %(times)s = %(marks)s 分",
            title=self.rule.title,
            each=exact(each or Decimal(0)),
            times=self.entry.times,
            marks=signed(self.before),
        )
        if self.reason is not None:
            line = Text(
                "%(line)s，%(reason)s，计 %(marks)s 分",
                line=line,
                reason=self.reason,
                marks=signed(self.marks),
            )
        return with_clause(line, self.rule.clause)


@dataclass(frozen=True)
class AppliedVeto:
    """A veto with its rule."""

    rule: VetoRule
    entry: Veto

    def to_json(self) -> dict[str, Any]:
        """Return the row as JSON values."""
        return {"rule": self.rule.key, "item": self.entry.item, "note": self.entry.note}


@dataclass(frozen=True)
class _Row:
    """A row on its way: its exact marks, and once the highest of an item, what it counts."""

    entry: Adjustment
    rule: AdjustmentRule
    exact: Fraction
    counted: Fraction
    limit: AdjustmentLimit | None = None
    reason: Text | None = None


def applied_adjustments(
    kind: Kind, adjustments: Sequence[Adjustment]
) -> dict[str, tuple[AppliedAdjustment, ...]]:
    """Return the adjustments of each unit that has any, in the order they were entered.

    Source: docs/scoring-rules.md, rules 15 and 47 to 49.
    """
    rows = [_row(kind.adjustments[each.rule], each) for each in adjustments]
    by_unit: dict[str, list[_Row]] = {}
    for row in rows:
        by_unit.setdefault(row.entry.unit, []).append(row)
    for limit in kind.limits.values():
        if limit.same_item:
            by_unit = {unit: _highest(limit, rows) for unit, rows in by_unit.items()}
        if limit.at_most is not None:
            by_unit = _limited(limit, limit.at_most, by_unit)
    return {unit: tuple(_applied(row) for row in rows) for unit, rows in by_unit.items()}


def _row(rule: AdjustmentRule, entry: Adjustment) -> _Row:
    """Return a row's marks: so many times the rule's or the entered ones (rule 15)."""
    each = rule.marks if rule.marks is not None else entry.marks
    if each is None:
        raise ValueError(f"no marks for {rule.key}")
    marks = Fraction(each) * entry.times
    return _Row(entry, rule, marks, Fraction(half_up(marks, 2)))


def _applied(row: _Row) -> AppliedAdjustment:
    return AppliedAdjustment(
        rule=row.rule,
        entry=row.entry,
        marks=half_up(row.counted, 2),
        before=half_up(row.exact, 2),
        limit=row.limit,
        reason=row.reason,
    )


def _highest(limit: AdjustmentLimit, rows: list[_Row]) -> list[_Row]:
    """Let rows that name one item count once, with the highest single occurrence (rule 47)."""
    best: dict[str, int] = {}
    for number, row in enumerate(rows):
        item = row.entry.item
        if item and row.rule.key in limit.rules:
            held = best.get(item)
            if held is None or _once(row) > _once(rows[held]):
                best[item] = number
    told = []
    for number, row in enumerate(rows):
        here = row.entry.item and row.rule.key in limit.rules
        counted = row.counted
        if here:
            counted = _once(row) if best[row.entry.item] == number else Fraction(0)
        told.append(_changed(row, counted, limit, Text("同一事项只计最高的一次")))
    return told


def _once(row: _Row) -> Fraction:
    return Fraction(half_up(row.exact / row.entry.times, 2))


def _limited(
    limit: AdjustmentLimit, most: Decimal, by_unit: Mapping[str, list[_Row]]
) -> dict[str, list[_Row]]:
    """Cap what the rows of each unit add up to (rule 48), or scale all units down (rule 49)."""
    sums = {unit: _sum(limit, rows) for unit, rows in by_unit.items()}
    highest = max(sums.values(), default=Fraction(0))
    if highest <= most:
        return dict(by_unit)
    if not limit.scaled:
        reason = Text("“%(limit)s”最多 %(most)s 分", limit=limit.title, most=exact(most))
        ceilings = {unit: min(sum_, Fraction(most)) for unit, sum_ in sums.items()}
    else:
        reason = Text(
            "“%(limit)s”最高 %(highest)s 分计 %(most)s 分，各单位按同一比例折算",
            limit=limit.title,
            highest=exact(highest),
            most=exact(most),
        )
        ceilings = {unit: sum_ * Fraction(most) / highest for unit, sum_ in sums.items()}
    return {
        unit: _spread(limit, rows, ceilings[unit], reason, scaled=limit.scaled)
        for unit, rows in by_unit.items()
    }


def _sum(limit: AdjustmentLimit, rows: Iterable[_Row]) -> Fraction:
    return sum((row.counted for row in rows if row.rule.key in limit.rules), Fraction(0))


def _spread(
    limit: AdjustmentLimit, rows: list[_Row], ceiling: Fraction, reason: Text, *, scaled: bool
) -> list[_Row]:
    """Share what is left among the rows, so that they add up to it rounded once.

    Each row counts what the rounded running sum grows by; a cap takes from the last rows.
    """
    total = _sum(limit, rows)
    if total == ceiling:
        return rows
    running = before = Fraction(0)
    told = []
    for row in rows:
        if row.rule.key not in limit.rules:
            told.append(row)
            continue
        running += row.counted
        reached = running * ceiling / total if scaled else min(running, ceiling)
        after = Fraction(half_up(reached, 2))
        told.append(_changed(row, after - before, limit, reason))
        before = after
    return told


def _changed(row: _Row, counted: Fraction, limit: AdjustmentLimit, reason: Text) -> _Row:
    """Return a row with what it counts now; a reason is told only where that is something else."""
    if counted == row.counted:
        return row
    both = (
        reason
        if row.reason is None
        else Text("%(first)s;%(second)s", first=row.reason, second=reason)
    )
    return replace(row, counted=counted, limit=limit, reason=both)
