"""One TOML table being read: every mistake is noted with its key path, and reading goes on."""

import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from ballot.language import Text
from ballot.scoring.plain_text import unseen_problem

KEY: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SHARE: Final = re.compile(r"([0-9]{1,9})/([1-9][0-9]{0,8})|([0-9]{1,9}(?:\.[0-9]{1,50})?)([%‰]?)")
NUMBER: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,50})?")
FRACTION: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}|/[1-9][0-9]{0,8})?")


class Table:
    """A table with its key path and the list of mistakes it shares with all others.

    Every getter returns a usable stand-in after a mistake, so that one reading finds them all.
    `finish` reports the keys nobody asked for.
    """

    def __init__(self, values: Mapping[str, Any], path: str, mistakes: list[Text]) -> None:
        self._values = values
        self._path = path
        self._mistakes = mistakes
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def place(self, key: str) -> str:
        """Return the whole path of a key."""
        return f"{self._path}.{key}" if self._path else key

    def mistake(self, key: str, problem: Text) -> None:
        """Note a mistake at a key; the key `""` is the table itself."""
        place = self.place(key) if key else self._path
        self._mistakes.append(Text("%(key)s：%(problem)s", key=place, problem=problem))

    @property
    def sound(self) -> bool:
        """Tell whether no mistake was noted so far, in any table."""
        return not self._mistakes

    def text(
        self, key: str, default: str | None = None, most: int | None = None, *, lines: bool = False
    ) -> str:
        """Return a text of at most `most` characters; one without a default must not be blank.

        `lines`: it may have several lines.
        """
        value = self._get(key, default)
        if not isinstance(value, str) or not (value.strip() or default is not None):
            if value is not None:
                self.mistake(key, Text("须是非空的文字"))
            return default or ""
        if most is not None and len(value) > most:
            self.mistake(key, Text("最多 %(most)s 个字", most=most))
        problem = unseen_problem(value, lines=lines)
        if problem:
            self.mistake(key, problem)
        return value

    def texts(self, key: str) -> list[str]:
        """Return a list of texts, empty where the key is absent."""
        values = self._get(key, [])
        if isinstance(values, list) and all(isinstance(value, str) for value in values):
            return values
        self.mistake(key, Text("须是文字的列表"))
        return []

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self._get(key, default)
        if not isinstance(value, bool):
            self.mistake(key, Text("须是 true 或 false"))
            return default
        return value

    def whole(self, key: str, least: int = 1, most: int | None = None) -> int:
        """Return a whole number from `least` to `most`."""
        value = self._get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            if most is not None and value > most:
                self.mistake(key, Text("不能大于 %(most)s", most=most))
            return value
        if value is not None:
            self.mistake(key, Text("须是不小于 %(least)s 的整数", least=least))
        return least

    def number(self, key: str, default: Decimal | None = None) -> Decimal:
        """Return an exact number, written as a number or as a text."""
        value = self._get(key, default)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            number = Decimal(value)
            if number.is_finite():
                return number
        if isinstance(value, str) and NUMBER.fullmatch(value):
            return Decimal(value)
        if value is not None:
            self.mistake(key, Text("须是数字"))
        return default if default is not None else Decimal(1)

    def fraction(self, key: str, default: Fraction | None = None) -> Fraction:
        """Return an exact number from 0 on, written `0.3`, `"0.3"` or `"2/3"`."""
        value = self._get(key, default)
        if isinstance(value, Fraction):
            return value
        written = isinstance(value, int | Decimal | str) and not isinstance(value, bool)
        match = FRACTION.fullmatch(str(value)) if written else None
        if match:
            return Fraction(match[0])
        if value is not None:
            self.mistake(key, Text('须是不小于 0 的数，如 0.3 或 "2/3"'))
        return default if default is not None else Fraction(1)

    def positive(self, key: str) -> Decimal:
        """Return a number above 0."""
        number = self.number(key)
        if number <= 0:
            self.mistake(key, Text("须大于 0"))
            return Decimal(1)
        return number

    def share(self, key: str) -> Fraction:
        """Return a share above 0, at most 1, written `"90%"`, `"1/2"` or `0.9`."""
        value = self._get(key)
        match = SHARE.fullmatch(str(value)) if isinstance(value, int | Decimal | str) else None
        if match:
            top, bottom, number, sign = match.groups()
            share = Fraction(int(top), int(bottom)) if top else Fraction(number)
            share /= {"%": 100, "‰": 1000}.get(sign, 1)
            if 0 < share <= 1:
                return share
        if value is not None:
            self.mistake(key, Text('须是大于 0、不超过 1 的比例，如 "90%%" 或 "1/2"'))
        return Fraction(1)

    def shares(self, key: str) -> tuple[tuple[str, Fraction], ...]:
        """Return the shares of a table by name, empty where it is absent; any name will do."""
        table = self.table(key)
        return () if table is None else tuple((name, table.share(name)) for name in table._values)

    def share_or_count(self, key: str) -> Fraction:
        """Return a share below 1, written `"10%"` or `"1/10"`, or a whole number from 1 on.

        An absent key is 0.
        """
        value = self._get(key, 0)
        match = SHARE.fullmatch(str(value)) if isinstance(value, int | Decimal | str) else None
        if match and not isinstance(value, bool):
            top, bottom, number, sign = match.groups()
            found = Fraction(int(top), int(bottom)) if top else Fraction(number)
            found = found / 100 if sign else found
            if found < 1 or (found.denominator == 1 and not sign):
                return found
        self.mistake(key, Text('须是票数（如 1）或小于 1 的比例（如 "10%%"）'))
        return Fraction(0)

    def choice(self, key: str, allowed: Mapping[str, Any], default: str | None = None) -> Any:
        """Return what one of the allowed words stands for; None after a mistake."""
        value = self._get(key, default)
        if isinstance(value, str) and value in allowed:
            return allowed[value]
        if value is not None:
            self.mistake(
                key,
                Text("“%(value)s”无效，可用：%(allowed)s", value=value, allowed="、".join(allowed)),
            )
        return None

    def choices(self, key: str, allowed: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return what a list of allowed words stands for, empty where the key is absent."""
        values = self._get(key, [])
        if not isinstance(values, list):
            self.mistake(key, Text("须是列表"))
            return ()
        for value in values:
            if not isinstance(value, str) or value not in allowed:
                self.mistake(key, Text("“%(value)s”不存在", value=value))
        return tuple(
            allowed[value] for value in values if isinstance(value, str) and value in allowed
        )

    def table(self, key: str) -> "Table | None":
        """Return a table, None where it is absent."""
        self._asked.add(key)
        value = self._values.get(key)
        if isinstance(value, dict):
            return Table(value, self.place(key), self._mistakes)
        if value is not None:
            self.mistake(key, Text("须是表"))
        return None

    def is_table(self, key: str) -> bool:
        """Tell whether a key holds a table, where a text is allowed too."""
        return isinstance(self._values.get(key), dict)

    def named(self, key: str) -> Iterator[tuple[str, "Table"]]:
        """Return the tables of a table by name, with names of small letters, digits, hyphens."""
        outer = self.table(key)
        if outer is None:
            return
        for name in outer._values:
            if not KEY.fullmatch(name):
                outer.mistake(name, KEY_PROBLEM)
            inner = outer.table(name)
            if inner:
                yield name, inner

    def rows(self, key: str, required: bool = False) -> list["Table"]:
        """Return a list of tables, empty where it is absent."""
        value = self._get(key, None if required else [])
        if value is None:
            return []
        if not isinstance(value, list) or (required and not value):
            self.mistake(key, Text("须是至少一项的列表") if required else Text("须是列表"))
            return []
        rows = []
        for number, row in enumerate(value, start=1):
            place = f"{self.place(key)}[{number}]"
            if isinstance(row, dict):
                rows.append(Table(row, place, self._mistakes))
            else:
                self._mistakes.append(
                    Text("%(key)s：%(problem)s", key=place, problem=Text("须是表"))
                )
        return rows

    def key(self, taken: set[str]) -> str:
        """Return the table's own `key`: well formed, and not among those taken."""
        value = self.text("key")
        if value and not KEY.fullmatch(value):
            self.mistake("key", KEY_PROBLEM)
        if value in taken:
            self.mistake("key", Text("“%(value)s”重复", value=value))
        taken.add(value)
        return value

    def allow(self, keys: Collection[str]) -> None:
        """Let keys pass unread: what they are for cannot be told after another mistake."""
        self._asked.update(keys)

    def finish(self) -> None:
        """Note every key that was never asked for."""
        known = "、".join(sorted(self._asked))
        for key in self._values:
            if key not in self._asked:
                self.mistake(key, Text("未知的键；可用：%(known)s", known=known))

    def _get(self, key: str, default: Any = None) -> Any:
        self._asked.add(key)
        if key in self._values:
            return self._values[key]
        if default is None:
            self.mistake(key, Text("缺少"))
        return default


KEY_PROBLEM: Final = Text("名称只能用小写字母、数字和连字符")
