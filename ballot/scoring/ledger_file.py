"""The files of adjustments and vetoes, which go with a file of entries."""

from collections.abc import Collection, Iterator, Mapping, Set
from typing import Final

from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring.adjustments import AdjustmentRule, VetoRule
from ballot.scoring.entries import Adjustment, Veto
from ballot.scoring.entry_problems import adjustment_problems, veto_problems
from ballot.scoring.figures import decimal_number, whole_number
from ballot.scoring.headings import UNIT
from ballot.scoring.kinds import Kind
from ballot.scoring.table import Lines, Row, Table, read_table

ADJUSTMENT_NAMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(UNIT, "unit"),
    "规则": "rule",
    "次数": "times",
    "分值": "marks",
    "事项": "item",
    "备注": "note",
}
VETO_NAMES: Final[Mapping[str, str]] = {
    name: key for name, key in ADJUSTMENT_NAMES.items() if key not in ("times", "marks")
}


def read_adjustments(
    kind: Kind, units: Set[str], file: Lines, mistakes: list[Text]
) -> Iterator[Adjustment]:
    """Return the adjustments in a file; what is wrong joins the mistakes."""
    keys = _keys(kind.adjustments)
    for table, row in _rows(file, ADJUSTMENT_NAMES, mistakes):
        adjustment = _adjustment(row, keys)
        problems = dict(adjustment_problems(kind, units, adjustment))
        if adjustment.marks is None and row.cells.get("marks"):
            problems["marks"] = Text("“%(value)s”不是数字", value=row.cells["marks"])
        for column, problem in problems.items():
            table.mistake(row, column, problem)
        yield adjustment


def read_vetoes(
    kind: Kind,
    units: Set[str],
    indicators: Collection[str],
    file: Lines,
    mistakes: list[Text],
) -> Iterator[Veto]:
    """Return the vetoes in a file; what is wrong joins the mistakes."""
    keys = _keys(kind.vetoes)
    for table, row in _rows(file, VETO_NAMES, mistakes):
        cells = row.cells
        rule = keys.get(cells["rule"], cells["rule"])
        veto = Veto(cells["unit"], rule, cells.get("item", ""), cells.get("note", ""))
        for column, problem in veto_problems(kind, units, veto, indicators):
            table.mistake(row, column, problem)
        yield veto


def _keys(rules: Mapping[str, AdjustmentRule] | Mapping[str, VetoRule]) -> dict[str, str]:
    """Return the key of each rule by its title, where that is unambiguous."""
    titles = [rule.title for rule in rules.values()]
    return {rule.title: key for key, rule in rules.items() if titles.count(rule.title) == 1}


def _adjustment(row: Row, keys: Mapping[str, str]) -> Adjustment:
    """Return a row's adjustment: blank times mean once; what is no number becomes a mistake."""
    cells = row.cells
    return Adjustment(
        unit=cells["unit"],
        rule=keys.get(cells["rule"], cells["rule"]),
        times=(whole_number(cells["times"]) or 0) if cells.get("times") else 1,
        marks=decimal_number(cells.get("marks", "")),
        item=cells.get("item", ""),
        note=cells.get("note", ""),
    )


def _rows(
    file: Lines, names: Mapping[str, str], mistakes: list[Text]
) -> Iterator[tuple[Table, Row]]:
    """Return a file's rows with their table, whose mistakes join the others.

    None where its headings hold mistakes.
    """
    known = {**names, **{key: key for key in names.values()}}
    try:
        table = read_table(file, known.get, may_be_empty=True)
    except MistakesError as error:
        mistakes.extend(error.mistakes)
        return
    table.require(["unit", "rule"])
    rows = () if table.mistakes else table.rows
    mistakes.extend(table.mistakes)
    table.mistakes = mistakes
    yield from ((table, row) for row in rows)
