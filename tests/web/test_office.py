import csv
import io
from random import Random

import pytest

from ballot.domain.people import Role
from ballot.domain.polls import Phase
from ballot.services import closing, polls
from ballot.storage import events
from tests.builders import (
    LEADERS_POLL,
    ONE_GROUP_POLL,
    VILLAGE_POLL,
    Place,
    a_cycle,
    a_poll,
    an_open_poll,
    cast,
    certify,
    close,
    print_ballots,
)
from tests.web.desk import HOME, Desk, a_desk, a_witness, page, witnessed
from tests.web.html_page import Page

QUORUM_POLL = ONE_GROUP_POLL.replace(
    "groups =", 'quorum = { at_least = "2/3", of = "eligible" }\ngroups ='
).replace("ballots = 60", "ballots = 60, eligible = 60")
SIGNED = {"confirm": "yes"}


def finish_closing(place: Place) -> None:
    place.clock.go(seconds=place.settings.grace_seconds + 1)
    closing.go_on(place.database, place.clock(), Random(7))


def a_closed_poll(place: Place, text: str = ONE_GROUP_POLL, votes: int = 30):
    poll, codes = an_open_poll(place, text)
    for n, code in enumerate(codes[:votes]):
        cast(place, poll, code, 0 if n % 3 else 2)
    close(place, poll)
    return place.poll(poll.id)


def row(shown: Page, name: str) -> list[str]:
    """Return the cells of the first table row that begins with a name."""
    line = next(th for th in shown.every("th") if " ".join(th.text.split()) == name).inside("tr")
    return [" ".join(td.text.split()) for td in shown.every("td") if td.inside("tr") is line]


def refusal(answer) -> str:
    return " ".join(page(answer).one("div", role="alert").text.split())


def test_a_meeting_from_opening_to_certifying_through_the_pages(place):
    poll = a_poll(place)
    codes = print_ballots(place, poll)
    desk = a_desk(place)
    address = f"/office/polls/{poll.id}"

    assert witnessed(place, desk, f"{address}/open").location == address
    assert "已开始投票。 " in a_witness(place, desk).read(address).text
    for n, code in enumerate(codes[:60]):
        cast(place, poll, code, 0 if n < 40 else 1 if n < 54 else 3)
    assert "已投 60 / 印制 60" in desk.read(address).text
    assert witnessed(place, desk, f"{address}/close").location == address
    assert "正在收尾" in desk.read(address).text
    finish_closing(place)
    assert "未认定" in desk.read(f"{address}/results").text
    assert witnessed(place, desk, f"{address}/certify").location == address
    results = desk.read(f"{address}/results").text
    points = desk.read(f"/office/cycles/{poll.cycle_id}/points")

    assert place.poll(poll.id).phase is Phase.CERTIFIED
    assert "未认定" not in results
    assert "好 40 + 较好 14 = 54 票，54/60 = 90.00%" in results
    line = ["村述村评", "4.50", "5", "90", "90.00%", "54/60 有效票"]
    assert row(points, "白马村 村（社区）")[:6] == line
    with place.database.read() as connection:
        log = [(event.action, event.actor) for event in events.every(connection)]
    assert ("poll opened", "organiser") in log
    assert ("result certified", "organiser") in log
    assert log.count(("confirmation given", "监票人甲")) == 3


def test_a_message_after_an_action_is_told_once(sqlite_place):
    poll = a_poll(sqlite_place)
    print_ballots(sqlite_place, poll)
    desk = a_desk(sqlite_place)
    witnessed(sqlite_place, desk, f"/office/polls/{poll.id}/open")
    desk = a_witness(sqlite_place, desk)

    told = [desk.read(f"/office/polls/{poll.id}").every("p", role="status") for _ in range(2)]

    assert [len(messages) for messages in told] == [1, 0]


def test_an_action_without_its_box_ticked_changes_nothing_and_loses_no_typing(sqlite_place):
    poll = a_poll(sqlite_place)
    print_ballots(sqlite_place, poll)
    address = f"/office/polls/{poll.id}/open"
    desk = a_desk(sqlite_place)

    unconfirmed = desk.send(address, closes_at="2023-12-28T11:30")

    assert (unconfirmed.status_code, refusal(unconfirmed)) == (422, "请勾选确认。")
    assert page(unconfirmed).one("input", name="closes_at").get("value") == "2023-12-28T11:30"
    assert sqlite_place.poll(poll.id).phase is Phase.DRAFT


