"""Where a scheme differs from the preset it was made from, place by place and in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ballot.domain.scheme_paths import at, words, written
from ballot.language import Text
from ballot.scoring.settings import shown_value


@dataclass(frozen=True)
class Change:
    """Where a scheme differs from its preset. `before`, `now`: None where there is nothing."""

    path: str
    where: Text | str
    before: str | None
    now: str | None


def changes(values: Mapping[str, Any], preset: Mapping[str, Any]) -> list[Change]:
    """Return where a scheme differs from a preset, in the scheme's order."""
    return list(_differences(values, preset, values, preset, ""))


def _differences(
    now: Any, before: Any, values: Mapping[str, Any], preset: Mapping[str, Any], path: str
) -> Iterator[Change]:
    if now == before:
        return
    if isinstance(now, Mapping) and isinstance(before, Mapping):
        for name in dict.fromkeys((*now, *before)):
            if name not in {"settings", "readings"} or not isinstance(now.get(name, []), list):
                inner = f"{path}.{name}" if path else name
                yield from _differences(now.get(name), before.get(name), values, preset, inner)
    elif _has_rows(now) and _has_rows(before):
        for step, one, other in _rows(now, before):
            yield from _differences(one, other, values, preset, f"{path}{step}")
    else:
        where = words(values if now is not None else preset, path)
        yield Change(path, where, _told(before), _told(now))


def _has_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, Mapping) for each in value)


def _rows(now: list[Any], before: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield the rows of two lists beside each other: by their keys, else by their numbers."""
    if all("key" in row for row in (*now, *before)):
        ours, theirs = ({row["key"]: row for row in rows} for rows in (now, before))
        for key in dict.fromkeys((*ours, *theirs)):
            yield f".{key}", ours.get(key), theirs.get(key)
        return
    for number in range(max(len(now), len(before))):
        one = now[number] if number < len(now) else None
        other = before[number] if number < len(before) else None
        yield f"[{number + 1}]", one, other


def _told(value: Any) -> str | None:
    """Return a value in short: of a table, its title; of a line, its values."""
    if isinstance(value, Mapping):
        plain = [
            shown_value(each) for each in value.values() if not isinstance(each, Mapping | list)
        ]
        return str(value.get("title") or " ".join(plain))
    if _has_rows(value) and value:
        return "、".join(str(_told(each)) for each in value)
    return None if value is None else shown_value(value)


def was(values: Mapping[str, Any], preset: Mapping[str, Any] | None, path: str) -> str | None:
    """Return what a preset has at a field's place, None where that says nothing about the field."""
    if preset is None:
        return None
    line = path.rpartition(".")[0]
    numbered = line.endswith("]")
    here = line.rpartition("[")[0] if numbered else line
    if here and at(preset, here) is None:
        return None
    if numbered and len(at(values, here)) != len(at(preset, here)):
        return None
    return written(preset, path)
