"""A year in which every phase of a poll is there to be looked at, said with only what matters."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random

from ballot.domain.moderation import Said
from ballot.domain.notices import Contact
from ballot.domain.paper_votes import Mode
from ballot.domain.people import Role
from ballot.domain.periods import local_day
from ballot.domain.polls import Phase, Poll
from ballot.domain.reviews import Request
from ballot.services import (
    comments,
    copies,
    kiosks,
    moderation,
    notices,
    offices,
    paper_piles,
    polls,
    reveals,
    reviews,
    slip_orders,
    written_notices,
)
from tests import assessment
from tests.browser.phones import POLL
from tests.builders import (
    LEADERS_POLL,
    ONE_GROUP_POLL,
    VILLAGE_POLL,
    Place,
    a_cast,
    a_poll,
    a_user,
    an_open_poll,
    cast,
    certify,
    close,
    open_poll,
    print_ballots,
)

COMMENTS_POLL = "comments = true\n" + ONE_GROUP_POLL
COMMENTS = (
    "村口的路灯坏了快一年，报了三次没有人来修。",
    "今年修了水渠，浇地方便多了，感谢。",
    "低保名单贴出来的时间太短，看不全。\n建议贴满七天，村微信群里也发。",
    "李小芳跑前跑后帮老人办证，应该表扬。",
    "谁谁笨得很！！！",
    "没有意见",
)
VILLAGES = ("白马村", "青龙村", "石桥社区")


@dataclass(frozen=True)
class Meeting:
    """What was made: each role's account, pages that need none, and a slip nobody used."""

    accounts: dict[Role, str]
    slip: str
    public: list[str]


def every_phase(place: Place) -> Meeting:
    """Make a cycle with polls in each phase, with votes, figures and an approved standing."""
    assessment.a_cycle_with_units(place, VILLAGES)
    certified = assessment.a_leaders_poll(place, VILLAGES, assessment.PEERS, good=(9, 8, 5))
    assessment.a_leaders_poll(place, VILLAGES, good=(10, 9, 7), certified=False)
    _a_rehearsal(place, _draft(place))
    opened, codes = _voted(place, VILLAGE_POLL, part=0.6)
    closed, _ = _voted(place, LEADERS_POLL, part=0.9)
    close(place, closed)
    certified_leaders, _ = _voted(place, LEADERS_POLL, part=1)
    close(place, certified_leaders)
    certify(place, certified_leaders)
    _annulled(place)
    _a_job(place)
    assessment.enter(place, {(name, assessment.BASE): "81.5" for name in VILLAGES})
    assessment.adjust(place, "白马村", "award-city")
    assessment.an_approved_station(place)
    accounts = {role: role.value for role in Role}
    for role, name in accounts.items():
        a_user(place, name, role)
    with place.database.write() as connection:
        offices.assign(connection, 1, "office", ["党建办"], by="test", now=place.clock())
    notice = _made_known(place)
    _, slips = an_open_poll(place, POLL)
    _a_pile(place, closed)
    _commented(place)
    _, slip = _voted(place, COMMENTS_POLL, part=0.1)
    screens = [_a_screen(place, poll) for poll in (opened, closed, certified_leaders)]
    return Meeting(
        accounts,
        slips[0],
        [
            *(f"/B/{code}" for code in (codes[-1], codes[0], slip[-1])),
            *(f"/receipts/{poll.id}" for poll in (certified, opened)),
            *screens,
            "/notices",
            f"/notices/{notice}",
            _a_kiosk(place, opened),
        ],
    )


def _draft(place: Place) -> Poll:
    """Make one draft without slips and one with them."""
    a_poll(place, VILLAGE_POLL)
    ready = a_poll(place, VILLAGE_POLL)
    print_ballots(place, ready, spares=2)
    return ready


def _voted(place: Place, text: str, part: float) -> tuple[Poll, list]:
    poll, codes = an_open_poll(place, text)
    dice = Random(11)
    for code in codes[: int(len(codes) * part)]:
        cast(
            place, poll, code, *(dice.choice((0, 0, 0, 1, 1, 2, 3)) for _ in poll.definition.slots)
        )
    return poll, codes


