"""Ballot codes: 75 random bits and a check symbol, written so that a person can type them.

A code is 16 Crockford base-32 symbols. The first 15 are random (`secrets`); the last makes the
weighted sum of all sixteen zero over GF(32). Because the sixteen weights are distinct and not
zero, every single wrong symbol and every swap of two symbols (neighbours included) is caught.
"""

import re
import secrets
from functools import reduce
from operator import getitem, xor
from typing import ClassVar, Final, NewType

from ballot.errors import VotingRefusedError
from ballot.language import N_

Code = NewType("Code", str)

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 16
GROUP: Final = 4
_VALUES: Final = {symbol: value for value, symbol in enumerate(ALPHABET)} | {"I": 1, "L": 1, "O": 0}
_SLASHES: Final = re.compile("[/／、\\\\＼]")
_SEPARATORS: Final = dict.fromkeys(map(ord, " -‐‑‒–—―－_·.　\t\r\n"))
_AS_SPACES: Final = dict.fromkeys(_SEPARATORS, " ")


class CodeError(VotingRefusedError):
    """What was typed is not a ballot code."""

    message = N_("票码不正确。请逐组核对后再输入。")
    group: ClassVar[int | None] = None


class CodeLengthError(CodeError):
    """Too few or too many symbols."""

    message = N_("票码应为 16 个字符，现在是 %(count)s 个。请对照票面逐组核对。")


class CodeGroupError(CodeLengthError):
    """One group of four has too few or too many symbols."""

    message = N_("第 %(group)s 组应为 4 个字符，现在是 %(count)s 个。请对照票面核对这一组。")


class CodeSymbolError(CodeError):
    """A symbol that no code holds."""

    message = N_("第 %(group)s 组里的“%(symbol)s”不会出现在票码中。请对照票面核对这一组。")


def _times_x(value: int) -> int:
    """Multiply by x in GF(32) = GF(2)[x] / (x^5 + x^2 + 1)."""
    value <<= 1
    return value ^ 0b100101 if value & 0b100000 else value


def _multiply(a: int, b: int) -> int:
    product = 0
    while b:
        if b & 1:
            product ^= a
        a, b = _times_x(a), b >> 1
    return product


def _weights() -> tuple[int, ...]:
    """Return sixteen distinct powers of x, ending with 1 so that the check symbol is the sum."""
    powers = [1]
    while len(powers) < LENGTH:
        powers.append(_times_x(powers[-1]))
    return tuple(reversed(powers))


_WEIGHTS: Final = _weights()
_PRODUCTS: Final = tuple(
    tuple(_multiply(weight, value) for value in range(32)) for weight in _WEIGHTS
)


_PLAIN: Final = tuple(
    {symbol: row[value] for value, symbol in enumerate(ALPHABET)} for row in _PRODUCTS
)


def _weighted_sum(values: list[int]) -> int:
    total = 0
    for row, value in zip(_PRODUCTS, values, strict=False):
        total ^= row[value]
    return total


def new_code() -> Code:
    """Return a fresh secret code: 75 bits from the system's generator and the check symbol."""
    values = [secrets.randbelow(32) for _ in range(LENGTH - 1)]
    return Code("".join(ALPHABET[value] for value in (*values, _weighted_sum(values))))


def plain(typed: str) -> str:
    """Return symbols as they are kept: what people add or mistake in typing them is forgiven."""
    symbols = _half_width(typed).translate(_SEPARATORS).upper()
    return symbols.translate({ord("I"): "1", ord("L"): "1", ord("O"): "0"})


def parse_code(typed: str) -> Code:
    """Return the code that a person typed or a camera read.

    Case, spaces, dashes and full-width forms are forgiven, as are I and L for 1 and O for 0.

    Raises: CodeLengthError, CodeSymbolError (naming the group), CodeError for a wrong check
        symbol. None of them needs the database.
    """
    if _is_plain(typed):
        return Code(typed)
    symbols = _half_width(typed).translate(_SEPARATORS).upper()
    for place, symbol in enumerate(symbols):
        if symbol not in _VALUES:
            raise CodeSymbolError(group=place // GROUP + 1, symbol=symbol)
    if len(symbols) != LENGTH:
        raise _wrong_length(typed, len(symbols))
    values = [_VALUES[symbol] for symbol in symbols]
    if _weighted_sum(values):
        raise CodeError
    return Code("".join(ALPHABET[value] for value in values))


def _wrong_length(typed: str, count: int) -> CodeLengthError:
    """Return what is wrong with a code's length; groups typed apart tell which one it is."""
    groups = _half_width(typed).translate(_AS_SPACES).split()
    wrong = [place for place, group in enumerate(groups, 1) if len(group) != GROUP]
    if len(groups) == LENGTH // GROUP and len(wrong) == 1:
        return CodeGroupError(group=wrong[0], count=len(groups[wrong[0] - 1]))
    return CodeLengthError(count=count)


def scanned(typed: str) -> str:
    """Return the part of what a scanner typed that may be a code: what follows the last slash.

    Scanners type a slip's whole link; a Chinese keyboard turns its slashes into other signs.
    """
    return _SLASHES.split(typed.strip())[-1]


def code_of(typed: str) -> Code:
    """Return the code in what a person or a scanner typed: a whole link, or a code alone.

    Raises: as `parse_code`.
    """
    return parse_code(scanned(typed))


def _is_plain(typed: str) -> bool:
    """Tell whether this is a right code just as it is printed in QR codes, as nearly all are."""
    if len(typed) != LENGTH:
        return False
    try:
        return not reduce(xor, map(getitem, _PLAIN, typed))
    except KeyError:  # a symbol that has to be read with care
        return False


def _half_width(typed: str) -> str:
    """Turn the full-width letters and digits of a Chinese keyboard into plain ones."""
    return "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in typed)


def shown(code: Code) -> str:
    """Return the code as it is printed: `ABCD-EFGH-JKMN-PQRS`."""
    return "-".join(code[i : i + GROUP] for i in range(0, LENGTH, GROUP))
