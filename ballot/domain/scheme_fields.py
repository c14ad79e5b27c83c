"""One field of a scheme's forms: what was typed becomes what the file has, or a mistake."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from unicodedata import normalize

from ballot.domain.scheme_columns import YES_NO, Column, Sort
from ballot.domain.written import problems
from ballot.language import Text
from ballot.scoring.figures import decimal_number, whole_number
from ballot.scoring.toml_table import SHARE

LONGEST: Final = 200
MOST_DIGITS: Final = 15
Read = tuple[Any, Text | None]


def read_value(column: Column, typed: str) -> Read:
    """Return what a field holds, as a scheme's file has it, or what is wrong; blank is None."""
    text = typed.strip()
    if text:
        return _READERS[column.sort](column, text)
    return None, Text("不能空白") if column.required else None


def _text(_: Column, text: str) -> Read:
    unreadable = problems(Text("所写的文字"), text, most=LONGEST)
    return text, unreadable[0] if unreadable else None


def _number(_: Column, text: str) -> Read:
    number = decimal_number(text)
    if number is None or len(number.as_tuple().digits) > MOST_DIGITS:
        return None, Text("“%(value)s”不是数字", value=text[:40])
    return int(number) if number == number.to_integral_value() else number, None


def _whole(_: Column, text: str) -> Read:
    number = whole_number(text)
    return number, None if number is not None else Text("“%(value)s”不是整数", value=text[:40])


def _share(_: Column, text: str) -> Read:
    plain = normalize("NFKC", text)
    if SHARE.fullmatch(plain):
        return plain, None
    return None, Text("“%(value)s”不是比例，请写成 30%% 或 1/3 的样子", value=text[:40])


def _choice(column: Column, text: str) -> Read:
    if text not in column.options:
        return None, Text("请从列出的里面选")
    return {"true": True, "false": False}[text] if column.options is YES_NO else text, None


_READERS: Final[Mapping[Sort, Callable[[Column, str], Read]]] = {
    Sort.TEXT: _text,
    Sort.NUMBER: _number,
    Sort.WHOLE: _whole,
    Sort.SHARE: _share,
    Sort.CHOICE: _choice,
}
