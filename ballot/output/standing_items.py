"""The sheet of what was entered for each unit, and how items make up components."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ballot.language import Text
from ballot.output import formulas
from ballot.output.workbook import TEXT, Look, Sheet, column
from ballot.scoring import How, Item, Kind, Standing, Work
from ballot.scoring.figures import exact

ENTERED: Final = Look(entered=True)
POLLED: Final = Look("0.00##", entered=True)
"""Of an exact result of a poll that no decimal is: it stands as its fraction, `=800/9`."""
VALUE: Final = Look("0.00##")
RAW: Final = "raw "
"""Put before a key for the column of what was entered, where that is not the value yet."""

_MARKED: Final = (How.PLACE, How.RANK)


class ItemsSheet:
    """One row per unit, in the order of the standing; a column for every item that was given."""

    def __init__(
        self, sheet: Sheet, kind: Kind, standings: Sequence[Standing], language: str
    ) -> None:
        self._sheet = sheet
        self._items: Mapping[str, Item] = {item.key: item for item in kind.nodes()}
        self._indicators = kind.indicated.indicators if kind.indicated else None
        works = [work for each in standings for done in each.working for work in walk(done.work)]
        self._columns = _columns(kind, works)
        self._span = (2, len(standings) + 1)
        titles = {work.key: work.title for work in works}
        headings = [Text("单位").in_(language)]
        headings += [self._heading(key, titles, language) for key in self._columns]
        sheet.headings(1, headings, frozen=1)
        for row, standing in enumerate(standings, start=2):
            sheet.put(row, 1, standing.unit, TEXT)
            for done in standing.working:
                if done.work is not None:
                    self._write(row, done.work)

    def place(self, key: str, number: int) -> str:
        """Return where an item's value stands, for the unit at a place counted from 0."""
        return f"{self._sheet.name}{self._place(key, number + 2)}"

    def _heading(self, key: str, titles: Mapping[str, str], language: str) -> str:
        plain = key.removeprefix(RAW)
        if key.startswith(RAW):
            return Text("%(title)s（录入）", title=titles[plain]).in_(language)
        item = self._items.get(plain)
        full = item.full_marks if item else None
        return headed(titles[plain], full, lambda text: text.in_(language))

    def _write(self, row: int, work: Work) -> None:
        """Write a step and all its parts; what a veto brought to 0 is 0."""
        for part in work.parts:
            self._write(row, part)
        here = self._columns[work.key]
        if work.how in _MARKED and work.figure is not None:
            self._sheet.put(row, self._columns[RAW + work.key], work.figure, ENTERED)
        if work.how is How.FIGURE or work.how is How.ZEROED:
            self._write_figure(row, here, work.value)
        else:
            self._sheet.formula(row, here, self._formula(row, work), work.value, VALUE)

    def _write_figure(self, row: int, number: int, value: Fraction) -> None:
        text = exact(value)
        if "/" in text:
            self._sheet.formula(row, number, text, value, POLLED)
        else:
            self._sheet.put(row, number, Decimal(text), ENTERED)

    def _formula(self, row: int, work: Work) -> str:
        if work.how is How.PLACE:
            return self._by_steps(row, work)
        if work.how is How.RANK:
            return self._by_rank(row, work)
        terms = [self._term(row, part) for part in work.parts]
        whole = "+".join(terms)
        return f"({whole})/{len(terms)}" if work.how is How.MEAN else whole

    def _term(self, row: int, part: Work) -> str:
        place = self._place(part.key, row)
        return place if part.weight == 1 else f"{formulas.literal(part.weight)}*{place}"

    def _by_steps(self, row: int, work: Work) -> str:
        steps = self._items[work.key].steps
        if steps is None:
            raise ValueError(f"{work.key} has no steps")
        place = self._place(RAW + work.key, row)
        first, step = formulas.literal(steps.first), formulas.literal(steps.step)
        return f"MAX({first}-{step}*({place}-1),{formulas.literal(steps.least)})"

    def _by_rank(self, row: int, work: Work) -> str:
        """Return 100 × (n − r + 1) ÷ n, the rank counted among all units' raw figures."""
        name = work.key.rpartition(".")[0]
        smaller = self._indicators is not None and name in self._indicators.smaller
        letters = column(self._columns[RAW + work.key])
        every = f"${letters}${self._span[0]}:${letters}${self._span[1]}"
        mine, better = self._place(RAW + work.key, row), "<" if smaller else ">"
        rank = f"SUMPRODUCT(ISNUMBER({every})*({every}{better}{mine}))"
        return f"100*(COUNT({every})-{rank})/COUNT({every})"

    def _place(self, key: str, row: int) -> str:
        return f"{column(self._columns[key])}{row}"


def headed(title: str, full: Decimal | None, words: Callable[[Text], str]) -> str:
    """Return the heading of a component or item: its title, with its full marks if it has any."""
    if full is None:
        return title
    return words(Text("%(title)s（满分 %(full)s）", title=title, full=exact(full)))


def walk(work: Work | None) -> Iterator[Work]:
    """Yield a step and everything it is made of."""
    if work is not None:
        yield work
        for part in work.parts:
            yield from walk(part)


def _columns(kind: Kind, works: Sequence[Work]) -> dict[str, int]:
    """Return a column's number for each key: in the scheme's order, parts before their whole."""
    given = dict.fromkeys(work.key for work in works)
    marked = {work.key for work in works if work.how in _MARKED and work.figure is not None}
    ordered: list[str] = []

    def add(item: Item) -> None:
        for part in item.items:
            add(part)
        if kind.indicated is not None and item.key == kind.indicated.key:
            known = {each.key for each in kind.nodes()}
            ordered.extend(sorted(key for key in given if key not in known))
        ordered.append(item.key)

    for component in kind.components:
        add(component)
    keys: list[str] = []
    for key in ordered:
        if key in given:
            keys += [RAW + key] * (key in marked) + [key]
    return {key: number for number, key in enumerate(keys, start=2)}
