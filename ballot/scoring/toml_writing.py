"""Writing a scheme's values as TOML, so that reading the text gives the same values again."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

LONGEST_LINE: Final = 160
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def write_toml(values: Mapping[str, Any]) -> str:
    """Return the TOML text of tables, lists, texts, whole numbers, decimals and flags.

    Order is kept. Small tables stand in one line, as a person would write them. Comments are
    nothing that values have.
    Raises: TypeError for other values, which `read_toml` never gives.
    """
    return "\n".join(_table(values, ())).strip("\n") + "\n"


def _table(values: Mapping[str, Any], path: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a table: what stands in one line first, then its inner tables."""
    inner: list[tuple[str, Any]] = []
    for key, value in values.items():
        line = _line(value)
        if line is None or (not path and isinstance(value, Mapping)):
            inner.append((key, value))
        else:
            yield f"{_key(key)} = {line}"
    for key, value in inner:
        here = (*path, key)
        name = ".".join(map(_key, here))
        for row in value if isinstance(value, list) else [value]:
            lines = list(_table(row, here))
            if isinstance(value, list):
                yield from ("", f"[[{name}]]")
            elif not lines or lines[0]:  # else only its inner tables need headings
                yield from ("", f"[{name}]")
            yield from lines


def _line(value: Any) -> str | None:
    """Return a value as it stands behind its key; None for what needs tables of its own."""
    if isinstance(value, Mapping):
        return None if _is_deep(value) else _small(value)
    if isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        rows = [None if _is_deep(each) else _small(each) for each in value]
        if any(row is None for row in rows):
            return None
        return "[\n" + "".join(f"  {row},\n" for row in rows) + "]"
    return _plain(value)


def _is_deep(table: Mapping[str, Any]) -> bool:
    """Tell whether a table holds further tables."""
    return any(
        isinstance(value, Mapping)
        or (isinstance(value, list) and any(isinstance(each, Mapping) for each in value))
        for value in table.values()
    )


def _small(table: Mapping[str, Any]) -> str | None:
    """Return a table in one line, None if that would be too long to read."""
    held = ", ".join(f"{_key(key)} = {_plain(value)}" for key, value in table.items())
    line = f"{{ {held} }}" if held else "{}"
    return line if len(line) <= LONGEST_LINE else None


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        written = f"{value:f}"
        return written if "." in written else f"{written}.0"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{', '.join(map(_plain, value))}]"
    raise TypeError(f"no value of a scheme: {value!r}")


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)
