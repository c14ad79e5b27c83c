"""Reading a TOML text so that what comes out can be handled and shown without harm."""

import re
import tomllib
from collections import deque
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring.plain_text import unseen_problem, visible

MOST_CHARACTERS: Final = 200_000
LONGEST_KEY: Final = 100
DEEPEST: Final = 20
LARGEST: Final = 10**15
MOST_DIGITS: Final = 100

_KEY_PART: Final = re.compile(r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+(\.?)[ \t]*+""")

Place = tuple[str, ...]


def read_toml(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text, whose values can be handled and shown without harm.

    Raises: MistakesError for a text that is no TOML, too large, or with tables inside tables
        without end; for the first names and values with unseen characters or beyond all use, with
        their places.
    """
    if len(text) > MOST_CHARACTERS:
        raise MistakesError([Text("文件太大：最多 %(most)s 个字符", most=MOST_CHARACTERS)])
    if _longest_key_path(text) > DEEPEST:
        raise MistakesError([_TOO_DEEP])
    try:
        values = tomllib.loads(text, parse_float=Decimal)
    except RecursionError:
        raise MistakesError([_TOO_DEEP]) from None
    except tomllib.TOMLDecodeError as error:
        problem = visible(str(error))
        raise MistakesError([_not_toml(problem)]) from None
    except (ValueError, ArithmeticError):  # of the interpreter's own limits
        raise MistakesError([_not_toml(Text("数字太大"))]) from None
    mistakes = [
        Text("%(key)s：%(problem)s", key=".".join(place).replace(".[", "["), problem=problem)
        for place, problem in _harm(values)
    ]
    if mistakes:
        raise MistakesError(mistakes)
    return values


def _not_toml(error: Text | str) -> Text:
    return Text("文件不是有效的 TOML：%(error)s", error=error)


_TOO_DEEP: Final = _not_toml(Text("层次太多"))


def _longest_key_path(text: str) -> int:
    """Return the most parts that a dotted key may have; `tomllib` needs their square in memory."""
    longest = parts = end = 0
    for part in _KEY_PART.finditer(text):
        parts = parts + 1 if part.start() == end else 1
        longest = max(longest, parts)
        end = part.end() if part[1] else -1
    return longest


def _harm(values: dict[str, Any]) -> Iterator[tuple[Place, Text]]:
    """Return each place with what may not be there."""
    waiting: deque[tuple[Place, Any]] = deque([((), values)])
    while waiting:
        place, value = waiting.popleft()
        if len(place) > DEEPEST:
            raise MistakesError([_TOO_DEEP])
        if isinstance(value, dict):
            for key, inner in value.items():
                problem = _problem_of_key(key)
                if problem:
                    yield (*place, visible(key[:LONGEST_KEY])), problem
                else:
                    waiting.append(((*place, key), inner))
        elif isinstance(value, list):
            waiting.extend(
                ((*place, f"[{number}]"), inner) for number, inner in enumerate(value, start=1)
            )
        elif problem := _problem_of(value):
            yield place, problem


def _problem_of_key(key: str) -> Text | None:
    return Text("键名太长") if len(key) > LONGEST_KEY else unseen_problem(key)


def _problem_of(value: Any) -> Text | None:
    if isinstance(value, str):
        return unseen_problem(value, lines=True)
    if isinstance(value, int):
        return None if abs(value) <= LARGEST else Text("数字太大")
    if isinstance(value, Decimal) and value.is_finite():
        _, digits, exponent = value.as_tuple()
        fits = len(digits) + abs(int(exponent)) <= MOST_DIGITS
        return None if fits else Text("数字的位数太多")
    return None
