"""A year in which every phase of a poll is there to be looked at, said with only what matters."""

from dataclasses import dataclass
from random import Random

from ballot.domain.paper_votes import Mode
from ballot.domain.people import Role
from ballot.domain.polls import Phase, Poll
from ballot.services import copies, kiosks, offices, paper_piles, polls, reveals
from tests import assessment
from tests.browser.phones import POLL
from tests.builders import (
    LEADERS_POLL,
    VILLAGE_POLL,
    Place,
    a_poll,
    a_user,
    an_open_poll,
    cast,
    certify,
    close,
    open_poll,
    print_ballots,
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
    assessment.enter(place, {(name, assessment.BASE): "81.5" for name in VILLAGES})
    assessment.adjust(place, "白马村", "award-city")
    assessment.an_approved_station(place)
    accounts = {role: role.value for role in Role}
    for role, name in accounts.items():
        a_user(place, name, role)
    with place.database.write() as connection:
        offices.assign(connection, 1, "office", ["党建办"], by="test", now=place.clock())
    _, slips = an_open_poll(place, POLL)
    _a_pile(place, closed)
    screens = [_a_screen(place, poll) for poll in (opened, closed, certified_leaders)]
    return Meeting(
        accounts,
        slips[0],
        [
            *(f"/B/{code}" for code in (codes[-1], codes[0])),
            *(f"/receipts/{poll.id}" for poll in (certified, opened)),
            *screens,
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
