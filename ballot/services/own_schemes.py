"""A cycle's own scheme: changed in forms or brought as a file, until the first poll opens.

The cycle keeps the whole text (TOML), so that whoever downloads it can check it and score with it
elsewhere. Drafts follow every change; a poll that opens has its rules in its own definition.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from ballot.domain.scheme_changes import Change, changes
from ballot.domain.scheme_columns import Sheet
from ballot.domain.scheme_edits import Typed, edited
from ballot.domain.scheme_sheets import sheet, sheets
from ballot.errors import MistakesError, NotFoundError
from ballot.language import N_, Text
from ballot.scoring import Scheme, read_scheme
from ballot.scoring.scheme_file import preset_text
from ballot.scoring.schemes import OWN
from ballot.scoring.toml_text import read_toml
from ballot.scoring.toml_writing import write_toml
from ballot.services import kinds
from ballot.services.cycles import scheme_of
from ballot.services.scheme_fit import (
    SchemeFixedError,
    checked,
    refuse_lost,
    remake,
    renamed_offices,
)
from ballot.storage import cycles, events, polls, units
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection

MOST_LOGGED: Final = 100
"""Changes that one entry of the log names one by one."""


class NoSuchSheetError(NotFoundError):
    """The scheme has no such page of forms."""

    message = N_("方案里没有这一部分。")


@dataclass(frozen=True)
class OwnScheme:
    """A cycle's scheme as it may be changed.

    `text`: its TOML; `preset`: the values of the preset it was made from, None where it is no
    changed preset; `fixed`: why nothing can be changed any more, None while it can.
    """

    cycle: Cycle
    text: str
    preset: Mapping[str, Any] | None
    fixed: Text | None

    @cached_property
    def values(self) -> dict[str, Any]:
        """Return the scheme's values, without the cycle's other settings of readings."""
        return read_toml(self.text)

    @cached_property
    def scheme(self) -> Scheme:
        """Return the scheme, with the cycle's settings."""
        return scheme_of(self.cycle)

    @property
    def is_changed(self) -> bool:
        """Tell whether the cycle has a scheme of its own."""
        return self.cycle.own is not None

    @cached_property
    def changes(self) -> Sequence[Change]:
        """Return where it differs from its preset."""
        return [] if self.preset is None else changes(self.values, self.preset)

    @cached_property
    def sheets(self) -> Sequence[Sheet]:
        """Return the pages of its forms."""
        return sheets(self.values)

    def sheet(self, part: str, kind: str) -> Sheet:
        """Return one page of its forms.

        Raises: NoSuchSheetError.
        """
        found = sheet(self.values, part, kind)
        if found is None:
            raise NoSuchSheetError
        return found


def of(connection: Connection, cycle_id: int, *, hold: bool = False) -> OwnScheme:
    """Return a cycle's scheme; with `hold`, keep other changes away until the commit.

    Raises: NoSuchCycleError.
    """
    cycle = cycles.get(connection, cycle_id, hold=hold)
    text = preset_text(cycle.scheme) if cycle.own is None else cycle.own
    base = cycle.scheme if cycle.own is None else cycle.based_on
    preset = read_toml(preset_text(base)) if base else None
    return OwnScheme(cycle, text, preset, _fixed(connection, cycle))


def _fixed(connection: Connection, cycle: Cycle) -> Text | None:
    for poll in polls.every(connection, cycle.id):
        if poll.opened_at is not None and not poll.rehearsal:
            return Text("测评活动“%(title)s”已经开始投票。", title=poll.title)
    for kind in scheme_of(cycle).kinds.values():
        if kinds.is_approved(connection, cycle.id, kind.key):
            return Text("“%(kind)s”的总评已经审定。", kind=kind.title)
    return None


