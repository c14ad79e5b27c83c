"""Texts a person reads: Chinese is the source, other languages are gettext catalogues.

Inner layers never choose a language. They hand out a `Text` (a message id with its values), and
the outermost layer renders it where it is shown.
"""

import gettext
from functools import cache
from importlib.resources import files
from typing import Final

SOURCE: Final = "zh-CN"
LANGUAGES: Final = ("zh-CN", "en", "zh-Hant")
NAMES: Final = {"zh-CN": "简体", "en": "English", "zh-Hant": "繁體"}
"""Each language in its own words."""
_TRADITIONAL: Final = frozenset({"hant", "tw", "hk", "mo"})


def N_(message: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark a message for the catalogues and return it unchanged."""
    return message


class Text:
    """A message id with its values, not yet in any language.

    The id is the Chinese sentence with `%(name)s` places (a literal percent sign is `%%`);
    values may be texts themselves.
    """

    __slots__ = ("id", "values")

    def __init__(self, message: str, /, **values: object) -> None:
        self.id = message
        self.values = values

    def in_(self, language: str) -> str:
        """Return the sentence in a language of `LANGUAGES`."""
        values = {k: v.in_(language) if isinstance(v, Text) else v for k, v in self.values.items()}
        return translations(language).gettext(self.id) % values

    def __str__(self) -> str:
        return self.in_(SOURCE)

    def __repr__(self) -> str:
        return f"Text({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and (self.id, self.values) == (other.id, other.values)

    def __hash__(self) -> int:
        return hash(self.id)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language; the source language needs none."""
    if language == SOURCE:
        return gettext.NullTranslations()
    path = files("ballot") / "translations" / language / "LC_MESSAGES" / "messages.mo"
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)


def closest(wanted: str | None) -> str:
    """Return the language of `LANGUAGES` that a tag such as `en-GB` or `zh_CN.UTF-8` asks for.

    Chinese is the traditional one where script or region say so (`zh-Hant`, `zh-HK`).
    """
    tag, *rest = (wanted or "").replace("_", "-").split(".")[0].lower().split("-")
    if tag == "zh":
        return "zh-Hant" if "hans" not in rest and _TRADITIONAL.intersection(rest) else SOURCE
    return next((language for language in LANGUAGES if tag == language.lower()), SOURCE)
