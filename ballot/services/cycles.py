"""Cycles: making one, its scheme as it sets it, finding the one that a new poll belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from ballot.domain.polls import CycleId
from ballot.domain.written import LONGEST_NAME, problems, require_readable
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.scoring import Scheme, load_scheme, read_scheme
from ballot.scoring.scheme_file import AS_WRITTEN
from ballot.storage import cycles, events
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection


class SeveralCyclesError(RefusedError):
    """More than one cycle runs under the scheme; the organiser has to say which."""

    message = N_("方案 %(scheme)s 有多个考核周期（编号 %(ids)s），请用 --cycle 指明。")


class NoCycleError(RefusedError):
    """No cycle runs under the scheme yet."""

    message = N_("还没有方案 %(scheme)s 的考核周期。请先运行：ballot cycle create")


class CycleInUseError(RefusedError):
    """Something belongs to the cycle already."""

    message = N_("“%(title)s”已有单位名单或测评活动，不能删除。")


class TitleTakenError(RefusedError):
    """Another cycle has this title."""

    message = N_("已有名为“%(title)s”的考核周期，请换一个名称。")


@dataclass(frozen=True)
class OwnSetting:
    """A reading that a cycle sets otherwise: its value here, its usual one, what it says."""

    key: str
    value: str
    usual: str
    reading: str

    @property
    def text(self) -> Text:
        """Say it in a sentence."""
        return Text(
            "本周期另设口径 %(key)s：%(value)s，方案原设 %(usual)s（%(reading)s）",
            key=self.key,
            value=self.value,
            usual=self.usual,
            reading=self.reading,
        )


def create(
    connection: Connection,
    *,
    title: str,
    scheme: str,
    settings: Mapping[str, str] = AS_WRITTEN,
    by: str,
    now: datetime,
) -> CycleId:
    """Start a cycle under a scheme and return its number.

    `settings`: other values for readings of the scheme, by key (rule 59). They stay as they are:
    polls are made, and standings approved, under them.
    Raises: the scheme's own errors, also for settings; MistakesError for a title that is empty,
        or words that are unreadable; TitleTakenError.
    """
    title = checked_title(title)
    require_readable(settings.values())
    load_scheme(scheme, settings)
    refuse_taken(connection, title)
    cycle_id = cycles.add(connection, title=title, scheme=scheme, settings=settings, now=now)
    events.append(
        connection,
        now=now,
        actor=by,
        action="cycle created",
        cycle=cycle_id,
        title=title,
        scheme=scheme,
        **({"settings": dict(settings)} if settings else {}),
    )
    return cycle_id


def checked_title(title: str) -> str:
    """Return a cycle's title without the spaces around it.

    Raises: MistakesError for one that is empty, unreadable or too long.
    """
    title = title.strip()
    if not title:
        raise MistakesError([Text("考核周期的名称不能为空。")])
    mistakes = problems(Text("考核周期的名称"), title, most=LONGEST_NAME)
    if mistakes:
        raise MistakesError(mistakes)
    return title


def refuse_taken(connection: Connection, title: str) -> None:
    """Refuse a title that another cycle has: lists, notices and logs tell cycles apart by it.

    Raises: TitleTakenError.
    """
    if any(each.title == title for each in cycles.every(connection)):
        raise TitleTakenError(title=title)


def rename(connection: Connection, cycle_id: int, title: str, *, by: str, now: datetime) -> None:
    """Give a cycle another title; the log keeps the one before.

    Raises: NoSuchCycleError, MistakesError, TitleTakenError.
    """
    cycle = cycles.get(connection, cycle_id, hold=True)
    title = checked_title(title)
    if title == cycle.title:
        return
    refuse_taken(connection, title)
    cycles.rename(connection, cycle.id, title)
    said = {"cycle": cycle.id, "title": title, "before": cycle.title}
    events.append(connection, now=now, actor=by, action="cycle renamed", **said)


def remove(connection: Connection, cycle_id: int, *, words: str, by: str, now: datetime) -> None:
    """Remove a cycle that nothing belongs to: it was a mistake.

    Raises: NoSuchCycleError, CycleInUseError, MistakesError unless `words` are its title.
    """
    cycle = cycles.get(connection, cycle_id, hold=True)
    if not cycles.is_empty(connection, cycle.id):
        raise CycleInUseError(title=cycle.title)
    if words.strip() != cycle.title:
        raise MistakesError([Text("请照写周期的名称“%(title)s”来确认。", title=cycle.title)])
    cycles.remove(connection, cycle.id)
    said = {"cycle": cycle.id, "title": cycle.title}
    events.append(connection, now=now, actor=by, action="cycle removed", **said)


def is_empty(connection: Connection, cycle_id: int) -> bool:
    """Tell whether a cycle may be removed.

    Raises: NoSuchCycleError.
    """
    return cycles.is_empty(connection, cycles.get(connection, cycle_id).id)


def scheme_of(cycle: Cycle) -> Scheme:
    """Return a cycle's scheme, with the cycle's own settings.

    Raises: the scheme's own errors.
    """
    return _scheme(cycle, cycle.settings)


def _scheme(cycle: Cycle, settings: Mapping[str, str]) -> Scheme:
    """Return a cycle's scheme, its own or a preset, with these settings."""
    if cycle.own is None:
        return load_scheme(cycle.scheme, settings)
    return _own(cycle.own, cycle.scheme, tuple(sorted(settings.items())))


@lru_cache(maxsize=64)
def _own(text: str, name: str, settings: tuple[tuple[str, str], ...]) -> Scheme:
    return read_scheme(text, name, dict(settings))


def own_settings(cycle: Cycle) -> list[OwnSetting]:
    """Return the readings that a cycle sets otherwise, in the scheme's order.

    Raises: the scheme's own errors.
    """
    return [
        OwnSetting(
            key,
            cycle.settings[key],
            "、".join(dict.fromkeys(each.value for each in reading.settings)),
            reading.text,
        )
        for key, reading in _scheme(cycle, AS_WRITTEN).readings.items()
        if key in cycle.settings
    ]


def scheme_for_poll(connection: Connection, name: str, cycle_id: int | None) -> Scheme:
    """Return the scheme a new poll names, with the settings of the cycle that it belongs to.

    Where that is not clear, or is a cycle under another scheme, the scheme is as it is written:
    the poll will be refused.
    Raises: the scheme's own errors; NoSuchCycleError.
    """
    among = cycles.every(connection) if cycle_id is None else [cycles.get(connection, cycle_id)]
    found = [cycle for cycle in among if cycle.scheme == name]
    return scheme_of(found[0]) if len(found) == 1 else load_scheme(name)


def every(connection: Connection) -> list[Cycle]:
    """Return all cycles."""
    return cycles.every(connection)


def belonging(connection: Connection, scheme: str) -> CycleId:
    """Return the one cycle under a scheme.

    Raises: NoCycleError, SeveralCyclesError.
    """
    found = [cycle.id for cycle in cycles.every(connection) if cycle.scheme == scheme]
    if not found:
        raise NoCycleError(scheme=scheme)
    if len(found) > 1:
        raise SeveralCyclesError(scheme=scheme, ids="、".join(map(str, found)))
    return found[0]
