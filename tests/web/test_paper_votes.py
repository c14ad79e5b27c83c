"""The tellers' pages: one pile from the first slip to the merged result, by real requests."""

from random import Random

import pytest

from ballot.domain.paper_votes import Mode
from ballot.domain.people import Role
from ballot.domain.polls import Phase
from ballot.services import closing
from tests.builders import ONE_GROUP_POLL, Place, a_user, an_open_poll, cast, close
from tests.papers import count_pile, declare, scan
from tests.web.desk import Desk, a_desk, page

TWO = ONE_GROUP_POLL.replace("}]\ngroups", '}, { unit = "青龙村" }]\ngroups')


def desk_of(place: Place, name: str, role: Role, beside: Desk) -> Desk:
    a_user(place, name, role)
    desk = Desk(place, beside=beside)
    assert desk.sign_in(name).status_code == 303
    return desk


def post(desk: Desk, path: str, **fields: str):
    return desk.client.post(path, data={"csrf_token": desk.token("/office/"), **fields})


def refusal(answer) -> str:
    return " ".join(page(answer).one("div", role="alert").text.split())


@pytest.fixture
def hall(sqlite_place: Place):
    """Give a closed poll with seven votes by phone, its codes, and the desks of four people."""
    poll, codes = an_open_poll(sqlite_place, TWO)
    for code in codes[:7]:
        cast(sqlite_place, poll, code, 0, 0)
    organiser = a_desk(sqlite_place)
    tellers = [desk_of(sqlite_place, name, Role.TELLER, organiser) for name in ("王计票", "李计票")]
    scrutineer = desk_of(sqlite_place, "赵监票", Role.SCRUTINEER, organiser)
    return sqlite_place, poll, codes, organiser, tellers, scrutineer


def test_a_pile_from_the_first_slip_to_the_merged_result_through_the_pages(hall):
    place, poll, codes, organiser, (first, second), scrutineer = hall
    address = f"/office/polls/{poll.id}/paper"

    assert post(organiser, f"{address}/declare", mode="ballots").status_code == 303
    close(place, poll)
    assert "合并计票以后才有结果" in organiser.read(f"/office/polls/{poll.id}").text
    assert organiser.get(f"/office/polls/{poll.id}/results").status_code == 409
    assert organiser.get(f"/office/polls/{poll.id}/certify").status_code == 409
    for code in (*codes[-2:], codes[0]):
        assert post(first, f"{address}/pile", code=code).status_code == 303
    pile = first.read(f"{address}/pile").text
    assert "另存：此票已用手机投过" in pile
    assert not any(code in pile for code in codes)
    assert "清点 3 张，登记了 2 张" in refusal(
        post(first, f"{address}/pile/finish", **{"counted-voters": "3"})
    )
    assert post(first, f"{address}/pile/finish", **{"counted-voters": "2"}).status_code == 303
    for teller, last in ((first, "3"), (second, "2")):
        assert post(teller, f"{address}/begin").location == f"{address}/entry"
        assert teller.read(f"{address}/entry").one("h1").text == "村民第 1 号"
        after = post(teller, f"{address}/entry?group=0&number=1", c0="1", c1="x")
        assert after.location == f"{address}/entry?group=0&number=2"
        assert "第 2 行“青龙村”还没有录入" in refusal(
            post(teller, f"{address}/entry?group=0&number=2", c0="1")
        )
        post(teller, f"{address}/entry?group=0&number=2", c0="-", c1=last)
        assert post(teller, f"{address}/entry/finish").location == address
    assert "有差异 1 处，未裁定 1 处" in scrutineer.read(address).text
    settling = scrutineer.read(f"{address}/settle")
    assert "第 2 行“青龙村”" in settling.text
    chosen = [
        i.get("name") for i in settling.every("input", type="radio") if "checked" in i.attributes
    ]
    assert chosen == ["c0"]  # what both entered alike; the rest is left open
    assert (
        post(scrutineer, f"{address}/settle?group=0&number=2", c0="-", c1="2").location == address
    )
    assert "请勾选确认" in refusal(post(scrutineer, f"{address}/take"))
    assert post(scrutineer, f"{address}/take", confirm="yes").location == address
    closing.go_on(place.database, place.clock(), Random(1))
    results = " ".join(organiser.read(f"/office/polls/{poll.id}/results").text.split())
    certifying = " ".join(organiser.read(f"/office/polls/{poll.id}/certify").text.split())

    assert "好 7 + 较好 1 = 8 票，8/9" in results
    assert "收回数中有纸质票 2 张；另存（已用手机投过）1 张。" in certifying
    assert place.poll(poll.id).phase is Phase.CLOSED


def test_a_poll_without_papers_is_told_so_where_it_is_certified(hall):
    place, poll, _, organiser, _, _ = hall
    close(place, poll)

    certifying = organiser.read(f"/office/polls/{poll.id}/certify")

    assert "没有纸质票。" in certifying.text
    assert certifying.every("a", href=f"/office/polls/{poll.id}/paper")


def test_a_half_filled_sheet_is_kept_and_what_is_missing_is_told(hall):
    place, poll, codes, _, (first, _), _ = hall
    declare(place, poll, Mode.COUNTS)
    close(place, poll)
    scan(place, poll, *codes[-3:])
    count_pile(place, poll, voters=3)
    address = f"/office/polls/{poll.id}/paper"
    post(first, f"{address}/begin")

    row = {f"n0-{place}": "0" for place in range(6)}
    full = post(first, f"{address}/entry?group=0&number=0", invalid="0", **(row | {"n0-0": "4"}))
    shown = first.read(full.location)

    assert "第 1 行“白马村领导班子”合计 4 票，有效票是 3 票：多 1 票。" in shown.text
    assert "第 2 行“青龙村”还有 6 格没有填" in shown.text
    assert shown.one("input", name="n0-0").get("value") == "4"
    wrong = post(first, f"{address}/entry?group=0&number=0", **{"n0-0": "四"})
    assert "应为票数" in refusal(wrong)
    assert page(wrong).one("input", name="n0-0").get("value") == "四"


def test_tellers_see_only_their_own_entries(hall):
    place, poll, codes, organiser, (first, second), scrutineer = hall
    declare(place, poll)
    close(place, poll)
    scan(place, poll, codes[-1])
    count_pile(place, poll, voters=1)
    address = f"/office/polls/{poll.id}/paper"
    for teller in (first, second):
        post(teller, f"{address}/begin")
    post(first, f"{address}/entry?group=0&number=1", c0="3", c1="3")

    theirs = second.read(f"{address}/entry?group=0&number=1")

    assert not [i for i in theirs.every("input", type="radio") if "checked" in i.attributes]
    assert organiser.get(f"{address}/entry").status_code == 403
    assert "checked" not in scrutineer.get(f"{address}/settle").text


def test_a_paper_that_is_not_there_is_refused(hall):
    place, poll, codes, _, (first, _), _ = hall
    declare(place, poll)
    close(place, poll)
    scan(place, poll, codes[-1])
    count_pile(place, poll, voters=1)
    post(first, f"/office/polls/{poll.id}/paper/begin")

    for spot in ("group=0&number=2", "group=9&number=1", "group=0&number=0"):
        assert first.get(f"/office/polls/{poll.id}/paper/entry?{spot}").status_code == 422
