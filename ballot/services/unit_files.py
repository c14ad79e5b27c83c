"""Units in a file: their names and facts, read with every mistake placed, nothing saved."""

from collections.abc import Mapping
from dataclasses import dataclass

from ballot.domain.written import problems
from ballot.language import Text
from ballot.scoring.headings import extra_headings
from ballot.scoring.table import read_table
from ballot.services import facts
from ballot.services.table_files import read_table_file
from ballot.services.units import LONGEST_UNIT, Roster

UNIT = "unit"


@dataclass(frozen=True)
class Row:
    """A unit as a file has it: what it is now, and what the file makes of it.

    `before` is None where the unit is new.
    """

    name: str
    before: Mapping[str, str] | None
    after: Mapping[str, str]

    @property
    def changes(self) -> bool:
        """Tell whether the file changes anything about the unit."""
        return self.before is None or dict(self.before) != dict(self.after)


def read(content: bytes, filename: str, roster: Roster) -> list[Row]:
    """Return the units of a file; a fact that has no column, or a blank cell, stays as it is.

    Raises: MistakesError with every mistake of the file, each with its row and column.
    """
    kind = roster.assessed.kind
    table = read_table(read_table_file(content, filename), extra_headings(kind).get)
    table.require([UNIT])
    there = {unit.name: unit.facts for unit in roster.units}
    rows = []
    for row in table.unique([UNIT]) if UNIT in table.headings else ():
        name = row.cells[UNIT]
        wrong = problems(Text("单位"), name, most=LONGEST_UNIT)
        for problem in wrong if name else [Text("不能空白")]:
            table.mistake(row, UNIT, problem)
        written = {key: row.cells[key] for key in kind.columns if row.cells.get(key)}
        for key, value in written.items():
            found = facts.problem(kind, key, value)
            if found:
                table.mistake(row, key, found)
        rows.append(Row(name, there.get(name), {**there.get(name, {}), **written}))
    table.raise_mistakes()
    return rows
