"""Places in a scheme's values (`kinds.village.components.base-work.full`), found and told in words.

A row of a list goes by its `key`, or by its number from 1 on: `bands[2]`, `components[2]`.
"""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

from ballot.language import N_, Text
from ballot.scoring.settings import shown_value

_STEP: Final = re.compile(r"\[(\d+)\]|([^.\[\]]+)")

PART_WORDS: Final[Mapping[str, str]] = {
    "title": N_("名称"),
    "source": N_("依据的文件"),
    "full": N_("满分"),
    "office": N_("负责单位"),
    "clause": N_("条款"),
    "includes": N_("包括"),
    "marks": N_("分值"),
    "effect": N_("效果"),
    "flag": N_("提示"),
    "grade": N_("等次"),
    "grades": N_("等次"),
    "rules": N_("折算规则"),
    "readings": N_("口径"),
    "adjustments": N_("加减分规则"),
    "limits": N_("加分上限"),
    "vetoes": N_("否决情形"),
    "components": N_("考核项"),
    "items": N_("分项"),
    "kinds": N_("类别"),
    "bands": N_("档位"),
    "levels": N_("量表等次"),
    "label": N_("等次名称"),
    "value": N_("分值"),
    "cuts": N_("分数线"),
    "at-least": N_("至少"),
    "at-most": N_("最多"),
    "score": N_("折算分"),
    "otherwise": N_("以下"),
    "first": N_("最好的等次"),
    "places": N_("名额"),
    "share": N_("比例"),
    "upper": N_("其余靠前的等次"),
    "upper-share": N_("其余靠前的比例"),
    "lower": N_("其余靠后的等次"),
    "failed": N_("最低等次"),
    "failed-below": N_("低于多少分为最低等次"),
    "floor": N_("低于多少分不得评最好的等次"),
    "limit": N_("比例上限"),
    "distinction": N_("表彰名额"),
    "base": N_("基数"),
    "scale": N_("量表"),
    "weight": N_("权重"),
}


def steps(path: str) -> list[str | int]:
    """Return the steps of a path: names, and numbers of rows from 0 on."""
    found = _STEP.finditer(path)
    return [int(match[1]) - 1 if match[1] else match[2] for match in found]


def child(value: Any, step: str | int) -> Any:
    """Return what is one step further, None where there is nothing."""
    if isinstance(value, list):
        if isinstance(step, int):
            return value[step] if 0 <= step < len(value) else None
        return next(
            (row for row in value if isinstance(row, Mapping) and row.get("key") == step), None
        )
    return value.get(step) if isinstance(value, Mapping) else None


def at(values: Any, path: str) -> Any:
    """Return what stands at a path, None where there is nothing."""
    for step in steps(path):
        values = child(values, step)
    return values


def written(values: Any, path: str) -> str:
    """Return a plain value as a person writes it, "" where there is none."""
    value = at(values, path)
    return "" if value is None else shown_value(value)


def put(values: Any, path: str, value: Any) -> None:
    """Put a value in its place; None takes it away. The table that holds it has to be there."""
    *before, last = steps(path)
    holder = values
    for step in before:
        holder = child(holder, step)
    if isinstance(holder, list):
        _put_row(holder, last, value)
    elif value is None:
        holder.pop(last, None)
    else:
        holder[last] = value


def _put_row(rows: list[Any], step: str | int, value: Any) -> None:
    known = child(rows, step)
    place = next((number for number, row in enumerate(rows) if row is known), len(rows))
    rows[place : place + (known is not None)] = [] if value is None else [value]


def give_back(values: Any, original: Any, path: str) -> None:
    """Put what the original has at a path into its place again, among its old neighbours."""
    *before, last = steps(path)
    holder, source = values, original
    for step in before:
        holder, source = child(holder, step), child(source, step)
    value = deepcopy(child(source, last))
    if child(holder, last) is not None or value is None or not isinstance(holder, list | dict):
        if holder is not None:
            put(values, path, value)
        return
    if isinstance(holder, list) and isinstance(last, int):
        holder.insert(last, value)
        return
    if isinstance(holder, list):
        order = [row.get("key") for row in source]
        above = [key for key in order[: order.index(last)] if child(holder, key) is not None]
        places = [
            number for number, row in enumerate(holder) if above and row.get("key") == above[-1]
        ]
        holder.insert(places[0] + 1 if places else 0, value)
        return
    kept = dict(holder)
    holder.clear()
    for name in dict.fromkeys((*source, *kept)):
        if name in kept or name == last:
            holder[name] = kept.get(name, value)


def every_key(value: Any) -> Iterator[str]:
    """Yield every name of a table and every `key` of a row, at any depth."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            if name == "key" and isinstance(inner, str):
                yield inner
            yield from every_key(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from every_key(inner)


def words(values: Any, path: str) -> Text | str:
    """Return where a path leads in the words of the scheme: titles rather than keys."""
    told: Text | str | None = None
    listed = ""
    for step in steps(path):
        values = child(values, step)
        if isinstance(step, str) and step in _QUIET and isinstance(values, Mapping | list):
            listed = step
            continue
        part = _part(values, step, listed)
        listed = ""
        told = part if told is None else Text("%(outer)s › %(inner)s", outer=told, inner=part)
    return told or Text(PART_WORDS[listed] if listed else N_("方案"))


_QUIET: Final = frozenset(
    {"kinds", "components", "items", "adjustments", "vetoes", "limits", "rules"}
)
"""Names that say nothing beside the title of what they hold."""


def _part(value: Any, step: str | int, listed: str) -> Text | str:
    title = (
        value.get("title") or value.get("grade") or value.get("label")
        if isinstance(value, Mapping)
        else None
    )
    if isinstance(title, str) and title.strip():
        return Text("“%(title)s”", title=title)
    if isinstance(step, int):
        return Text("第 %(number)s 行", number=step + 1)
    if listed == "rules":
        return Text("折算规则 %(key)s", key=step)
    return Text(PART_WORDS[step]) if step in PART_WORDS else step
