"""Reading a scheme: TOML in, a `Scheme` out, or every mistake with its key path.

The tables of a kind are read in `kind_file.py`, those of a ballot rule in `rule_file.py`.
docs/scoring-rules.md tells how a scheme is written.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring.adjustment_file import read_adjustments, read_limits, read_vetoes
from ballot.scoring.errors import UnknownSchemeError
from ballot.scoring.kind_file import Shared, read_kind
from ballot.scoring.readings import Reading, Setting
from ballot.scoring.rule_file import read_rule
from ballot.scoring.schemes import Scheme
from ballot.scoring.settings import put_settings, written_at
from ballot.scoring.toml_table import Table
from ballot.scoring.toml_text import read_toml

PRESETS: Final = files("ballot.scoring") / "presets"
AS_WRITTEN: Final[Mapping[str, str]] = MappingProxyType({})


def scheme_names() -> list[str]:
    """Return the names of the schemes that ship with the software."""
    names = (entry.name for entry in PRESETS.iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def load_scheme(name: str, settings: Mapping[str, str] = AS_WRITTEN) -> Scheme:
    """Return a scheme that ships with the software, with other values for some of its settings.

    `settings` are by the keys of the readings that have some (rule 59).
    Raises: UnknownSchemeError, SettingError; MistakesError for a setting that does not fit.
    """
    return _loaded(name, tuple(sorted(settings.items())))


@cache
def _loaded(name: str, settings: tuple[tuple[str, str], ...]) -> Scheme:
    return read_scheme(preset_text(name), name, dict(settings))


def preset_text(name: str) -> str:
    """Return the file of a scheme that ships with the software.

    Raises: UnknownSchemeError.
    """
    if name not in scheme_names():
        raise UnknownSchemeError(name=name, known="、".join(scheme_names()))
    return (PRESETS / f"{name}.toml").read_text(encoding="utf-8")


def read_scheme(toml_text: str, name: str, settings: Mapping[str, str] = AS_WRITTEN) -> Scheme:
    """Return the scheme that a TOML text describes, with other values for some of its settings.

    Raises: MistakesError with one text per mistake, each naming its key path; SettingError.
    """
    mistakes: list[Text] = []
    values = read_toml(toml_text)
    put_settings(values, settings)
    scheme = _scheme(Table(values, "", mistakes), values, name, settings)
    if mistakes:
        raise MistakesError(mistakes)
    return scheme


def _scheme(table: Table, values: dict[str, Any], name: str, chosen: Mapping[str, str]) -> Scheme:
    title, source = table.text("title"), table.text("source", "")
    readings = {
        key: _reading(key, each, values, chosen.get(key)) for key, each in table.named("readings")
    }
    rules = {key: read_rule(each, readings) for key, each in table.named("rules")}
    adjustments = read_adjustments(table, readings)
    shared = Shared(
        readings=readings,
        rules=rules,
        adjustments=adjustments,
        vetoes=read_vetoes(table, readings),
        limits=read_limits(table, adjustments, readings),
    )
    kinds = {key: read_kind(key, each, shared) for key, each in table.named("kinds")}
    if not kinds:
        table.mistake("kinds", Text("至少要有一个类别"))
    table.finish()
    return Scheme(name, title, source, kinds, readings)


def _reading(key: str, table: Table, values: dict[str, Any], chosen: str | None) -> Reading:
    """Return a reading; one that is set otherwise says so, for its text tells the usual value."""
    text, clause = table.text("text"), table.text("clause", "")
    settings = []
    for path in table.texts("settings"):
        value = written_at(values, path)
        if value is None:
            table.mistake("settings", Text("“%(value)s”不存在", value=path))
        settings.append(Setting(path, value or ""))
    table.finish()
    if chosen is not None:  # part of the text, which is in the scheme's own language
        text = str(Text("%(reading)s（另设为 %(value)s）", reading=text, value=chosen.strip()))
    return Reading(key, text, clause, tuple(settings))
