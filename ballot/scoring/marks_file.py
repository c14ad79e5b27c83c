"""A table of marks 0 to 100, one row per subject (and group) and mark, made into tallies."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from ballot.language import Text
from ballot.scoring.counts import Base, Counts, QuestionTally
from ballot.scoring.figures import whole_number
from ballot.scoring.scales import MarksScale
from ballot.scoring.table import Lines, Row, Table, read_table

NAMES: Final[Mapping[str, str]] = {
    "对象": "subject",
    "类别": "group",
    "分数": "mark",
    "票数": "ballots",
}
WORDS: Final[Mapping[str, str]] = {
    "弃权": "abstain",
    "无效": "invalid",
    "收回": "returned",
    "发出": "issued",
    "应到": "eligible",
}
"""What may stand in the column of marks instead of a mark, for the number in `ballots`."""
KNOWN: Final = frozenset(NAMES.values())


def read_mark_counts(
    lines: Lines, scale: MarksScale, base: Base
) -> list[tuple[str, QuestionTally]]:
    """Return each subject with its histogram of marks, in order of first appearance.

    Without a column `ballots` each row is one ballot, and the same mark may come again.
    Raises: MistakesError naming file, row and column of each mistake.
    Source: docs/scoring-rules.md, rules 1 and 23.
    """
    table = read_table(lines, _column)
    table.require(["subject", "mark"])
    table.raise_mistakes()
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    first: dict[tuple[str, str], Row] = {}
    counted = "ballots" in table.headings
    for row in table.unique(("subject", "group", "mark")) if counted else table.rows:
        subject, group = row.cells["subject"], row.cells.get("group", "")
        if not subject:
            table.mistake(row, "subject", Text("不能空白"))
        answer = _answer(table, row, scale)
        ballots = table.whole_number(row, "ballots") if counted else 1
        if answer is None or ballots is None:
            continue
        numbers = found[subject][group]
        numbers[answer] = numbers.get(answer, 0) + ballots
        first.setdefault((subject, group), row)
    subjects = {
        subject: {
            group: _counts(table, first[subject, group], numbers, scale, base)
            for group, numbers in groups.items()
        }
        for subject, groups in found.items()
    }
    table.raise_mistakes()
    return [(subject, QuestionTally(groups)) for subject, groups in subjects.items()]


def _column(heading: str) -> str | None:
    key = NAMES.get(heading, heading)
    return key if key in KNOWN else None


def _answer(table: Table, row: Row, scale: MarksScale) -> str | None:
    """Return a mark as text, or the word in its place; None after a mistake."""
    cell = row.cells["mark"]
    word = WORDS.get(cell, cell)
    if word in WORDS.values():
        return word
    mark = whole_number(cell)
    if mark is None or mark > scale.highest:
        known = "、".join(WORDS)
        problem = Text("“%(value)s”不是 0 至 100 的整数，也不是%(known)s", value=cell, known=known)
        table.mistake(row, "mark", problem)
        return None
    return str(mark)


def _counts(
    table: Table, row: Row, numbers: Mapping[str, int], scale: MarksScale, base: Base
) -> Counts:
    """Return a subject's counts in one group, noting every contradiction at its first row."""
    counts = Counts(
        marks=tuple(numbers.get(str(mark), 0) for mark in range(scale.answers)),
        abstain=numbers.get("abstain", 0),
        invalid=numbers.get("invalid", 0),
        issued=numbers.get("issued"),
        eligible=numbers.get("eligible"),
    )
    returned = numbers.get("returned", counts.returned)
    for wrong, problem in (
        (
            returned != counts.returned,
            Text(
                "收回 %(returned)s − 无效 %(invalid)s 应为有效票，但各分数与弃权合计 %(valid)s",
                returned=returned,
                invalid=counts.invalid,
                valid=counts.valid,
            ),
        ),
        (
            counts.issued is not None and returned > counts.issued,
            Text("收回 %(returned)s 多于发出的票", returned=returned),
        ),
        (
            counts.eligible is not None and returned > counts.eligible,
            Text("收回 %(returned)s 多于应到人数", returned=returned),
        ),
        (counts.of(base) is None, Text("没有%(base)s的数字，不能以它为基数", base=base.text)),
    ):
        if wrong:
            table.mistake(row, "subject", problem)
    return counts
