"""An installation with something in every table, and how to compare two of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, inspect, select, text

from ballot.domain.codes import Code
from ballot.domain.confirmations import LIFETIME, State
from ballot.domain.jobs import Gone, Work
from ballot.domain.keys import Digest
from ballot.domain.moderation import Decision, Verdict, Why
from ballot.domain.notices import Contact, PostedTable, Wording
from ballot.domain.paper_votes import Mode, Spot
from ballot.domain.people import Role, Scope
from ballot.domain.polls import Poll
from ballot.domain.reviews import Answer, Outcome, Request
from ballot.domain.scheme_edits import Typed
from ballot.language import Text
from ballot.scoring import Adjustment
from ballot.services import (
    accounts,
    copies,
    handing_out,
    kiosks,
    own_schemes,
    people,
    polls,
    results,
    reveals,
)
from ballot.storage import (
    ballots,
    comment_tables,
    comments,
    confirmations,
    jobs,
    ledger,
    paper_votes,
    publication,
    units,
    wiping,
)
from ballot.storage.database import Database
from ballot.storage.tables import metadata
from tests import assessment
from tests.builders import (
    ONE_GROUP_POLL,
    Place,
    a_cycle,
    a_poll,
    a_token,
    a_user,
    an_open_poll,
    cast,
    certify,
    close,
    open_poll,
    print_ballots,
)

BAD = 3
NONCE = "0123456789abcdef" * 2
WEIGHTED_POLL = """
title = "青龙村“村述村评”"
scheme = "street-2023"
kind = "village"
component = "leaders-review"
subjects = [{ unit = "青龙村" }, { unit = "石桥社区", duty = "书记" }]
groups = [
  { key = "committee", name = "两委成员", ballots = 6, weight = "0.4" },
  { key = "party", name = "党员", ballots = 6, weight = "0.6" },
]
"""


@dataclass
class Full:
    """What was put into an installation: its polls, and the slips of the open one.

    `used` was cast with `NONCE`, `voided` was voided, the slips of `unused` lie in a drawer.
    """

    draft: Poll
    open: Poll
    certified: Poll
    used: Code
    voided: Code
    unused: list[Code]


def a_full_installation(place: Place) -> Full:
    """Put something into every table, and into every column that may be empty both."""
    a_cycle(place, fill_vacancies="false")
    certified = _certified(place)
    draft = a_poll(place)
    print_ballots(place, draft, 4, spares=1)
    opened, codes = _opened(place)
    _copied(place, certified, draft)
    _people(place, draft)
    _papers(place, certified, draft)
    _comments(place, certified, opened)
    a_token(place, Scope.POINTS)
    a_token(place, Scope.POINTS, Scope.TURNOUT)
    with place.database.write() as connection:
        kiosks.open_kiosk(connection, opened.id, by="test", now=place.clock())
        people.revoke_token(connection, 1, by="test", now=place.clock())
    _assess(place)
    _an_own_scheme(place)
    _jobs(place, draft)
    _publish(place)
    return Full(
        draft=draft,
        open=opened,
        certified=place.poll(certified.id),
        used=codes[0],
        voided=codes[1],
        unused=codes[2:],
    )


def _an_own_scheme(place: Place) -> None:
    """Put in a cycle whose scheme was changed."""
    changed = a_cycle(place, "2024年度综合目标管理考核")
    own = Typed({"kinds.village.title": "行政村"})
    with place.database.write() as connection:
        said = {"by": "test", "now": place.clock()}
        own_schemes.change(connection, changed, "titles", "", own, **said)


def _people(place: Place, draft: Poll) -> None:
    """Put in accounts of every sort, and requests that wait and that were answered."""
    asker = a_user(place)
    a_user(place, "陈审计", Role.AUDITOR)
    witness = a_user(place, "li", Role.SCRUTINEER)
    now = place.clock()
    with place.database.write() as connection:
        accounts.end(connection, witness.id, by="test", now=now)
        for reason in ("票箱破损", "雨天\n改期"):
            said = {"details": {"reason": reason}, "asker": asker, "now": now}
            confirmations.add(
                connection,
                action="annul",
                poll_id=draft.id,
                expires_at=now + LIFETIME,
                **said,
            )
        confirmations.settle(
            connection, 1, State.REFUSED, by=witness, now=now, reason="先问领导小组"
        )


def _jobs(place: Place, draft: Poll) -> None:
    """Put in jobs: one that waits, one that failed, one with a file, one whose file is gone."""
    now, said = place.clock(), {"by": "zhang", "now": place.clock()}
    with place.database.write() as connection:
        for poll_id in (None, draft.id, draft.id, draft.id):
            about = {"cycle_id": draft.cycle_id, "poll_id": poll_id}
            jobs.add(connection, Work.SLIPS, details={}, total=3, **about, **said)
        for number in (2, 3, 4):
            jobs.claim(connection, number, place="0" * 32, file=f"{number:032}", now=now)
        jobs.fail(connection, jobs.get(connection, 2), [Text("磁盘%(why)s", why="满")], now)
        for number in (3, 4):
            job = jobs.get(connection, number)
            jobs.finish(connection, job, size=7, expires_at=now + timedelta(days=1), now=now)
        jobs.forget_file(connection, jobs.get(connection, 4), Gone.FETCHED, **said)


def _papers(place: Place, certified: Poll, draft: Poll) -> None:
    """Put in a pile that was taken over, and one with a slip and an entry."""
    with place.database.write() as connection:
        paper_votes.declare(connection, draft.id, Mode.BALLOTS)
        paper_votes.add_slip(connection, draft.id, Digest(bytes(32)), 0, set_aside=True)
        paper_votes.enter(connection, draft.id, paper_votes.FIRST, Spot(0, 1), "0")
        paper_votes.declare(connection, certified.id, Mode.COUNTS)
        for hand, name in enumerate(("王计票", "李计票")):
            paper_votes.set_teller(connection, certified.id, hand, name)
            paper_votes.set_done(connection, certified.id, hand, done=True)
        paper_votes.set_step(connection, certified.id, paper_votes.Step.TAKEN)


def _comments(place: Place, certified: Poll, opened: Poll) -> None:
    """Put in comments with every decision there is, and a publication."""
    withheld = Decision(Verdict.WITHHOLD, Why.INSULT)
    decided = (None, withheld, Decision(Verdict.PUBLISH, masked="○○好"))
    with place.database.write() as connection:
        for number, decision in enumerate(decided):
            said = {"poll_id": certified.id, "id": bytes([number] * 16), "text": "张三好"}
            connection.execute(comment_tables.comments.insert().values(**said))
            comments.decide(connection, certified.id, said["id"], decision)
        said = {"poll_id": opened.id, "id": bytes(range(16)), "text": "一行\n又一行"}
        connection.execute(comment_tables.comments.insert().values(**said))
        comments.publish(connection, certified.id, by="王组织", now=place.clock())


def _copied(place: Place, certified: Poll, draft: Poll) -> None:
    """Copy a poll, wipe two rehearsals and scrub after one, and give polls screens."""
    with place.database.write() as connection:
        said = {"by": "test", "now": place.clock()}
        copies.copy(connection, certified.id, **said)
        rehearsals = [copies.rehearse(connection, draft.id, **said) for _ in range(2)]
        for number in rehearsals:
            copies.wipe(connection, number, words=str(copies.WORDS), **said)
        wiping.scrubbed(connection, rehearsals[0])
        reveals.make_key(connection, certified.id, **said)
        reveals.order(connection, draft.id, by_rank=True, **said)


def _assess(place: Place) -> None:
    """Put something into every table of standings: rows that stand, and rows withdrawn."""
    assessment.add_units(place, 1, ("白马村", "青龙村"))
    assessment.a_clerk(place, "党建办", "纪工委", name="线办一")
    assessment.enter(place, {("白马村", "base-work"): "80.125", ("青龙村", "base-work"): "79"})
    assessment.enter(place, {("青龙村", "base-work"): ""})
    assessment.adjust(place, "白马村", "award-city", times=2)
    withdrawn = assessment.adjust(place, "青龙村", "late-reply")
    assessment.withdraw(place, "adjustment", withdrawn)
    assessment.veto(place, "白马村", "case-filed")
    assessment.withdraw(place, "veto", assessment.veto(place, "青龙村", "other"))
    with place.database.write() as connection:
        said = {"by": "王计分", "now": place.clock()}
        ledger.add_adjustment(
            connection,
            1,
            Adjustment("白马村", "late-reply", 1, Decimal("-0.5"), "甲", "乙"),
            **said,
        )
        for order in (("白马村", "青龙村"), ("青龙村", "白马村")):
            ledger.add_decision(connection, 1, "village", order, "党建工作在先", **said)
        for day in (11, 12):
            ledger.add_approval(
                connection,
                1,
                "village",
                meeting="党工委会议",
                held_on=date(2024, 1, day),
                standing="[]",
                sha256="0" * 64,
                **said,
            )
        for what in ("decision", "approval"):
            ledger.withdraw(connection, what, 1, why="计算有误", **said)


def _publish(place: Place) -> None:
    """Put in notices, reviews and deliveries of every sort, and the contact."""
    contact = Contact("李芳", "0731-5555", "街道办3楼党建办")
    items = ("poll:1", "kind:village")
    days = date(2024, 1, 12), date(2024, 1, 15)
    wording = Wording("结果公示", "现予公示。\n欢迎监督。", items, days[0], 5, contact)
    table = PostedTable("poll:1", "村述村评", ("测评对象", "得分"), (("白马村", "4.50"),))
    with place.database.write() as connection:
        said = {"by": "王组织", "now": place.clock()}
        units_of = {each.name: each.id for each in units.every(connection, 1, "village")}
        publication.set_contact(connection, 1, contact)
        for number in (1, 2):
            assert publication.add_notice(connection, 1, wording, **said) == number
        publication.post(connection, 1, [table], "0" * 64)
        for unit, told in (("白马村", None), ("青龙村", days[0])):
            asked = Request(unit, "standing", "漏计一项", days[1], told, "因病")
            publication.add_review(connection, 1, units_of[unit], asked, **said)
        answer = Answer(Outcome.UPHELD, "经核对无误", days[1], "党工委会议")
        assert publication.answer_review(connection, 2, answer, **said)
        for unit in ("白马村", "青龙村"):
            publication.add_delivery(connection, units_of[unit], 1, days[0], **said)
        for what in ("notice", "review", "delivery"):
            assert publication.withdraw(connection, what, 1, why="登记有误", **said)


def _certified(place: Place) -> Poll:
    """Return a poll in the lowest band with a value of its own."""
    poll, codes = an_open_poll(place, ONE_GROUP_POLL, 5)
    for code in codes:
        cast(place, poll, code, BAD)
    close(place, poll)
    with place.database.write() as connection:
        results.set_discretion(
            connection,
            poll.id,
            unit="白马村",
            value="35.5",
            reason="当年受灾\n减产",
            by="王计分",
            now=place.clock(),
        )
    certify(place, poll)
    return poll


def _opened(place: Place) -> tuple[Poll, list[Code]]:
    poll = a_poll(place, WEIGHTED_POLL)
    codes = print_ballots(place, poll)
    place.clock.go(microseconds=123_456)
    open_poll(place, poll, closes_at=place.clock() + timedelta(hours=2, microseconds=1))
    poll = place.poll(poll.id)
    cast(place, poll, codes[0], 0, 2, nonce=NONCE)
    with place.database.write() as connection:
        polls.void_ballot(connection, place.keys, poll.id, codes[1], by="test", now=place.clock())
    _hand_out(place, poll)
    return poll, codes


def _hand_out(place: Place, poll: Poll) -> None:
    """Record hand-outs, withdraw one, and void a mobile box's batch; one ballot is of old times."""
    said = {"by": "李发票", "now": place.clock()}
    print_ballots(place, poll, 2, group="party", box="一号箱")
    with place.database.write() as connection:
        handing_out.hand_out(connection, poll.id, "party@", 6, **said)
        handing_out.hand_out(connection, poll.id, "committee@", 7 - 2, **said)
        rows = handing_out.hall(connection, poll.id).rows
        handing_out.withdraw(connection, poll.id, rows[1].recorded.id, why="数错了", **said)
        batch = ballots.batches_of(connection, poll.id)[-1].id
        ballots.void_batch(connection, poll.id, batch, why="路上丢了", **said)
        unprinted = text("UPDATE ballots SET batch_id = NULL WHERE poll_id = :poll AND state = 2")
        connection.execute(unprinted, {"poll": poll.id})


def tables_in(database: Database) -> set[str]:
    """Return the tables that a database has, by its own account."""
    with database.read() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def every_row(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table as values."""
    with database.read() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(_all_of(name))), key=repr)
            for name in sorted(tables_in(database))
        }


def _all_of(name: str) -> Select[Any]:
    return select(metadata.tables[name])


def as_stored(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row as the driver gives it; on SQLite with the type of storage beside it."""
    found = {}
    with database.read() as connection:
        for name in sorted(tables_in(database)):
            columns = [f'"{column["name"]}"' for column in inspect(connection).get_columns(name)]
            if database.on_sqlite:
                columns += [f"typeof({column})" for column in columns]
            rows = connection.execute(text(f"SELECT {', '.join(columns)} FROM {name}"))
            found[name] = sorted((tuple(row) for row in rows), key=repr)
    return found
