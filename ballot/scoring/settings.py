"""Settings of a scheme: the values in its file that a reading of ours sets (rule 59)."""

from collections.abc import Mapping
from typing import Any, Final

_WORDS: Final = {True: "true", False: "false"}


def written_at(values: Mapping[str, Any], path: str) -> str | None:
    """Return the value at a key path as it is written, None where there is none.

    A row of a list goes by its own `key`: `kinds.person.components.ballot.full`.
    """
    found: Any = values
    for step in path.split("."):
        found = _step(found, step)
        if found is None:
            return None
    if isinstance(found, bool):
        return _WORDS[found]
    if isinstance(found, list) and all(isinstance(each, str) for each in found):
        return "、".join(found)
    return None if isinstance(found, Mapping | list) else str(found)


def _step(value: Any, step: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, list):
        rows = (row for row in value if isinstance(row, Mapping))
        return next((row for row in rows if row.get("key") == step), None)
    return None