def _commented(place: Place) -> None:
    """Close two polls with comments: one is moderated in part, the other one's are published."""
    for decided in (False, True):
        poll, codes = an_open_poll(place, COMMENTS_POLL)
        for code, said in zip(codes, [*COMMENTS, *[""] * 8], strict=False):
            vote = a_cast(place, poll, code, bytes([1]))
            place.queue.cast(vote._replace(comment=said))
        close(place, poll)
        _moderate(place, poll, publish=decided)


def _said_of(text: str) -> Said:
    if "笨" in text:
        return Said("withhold", "insult", "")
    return Said("publish", "", "李小芳" if "李小芳" in text else "")


def _moderate(place: Place, poll: Poll, *, publish: bool) -> None:
    told = {"smallest_group": 5, "by": "test", "now": place.clock()}
    with place.database.write() as connection:
        found = comments.of_poll(connection, poll.id, smallest_group=5).every
        said = {
            each.key: (each.said.mark, _said_of(each.text))
            for each in found
            if publish or "路" in each.text
        }
        moderation.moderate(connection, poll.id, said, **told)
        if publish:
            moderation.publish(connection, poll.id, **told)


def _a_screen(place: Place, poll: Poll) -> str:
    """Return the path of a poll's big screen; two subjects are revealed where they may be."""
    with place.database.write() as connection:
        key = reveals.make_key(connection, poll.id, by="test", now=place.clock())
        if place.poll(poll.id).phase is Phase.CERTIFIED:
            reveals.move(connection, poll.id, 2, smallest_group=5, by="test", now=place.clock())
    return f"/screen/{key}"


def _a_pile(place: Place, poll: Poll) -> None:
    """Let paper votes wait to be entered."""
    with place.database.write() as connection:
        paper_piles.declare(connection, poll.id, Mode.BALLOTS, by="test", now=place.clock())


def _a_kiosk(place: Place, poll: Poll) -> str:
    """Return the path of a poll's kiosk."""
    with place.database.write() as connection:
        kiosks.open_kiosk(connection, poll.id, by="test", now=place.clock())
        found = kiosks.of_poll(connection, place.keys, poll.id)
    return f"/kiosk/{poll.id}/{found.key}"


def _a_rehearsal(place: Place, draft: Poll) -> None:
    with place.database.write() as connection:
        number = copies.rehearse(connection, draft.id, by="test", now=place.clock())
    rehearsal = place.poll(number)
    print_ballots(place, rehearsal)
    open_poll(place, rehearsal)


def _annulled(place: Place) -> None:
    poll = a_poll(place, VILLAGE_POLL)
    with place.database.write() as connection:
        polls.annul(connection, poll.id, reason="印错了对象", by="test", now=place.clock())


def _a_job(place: Place) -> None:
    """Let the drafts' slips wait to be printed by whoever serves the installation."""
    with place.database.write() as connection:
        plan = slip_orders.of_cycle(connection, 1, place.clock())
        order = slip_orders.read(plan, plan.proposed)
        slip_orders.ask(connection, plan, order, by="test", now=place.clock())


def _made_known(place: Place) -> int:
    """Post a poll's result, deliver a standing in writing, let a station ask for a review.

    By the machine's clock, as whoever looks at the pages will: a notice is shown in its period.
    """
    now, by = datetime.now(UTC), "test"
    today = local_day(now)
    with place.database.write() as connection:
        draft = notices.form(connection, 1, None, smallest_group=5, now=now)
        polled = (each.key for each in draft.choices if each.key.startswith("poll:"))
        contact = Contact("陈干事", "0730-1234567", "街道办事处3楼党建办")
        wording = replace(draft.wording, items=(next(polled),), contact=contact)
        said = {"smallest_group": 5, "now": now}
        number = notices.save(connection, 1, None, wording, by=by, **said)
        seen = notices.shown(connection, 1, number, **said).hash
        notices.publish(connection, 1, number, seen=seen, by=by, **said)
        written_notices.deliver(connection, 1, "station", ["财政所"], today, by=by, now=now)
        asking = next(each for each in reviews.subjects(connection, 1) if each.told_on)
        request = Request(asking.key, reviews.STANDING, "对作风建设的扣分有异议。", today)
        reviews.record(connection, 1, asking.key, request, by=by, now=now)
    return number
