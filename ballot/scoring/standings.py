"""The yearly standing: totals, competition ranks and grades, each with its derivation."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor

from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring.decisions import decided_places
from ballot.scoring.entries import Adjustment, Decision, Entry, Veto, indicator_names
from ballot.scoring.entry_problems import (
    Problem,
    adjustment_problems,
    entry_problems,
    missing_indicators,
    veto_problems,
)
from ballot.scoring.figures import decimal_number
from ballot.scoring.grading import PENDING, Graded
from ballot.scoring.kinds import Kind
from ballot.scoring.sheets import Sheet, sheets_of
from ballot.scoring.standing import StaffPlaces, Standing, share_shown
from ballot.scoring.told import reading_lines
from ballot.scoring.verdicts import graded_units


def score(
    kind: Kind,
    entries: Sequence[Entry],
    adjustments: Sequence[Adjustment] = (),
    vetoes: Sequence[Veto] = (),
    decisions: Sequence[Decision] = (),
) -> list[Standing]:
    """Return the standing of all units of a kind, in rank order; equals by decision, then name.

    Sectors follow one another; in each, units out of competition and those without a total come
    after the ranked ones.
    Raises: MistakesError for anything wrong in what was entered; DecisionError for a decision
        that does not fit the standing (its units are no longer tied, say).
    Source: docs/scoring-rules.md, rules 14 to 21, 40 to 58.
    """
    mistakes = list(_mistakes(kind, entries, adjustments, vetoes))
    if mistakes:
        raise MistakesError(mistakes)
    sheets = sheets_of(kind, entries, adjustments, vetoes)
    results = {
        sheet.unit: (sheet.sector, sheet.total)
        for sheet in sheets
        if sheet.ranked and sheet.total is not None
    }
    places = decided_places(results, decisions)
    graded = graded_units(kind, sheets, places)
    standing = _Standings(kind, _ranks(sheets), graded, decisions)
    ordered = sorted(sheets, key=lambda each: _order(each, places))
    return [standing.of(sheet) for sheet in ordered]


def _order(sheet: Sheet, places: dict[str, int]) -> tuple[str, bool, Decimal, int, str]:
    total = sheet.total if sheet.total is not None else Decimal(0)
    return (sheet.sector, not sheet.ranked, -total, places.get(sheet.unit, 0), sheet.unit)


def _mistakes(
    kind: Kind,
    entries: Sequence[Entry],
    adjustments: Sequence[Adjustment],
    vetoes: Sequence[Veto],
) -> Iterator[Text]:
    units = Counter(entry.unit for entry in entries)
    for unit in sorted(unit for unit, times in units.items() if times > 1):
        yield Text("单位“%(unit)s”重复", unit=unit)
    names = indicator_names(kind, entries)
    for entry in entries:
        lacking = missing_indicators(kind, entry, names)
        yield from _placed(entry.unit, [*entry_problems(kind, entry), *lacking])
    for adjustment in adjustments:
        yield from _placed(adjustment.unit, adjustment_problems(kind, units.keys(), adjustment))
    for veto in vetoes:
        yield from _placed(veto.unit, veto_problems(kind, units.keys(), veto, names))


def _placed(unit: str, problems: Iterable[Problem]) -> Iterator[Text]:
    for key, problem in problems:
        yield Text("单位“%(unit)s”的“%(key)s”：%(problem)s", unit=unit, key=key, problem=problem)


def _ranks(sheets: Iterable[Sheet]) -> dict[str, int]:
    """Return the competition ranks inside the sectors (rules 17, 51 and 52)."""
    ranked = [(sheet.sector, sheet.total, sheet.unit) for sheet in sheets if sheet.ranked]
    first: dict[tuple[str, Decimal | None], int] = {}
    places: Counter[str] = Counter()
    for sector, total, _ in sorted(ranked, key=lambda each: each[1] or Decimal(0), reverse=True):
        places[sector] += 1
        first.setdefault((sector, total), places[sector])
    return {unit: first[sector, total] for sector, total, unit in ranked}


@dataclass(frozen=True)
class _Standings:
    """What one unit's standing needs to know of all others."""

    kind: Kind
    ranks: Mapping[str, int]
    graded: Mapping[str, Graded]
    decisions: Sequence[Decision]

    def of(self, sheet: Sheet) -> Standing:
        """Return a unit's standing."""
        graded = self.graded.get(sheet.unit)
        grade = graded.grade if graded else None
        staff = self._staff(sheet, grade)
        flags = (*sheet.flags, *self._two_years(sheet, grade))
        rank = self.ranks.get(sheet.unit)
        lines = [*sheet.lines, *self._rank_lines(sheet, rank)]
        if graded:
            lines += graded.derivation
            lines += reading_lines(self.kind.grades.readings if self.kind.grades else ())
        if staff:
            lines += [_staff_line(staff), *reading_lines(staff.rule.readings)]
        lines += [Text("提示：%(flag)s", flag=flag) for flag in flags]
        return Standing(
            unit=sheet.unit,
            total=sheet.total,
            rank=rank,
            grade=grade,
            components={
                done.component.key: done.points for done in sheet.working if done.component.counted
            },
            adjustments=sheet.adjustments,
            vetoes=sheet.vetoes,
            derivation=tuple(lines),
            note=graded.note if graded else None,
            working=sheet.working,
            sector=sheet.sector,
            competes=sheet.entry.competes,
            coefficient=sheet.coefficient,
            staff=staff,
            distinction=graded.distinction if graded else None,
            flags=flags,
            kind=self.kind,
        )

    def _rank_lines(self, sheet: Sheet, rank: int | None) -> Iterator[Text]:
        if not sheet.entry.competes:
            yield Text("不参评：列入名单、照计总分，不排名次，不占名额")
        elif rank is None:
            yield Text("总分空白，不排名次")
        elif sheet.sector:
            yield Text("“%(sector)s”内第 %(rank)s 名", sector=sheet.sector, rank=rank)
        else:
            yield Text("第 %(rank)s 名", rank=rank)
        for decision in self.decisions:
            if sheet.unit in decision.order:
                yield _decision_line(decision)

    def _staff(self, sheet: Sheet, grade: str | None) -> StaffPlaces | None:
        """Return how many of the staff may be chosen (rule 56)."""
        quota, staff = self.kind.staff, sheet.entry.staff
        if quota is None or staff is None:
            return None
        if grade == PENDING:
            return StaffPlaces(quota, staff, "", None)
        best = self.kind.grades.first if self.kind.grades else None
        first = not sheet.entry.competes or grade == best
        share = quota.first if first else quota.others
        return StaffPlaces(quota, staff, share_shown(quota, first=first), floor(staff * share))

    def _two_years(self, sheet: Sheet, grade: str | None) -> Iterator[Text]:
        """Return what is noted where this year and last year were both bad (rule 57)."""
        rule, before = self.kind.two_years, sheet.entry.last_year
        if rule is None or not before:
            return
        if rule.below is not None and sheet.total is not None:
            last = decimal_number(before)
            if last is not None and max(last, sheet.total) < rule.below:
                yield _two_years_flag(rule.flag, rule.clause, before, f"{sheet.total:f}")
        elif rule.grade and before == grade == rule.grade:
            yield _two_years_flag(rule.flag, rule.clause, before, grade)


def _two_years_flag(flag: str, clause: str, before: str, now: str) -> Text:
    return Text(
        "上年 %(before)s，本年 %(now)s：%(flag)s（%(clause)s）",
        before=before,
        now=now,
        flag=flag,
        clause=clause,
    )


def _staff_line(staff: StaffPlaces) -> Text:
    if staff.places is None:
        return Text("%(title)s：等次待定，名额待定", title=staff.rule.title)
    return Text(
        "%(title)s：%(staff)s 人 × %(share)s，舍去取整为 %(places)s 人（%(clause)s）",
        title=staff.rule.title,
        staff=staff.staff,
        share=staff.share,
        places=staff.places,
        clause=staff.rule.clause,
    )


def _decision_line(decision: Decision) -> Text:
    return Text(
        "同分先后：%(units)s；理由：%(reason)s（%(by)s）",
        units="、".join(decision.order),
        reason=decision.reason,
        by=decision.by,
    )
