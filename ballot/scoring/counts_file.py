"""A table of counts, one row per subject (and group), made into tallies to convert."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final

from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring.counts import Base, Counts, QuestionTally
from ballot.scoring.marks_file import read_mark_counts
from ballot.scoring.reported_columns import check_percentages, percentage_column
from ballot.scoring.scales import AnyScale, MarksScale, Scale
from ballot.scoring.table import Lines, Row, Table, read_table

NAMES: Final[Mapping[str, str]] = {
    "对象": "subject",
    "类别": "group",
    "应到": "eligible",
    "发出": "issued",
    "收回": "returned",
    "无效": "invalid",
    "弃权": "abstain",
}
COLUMNS: Final = frozenset(NAMES.values())
NUMBERS: Final = ("eligible", "issued", "returned", "invalid", "abstain")
LEVEL: Final = "level "
"""Put before a level's label to make its column's key, which no fixed column's key can equal."""


def read_counts(lines: Lines, scale: AnyScale, base: Base) -> list[tuple[str, QuestionTally]]:
    """Return each subject with its tally, in order of first appearance.

    On levels a row per subject (and group); on marks a row per mark (`marks_file.py`).
    Raises: MistakesError naming file, row and column of each mistake.
    Source: docs/scoring-rules.md, rule 1.
    """
    if isinstance(scale, MarksScale):
        return read_mark_counts(lines, scale, base)
    levels = {label: f"{LEVEL}{label}" for label in scale.labels}
    table = read_table(lines, lambda heading: _column(heading, levels))
    _check_columns(table, levels, base)
    table.raise_mistakes()
    subjects: dict[str, dict[str, Counts]] = {}
    for row in table.unique(("subject", "group")):
        counts = _counts(table, row, scale)
        if counts:
            check_percentages(table, row, counts, scale.labels, base)
        groups = subjects.setdefault(row.cells["subject"], {})
        if counts:
            groups[row.cells.get("group", "")] = counts
    table.raise_mistakes()
    return [(subject, QuestionTally(groups)) for subject, groups in subjects.items()]


def require_weights(
    name: str, tallies: Iterable[tuple[str, QuestionTally]], weights: Mapping[str, Fraction]
) -> None:
    """Refuse counts of voter groups that a component's weights do not know (rule 12).

    Raises: MistakesError naming each subject and group.
    """
    mistakes = [
        Text(
            "%(file)s：“%(subject)s”的类别“%(group)s”没有权重；有权重的类别：%(known)s",
            file=name,
            subject=subject,
            group=group,
            known="、".join(weights),
        )
        for subject, tally in tallies
        for group in tally.counts
        if weights and group not in weights
    ]
    if mistakes:
        raise MistakesError(mistakes)


def _column(heading: str, levels: Mapping[str, str]) -> str | None:
    if heading in levels:
        return levels[heading]
    key = NAMES.get(heading, heading)
    return key if key in COLUMNS else percentage_column(heading, levels)


def _check_columns(table: Table, levels: Mapping[str, str], base: Base) -> None:
    table.require(["subject"])
    for label, key in levels.items():
        if key not in table.headings:
            table.heading_mistake(label, Text("缺少这一等次的列"))
    if base in (Base.ISSUED, Base.ELIGIBLE) and base.value not in table.headings:
        table.heading_mistake(base.value, Text("以%(base)s为基数，须有这一列", base=base.text))


def _counts(table: Table, row: Row, scale: Scale) -> Counts | None:
    """Return a row's counts, None after mistakes, which are noted."""
    if not row.cells["subject"]:
        table.mistake(row, "subject", Text("不能空白"))
    keys = [f"{LEVEL}{label}" for label in scale.labels]
    numbers = {
        key: table.whole_number(row, key) for key in (*keys, *NUMBERS) if key in table.headings
    }
    if any(number is None for number in numbers.values()):
        return None
    known = {key: number for key, number in numbers.items() if number is not None}
    counts = Counts(
        marks=tuple(known[key] for key in keys),
        abstain=known.get("abstain", 0),
        invalid=known.get("invalid", 0),
        issued=known.get("issued"),
        eligible=known.get("eligible"),
    )
    return counts if _balanced(table, row, counts, known.get("returned")) else None


def _balanced(table: Table, row: Row, counts: Counts, returned: int | None) -> bool:
    """Note every way in which the numbers of a row contradict each other."""
    before = len(table.mistakes)
    if returned is not None and returned != counts.returned:
        table.mistake(
            row,
            "returned",
            Text(
                "收回 %(returned)s − 无效 %(invalid)s 应为有效票，但各等次与弃权合计 %(valid)s",
                returned=returned,
                invalid=counts.invalid,
                valid=counts.valid,
            ),
        )
    back = counts.returned if returned is None else returned
    for column, limit, problem in (
        ("issued", counts.issued, Text("收回 %(returned)s 多于发出的票", returned=back)),
        ("eligible", counts.eligible, Text("收回 %(returned)s 多于应到人数", returned=back)),
    ):
        if limit is not None and back > limit:
            table.mistake(row, column, problem)
    return len(table.mistakes) == before