def test_a_poll_without_printed_ballots_is_not_opened_and_the_page_says_which(sqlite_place):
    poll = a_poll(sqlite_place, VILLAGE_POLL)
    print_ballots(sqlite_place, poll, group="party")

    answer = a_desk(sqlite_place).send(f"/office/polls/{poll.id}/open", **SIGNED)

    assert answer.status_code == 422
    assert refusal(answer) == "“两委成员”还没有印票。 “村民组长”还没有印票。 “村民代表”还没有印票。"


def test_a_planned_end_is_read_and_shown_in_chinese_time(sqlite_place):
    poll = a_poll(sqlite_place)
    print_ballots(sqlite_place, poll)
    desk = a_desk(sqlite_place)

    witnessed(sqlite_place, desk, f"/office/polls/{poll.id}/open", closes_at="2023-12-28T11:30")

    closes_at = sqlite_place.poll(poll.id).closes_at
    assert closes_at is not None
    assert closes_at.isoformat() == "2023-12-28T03:30:00+00:00"
    assert "投票结束时间2023年12月28日 11:30" in desk.read(f"/office/polls/{poll.id}").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("tomorrow", "结束时间应写成 2023-12-28 11:30 的样子。"),
        ("0001-01-01T00:00", "结束时间应写成 2023-12-28 11:30 的样子。"),
        ("2023-12-28T09:30", "结束时间已经过去。"),
    ],
)
def test_an_end_that_is_none_is_refused_in_words(sqlite_place, typed, sentence):
    poll = a_poll(sqlite_place)
    print_ballots(sqlite_place, poll)

    answer = a_desk(sqlite_place).send(f"/office/polls/{poll.id}/open", closes_at=typed, **SIGNED)

    assert (answer.status_code, refusal(answer)) == (422, sentence)
    assert page(answer).one("input", name="closes_at").get("value") == typed


def test_closing_says_what_will_happen_with_votes_on_their_way(sqlite_place):
    poll, _ = an_open_poll(sqlite_place)

    text = a_desk(sqlite_place).read(f"/office/polls/{poll.id}/close").text

    assert "立即不再发出选票页面" in text
    assert f"在 {sqlite_place.settings.grace_seconds} 秒内仍可投出" in text


def test_an_action_out_of_its_phase_is_answered_with_a_sentence(sqlite_place):
    poll, _ = an_open_poll(sqlite_place)
    desk = a_desk(sqlite_place)

    answer = desk.get(f"/office/polls/{poll.id}/open")
    sent = desk.client.post(
        f"/office/polls/{poll.id}/open", data={"csrf_token": desk.token(HOME), **SIGNED}
    )

    assert (answer.status_code, sent.status_code) == (409, 409)
    assert "投票中，不能开始投票。" in page(sent).text


@pytest.mark.parametrize("path", ["/office/polls/99", "/office/polls/99/close"])
def test_a_poll_that_is_not_there_is_told_in_words(sqlite_place, path):
    answer = a_desk(sqlite_place).get(path)

    assert answer.status_code == 404
    assert "没有编号为 99 的测评活动。" in page(answer).text


def test_a_number_no_database_holds_is_a_page_that_does_not_exist(place):
    answer = a_desk(place).get("/office/polls/99999999999999999999")

    assert answer.status_code == 404


def test_no_result_is_told_before_closing_on_any_page(sqlite_place):
    poll, codes = an_open_poll(sqlite_place)
    for code in codes[:7]:
        cast(sqlite_place, poll, code, 3)
    desk = a_desk(sqlite_place, Role.ADMIN)

    answer = desk.get(f"/office/polls/{poll.id}/results")
    certifying = desk.get(f"/office/polls/{poll.id}/certify")

    sentence = "测评活动“白马村2023年度村述村评”投票中，投票结束后才有结果。"
    for refused in (answer, certifying):
        assert refused.status_code == 409
        assert sentence in page(refused).text
    poll_page = desk.read(f"/office/polls/{poll.id}").text
    assert "已投 7 / 印制 60" in poll_page
    assert "查看结果" not in poll_page
    assert "还没有已认定的测评活动" in desk.read("/office/cycles/1/points").text


