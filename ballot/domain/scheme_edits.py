"""What was typed into a sheet of a scheme, put into its values."""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from ballot.domain.scheme_columns import Column, Sheet, Sort
from ballot.domain.scheme_fields import read_value
from ballot.domain.scheme_paths import at, child, every_key, give_back, put, steps, words, written
from ballot.domain.scheme_sheets import POLLED, is_sum
from ballot.language import Text

_OWN: Final = re.compile(r"own-([0-9]{1,6})")
_ROWS: Final = frozenset({"components", "items", "bands", "cuts"})


@dataclass(frozen=True)
class Typed:
    """What a sheet's form said: fields by their places, lines to take away, lines to add.

    `restored`: the place that gets back what the preset has there, "" for none.
    `added`: each new line by the names of its columns, and `into` for where it goes.
    """

    fields: Mapping[str, str]
    removed: frozenset[str] = frozenset()
    restored: str = ""
    added: Sequence[Mapping[str, str]] = ()


def governed(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the places whose values readings set, each with the reading's key (rule 59)."""
    readings = values.get("readings", {})
    return {path: key for key, each in readings.items() for path in each.get("settings", ())}


def edited(
    values: Mapping[str, Any], preset: Mapping[str, Any] | None, sheet: Sheet, typed: Typed
) -> tuple[dict[str, Any], list[Text]]:
    """Return a scheme's values with what was typed into one sheet, and what cannot be read.

    Nothing but the fields of the sheet can change. Whether the values then make a scheme is for
    `read_scheme` to say.
    """
    new: dict[str, Any] = deepcopy(dict(values))
    mistakes: list[Text] = []
    fixed = governed(values)
    lines = [(block, line) for block in sheet.blocks for line in block.lines]
    for block, line in lines:
        for name in line.columns:
            path = line.field_path(name)
            if path in typed.fields and path not in fixed and line.path not in typed.removed:
                _set(new, path, block.column(name), typed.fields[path], mistakes)
    if preset is not None and _may_come_back(new, preset, typed.restored):
        give_back(new, preset, typed.restored)
    for _, line in reversed(lines):  # the last first: rows without keys go by their numbers
        if line.removable and line.path in typed.removed and at(new, line.path) is not None:
            _remove(new, line.path)
    for row in typed.added:
        _add(new, sheet, row, mistakes)
    for kind in new["kinds"].values():
        for component in kind["components"]:
            _add_up(component)
    return new, mistakes


def _may_come_back(values: Any, preset: Any, path: str) -> bool:
    """Tell whether there is a place for what a preset has at a path, or has not."""
    *before, last = steps(path) or [""]
    for step in before:
        values, preset = child(values, step), child(preset, step)
    fits = isinstance(values, dict | list) and type(values) is type(preset)
    return fits and (child(preset, last) is not None or child(values, last) is not None)


def _set(
    values: dict[str, Any], path: str, column: Column, text: str, mistakes: list[Text]
) -> None:
    """Put a field's value in its place, or note what is wrong with it."""
    text = text.strip()
    if text == written(values, path):
        return
    value, problem = read_value(column, text)
    if problem is not None:
        mistakes.append(_mistake(values, path, problem))
        return
    old = at(values, path)
    if isinstance(old, int | Decimal) and isinstance(value, int | Decimal) and old == value:
        return
    put(values, path, value)


def _mistake(values: Mapping[str, Any], path: str, problem: Text) -> Text:
    return Text("%(key)s：%(problem)s", key=words(values, path), problem=problem)


def _add(
    values: dict[str, Any], sheet: Sheet, row: Mapping[str, str], mistakes: list[Text]
) -> None:
    """Add a line that was typed; one whose fields are all blank says nothing."""
    blocks = {path: block for block in sheet.blocks for path, _ in block.into}
    block = blocks.get(row.get("into", ""))
    if block is None or not any(
        row.get(each.name, "").strip() for each in block.fresh if each.sort is not Sort.CHOICE
    ):
        return
    value: dict[str, Any] = {}
    for column in block.fresh:
        choice = next(iter(column.options), "")  # what a browser sends unless asked otherwise
        found, problem = read_value(column, row.get(column.name, "").strip() or choice)
        if problem is not None:
            where = Text("新增的行“%(column)s”", column=Text(column.label))
            mistakes.append(Text("%(key)s：%(problem)s", key=where, problem=problem))
        elif found is not None:
            value[column.name] = found
    into = row["into"]
    above = into.rpartition(".")[0]
    if above and at(values, above) is None:
        mistakes.append(
            Text("新增的行“%(title)s”：要加在的那一项已经删去", title=row.get("title", ""))
        )
        return
    _put_new(values, into, value)


def _put_new(values: dict[str, Any], into: str, value: dict[str, Any]) -> None:
    last = steps(into)[-1]
    holder = at(values, into)
    if holder is None:
        holder = [] if last in _ROWS else {}
        put(values, into, holder)
    if last in {"bands", "cuts"}:
        holder.append(value)
        holder.sort(key=lambda each: _height(each.get("at-least")), reverse=True)
        return
    key = _new_key(values)
    if last in {"components", "items"}:
        source = str(value.pop("source", "entry"))
        if source.startswith(POLLED):
            value |= {"source": "ballot", "rule": source.removeprefix(POLLED)}
        elif last == "components":
            value["source"] = "entry"
        holder.append({"key": key, **value})
    else:
        holder[key] = value


def _height(edge: Any) -> Fraction:
    """Return where a band or cut belongs among the others, highest first."""
    text = "0" if edge is None else str(edge)
    return Fraction(text.rstrip("%")) / (100 if text.endswith("%") else 1)


def _new_key(values: Mapping[str, Any]) -> str:
    """Return a key that nothing in the scheme has."""
    taken = [int(found[1]) for key in every_key(values) if (found := _OWN.fullmatch(key))]
    return f"own-{max(taken, default=0) + 1}"


def _remove(values: dict[str, Any], path: str) -> None:
    """Take a line away, with what named it."""
    *_, name = steps(path)
    put(values, path, None)
    holder_path = path[: -len(f".{name}")] if isinstance(name, str) else ""
    if holder_path.endswith(".items") and not at(values, holder_path):
        put(values, holder_path, None)
    if holder_path.endswith("adjustments"):
        for holder in (values, *values["kinds"].values()):
            for limit in holder.get("limits", {}).values():
                limit["rules"] = [each for each in limit.get("rules", ()) if each != name]
    for reading in values.get("readings", {}).values():
        if "settings" in reading:
            reading["settings"] = [
                each for each in reading["settings"] if at(values, each) is not None
            ]


def _add_up(row: dict[str, Any]) -> None:
    """Let full marks that are a sum be the sum of what the parts have now."""
    for part in row.get("items", ()):
        _add_up(part)
    if not is_sum(row):
        return
    total = sum((Decimal(str(part["full"])) for part in row["items"]), Decimal(0))
    if Decimal(str(row.get("full", -1))) != total:
        row["full"] = int(total) if total == total.to_integral_value() else total
