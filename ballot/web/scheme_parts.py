"""Parts of a scheme as pages show them: components as a tree, readings with what they set."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ballot.domain.scheme_columns import BASES, YES_NO
from ballot.language import N_, Text
from ballot.scoring import Item, Kind, Reading, Scheme
from ballot.scoring.figures import exact
from ballot.scoring.publicity import Posts
from ballot.scoring.rule_words import rule_words
from ballot.scoring.scheme_words import asides, grade_words, limit_words, veto_words

SETTING = "set "
"""Before a reading's key, in the name of the field that holds its value."""
_SCALES = {
    "four-level": N_("四级：好、较好、一般、差"),
    "three-level": N_("三级：满意、基本满意、不满意"),
    "personnel": N_("人事：优秀、称职、基本称职、不称职"),
}


@dataclass(frozen=True)
class Node:
    """A component or item with its depth in the tree; `asides`: what title and marks leave out."""

    item: Item
    depth: int
    full: str
    asides: list[Text | str]
    rule: Text | None


@dataclass(frozen=True)
class ReadingField:
    """A reading, and the field that sets its value where it has one.

    `usual`: what the scheme has there; `value`: what the field holds; `options`: what may be
    chosen, none where it is typed.
    """

    reading: Reading
    usual: str
    value: str
    options: Mapping[str, str]

    @property
    def name(self) -> str:
        """Return the field's name."""
        return f"{SETTING}{self.reading.key}"

    def told(self, value: str) -> Text | str:
        """Return a value in words."""
        return Text(self.options[value]) if value in self.options else value


def nodes(kind: Kind) -> list[Node]:
    """Return a kind's components and items, wholes before their parts."""
    return [node for component in kind.components for node in _nodes(component, 0)]


def _nodes(item: Item, depth: int) -> Iterator[Node]:
    full = "" if item.full_marks is None else exact(item.full_marks)
    rule = rule_words(item.rule) if item.rule else None
    yield Node(item, depth, full, list(asides(item)), rule)
    for part in item.items:
        yield from _nodes(part, depth + 1)


def others(kind: Kind) -> Mapping[str, Any]:
    """Return what else a kind has, in words."""
    return {
        "limits": [limit_words(each) for each in kind.limits.values()],
        "vetoes": [(veto_words(each), each.clause) for each in kind.vetoes.values()],
        "grades": grade_words(kind.grades) if kind.grades else None,
    }


def readings(
    scheme: Scheme, settings: Mapping[str, str], typed: Mapping[str, str]
) -> list[ReadingField]:
    """Return a scheme's readings with their fields; `scheme` is without a cycle's settings."""
    found = []
    for reading in scheme.readings.values():
        usual = "、".join(dict.fromkeys(each.value for each in reading.settings))
        value = typed.get(f"{SETTING}{reading.key}", settings.get(reading.key, usual))
        found.append(ReadingField(reading, usual, value, _options(reading, usual)))
    return found


def _options(reading: Reading, usual: str) -> Mapping[str, str]:
    paths = [each.path for each in reading.settings]
    if usual in YES_NO:
        return YES_NO
    if paths and all(path.endswith(".base") for path in paths):
        return BASES
    if paths and all(path.endswith(".scale") for path in paths) and usual in _SCALES:
        return _SCALES
    if paths and all(path.endswith(".posts") for path in paths):
        return {each.value: each.text.id for each in Posts}
    return {}


def chosen(scheme: Scheme, form: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that a form holds, without those that are as the scheme has them."""
    return {
        each.reading.key: each.value.strip()
        for each in readings(scheme, {}, form)
        if each.reading.settings and each.value.strip() != each.usual
    }
