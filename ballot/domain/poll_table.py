"""A table of ballots by unit and voter group, pasted from a spreadsheet into a poll's form."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from ballot.domain.occasions import spelt_like
from ballot.domain.written import comparable
from ballot.errors import MistakesError
from ballot.language import Text

_BETWEEN: Final = re.compile(r"[\t,，;；]")
_SUMS: Final = frozenset({"合计", "小计", "总计"})
MOST_LINES: Final = 600
Cells = Mapping[str, tuple[str, ...]]


def read_cells(
    pasted: str, groups: Sequence[str], units: Sequence[str], before: Cells | None = None
) -> dict[str, tuple[str, ...]]:
    """Return the cells of each unit: what was pasted, and what stood there `before` elsewhere.

    Lines of a unit and a number for each group, between tabs or commas. A first line of headings
    says which column is which group's; without one they are in the groups' order.
    Raises: MistakesError with every line that cannot be read, each with its number.
    """
    names = {comparable(unit): unit for unit in units}
    lines = [
        (number, [cell.strip() for cell in _BETWEEN.split(line)])
        for number, line in enumerate(pasted.splitlines(), 1)
        if line.strip()
    ]
    mistakes: list[Text] = []
    if len(lines) > MOST_LINES:
        raise MistakesError([Text("粘贴的表格最多 %(most)s 行。", most=MOST_LINES)])
    columns: list[int | None] = [*range(len(groups))]
    if lines and comparable(lines[0][1][0]) not in names and _is_heading(lines[0][1]):
        number, heading = lines.pop(0)
        columns = [_column(number, cell, groups, mistakes) for cell in heading[1:]]
    found: dict[str, tuple[str, ...]] = {}
    for number, (name, *numbers) in lines:
        unit = names.get(comparable(name))
        if unit is None:
            mistakes.append(_unknown(number, name, units))
        elif unit in found:
            mistakes.append(Text("第 %(line)s 行：“%(unit)s”写了两次。", line=number, unit=unit))
        elif len([cell for cell in numbers if cell]) > len(columns):
            mistakes.append(
                Text("第 %(line)s 行：“%(unit)s”的数比类别多。", line=number, unit=unit)
            )
        else:
            old = (before or {}).get(unit, ())
            found[unit] = _row(numbers, columns, old, len(groups))
    if mistakes:
        raise MistakesError(mistakes)
    return {**(before or {}), **found}


def _row(
    numbers: Sequence[str], columns: Sequence[int | None], old: Sequence[str], width: int
) -> tuple[str, ...]:
    cells = [*old, *[""] * width][:width]
    for column, cell in zip(columns, numbers, strict=False):
        if column is not None and cell:
            cells[column] = cell
    return tuple(cells)


def _is_heading(cells: Sequence[str]) -> bool:
    return not any(cell.isdigit() for cell in cells[1:])


def _column(number: int, cell: str, groups: Sequence[str], mistakes: list[Text]) -> int | None:
    """Return which group a heading names; sums are passed over."""
    known = {comparable(group): place for place, group in enumerate(groups)}
    if not cell or cell in _SUMS:
        return None
    if comparable(cell) not in known:
        names = "、".join(groups)
        mistakes.append(
            Text(
                "第 %(line)s 行：没有参评人员类别“%(name)s”。已有：%(known)s。",
                line=number,
                name=cell[:40],
                known=names,
            )
        )
    return known.get(comparable(cell))


def _unknown(number: int, name: str, units: Sequence[str]) -> Text:
    meant = spelt_like(name, units)
    if meant:
        return Text(
            "第 %(line)s 行：名单里没有“%(name)s”，是不是“%(meant)s”？",
            line=number,
            name=name[:40],
            meant=meant,
        )
    return Text("第 %(line)s 行：名单里没有“%(name)s”。", line=number, name=name[:40])
