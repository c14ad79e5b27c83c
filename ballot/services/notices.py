"""Notices (公示): drafted, previewed, published for their period, withdrawn with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ballot.domain.canonical import fingerprint
from ballot.domain.notices import Notice, PostedTable, State, Wording, period_mistakes
from ballot.domain.periods import local_day
from ballot.domain.polls import Phase
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.services import posting
from ballot.services.cycles import scheme_of
from ballot.services.ledger import a_reason
from ballot.services.posting import POLL, Choice
from ballot.services.public_notices import NoSuchNoticeError, Shown, as_posted
from ballot.storage import cycles, events, polls, publication
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection


class PublishedNoticeError(RefusedError):
    """What was published is not changed any more."""

    message = N_("公示已经发布，不能再改。要更正，请先撤下，再另发一份。")


class ChangedNoticeError(RefusedError):
    """The content is no longer what was looked at."""

    message = N_("公示内容在您查看以后有了变动，没有发布。请再看一遍，再发布。")


class NothingToWithdrawError(RefusedError):
    """The notice was withdrawn already."""

    message = N_("这份公示早已撤下。")


@dataclass(frozen=True)
class Draft:
    """What the form of a notice needs: what could be posted, and what stands there now."""

    cycle: Cycle
    choices: Sequence[Choice]
    wording: Wording


def every(connection: Connection, cycle_id: int) -> tuple[Cycle, list[Notice]]:
    """Return a cycle's notices, oldest first.

    Raises: NoSuchCycleError.
    """
    return cycles.get(connection, cycle_id), publication.notices_of(connection, cycle_id)


def of(connection: Connection, cycle_id: int, number: int) -> Notice:
    """Return a notice of a cycle.

    Raises: NoSuchCycleError, NoSuchNoticeError.
    """
    notice = publication.notice(connection, number)
    if notice is None or notice.cycle_id != cycles.get(connection, cycle_id).id:
        raise NoSuchNoticeError
    return notice


def form(
    connection: Connection, cycle_id: int, number: int | None, *, smallest_group: int, now: datetime
) -> Draft:
    """Return what the form of a new notice, or of a draft, starts with.

    Raises: NoSuchCycleError, NoSuchNoticeError, PublishedNoticeError.
    """
    cycle = cycles.get(connection, cycle_id)
    found = posting.choices(connection, cycle_id, smallest_group)
    if number is not None:
        notice = _draft(connection, cycle_id, number)
        return Draft(cycle, found, notice.wording)
    scheme = scheme_of(cycle)
    text = Text(
        "根据《%(scheme)s》，现将%(cycle)s的有关结果予以公示。公示期内，对公示内容有异议的，"
        "请向下列联系人反映；反映情况应实事求是，写明事实和依据。",
        scheme=scheme.title,
        cycle=cycle.title,
    )
    contact = publication.contact_of(connection, cycle_id)
    title = Text("%(cycle)s结果公示", cycle=cycle.title)
    wording = Wording(str(title), str(text), (), local_day(now), 5, contact)
    return Draft(cycle, found, wording)


def save(
    connection: Connection,
    cycle_id: int,
    number: int | None,
    wording: Wording,
    *,
    smallest_group: int,
    by: str,
    now: datetime,
) -> int:
    """Keep a draft, new or changed, and return its number.

    Raises: NoSuchCycleError, NoSuchNoticeError, PublishedNoticeError; MistakesError naming
        everything that keeps it from being published as it is; NotPostableError where its figures
        do.
    """
    cycles.get(connection, cycle_id, hold=True)
    if number is not None:
        _draft(connection, cycle_id, number)
    _postable(connection, cycle_id, wording, smallest_group, now)
    publication.set_contact(connection, cycle_id, wording.contact)
    if number is None:
        return publication.add_notice(connection, cycle_id, wording, by=by, now=now)
    publication.reword(connection, number, wording)
    return number


def _postable(
    connection: Connection, cycle_id: int, wording: Wording, smallest_group: int, now: datetime
) -> tuple[PostedTable, ...]:
    """Return the tables of what may be published as it is.

    Raises: MistakesError, NotPostableError.
    """
    known = posting.choices(connection, cycle_id, smallest_group)
    mistakes = _mistakes(wording, known, local_day(now))
    if mistakes:
        raise MistakesError(mistakes)
    return posting.tables(connection, cycle_id, wording.items, known, smallest_group)


def _mistakes(wording: Wording, known: Sequence[Choice], today: date) -> list[Text]:
    by_key = {each.key: each for each in known}
    chosen = [by_key[key] for key in wording.items if key in by_key]
    found = list(wording.mistakes())
    if not chosen or len(chosen) < len(wording.items):
        found.append(Text("请选择要公示的内容。"))
    found += [
        Text("“%(title)s”不能公示：%(problem)s。", title=each.title, problem=each.why_not)
        for each in chosen
        if each.why_not is not None
    ]
    if chosen and not any(each.why_not for each in chosen):
        found += period_mistakes(wording, [rule for each in chosen for rule in each.rules])
    if wording.start_on < today:
        found.append(Text("开始日期已经过去。"))
    return found


def shown(
    connection: Connection, cycle_id: int, number: int, *, smallest_group: int, now: datetime
) -> Shown:
    """Return a notice as its page shows or will show it.

    Raises: NoSuchCycleError, NoSuchNoticeError; NotPostableError for a draft that holds what may
        not be posted any more.
    """
    notice = of(connection, cycle_id, number)
    if notice.posted is not None or not notice.recorded.stands:
        return as_posted(connection, notice, local_day(now))
    known = posting.choices(connection, cycle_id, smallest_group)
    tables = posting.tables(connection, cycle_id, notice.wording.items, known, smallest_group)
    return Shown(
        notice,
        cycles.get(connection, cycle_id),
        State.DRAFT,
        [(table, True) for table in tables],
        _hash(notice.wording, tables),
    )


def publish(
    connection: Connection,
    cycle_id: int,
    number: int,
    *,
    seen: str,
    smallest_group: int,
    by: str,
    now: datetime,
) -> Notice:
    """Publish a draft as it was seen; its polls are published (已公布) with it.

    The log vouches for the content by its SHA-256; names and figures are not in it.
    Raises: NoSuchCycleError, NoSuchNoticeError, PublishedNoticeError, NotPostableError,
        ChangedNoticeError, MistakesError for a start that has passed.
    """
    cycles.get(connection, cycle_id, hold=True)
    notice = _draft(connection, cycle_id, number)
    wording = notice.wording
    tables = _postable(connection, cycle_id, wording, smallest_group, now)
    sha256 = _hash(wording, tables)
    if seen != sha256:
        raise ChangedNoticeError
    publication.post(connection, number, tables, sha256)
    for key in wording.items:
        if key.startswith(POLL):
            _publish_poll(connection, int(key.removeprefix(POLL)), number, by=by, now=now)
    events.append(
        connection,
        now=now,
        actor=by,
        action="notice published",
        cycle=cycle_id,
        number=number,
        start_on=wording.start_on.isoformat(),
        days=wording.days,
        sha256=sha256,
    )
    return of(connection, cycle_id, number)


def _publish_poll(
    connection: Connection, poll_id: int, number: int, *, by: str, now: datetime
) -> None:
    poll = polls.get(connection, poll_id, hold=True)
    if poll.phase is Phase.CERTIFIED:
        polls.advance(connection, poll, Phase.PUBLISHED)
        events.append(
            connection, now=now, actor=by, action="poll published", poll=poll.id, number=number
        )


def withdraw(
    connection: Connection, cycle_id: int, number: int, *, why: str, by: str, now: datetime
) -> None:
    """Take a notice down, or give a draft up; its page says so and shows nothing else.

    Raises: NoSuchCycleError, NoSuchNoticeError, NothingToWithdrawError, MistakesError.
    """
    notice = of(connection, cycle_id, number)
    why = a_reason(why)
    if not publication.withdraw(connection, "notice", number, why=why, by=by, now=now):
        raise NothingToWithdrawError
    if notice.posted is not None:
        events.append(
            connection,
            now=now,
            actor=by,
            action="notice withdrawn",
            cycle=cycle_id,
            number=number,
            sha256=fingerprint(why),
        )


def _draft(connection: Connection, cycle_id: int, number: int) -> Notice:
    notice = of(connection, cycle_id, number)
    if notice.posted is not None or not notice.recorded.stands:
        raise PublishedNoticeError
    return notice


def _hash(wording: Wording, tables: Sequence[PostedTable]) -> str:
    contact = wording.contact
    return fingerprint(
        [
            wording.title,
            wording.text,
            wording.start_on.isoformat(),
            wording.days,
            [contact.name, contact.phone, contact.place],
            [table.to_json() for table in tables],
        ]
    )
