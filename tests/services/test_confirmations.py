"""Two people for what cannot be undone: asked by one, confirmed by another, done once."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from ballot.domain.account import AccountError
from ballot.domain.confirmations import (
    AskedAlreadyError,
    AskerGoneError,
    NoSuchRequestError,
    NotWaitingError,
    NotWitnessError,
    NotYoursError,
    OwnRequestError,
    State,
    TemporaryWitnessError,
)
from ballot.domain.people import RatedPersonError, Role, User, refuse_rated
from ballot.domain.polls import Phase, Poll, WrongPhaseError
from ballot.errors import BallotError, MistakesError
from ballot.services import accounts, closing, confirmations, people
from ballot.services.confirmable import ACTIONS, ANNUL, CERTIFY, CLOSE, OPEN, Action
from ballot.services.polls import NoBallotsError, annul, open_poll
from ballot.storage import events
from tests.builders import (
    ONE_GROUP_POLL,
    PASSWORD,
    Place,
    a_poll,
    a_user,
    an_open_poll,
    cast,
    close,
    print_ballots,
)

OPENING = {"closes_at": None, "grace_seconds": 0}
CERTIFYING = {"issued": {}, "reason": ""}
PERSONS_POLL = ONE_GROUP_POLL.replace(
    '{ unit = "白马村", name = "白马村领导班子" }', '{ unit = "白马村", name = "王 小明" }'
)


def a_printed_poll(place: Place, text: str = ONE_GROUP_POLL) -> Poll:
    poll = a_poll(place, text)
    print_ballots(place, poll)
    return poll


def two(place: Place) -> tuple[User, User]:
    return a_user(place, "zhang"), named(place, "li", "李监票", Role.SCRUTINEER)


def named(place: Place, name: str, full_name: str, role: Role, *, temporary: bool = False) -> User:
    with place.database.write() as connection:
        return people.add_user(
            connection,
            name=name,
            full_name=full_name,
            role=role,
            password=PASSWORD,
            temporary=temporary,
            by="test",
            now=place.clock(),
        )


def ask(
    place: Place, action: Action, poll: Poll, asker: User, details: dict[str, object] | None = None
) -> int:
    with place.database.write() as connection:
        return confirmations.ask(
            connection,
            action,
            poll.id,
            OPENING if details is None else details,
            asker=asker,
            now=place.clock(),
        )


def confirm(place: Place, request: int, witness: User) -> None:
    with place.database.write() as connection:
        confirmations.confirm(connection, request, witness=witness, now=place.clock())


def state(place: Place, request: int) -> State:
    with place.database.read() as connection:
        return confirmations.told(connection, request, place.clock()).state


def log(place: Place) -> list[tuple[str, str]]:
    with place.database.read() as connection:
        return [(event.action, event.actor) for event in events.every(connection)]


def test_what_one_asked_for_happens_when_another_confirms_it_and_the_log_names_both(place):
    poll = a_printed_poll(place)
    zhang, li = two(place)

    request = ask(place, OPEN, poll, zhang)
    assert place.poll(poll.id).phase is Phase.DRAFT
    place.clock.go(minutes=29)
    confirm(place, request, li)

    assert place.poll(poll.id).phase is Phase.OPEN
    assert state(place, request) is State.DONE
    assert log(place)[-3:] == [
        ("confirmation asked", "zhang"),
        ("confirmation given", "li"),
        ("poll opened", "zhang"),
    ]
    with place.database.read() as connection:
        *_, given, opened = events.every(connection)
    assert (given.details["full_name"], given.details["asked_by"]) == ("李监票", "zhang")
    assert opened.details["scrutineer"] == "李监票"


def test_a_poll_goes_from_opening_to_certifying_and_annulling_by_two_people(place):
    poll = a_poll(place)
    codes = print_ballots(place, poll)
    zhang, li = two(place)
    teller = a_user(place, "wu", Role.TELLER)

    confirm(place, ask(place, OPEN, poll, zhang), li)
    cast(place, place.poll(poll.id), codes[0], 0)
    confirm(place, ask(place, CLOSE, poll, zhang, {}), li)
    place.clock.go(seconds=1)
    closing.go_on(place.database, place.clock(), Random(7))
    confirm(place, ask(place, CERTIFY, poll, li, {"issued": {"voters": 9}, "reason": ""}), teller)
    assert place.poll(poll.id).phase is Phase.CERTIFIED
    assert place.results(poll.id).account.total.issued == 9
    confirm(place, ask(place, ANNUL, poll, zhang, {"reason": "票箱破损"}), li)

    assert place.poll(poll.id).phase is Phase.ANNULLED


def test_what_stands_in_the_way_is_told_when_it_is_asked_and_nothing_is_kept(place):
    zhang, _ = two(place)
    unprinted, (opened, _) = a_poll(place), an_open_poll(place)
    closed, _ = an_open_poll(place)
    close(place, closed)
    before = log(place)

    with pytest.raises(NoBallotsError):
        ask(place, OPEN, unprinted, zhang)
    with pytest.raises(WrongPhaseError):
        ask(place, OPEN, opened, zhang)
    with pytest.raises(AccountError):
        ask(place, CERTIFY, closed, zhang, {"issued": {"voters": 99}, "reason": ""})
    with pytest.raises(MistakesError):
        ask(place, ANNUL, closed, zhang, {"reason": " "})

    assert log(place) == before
    with place.database.read() as connection:
        assert confirmations.waiting(connection, place.clock()) == []


def test_nobody_confirms_what_they_asked_for_and_only_witnesses_confirm(place):
    poll = a_printed_poll(place)
    zhang, _ = two(place)
    request = ask(place, OPEN, poll, zhang)

    with pytest.raises(OwnRequestError):
        confirm(place, request, zhang)
    for role in (Role.SCORER, Role.OFFICE, Role.AUDITOR, Role.TELLER):
        with pytest.raises(NotWitnessError, match="的角色是"):
            confirm(place, request, a_user(place, role.value, role))
    with pytest.raises(TemporaryWitnessError):
        confirm(place, request, named(place, "new", "", Role.SCRUTINEER, temporary=True))

    assert state(place, request) is State.WAITING
    assert place.poll(poll.id).phase is Phase.DRAFT


def test_an_account_that_ended_meanwhile_neither_asks_nor_confirms(place):
    poll = a_printed_poll(place)
    zhang, li = two(place)
    chen = a_user(place, "chen", Role.ADMIN)
    a_user(place, "admin", Role.ADMIN)
    request = ask(place, OPEN, poll, zhang)
    with place.database.write() as connection:
        accounts.end(connection, li.id, by="test", now=place.clock())

    with pytest.raises(NotWitnessError):
        confirm(place, request, li)  # as their page still believes
    with place.database.write() as connection:
        accounts.end(connection, zhang.id, by="test", now=place.clock())
    with pytest.raises(AskerGoneError):
        confirm(place, request, chen)

    assert place.poll(poll.id).phase is Phase.DRAFT


def test_a_request_waits_for_thirty_minutes_and_then_may_be_asked_anew(place):
    poll = a_printed_poll(place)
    zhang, li = two(place)
    request = ask(place, OPEN, poll, zhang)
    with pytest.raises(AskedAlreadyError, match="zhang提出"):
        ask(place, OPEN, poll, li if li.role in OPEN.askers else zhang)

    place.clock.go(minutes=30)

    assert state(place, request) is State.EXPIRED
    with pytest.raises(NotWaitingError, match="已过期"):
        confirm(place, request, li)
    confirm(place, ask(place, OPEN, poll, zhang), li)
    assert place.poll(poll.id).phase is Phase.OPEN


def test_a_request_is_checked_anew_when_it_is_confirmed(place):
    """Somebody opened the poll on the command line while the request waited."""
    poll = a_printed_poll(place)
    zhang, li = two(place)
    request = ask(place, OPEN, poll, zhang)
    with place.database.write() as connection:
        open_poll(
            connection,
            poll.id,
            scrutineer="王",
            closes_at=None,
            grace_seconds=0,
            by="root@cli",
            now=place.clock(),
        )

    with pytest.raises(WrongPhaseError, match="投票中，不能开始投票"):
        confirm(place, request, li)

    assert state(place, request) is State.WAITING
    assert log(place).count(("confirmation given", "li")) == 0


def test_a_refusal_carries_its_reason_and_only_the_asker_withdraws(place):
    poll = a_printed_poll(place)
    zhang, li = two(place)
    refused, now = ask(place, OPEN, poll, zhang), place.clock()

    with place.database.write() as connection:
        with pytest.raises(MistakesError, match="请写明拒绝的理由"):
            confirmations.refuse(connection, refused, witness=li, reason=" ", now=now)
        with pytest.raises(OwnRequestError):
            confirmations.refuse(connection, refused, witness=zhang, reason="不", now=now)
        confirmations.refuse(connection, refused, witness=li, reason="人没到齐", now=now)
    with place.database.read() as connection:
        told = confirmations.told(connection, refused, now)
    assert (told.state, told.request.reason) == (State.REFUSED, "人没到齐")
    with pytest.raises(NotWaitingError, match="被拒绝"):
        confirm(place, refused, li)

    withdrawn = ask(place, OPEN, poll, zhang)
    with place.database.write() as connection:
        with pytest.raises(NotYoursError):
            confirmations.withdraw(connection, withdrawn, by=li, now=now)
        confirmations.withdraw(connection, withdrawn, by=zhang, now=now)
    with pytest.raises(NotWaitingError, match="已撤回"):
        confirm(place, withdrawn, li)
    assert place.poll(poll.id).phase is Phase.DRAFT


def test_two_who_confirm_at_the_same_moment_do_it_once(place):
    poll = a_printed_poll(place)
    zhang, li = two(place)
    witnesses = [li, *(a_user(place, f"w{n}", Role.SCRUTINEER) for n in range(5))]
    request = ask(place, OPEN, poll, zhang)

    def attempt(witness: User) -> str:
        try:
            confirm(place, request, witness)
        except BallotError as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(6) as desks:
        answers = sorted(desks.map(attempt, witnesses))

    assert answers == ["NotWaitingError"] * 5 + ["done"]
    actions = [action for action, _ in log(place)]
    assert actions.count("poll opened") == actions.count("confirmation given") == 1


def test_a_request_that_does_not_exist_is_told_in_words(place):
    _, li = two(place)

    with pytest.raises(NoSuchRequestError, match="没有编号为 99 的确认请求"):
        confirm(place, 99, li)


@pytest.mark.parametrize(
    "typed", ["王小明", "王 小明", "王　小明", "张三、王小明", "白马村", "李四，白马村"]
)
def test_a_rated_person_is_no_scrutineer_whoever_types_the_name(sqlite_place, typed):
    poll, now = a_printed_poll(sqlite_place, PERSONS_POLL), sqlite_place.clock()

    with (
        pytest.raises(RatedPersonError, match="不能担任它的监票人或计票人"),
        sqlite_place.database.write() as connection,
    ):
        open_poll(
            connection,
            poll.id,
            scrutineer=typed,
            closes_at=None,
            grace_seconds=0,
            by="root@cli",
            now=now,
        )


def test_a_rated_person_neither_confirms_nor_closes_nor_certifies(place):
    poll, _ = an_open_poll(place, PERSONS_POLL)
    zhang, li = two(place)
    rated = named(place, "wang", "王小明", Role.SCRUTINEER)
    by_account = named(place, "白马村", "某人", Role.SCRUTINEER)

    request = ask(place, CLOSE, poll, zhang, {})
    for person in (rated, by_account):
        with pytest.raises(RatedPersonError):
            confirm(place, request, person)
    with pytest.raises(RatedPersonError), place.database.write() as connection:
        closing.order(connection, poll.id, scrutineer="王小明", by="t", now=place.clock())
    close(place, poll)
    with pytest.raises(RatedPersonError):
        ask(place, CERTIFY, poll, rated, CERTIFYING)
    with pytest.raises(RatedPersonError), place.database.write() as connection:
        closing.certify(
            connection,
            poll.id,
            issued={},
            scrutineer="王小明",
            reason="",
            by="t",
            now=place.clock(),
        )
    confirm(place, ask(place, CERTIFY, poll, zhang, CERTIFYING), li)

    assert place.poll(poll.id).phase is Phase.CERTIFIED


def test_whoever_is_not_rated_may_have_a_similar_name(sqlite_place):
    poll = a_poll(sqlite_place, PERSONS_POLL)

    refuse_rated(poll.definition, "王小", "小明", "王小明明", "白马", "")


def test_asking_changes_nothing_of_a_closed_polls_archive_and_what_is_sealed(place):
    poll, codes = an_open_poll(place)
    for code in codes[:6]:
        cast(place, poll, code, 0)
    close(place, poll)
    zhang, li = two(place)
    sealed = place.results(poll.id).sealed_by

    refused = ask(place, ANNUL, poll, zhang, {"reason": "试试"})
    with place.database.write() as connection:
        confirmations.refuse(connection, refused, witness=li, reason="不行", now=place.clock())

    assert place.results(poll.id).sealed_by == sealed


def test_annulling_on_the_command_line_makes_what_waits_stale_in_words(place):
    poll = a_printed_poll(place)
    zhang, li = two(place)
    request = ask(place, OPEN, poll, zhang)
    with place.database.write() as connection:
        annul(connection, poll.id, reason="改期", by="root@cli", now=place.clock())

    with pytest.raises(WrongPhaseError, match="已作废，不能开始投票"):
        confirm(place, request, li)


def test_every_action_has_other_people_than_its_asker_for_witnesses():
    for action in ACTIONS.values():
        assert action.askers <= {Role.ADMIN, Role.ORGANISER, Role.SCRUTINEER}
        assert {Role.SCRUTINEER, Role.ORGANISER, Role.ADMIN} <= action.witnesses
        assert not action.witnesses & {Role.AUDITOR, Role.OFFICE, Role.SCORER}