def test_an_annulled_poll_has_no_result(sqlite_place):
    poll = a_closed_poll(sqlite_place)
    with sqlite_place.database.write() as connection:
        polls.annul(connection, poll.id, reason="票箱破损", by="test", now=sqlite_place.clock())

    answer = a_desk(sqlite_place).get(f"/office/polls/{poll.id}/results")

    assert answer.status_code == 409
    assert "已作废，不计票、不出结果。" in page(answer).text


def test_certifying_more_returned_than_issued_is_refused_in_words_keeping_the_form(place):
    poll = a_closed_poll(place)

    answer = a_desk(place, Role.SCRUTINEER).send(
        f"/office/polls/{poll.id}/certify", **{"issued-voters": "29", **SIGNED}
    )

    assert answer.status_code == 422
    assert refusal(answer) == "村民：收回 30 张，多于发出的 29 张。请填写实际发出数。"
    assert page(answer).one("input", name="issued-voters").get("value") == "29"
    assert place.poll(poll.id).phase is Phase.CLOSED


def test_the_number_issued_is_prefilled_and_may_be_typed_full_width(sqlite_place):
    poll = a_closed_poll(sqlite_place)
    address = f"/office/polls/{poll.id}/certify"
    desk = a_desk(sqlite_place)

    prefilled = desk.read(address).one("input", name="issued-voters").get("value")
    none = desk.send(address, **{"issued-voters": "许多", **SIGNED})
    witnessed(sqlite_place, desk, address, **{"issued-voters": "３５"})

    assert prefilled == "60"
    assert (none.status_code, refusal(none)) == (422, "村民：发出数应为整数。")
    account = sqlite_place.results(poll.id).account
    assert (account.total.issued, account.total.left_over) == (35, 25)


def test_spares_that_were_used_can_be_declared_where_issued_ballots_are_the_base(sqlite_place):
    text = ONE_GROUP_POLL.replace("groups =", 'base = "issued"\ngroups =')
    poll, codes = an_open_poll(sqlite_place, text, spares=3)
    for code in codes[:62]:
        cast(sqlite_place, poll, code, 0)
    close(sqlite_place, poll)
    desk = a_desk(sqlite_place)
    address = f"/office/polls/{poll.id}"

    assert desk.get(f"{address}/results").status_code == 409
    refused = desk.send(f"{address}/certify", **SIGNED)
    witnessed(sqlite_place, desk, f"{address}/certify", **{"issued-voters": "62"})

    assert "收回 62 张，多于发出的 60 张。" in refusal(refused)
    assert "62/62 100.00%" in desk.read(f"{address}/results").text


def test_below_the_quorum_a_reason_is_asked_for_and_then_enough(sqlite_place):
    poll = a_closed_poll(sqlite_place, QUORUM_POLL)
    address = f"/office/polls/{poll.id}/certify"
    desk = a_desk(sqlite_place)

    assert "未达到" in desk.read(address).text
    refused = desk.send(address, **SIGNED)
    witnessed(sqlite_place, desk, address, reason="大雪封山")

    assert refused.status_code == 409
    assert "未达到规定的参加比例：收回 30 票，应到人数 60" in refusal(refused)
    assert sqlite_place.poll(poll.id).phase is Phase.CERTIFIED


def test_a_poll_whose_traces_are_not_scrubbed_says_so(sqlite_place):
    poll, _ = an_open_poll(sqlite_place)
    desk = a_desk(sqlite_place)
    close(sqlite_place, poll)
    wanted = {1: "正在收尾：票数已定", 2: "清理待完成"}

    for step, words in wanted.items():
        with sqlite_place.database.write() as connection:
            polls.polls.closing_step_done(connection, poll, step)
        assert words in desk.read(f"/office/polls/{poll.id}").text


