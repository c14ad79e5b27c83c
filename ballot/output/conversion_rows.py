"""A subject's rows on a conversion's calculation sheet: counts as values, the rest as formulas."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ballot.output import formulas
from ballot.output.conversion_columns import LEVEL, Columns
from ballot.output.marks_sheet import MarksSheet
from ballot.output.rule_sheet import RuleCells
from ballot.output.workbook import PERCENT, POINTS, TEXT, Look, Sheet, Value
from ballot.scoring import (
    Bands,
    Base,
    Converted,
    Counted,
    Counts,
    LevelMean,
    RankMarks,
    Rule,
    Scale,
    pooled,
)
from ballot.scoring.figures import half_up
from ballot.scoring.parts import Answer, Part

ENTERED: Final = Look(entered=True)
FIGURE: Final = Look()
SCORE: Final = Look(POINTS)
SHARE: Final = Look(PERCENT)
RESULT: Final = Look(POINTS, bold=True)
LONG: Final = Look(wrapped=True, left=True)


@dataclass(frozen=True)
class Told:
    """A subject with its working, its result, and whether its parts may be told apart."""

    counted: Counted
    answers: Sequence[Answer]
    total: Counts
    converted: Converted
    shown: bool
    texts: tuple[str, str]

    @property
    def parts(self) -> list[tuple[Answer, Part]]:
        """Return every question's groups, in order."""
        return [(each, part) for each in self.answers for part in each.parts]


