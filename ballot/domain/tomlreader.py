"""Reading a TOML table value by value, collecting every mistake with its key."""

from collections.abc import Set as AbstractSet
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar, overload

from ballot.language import Text

E = TypeVar("E", bound=StrEnum)
F = TypeVar("F", Fraction, None)


class Table:
    """One table of a file. `place` is its path, as `sections[2]`; the first table has none."""

    def __init__(self, content: dict[str, Any], place: str, mistakes: list[Text]) -> None:
        self._content = content
        self.place = place
        self.mistakes = mistakes

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def mistake(self, key: str, *problems: Text) -> None:
        """Note mistakes at a key."""
        path = f"{self.place}.{key}" if self.place else key
        for problem in problems:
            self.mistakes.append(Text("%(key)s:%(problem)s", key=path, problem=problem))

    def only(self, known: AbstractSet[str]) -> None:
        """Note every key that the table may not hold."""
        for key in self._content:
            if key not in known:
                self.mistake(key, Text("没有这个键;可用:%(known)s", known="、".join(sorted(known))))

    def value(self, key: str) -> Any:
        """Return a value as it stands."""
        return self._content.get(key)

    def text(self, key: str, *, default: str | None = None, most: int = 200) -> str | None:
        """Return a line of text, without surrounding spaces; None after a mistake."""
        value = self._content.get(key, default)
        if value is None:
            self.mistake(key, Text("缺少这一项"))
            return None
        if not isinstance(value, str):
            self.mistake(key, Text("应为文字(加引号)"))
            return None
        value = value.strip()
        if not value and default is None:
            self.mistake(key, Text("不能为空"))
            return None
        if len(value) > most:
            self.mistake(key, Text("最多 %(most)s 个字", most=most))
        if any(ord(c) < 32 and c != "\n" for c in value):
            self.mistake(key, Text("含有不可见的控制字符"))
        return value

    def texts(self, key: str) -> list[str]:
        """Return a list of texts; an absent key is an empty list."""
        value = self._content.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.mistake(key, Text('应为文字的列表,如 ["…", "…"]'))
            return []
        return value

    def whole(self, key: str, *, least: int, most: int | None = None) -> int | None:
        """Return a whole number within its range; None after a mistake."""
        value = self._content.get(key)
        if value is None:
            self.mistake(key, Text("缺少这一项"))
        elif not isinstance(value, int) or isinstance(value, bool):
            self.mistake(key, Text("应为整数"))
        elif value < least:
            self.mistake(key, Text("不能小于 %(least)s", least=least))
        elif most is not None and value > most:
            self.mistake(key, Text("不能大于 %(most)s", most=most))
        else:
            return value
        return None

    @overload
    def fraction(self, key: str, default: Fraction) -> Fraction: ...
    @overload
    def fraction(self, key: str, default: None) -> Fraction | None: ...
    def fraction(self, key: str, default: Fraction | None) -> Fraction | None:
        """Return an exact, not negative number: a whole one, or text such as "0.3" or "2/3"."""
        value = self._content.get(key)
        if value is None:
            if default is None:
                self.mistake(key, Text("缺少这一项"))
            return default
        try:
            if isinstance(value, bool) or not isinstance(value, int | str):
                raise ValueError
            exact = Fraction(value) if isinstance(value, int) else _exact(value)
        except (ValueError, ZeroDivisionError, ArithmeticError):
            self.mistake(key, Text('应为整数或加引号的数,如 "0.3"、"2/3"'))
            return default
        if exact < 0:
            self.mistake(key, Text("不能小于 %(least)s", least=0))
        return exact

    def boolean(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self._content.get(key, default)
        if not isinstance(value, bool):
            self.mistake(key, Text("应为 true 或 false"))
            return default
        return value

    @overload
    def choice(self, key: str, kind: type[E], default: E) -> E: ...
    @overload
    def choice(self, key: str, kind: type[E], default: None) -> E | None: ...
    def choice(self, key: str, kind: type[E], default: E | None) -> E | None:
        """Return one of an enumeration's values."""
        value = self._content.get(key)
        if value is None:
            return default
        known = [member.value for member in kind]
        if value not in known:
            self.mistake(key, Text("应为其中之一:%(known)s", known="、".join(known)))
            return default
        return kind(value)

    def table(self, key: str) -> "Table | None":
        """Return the table under a key; None after a mistake."""
        value = self._content.get(key)
        if not isinstance(value, dict):
            self.mistake(key, Text("应为表,如 { … }"))
            return None
        return Table(value, f"{self.place}.{key}" if self.place else key, self.mistakes)

    def tables(self, key: str) -> "list[Table] | None":
        """Return the tables of a list, which may not be empty; None after a mistake."""
        value = self._content.get(key)
        if value is None:
            self.mistake(key, Text("缺少这一项"))
            return None
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.mistake(key, Text("应为表的列表,如 [{ … }, { … }]"))
            return None
        if not value:
            self.mistake(key, Text("至少要有一个"))
        path = f"{self.place}.{key}" if self.place else key
        return [Table(item, f"{path}[{n}]", self.mistakes) for n, item in enumerate(value, 1)]


def _exact(text: str) -> Fraction:
    """Return the number a text holds, bounded so that nobody writes 1e999999999."""
    if len(text) > 20 or "e" in text.lower():
        raise ValueError(text)
    return Fraction(text) if "/" in text else Fraction(Decimal(text))