def change(
    connection: Connection,
    cycle_id: int,
    part: str,
    kind: str,
    typed: Typed,
    *,
    by: str,
    now: datetime,
) -> Sequence[Change]:
    """Change a scheme by what was typed into one of its sheets, and return what that changed.

    Raises: NoSuchCycleError, NoSuchSheetError, SchemeFixedError; MistakesError with everything
        that keeps the values from being a scheme, or from fitting what the cycle holds already.
    """
    found = _to_change(connection, cycle_id)
    values, mistakes = edited(found.values, found.preset, found.sheet(part, kind), typed)
    if mistakes:
        raise MistakesError(mistakes)
    return _keep(connection, found, write_toml(values), found.cycle.settings, by=by, now=now)


def set_readings(
    connection: Connection, cycle_id: int, settings: Mapping[str, str], *, by: str, now: datetime
) -> None:
    """Set the readings of a cycle's scheme (rule 59); those left out are as the scheme has them.

    Raises: NoSuchCycleError, SchemeFixedError, SettingError, MistakesError.
    """
    found = _to_change(connection, cycle_id)
    _keep(connection, found, found.text, chosen(found.values, settings), by=by, now=now)


def chosen(values: Mapping[str, Any], settings: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that differ from what stands in the scheme itself."""
    scheme = read_scheme(write_toml(values), "")
    usual = {
        key: list(dict.fromkeys(each.value for each in reading.settings))
        for key, reading in scheme.readings.items()
    }
    return {
        key: value.strip()
        for key, value in settings.items()
        if value.strip() and [value.strip()] != usual.get(key)
    }


def take_in(
    connection: Connection, cycle_id: int, text: str, *, by: str, now: datetime
) -> Sequence[Change]:
    """Give a cycle the scheme of a file in the place of its present one.

    Raises: as `change`.
    """
    found = _to_change(connection, cycle_id)
    read_toml(text)
    return _keep(connection, found, text, {}, by=by, now=now)


def restore(connection: Connection, cycle_id: int, *, by: str, now: datetime) -> None:
    """Give a cycle its preset again, as it is written; its other settings of readings stay.

    Raises: as `change`; RefusedError where there was no preset.
    """
    found = _to_change(connection, cycle_id)
    if not found.cycle.based_on:
        return
    text = preset_text(found.cycle.based_on)
    _keep(connection, found, text, found.cycle.settings, by=by, now=now)


def _to_change(connection: Connection, cycle_id: int) -> OwnScheme:
    found = of(connection, cycle_id, hold=True)
    if found.fixed is not None:
        raise SchemeFixedError(why=found.fixed)
    return found


def _keep(
    connection: Connection,
    found: OwnScheme,
    text: str,
    settings: Mapping[str, str],
    *,
    by: str,
    now: datetime,
) -> Sequence[Change]:
    """Check a text, keep it, let drafts follow, and log what changed."""
    cycle, values = found.cycle, read_toml(text)
    base = cycle.based_on or ("" if found.is_changed else cycle.scheme)
    usual = found.preset is not None and values == found.preset
    name = base if usual else f"{base or 'own'}{OWN}{cycle.id}"
    scheme = checked(text, name, settings)
    made = changes(values, found.values)
    if not made and values == found.values and dict(settings) == dict(cycle.settings):
        return made
    refuse_lost(connection, cycle, scheme)
    before = found.scheme
    cycles.keep_scheme(
        connection,
        cycle.id,
        scheme=name,
        settings=settings,
        own=None if usual else text,
        based_on=base,
    )
    remake(connection, cycle, before, scheme)
    for old, new in renamed_offices(cycle, before, scheme).items():
        units.rename_office(connection, cycle.id, old, new)
    said = [f"{each.where}：{each.before or '–'} → {each.now or '–'}" for each in made]
    events.append(
        connection,
        now=now,
        actor=by,
        action="scheme changed",
        cycle=cycle.id,
        scheme=name,
        sha256=hashlib.sha256(text.encode("utf-8")).hexdigest(),
        changed=said[:MOST_LOGGED],
        settings=dict(settings),
    )
    return made