@dataclass(frozen=True)
class Rows:
    """Writes subjects' rows; `marks` is the sheet of single marks where the scale is that."""

    sheet: Sheet
    columns: Columns
    rule: Rule
    cells: RuleCells
    marks: MarksSheet | None = None

    def write(self, row: int, told: Told) -> int:
        """Write a subject's rows from one on and return its last: the one with its points."""
        if told.converted.score is None or not told.shown:
            self._only_totals(row, told)
        elif len(told.parts) == 1:
            self._part(row, told, told.answers[0], told.parts[0][1])
            self._own(row, told, self.columns.place("score", row))
        else:
            row = self._several(row, told)
        self._put(row, "subject", told.counted.subject, TEXT)
        note, derivation = told.texts
        self._put(row, "note", note, LONG)
        self._put(row, "derivation", derivation, TEXT)
        return row

    def _only_totals(self, row: int, told: Told) -> None:
        """Write the counts of all together, and a score that no row here explains as a value."""
        self._counts(row, told.total)
        base = told.total.of(self.rule.base) or 0
        self._base(row, base)
        if told.converted.score is None:
            self._put(row, "points", told.texts[0] or "—", TEXT)
            return
        if "percent" in self.columns:
            percent = Decimal(told.converted.percent or 0) / 100
            self._put(row, "percent", percent, SHARE)
        own = own_score(told, self.rule)
        self._put(row, "score", own, SCORE)
        self._own(row, told, self.columns.place("score", row))

    def _several(self, row: int, told: Told) -> int:
        """Write a row for each part, for each question where it is banded, and one for all."""
        first, terms, shares, weights = row, [], [], []
        banded = self.rule.combine == "ratios" and isinstance(self.rule.own, Bands)
        for each in told.answers:
            begun = row
            for part in each.parts:
                self._part(row, told, each, part, scored=not (banded and len(each.parts) > 1))
                row += 1
            weight = self._weight(begun) if len(told.answers) > 1 else ""
            weights.append(weight.removesuffix("*"))
            rows = range(begun, row)
            share = "+".join(f"{self._group_weight(each, at)}{self._ratio(at)}" for at in rows)
            if banded and len(each.parts) > 1:
                self._question(row, told, each, share)
                terms.append(f"{weight}{self.columns.place('score', row)}")
                row += 1
            else:
                terms += [
                    f"{weight}{self._group_weight(each, at)}{self.columns.place('score', at)}"
                    for at in rows
                ]
            shares.append(f"{weight}({share})")
        over = f"/({'+'.join(weights)})" if len(told.answers) > 1 else ""
        self._totals(row, told, first)
        if "percent" in self.columns:
            self._percent(row, told.converted.percent, f"({'+'.join(shares)}){over}")
        self._own(row, told, f"({'+'.join(terms)}){over}")
        return row

    def _part(self, row: int, told: Told, each: Answer, part: Part, *, scored: bool = True) -> None:
        """Write one group's counts on one question, and what they convert to."""
        self._put(row, "subject", told.counted.subject, TEXT)
        self._labels(row, each, part)
        self._counts(row, part.counts)
        self._base(row, part.base)
        measure, place = part.measure(self.rule), self.columns.place
        if isinstance(self.rule.scale, Scale):
            approving = self.rule.scale.approving(part.counts.marks)
            levels = [
                place(f"{LEVEL}{level.label}", row)
                for level in self.rule.scale.levels
                if level.approves
            ]
            self._formula(row, "approving", "+".join(levels), approving, FIGURE)
            self._percent(row, f"{half_up(part.ratio(self.rule) * 100, 2):f}", self._ratio(row))
        if scored:
            self._score(row, told, measure, part)

    def _score(self, row: int, told: Told, measure: Fraction, part: Part) -> None:
        conversion, place = self.rule.own, self.columns.place
        if isinstance(conversion, Bands):
            condition = [
                (formulas.reaches(place("approving", row), place("base", row), edge), score)
                for edge, score in self.cells.bands
            ]
            self._banded(row, told, measure, condition)
        elif isinstance(conversion, LevelMean) and isinstance(self.rule.scale, Scale):
            worths = zip(self.rule.scale.labels, self.cells.worths, strict=True)
            terms = "+".join(f"{worth}*{place(LEVEL + label, row)}" for label, worth in worths)
            formula = f"({terms})/{place('base', row)}"
            self._formula(row, "score", formula, measure, SCORE)
        elif self.marks is not None:
            top, bottom = self.columns.at("top"), self.columns.at("bottom")
            labels = (told.counted.subject, self._asked(told, part), part.group)
            places = (top, bottom, self.columns.at("opinions"))
            self.marks.write(self.sheet, row, places, part, labels)
            self._formula(row, "score", self.marks.mean, measure, SCORE)
        else:
            self._formula(row, "score", f"100*{self._ratio(row)}", measure * 100, SCORE)

    def _banded(
        self, row: int, told: Told, measure: Fraction, bands: Sequence[tuple[str, str]]
    ) -> None:
        """Write the score of a share's band, with the discretion recorded for the subject."""
        conversion, otherwise = self.rule.own, self.cells.otherwise
        if not isinstance(conversion, Bands):
            raise TypeError("only bands band")
        lowest = conversion.otherwise
        if "discretion" in self.columns:
            if told.counted.discretion is not None:
                lowest = Fraction(told.counted.discretion.value)
            otherwise = self._put(row, "discretion", lowest, ENTERED)
        band = conversion.band(measure)
        value = band.score if band else lowest
        self._formula(row, "score", formulas.chosen(bands, otherwise), value, SCORE)

    def _asked(self, told: Told, part: Part) -> str:
        """Return the question that a part belongs to."""
        return next(each.text for each, own in told.parts if own is part)

    def _question(self, row: int, told: Told, each: Answer, share: str) -> None:
        """Write a question whose groups' shares are put together before they are banded."""
        self._put(row, "subject", told.counted.subject, TEXT)
        if "question" in self.columns:
            self._put(row, "question", each.text, TEXT)
        measure = each.measure(self.rule)
        if measure is None:
            raise ValueError("a question without a result has no row")
        self._percent(row, f"{half_up(measure * 100, 2):f}", share)
        bands = [
            (formulas.share_reaches(f"({share})", edge), score) for edge, score in self.cells.bands
        ]
        self._banded(row, told, measure, bands)

    def _own(self, row: int, told: Told, score: str) -> None:
        """Write the subject's own score and its points; ranks are written once all are there."""
        own, place = own_score(told, self.rule), self.columns.place
        self._formula(row, "own", score, own, SCORE)
        points = told.converted.points
        last = "final" if "final" in self.columns else "own"
        formula = formulas.half_up(f"{place(last, row)}*{self.cells.full}/100", 2)
        self._formula(row, "points", formula, points, RESULT)

    def _totals(self, row: int, told: Told, first: int) -> None:
        """Write the counts of all parts together: as sums, unless some part has no row."""
        self._counts(row, told.total)
        self._base(row, told.total.of(self.rule.base) or 0)
        if pooled(part.counts for _, part in told.parts) != told.total:
            return
        keys = [key for key in self.columns.keys if key.startswith(LEVEL)]
        keys += [key for key in ("opinions", "abstain", "invalid") if key in self.columns]
        keys += [key for key in ("issued", "eligible") if key in self.columns]
        for key in keys:
            formula = f"SUM({self.columns.down(key, first, row - 1)})"
            self._formula(row, key, formula, self._count(key, told.total), FIGURE)

    def _counts(self, row: int, counts: Counts) -> None:
        place = self.columns.place
        for key in self.columns.keys:
            if key.startswith(LEVEL) or key in _COUNTED:
                self._put(row, key, self._count(key, counts), ENTERED)
        given = [place(key, row) for key in self.columns.keys if key.startswith(LEVEL)]
        given = given or [place("opinions", row)]
        valid = "+".join([*given, place("abstain", row)])
        self._formula(row, "valid", valid, counts.valid, FIGURE)
        formula = f"{place('valid', row)}+{place('invalid', row)}"
        self._formula(row, "returned", formula, counts.returned, FIGURE)

    def _count(self, key: str, counts: Counts) -> Value:
        if key.startswith(LEVEL):
            return counts.marks[self.rule.levels.labels.index(key.removeprefix(LEVEL))]
        return int(getattr(counts, key) or 0)

    def _base(self, row: int, base: int) -> None:
        place, chosen = self.columns.place, self.rule.base
        formula = place(chosen.value, row) if chosen.value in self.columns else ""
        if chosen is Base.OPINIONS and not formula:
            formula = f"{place('valid', row)}-{place('abstain', row)}"
        self._formula(row, "base", formula, base, FIGURE)

    def _labels(self, row: int, each: Answer, part: Part) -> None:
        if "question" in self.columns:
            self._put(row, "question", each.text, TEXT)
            self._exactly(row, "question-weight", each.weight)
        if "group" in self.columns:
            self._put(row, "group", part.group, TEXT)
            self._exactly(row, "group-weight", part.weight)

    def _exactly(self, row: int, key: str, number: Fraction) -> None:
        """Write a weight: as a fraction where no decimal is exact."""
        text = formulas.literal(number)
        if text.startswith("("):
            self._formula(row, key, text, number, ENTERED)
        else:
            self._put(row, key, Decimal(text), ENTERED)

    def _weight(self, row: int) -> str:
        """Return a question's weight as a factor."""
        return f"{self.columns.place('question-weight', row)}*"

    def _group_weight(self, each: Answer, row: int) -> str:
        return f"{self.columns.place('group-weight', row)}*" if len(each.parts) > 1 else ""

    def _ratio(self, row: int) -> str:
        if "approving" not in self.columns:
            return "0"
        return f"{self.columns.place('approving', row)}/{self.columns.place('base', row)}"

    def _percent(self, row: int, percent: str, share: str) -> None:
        formula = formulas.half_up(share, 4)
        self._formula(row, "percent", formula, Decimal(percent) / 100, SHARE)

    def _put(self, row: int, key: str, value: Value, look: Look) -> str:
        return self.sheet.put(row, self.columns.at(key), value, look)

    def _formula(self, row: int, key: str, formula: str, value: Value, look: Look) -> str:
        return self.sheet.formula(row, self.columns.at(key), formula, value, look)


_COUNTED: Final = ("opinions", "abstain", "invalid", "issued", "eligible")


def own_score(told: Told, rule: Rule) -> Fraction:
    """Return the exact score that a subject's own counts make, before any ranking."""
    if not isinstance(rule.conversion, RankMarks):
        return told.converted.score or Fraction(0)
    total = sum((each.weight for each in told.answers), Fraction(0))
    scores = [(each.weight, each.score(rule) or Fraction(0)) for each in told.answers]
    return sum((weight * score for weight, score in scores), Fraction(0)) / total
