"""What a page carries from one request to the next in a hidden field, small and never trusted.

Figures by cell, or facts by unit, as canonical JSON, deflated. What comes back is read like
anything a person sends: within limits, and checked again before it is used.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from typing import Any, Final

from ballot.domain.assessment import Cell
from ballot.domain.canonical import canonical
from ballot.errors import MistakesError
from ballot.language import Text

MOST_BYTES: Final = 2_000_000
MOST_CELLS: Final = 40_000
LARGEST_NUMBER: Final = 2**31 - 1
_BROKEN: Final = (binascii.Error, zlib.error, ValueError, TypeError, RecursionError)


def pack(cells: Mapping[Cell, str]) -> str:
    """Return figures by cell as a hidden field holds them."""
    return _packed([[unit, key, figure] for (unit, key), figure in sorted(cells.items())])


def pack_facts(told: Mapping[str, Mapping[str, str]]) -> str:
    """Return facts by unit as a hidden field holds them, in their order."""
    return _packed([[name, dict(facts)] for name, facts in told.items()])


def _packed(rows: list[Any]) -> str:
    return base64.b64encode(zlib.compress(canonical(rows).encode("utf-8"), 9)).decode("ascii")


def unpack(field: str) -> dict[Cell, str]:
    """Return the figures that a hidden field holds.

    Raises: MistakesError for what no page of ours ever carried.
    """
    try:
        cells = {(unit, key): figure for unit, key, figure in _unpacked(field)}
        fits = len(cells) <= MOST_CELLS and all(
            type(unit) is int
            and 0 < unit <= LARGEST_NUMBER
            and isinstance(key, str)
            and isinstance(figure, str)
            for (unit, key), figure in cells.items()
        )
    except _BROKEN:
        fits = False
    if not fits:
        raise _incomplete()
    return cells


def unpack_facts(field: str) -> dict[str, dict[str, str]]:
    """Return the facts by unit that a hidden field holds.

    Raises: MistakesError for what no page of ours ever carried.
    """
    try:
        told = dict(_unpacked(field))
        fits = len(told) <= MOST_CELLS and all(
            isinstance(name, str)
            and isinstance(facts, dict)
            and all(isinstance(each, str) for each in facts.values())
            for name, facts in told.items()
        )
    except _BROKEN:
        fits = False
    if not fits:
        raise _incomplete()
    return told


def _unpacked(field: str) -> Any:
    inflating = zlib.decompressobj()
    text = inflating.decompress(base64.b64decode(field, validate=True), MOST_BYTES)
    return json.loads(text.decode("utf-8"))


def _incomplete() -> MistakesError:
    return MistakesError([Text("页面的数据不完整。请刷新页面，再做一次。")])
