"""Settings of a scheme: the values in its file that a reading of ours sets (rule 59)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from ballot.language import Text
from ballot.scoring.errors import SettingError
from ballot.scoring.figures import decimal_number, whole_number

_WORDS: Final = {True: "true", False: "false"}
_SEPARATOR: Final = "、"


def written_at(values: Mapping[str, Any], path: str) -> str | None:
    """Return the value at a key path as it is written, None where there is none.

    A row of a list goes by its own `key`: `kinds.person.components.ballot.full`.
    """
    table, name = _holder(values, path)
    value = _step(table, name)
    if isinstance(value, list) and not all(isinstance(each, str) for each in value):
        return None
    return None if value is None or isinstance(value, Mapping) else shown_value(value)


def shown_value(value: Any) -> str:
    """Return a plain value, or a list of texts, as it is written in a file or typed by a person."""
    if isinstance(value, bool):
        return _WORDS[value]
    return _SEPARATOR.join(map(str, value)) if isinstance(value, list) else str(value)


def put_settings(values: dict[str, Any], chosen: Mapping[str, str]) -> None:
    """Put other values in the places that readings set, by the readings' keys.

    A value is written as it would be in the file (`false`, `8‰`), a list with 、 between.
    Raises: SettingError.
    """
    readings = values.get("readings")
    known = readings if isinstance(readings, Mapping) else {}
    for key, text in chosen.items():
        paths = _paths(known.get(key))
        if not paths:
            settable = [name for name, reading in known.items() if _paths(reading)]
            problem = Text("没有这一设置，可用：%(known)s", known=_SEPARATOR.join(settable))
            raise SettingError(setting=key, problem=problem)
        for path in paths:
            table, name = _holder(values, path)
            if isinstance(table, dict) and name in table:
                table[name] = _like(table[name], text, key)


def _paths(reading: Any) -> list[str]:
    """Return the key paths that a reading's table names, whatever else may be wrong with it."""
    paths = reading.get("settings") if isinstance(reading, Mapping) else None
    return [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else []


def _like(old: Any, text: str, key: str) -> Any:
    """Return a value of the same sort as the old one.

    Raises: SettingError.
    """
    new: Any = text.strip()
    if isinstance(old, bool):
        new = {word: flag for flag, word in _WORDS.items()}.get(new)
    elif isinstance(old, list):
        new = [each.strip() for each in new.split(_SEPARATOR) if each.strip()]
    elif isinstance(old, int):
        new = whole_number(new)
    elif isinstance(old, Decimal):
        new = decimal_number(new)
    if new is None or new == "":
        raise SettingError(setting=key, problem=Text("“%(value)s”无效", value=text))
    return new


def _holder(values: Any, path: str) -> tuple[Any, str]:
    """Return the table that holds the last key of a path, with that key."""
    *steps, last = path.split(".")
    for step in steps:
        values = _step(values, step)
    return values, last


def _step(value: Any, step: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, list):
        rows = (row for row in value if isinstance(row, Mapping))
        return next((row for row in rows if row.get("key") == step), None)
    return None
