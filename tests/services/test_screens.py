"""What a hall may see: states, turnout without small groups, and the reveal, step by step."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.domain.hall_turnout import hall_turnout
from ballot.domain.polls import Poll
from ballot.services import closing, handing_out, polls, reveals
from ballot.services.reveals import NoSuchScreenError, NotRevealableError, RevealBegunError
from ballot.services.screens import ROWS_ON_A_PAGE, TURNOUT_SECONDS, Screens, Shown, State
from ballot.storage import events
from tests.builders import (
    LEADERS_POLL,
    VILLAGE_POLL,
    Place,
    a_poll,
    an_open_poll,
    cast,
    certify,
    close,
    open_poll,
    print_ballots,
)

K = 5
GOOD, FAIR, SOME, BAD = range(4)
# scores 90, 60, 60 in the first section; the second has two subjects
VOTES = [
    *[(GOOD, BAD, FAIR, GOOD, BAD)] * 6,
    *[(GOOD, GOOD, BAD, GOOD, BAD)] * 3,
    (GOOD, GOOD, SOME, BAD, GOOD),
]
NAMES = ["白马村", "青龙村", "石桥社区", "财政所", "司法所"]


def screens(place: Place) -> Screens:
    return Screens(place.database, place.clock, K)


def a_key(place: Place, poll: Poll) -> str:
    with place.database.write() as connection:
        return reveals.make_key(connection, poll.id, by="test", now=place.clock())


def move(place: Place, poll: Poll, step: int) -> None:
    with place.database.write() as connection:
        reveals.move(connection, poll.id, step, smallest_group=K, by="test", now=place.clock())


def by_rank(place: Place, poll: Poll, chosen: bool = True) -> None:
    with place.database.write() as connection:
        reveals.order(connection, poll.id, by_rank=chosen, by="test", now=place.clock())


def a_certified_poll(place: Place) -> Poll:
    poll, codes = an_open_poll(place, LEADERS_POLL)
    for code, levels in zip(codes, VOTES, strict=False):
        cast(place, poll, code, *levels)
    close(place, poll)
    certify(place, poll)
    return place.poll(poll.id)


def seen(shown: Shown) -> object:
    """Return what a step shows, in short."""
    reveal = shown.reveal
    if reveal is None:
        return None
    if reveal.subject is not None:
        return reveal.subject.result.subject.name, reveal.subject.rank
    return [(each.rank, each.result.subject.name) for each in reveal.table]


def every_step(place: Place, poll: Poll) -> list[object]:
    watching, key = screens(place), a_key(place, poll)
    found = []
    for step in range(1, 8):
        move(place, poll, step)
        place.clock.go(seconds=2)
        found.append(seen(watching.of(key)))
    return found


# ---- the key ------------------------------------------------------------------------------------


def test_a_key_opens_one_screen_and_a_fresh_one_ends_it(place):
    poll = a_poll(place)
    watching = screens(place)
    first = a_key(place, poll)
    assert watching.of(first).title == poll.title

    second = a_key(place, poll)
    place.clock.go(seconds=1)

    with pytest.raises(NoSuchScreenError):
        watching.of(first)
    assert watching.of(second).title == poll.title
    assert len({first, second}) == 2


def test_a_revoked_key_opens_nothing_and_the_reveal_stays_where_it_was(place):
    poll = a_certified_poll(place)
    watching, key = screens(place), a_key(place, poll)
    move(place, poll, 2)
    with place.database.write() as connection:
        reveals.revoke_key(connection, poll.id, by="test", now=place.clock())

    with pytest.raises(NoSuchScreenError):
        watching.of(key)

    assert seen(watching.of(a_key(place, poll))) == ("青龙村", None)


@pytest.mark.parametrize("key", ["", "0" * 19, "0" * 20, "0" * 21, "' OR 1=1 --", "%", "None"])
def test_no_guess_opens_a_screen(place, key):
    a_key(place, a_poll(place))

    with pytest.raises(NoSuchScreenError):
        screens(place).of(key)


def test_making_revoking_and_beginning_are_logged_and_change_nothing_of_the_poll(place):
    poll = a_certified_poll(place)
    with place.database.read() as connection:
        before = events.last_about(connection, poll.id)

    a_key(place, poll)
    by_rank(place, poll)
    for step in (1, 2, 3):
        move(place, poll, step)
    with place.database.write() as connection:
        reveals.revoke_key(connection, poll.id, by="test", now=place.clock())

    with place.database.read() as connection:
        assert events.last_about(connection, poll.id) == before
        assert [event.action for event in events.every(connection)][before.number :] == [
            "screen key made",
            "reveal order set",
            "reveal begun",
            "screen key revoked",
        ]


# ---- states -------------------------------------------------------------------------------------


def test_the_screen_follows_the_poll_through_its_phases(place):
    poll = a_poll(place)
    codes = print_ballots(place, poll, 12)
    watching, key = screens(place), a_key(place, poll)
    found = [watching.of(key)]

    def note() -> None:
        place.clock.go(seconds=TURNOUT_SECONDS)
        found.append(watching.of(key))

    open_poll(place, poll)
    for code in codes[:7]:
        cast(place, poll, code, GOOD)
    note()
    close(place, poll)
    note()
    certify(place, poll)
    note()
    with place.database.write() as connection:
        polls.annul(connection, poll.id, reason="计票有误", by="test", now=place.clock())
    note()

    assert [each.state for each in found] == [
        State.PREPARING,
        State.VOTING,
        State.CLOSED,
        State.REVEAL,
        State.ANNULLED,
    ]
    assert [each.turnout and (each.turnout.issued, each.turnout.returned) for each in found] == [
        None,
        (12, 7),
        (12, 7),
        (12, 7),
        None,
    ]
    assert [each.reveal for each in found] == [None] * 5


def test_between_the_order_and_the_count_the_screen_says_what_is_waited_for(place):
    from dataclasses import replace

    place.settings = replace(place.settings, grace_seconds=30)
    poll, _ = an_open_poll(place)
    watching, key = screens(place), a_key(place, poll)
    with place.database.write() as connection:
        closing.order(connection, poll.id, scrutineer="张", by="test", now=place.clock())

    collecting = watching.of(key).state
    place.clock.go(seconds=31)
    counting = watching.of(key).state
    closing.go_on(place.database, place.clock(), Random(7))
    place.clock.go(seconds=1)

    assert (collecting, counting) == (State.COLLECTING, State.COUNTING)
    assert watching.of(key).state is State.CLOSED


def test_an_unchanged_screen_is_the_same_value_again(place):
    poll, codes = an_open_poll(place)
    watching, key = screens(place), a_key(place, poll)
    first = watching.of(key)
    place.clock.go(seconds=20)

    assert watching.of(key) is first
    cast(place, poll, codes[0], GOOD)
    place.clock.go(seconds=TURNOUT_SECONDS)
    assert watching.of(key) is not first


def test_turnout_moves_only_every_few_seconds_however_often_somebody_looks(place):
    poll, codes = an_open_poll(place)
    watching, key = screens(place), a_key(place, poll)
    place.clock.now = place.clock.now.replace(second=0, microsecond=0)

    found = []
    for code in codes[: 3 * TURNOUT_SECONDS]:
        cast(place, poll, code, GOOD)
        turnout = watching.of(key).turnout
        assert turnout
        found.append(turnout.returned)
        place.clock.go(seconds=1)

    assert found == [1] * TURNOUT_SECONDS + [6] * TURNOUT_SECONDS + [11] * TURNOUT_SECONDS


# ---- small groups -------------------------------------------------------------------------------


def lines(*groups: tuple[str, int, int]) -> list[tuple[str, int, int | None]]:
    shown = hall_turnout(groups, smallest_group=K).lines
    return [(str(line.name), line.issued, line.returned) for line in shown]


def test_groups_large_enough_are_shown_as_they_are():
    assert lines(("甲", 10, 7), ("乙", 20, 5)) == [("甲", 10, 7), ("乙", 20, 5)]


def test_a_group_with_few_ballots_is_never_shown_alone_nor_to_be_had_by_subtraction():
    assert lines(("甲", 30, 20), ("乙", 20, 15), ("丙", 2, 1)) == [
        ("甲", 30, 20),
        ("其他类别", 22, 16),
    ]
    assert lines(("甲", 30, 20), ("丙", 3, 1), ("丁", 4, 4)) == [
        ("甲", 30, 20),
        ("其他类别", 7, 5),
    ]


def test_where_only_one_line_would_be_left_there_are_totals_alone():
    assert lines(("甲", 30, 20), ("丙", 3, 1)) == []
    assert lines(("甲", 30, 20)) == []
    assert lines(("甲", 2, 1), ("乙", 1, 1)) == []


def test_a_line_with_few_returned_hides_with_others_until_the_rest_tells_enough():
    assert lines(("甲", 30, 20), ("乙", 20, 4)) == [("甲", 30, None), ("乙", 20, None)]
    assert lines(("甲", 30, 20), ("乙", 20, 3), ("丙", 20, 2)) == [
        ("甲", 30, 20),
        ("乙", 20, None),
        ("丙", 20, None),
    ]


@given(
    st.lists(
        st.integers(0, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
        min_size=1,
        max_size=12,
    )
)
def test_from_all_numbers_on_a_screen_no_number_below_k_can_be_had_by_subtraction(pairs):
    groups = [(str(place), *pair) for place, pair in enumerate(pairs)]

    turnout = hall_turnout(groups, smallest_group=K)

    told = [line.returned for line in turnout.lines if line.returned is not None]
    rest = turnout.returned - sum(told)
    assert turnout.returned == sum(returned for _, returned in pairs)
    assert all(number >= K for number in told)
    assert all(line.issued >= K for line in turnout.lines)
    if turnout.lines:
        assert sum(line.issued for line in turnout.lines) == turnout.issued
        assert rest == 0 or rest >= K or not told


# ---- the reveal ---------------------------------------------------------------------------------


def test_subject_by_subject_as_on_the_ballot_with_ranks_only_when_all_are_revealed(place):
    poll = a_certified_poll(place)

    assert every_step(place, poll) == [
        ("白马村", None),
        ("青龙村", None),
        ("石桥社区", None),
        [(1, "白马村"), (2, "石桥社区"), (3, "青龙村")],
        ("财政所", None),
        ("司法所", None),
        [(1, "财政所"), (2, "司法所")],
    ]


def test_by_rank_from_the_last_to_the_first(place):
    poll = a_certified_poll(place)
    by_rank(place, poll)

    assert every_step(place, poll) == [
        ("青龙村", 3),
        ("石桥社区", 2),
        ("白马村", 1),
        [(1, "白马村"), (2, "石桥社区"), (3, "青龙村")],
        ("司法所", 2),
        ("财政所", 1),
        [(1, "财政所"), (2, "司法所")],
    ]


@pytest.mark.parametrize("ranked", [False, True])
def test_what_is_shown_never_holds_a_subject_that_is_still_to_come(place, ranked):
    poll = a_certified_poll(place)
    by_rank(place, poll, ranked)
    watching, key = screens(place), a_key(place, poll)
    revealed: set[str] = set()

    for step in range(8):
        move(place, poll, step)
        place.clock.go(seconds=2)
        shown = watching.of(key)
        names = {each.subject.unit for each in _everything_sent(shown)}
        if shown.reveal and shown.reveal.subject:
            revealed.add(shown.reveal.subject.result.subject.unit)
        assert names <= revealed, step

    assert revealed == set(NAMES)


def _everything_sent(shown: Shown):
    """Return the results that a page about a view is made of."""
    if shown.reveal is None:
        return []
    found = [each.result for each in shown.reveal.table]
    return [*found, shown.reveal.subject.result] if shown.reveal.subject else found


def test_nothing_is_revealed_before_the_result_is_certified(place):
    poll, codes = an_open_poll(place, LEADERS_POLL)
    for code in codes:
        cast(place, poll, code, GOOD)
    watching, key = screens(place), a_key(place, poll)

    with pytest.raises(NotRevealableError):
        move(place, poll, 1)
    close(place, poll)
    with pytest.raises(NotRevealableError):
        move(place, poll, 1)

    assert not place.poll(poll.id).phase.final
    assert watching.of(key).reveal is None


def test_an_annulled_poll_shows_nothing_of_what_was_revealed(place):
    poll = a_certified_poll(place)
    watching, key = screens(place), a_key(place, poll)
    move(place, poll, 4)
    assert watching.of(key).reveal

    with place.database.write() as connection:
        polls.annul(connection, poll.id, reason="计票有误", by="test", now=place.clock())
    place.clock.go(seconds=1)

    assert watching.of(key).reveal is None
    with pytest.raises(NotRevealableError):
        move(place, poll, 5)


def test_a_step_beyond_the_last_is_the_last_and_the_order_stays_once_it_began(place):
    poll = a_certified_poll(place)
    move(place, poll, 10**30)
    with place.database.read() as connection:
        found = reveals.of_poll(connection, poll.id, smallest_group=K)

    assert (found.screen.step, found.steps) == (7, 7)
    with pytest.raises(RevealBegunError):
        by_rank(place, poll)
    move(place, poll, 0)
    by_rank(place, poll)


def test_how_far_the_reveal_is_outlives_the_server(place):
    poll = a_certified_poll(place)
    key = a_key(place, poll)
    move(place, poll, 3)

    assert seen(screens(place).of(key)) == ("石桥社区", None)


def test_a_long_table_turns_its_pages_by_the_clock_the_same_for_all(place):
    names = ", ".join(f'{{ unit = "单位{number:02}" }}' for number in range(20))
    text = LEADERS_POLL.replace('{ unit = "白马村" }, { unit = "青龙村" }', names)
    poll, codes = an_open_poll(place, text)
    for code in codes:
        cast(place, poll, code, GOOD)
    close(place, poll)
    certify(place, poll)
    key = a_key(place, poll)
    move(place, poll, 22)
    one, other = screens(place), screens(place)

    pages = set()
    for _ in range(40):
        place.clock.go(seconds=1)
        shown = one.of(key)
        assert shown == other.of(key)
        assert shown.reveal
        assert len(shown.reveal.table[shown.rows]) <= ROWS_ON_A_PAGE
        pages.add((shown.page, shown.pages))

    assert pages == {(0, 3), (1, 3), (2, 3)}


def test_a_subject_without_a_result_has_no_rank_and_stands_last(place):
    poll, codes = an_open_poll(place, VILLAGE_POLL)
    assert codes
    close(place, poll)
    certify(place, poll)
    key = a_key(place, poll)
    by_rank(place, poll)
    move(place, poll, 1)

    assert seen(screens(place).of(key)) == ("白马村领导班子", None)


def test_issued_is_what_was_recorded_as_handed_out_and_without_records_all_but_the_spares(place):
    poll, codes = an_open_poll(place, count=60, spares=4)
    watching, key = screens(place), a_key(place, poll)
    before = watching.of(key).turnout
    with place.database.write() as connection:
        handing_out.hand_out(connection, poll.id, "voters@", 41, by="test", now=place.clock())
    place.clock.go(seconds=TURNOUT_SECONDS)
    after = watching.of(key).turnout
    for code in codes[:45]:
        cast(place, poll, code, GOOD)
    place.clock.go(seconds=TURNOUT_SECONDS)
    later = watching.of(key).turnout

    assert [each and (each.issued, each.returned) for each in (before, after, later)] == [
        (60, 0),
        (41, 0),
        (45, 45),
    ]