def test_the_results_page_shows_account_counts_shares_base_and_derivation(sqlite_place):
    poll = a_closed_poll(sqlite_place, LEADERS_POLL, votes=7)

    shown = a_desk(sqlite_place, Role.AUDITOR).read(f"/office/polls/{poll.id}/results")

    assert row(shown, "党政领导") == [
        *("11", "0", "0", "11", "0", "0", "0", "7", "4"),
        "印制 − 备用（没有发放记录）",
    ]
    assert "占比的基数：有效票。满分 20 分。" in shown.text
    assert row(shown, "财政所") == [
        "4 57.14%", "0 0.00%", "3 42.86%", "0 0.00%", "0", "4", "4/7 57.14%", "8.00",
    ]  # fmt: skip
    assert "基数为有效票：收回 7 − 无效 0 = 7" in shown.text
    assert [h.text for h in shown.every("h2")] == [
        "票账",
        "村（社区） · 党政领导评议",
        "站办所 · 党政领导评议",
        "核对",
    ]


def test_shares_that_do_not_add_to_a_hundred_are_explained(sqlite_place):
    poll, codes = an_open_poll(sqlite_place)
    for n, code in enumerate(codes[:3]):
        cast(sqlite_place, poll, code, n)
    close(sqlite_place, poll)

    text = a_desk(sqlite_place).read(f"/office/polls/{poll.id}/results").text

    assert "注：各等次百分比合计 99.99%，是四舍五入所致" in text


def test_a_poll_without_any_vote_has_no_result_and_its_page_says_so(sqlite_place):
    poll = a_closed_poll(sqlite_place, votes=0)

    text = a_desk(sqlite_place).read(f"/office/polls/{poll.id}/results").text

    assert "无结果" in text
    assert "基数（有效票）为 0，没有结果" in text


def test_the_home_page_shows_cycles_polls_phases_and_turnouts(sqlite_place):
    desk = a_desk(sqlite_place)
    assert "还没有考核周期" in desk.read(HOME).text
    a_cycle(sqlite_place)
    assert "还没有测评活动" in desk.read(HOME).text
    an_open_poll(sqlite_place)
    a_poll(sqlite_place, VILLAGE_POLL)

    text = desk.read(HOME).text

    assert "2023年度综合目标管理考核 方案：街道综合目标管理考核" in text
    assert "白马村2023年度村述村评 投票中 已投 0 / 印制 60" in text
    assert "白马村2023年度村述村评 准备中 已投 0 / 印制 0" in text


def test_the_points_table_can_be_downloaded_for_a_spreadsheet(sqlite_place):
    poll = a_closed_poll(sqlite_place)
    certify(sqlite_place, poll)

    answer = a_desk(sqlite_place, Role.SCORER).get(f"/office/cycles/{poll.cycle_id}/points.csv")

    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="points-1.csv"'
    assert [(row["unit"], row["points"]) for row in rows] == [("白马村", "3.00")]


def test_what_people_typed_is_shown_as_text_and_never_as_html(sqlite_place):
    evil = "<script>alert(1)</script>"
    poll = a_poll(sqlite_place, ONE_GROUP_POLL.replace("白马村2023年度村述村评", evil))
    print_ballots(sqlite_place, poll)
    desk = a_desk(sqlite_place)

    pages = [
        desk.read(HOME),
        desk.read(f"/office/polls/{poll.id}"),
        page(desk.send(f"/office/polls/{poll.id}/open", closes_at=evil)),
    ]

    for shown in pages:
        assert evil in shown.text
        assert shown.every("script") == []


def test_buttons_are_shown_only_to_those_who_may(sqlite_place):
    poll, _ = an_open_poll(sqlite_place)
    organiser = a_desk(sqlite_place)
    scorer = a_desk(sqlite_place, Role.SCORER, beside=organiser)

    assert "结束投票…" in organiser.read(f"/office/polls/{poll.id}").text
    assert "结束投票…" not in scorer.read(f"/office/polls/{poll.id}").text


def test_an_error_in_the_office_is_a_page_of_the_office(sqlite_place):
    answer = Desk(sqlite_place).get("/office/nowhere")

    assert answer.status_code == 404
    assert page(answer).one("a", **{"class": "brand"}).get("href") == HOME
