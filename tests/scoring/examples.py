"""Counts, rules and entries for tests of scoring, said with only what matters."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ballot.scoring import (
    MARKS,
    NAMED_SCALES,
    STANDARD_BANDS,
    Base,
    Converted,
    Counts,
    Entry,
    File,
    Kind,
    MeanMark,
    QuestionTally,
    Rule,
    Standing,
    convert,
    load_scheme,
    read_entered,
    score,
)

FOUR = NAMED_SCALES["four-level"]
STREET = load_scheme("street-2023")
VILLAGE = STREET.kind("village")
STATION = STREET.kind("station")
PEER_REVIEW = VILLAGE.component("village-peer-review").ballot_rule()


PLAIN_MEAN = MeanMark()


def a_rule(**changes: Any) -> Rule:
    """Return a rule of four levels, bands, valid ballots and 100 marks, changed as told."""
    return replace(Rule(FOUR, STANDARD_BANDS, Base.VALID, Decimal(100)), **changes)


def marks(approving: int, of: int, **more: int) -> Counts:
    """Return counts with so many 好 out of so many, the others 差."""
    return Counts((approving, 0, 0, of - approving), **more)


def on_marks(conversion: Any = PLAIN_MEAN, **changes: Any) -> Rule:
    """Return a rule of marks 0 to 100, the mean mark unless told otherwise."""
    return replace(Rule(MARKS, conversion, Base.OPINIONS, Decimal(100)), **changes)


def the_marks(*given: int, **more: int) -> Counts:
    """Return the counts of these marks, one ballot each."""
    return Counts(tuple(given.count(mark) for mark in range(MARKS.answers)), **more)


def converted(counts: Counts, rule: Rule = PEER_REVIEW, **options: Any) -> Converted:
    """Return the conversion of one subject's pooled counts."""
    return convert("白马村", [QuestionTally({"": counts})], rule, **options)


def weighted(groups: Mapping[str, tuple[str, Counts]], rule: Rule, **options: Any) -> Converted:
    """Return the conversion of groups, each given as weight and counts."""
    tally = QuestionTally({key: counts for key, (_, counts) in groups.items()})
    weights = {key: Fraction(weight) for key, (weight, _) in groups.items()}
    return convert("白马村", [tally], rule, weights=weights, **options)


def village(unit: str, total: str) -> Entry:
    """Return a village whose four components add up to a total."""
    return _entry(VILLAGE, unit, Decimal(total))


def station(unit: str, total: str) -> Entry:
    """Return a station whose five components add up to a total."""
    return _entry(STATION, unit, Decimal(total))


def villages(*totals: str) -> list[Entry]:
    """Return villages 甲, 乙, 丙 … with these totals."""
    return [
        village(unit, total) for unit, total in zip("甲乙丙丁戊己庚辛壬癸", totals, strict=False)
    ]


def _entry(kind: Kind, unit: str, total: Decimal) -> Entry:
    figures, left = {}, total
    for component in kind.components:
        figures[component.key] = min(left, component.full_marks)
        left -= figures[component.key]
    return Entry(unit, figures)


def lines(texts: Sequence[object]) -> str:
    """Return texts as one, line by line."""
    return "\n".join(str(text) for text in texts)


def yearly(
    scheme: str, kind: str, entries: str, adjustments: str = "", vetoes: str = "", **more: Any
) -> dict[str, Standing]:
    """Return the standings of a preset's kind by unit, from what the files would hold."""
    rules = load_scheme(scheme).kind(kind)
    entered = read_entered(
        rules,
        File("e.csv", entries.encode()),
        File("a.csv", adjustments.encode()) if adjustments else None,
        File("v.csv", vetoes.encode()) if vetoes else None,
    )
    standings = score(rules, entered.entries, entered.adjustments, entered.vetoes, **more)
    return {standing.unit: standing for standing in standings}


def totals(standings: Mapping[str, Standing]) -> dict[str, str | None]:
    """Return each unit's printed total, in rank order."""
    return {unit: standing.to_json()["total"] for unit, standing in standings.items()}


def grades(standings: Mapping[str, Standing]) -> dict[str, str | None]:
    """Return each unit's grade, in rank order."""
    return {unit: standing.grade for unit, standing in standings.items()}


def column(standing: Standing) -> list[Decimal]:
    """Return the printed column of a standing: what its printed total must be the sum of."""
    row = standing.to_json()
    marks = [each["marks"] for each in row["adjustments"]]
    factor = [row["coefficient"]["marks"]] if "coefficient" in row else []
    return [Decimal(each) for each in (*row["components"].values(), *factor, *marks)]
