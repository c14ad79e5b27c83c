"""The host script: each stage with the figures known then, and never one more."""

import re

import pytest

from ballot.domain.people import Role
from ballot.domain.votes import NOT_ASKED
from tests.builders import (
    ONE_GROUP_POLL,
    Place,
    a_poll,
    an_open_poll,
    cast,
    certify,
    close,
    open_poll,
    print_ballots,
)
from tests.output.reports import outside, texts
from tests.web.desk import Desk, a_desk

SCRIPT = "/office/polls/1/host-script"
GAP = "________"
RECUSING = """
title = "2023年度站办所年底述职民主测评"
scheme = "street-2023"
kind = "station"
component = "report-review"
subjects = [{ unit = "财政所" }, { unit = "司法所" }, { unit = "卫生院" }]
quorum = { at_least = "2/3", of = "issued" }
groups = [
  { key = "cadres", name = "机关干部", ballots = 10 },
  { key = "finance", name = "财政所干部", ballots = 6, excludes = ["财政所"] },
]
"""


def said(desk: Desk, key: str, query: str = "") -> str:
    """Return what stands in one stage of the script, without spaces and the ends of lines."""
    page = desk.read(SCRIPT + query)
    lines = [
        "".join(line.text.split())
        for line in page.every("p")
        if (stage := line.inside("section")) and stage.get("aria-labelledby") == key
    ]
    assert lines, key
    return "\n".join(lines)


def present(desk: Desk) -> str:
    (stage,) = desk.read(SCRIPT).every("section", **{"class": "present"})
    return stage.get("aria-labelledby")


def test_a_draft_s_script_says_what_is_rated_by_whom_and_leaves_every_figure_open(sqlite_place):
    a_poll(sqlite_place, RECUSING)
    desk = a_desk(sqlite_place)

    before = said(desk, "before")

    assert present(desk) == "before"
    for part in (
        "2023年度站办所年底述职民主测评现在开始",
        "“年底述职民主测评”的测评对象共3个：财政所、司法所、卫生院",
        "机关干部10张、财政所干部6张，共应发测评票16张", "按照回避规定，财政所干部不评财政所",
        "每一项选一个等次：好、较好、一般、差", "按弃权计", f"监票人是{GAP}，计票人是{GAP}",
        "系统不记录谁领了哪张票", "须不少于发出票的2/3",
    ):  # fmt: skip
        assert part in before, part
    assert f"共印制测评票{GAP}张，发出{GAP}张" in said(desk, "opening")
    assert f"收回{GAP}张" in said(desk, "closing")
    assert "结果认定以后，这里才有结果" in said(desk, "result")


def test_while_voting_the_script_tells_turnout_and_nothing_more(sqlite_place):
    poll = a_poll(sqlite_place, ONE_GROUP_POLL)
    codes = print_ballots(sqlite_place, poll, spares=2)
    open_poll(sqlite_place, poll)
    for code in codes[:7]:
        cast(sqlite_place, poll, code, 3)
    desk = a_desk(sqlite_place)

    assert present(desk) == "voting"
    assert "监票人是张监票" in said(desk, "before")
    assert "共印制测评票62张，发出60张" in said(desk, "opening")
    assert "发出60张，已经投出7张" in said(desk, "voting")
    assert f"收回{GAP}张" in said(desk, "closing")
    assert not re.search(r"得分|有效票\d|第\d名", "".join(desk.read(SCRIPT).text.split()))


def test_too_few_slips_tell_no_turnout(sqlite_place):
    poll, codes = an_open_poll(sqlite_place, ONE_GROUP_POLL.replace("60", "4"))
    cast(sqlite_place, poll, codes[0], 0)

    assert f"发出4张，已经投出{GAP}张" in said(a_desk(sqlite_place), "voting")


@pytest.fixture
def closed(sqlite_place: Place) -> Place:
    """Give a place with a closed poll about three stations, one of which a group does not rate."""
    poll, codes = an_open_poll(sqlite_place, RECUSING)
    for code in codes[:10]:
        cast(sqlite_place, poll, code, 0, 1, 3)
    for code in codes[10:15]:
        cast(sqlite_place, poll, code, NOT_ASKED, 0, 0)
    close(sqlite_place, poll)
    return sqlite_place


def test_after_closing_the_account_is_read_but_no_result(closed):
    desk = a_desk(closed)

    told = said(desk, "closing")

    assert present(desk) == "closing"
    assert "发出测评票16张，收回15张，其中有效票15张，无效票0张" in told
    assert "达到规定的参加比例（不少于2/3）" in told
    assert "收回票数不多于发出票数，符合规定，本次测评有效。" in told
    assert "结果认定以后，这里才有结果" in said(desk, "result")
    assert "得分" not in said(desk, "result")


def test_a_certified_result_is_read_from_the_best_to_the_last(closed):
    certify(closed, closed.poll(1))
    desk = a_desk(closed, Role.SCRUTINEER)

    lines = said(desk, "result").splitlines()

    assert present(desk) == "result"
    assert lines[2:5] == [
        "第1名，财政所：好10票，较好0票，一般0票，差0票；较好以上率100.00%，得分18.00分。",
        "第1名，司法所：好5票，较好10票，一般0票，差0票；较好以上率100.00%，得分18.00分。",
        "第3名，卫生院：好5票，较好0票，一般0票，差10票；较好以上率33.33%，得分8.00分。",
    ]
    assert lines[5] == "得分相同的，名次并列。"


def test_a_quorum_that_was_missed_is_not_announced_as_valid(sqlite_place):
    poll, codes = an_open_poll(sqlite_place, RECUSING)
    for code in codes[:10]:
        cast(sqlite_place, poll, code, 0)
    close(sqlite_place, poll)

    told = said(a_desk(sqlite_place), "closing")

    assert "未达到规定的参加比例" in told
    assert "不要宣布有效" in told
    assert "本次测评有效" not in told


def test_an_account_that_does_not_balance_is_not_announced_as_valid(sqlite_place):
    poll = a_poll(sqlite_place)
    codes = print_ballots(sqlite_place, poll, count=3, spares=2)
    open_poll(sqlite_place, poll)
    for code in codes:
        cast(sqlite_place, poll, code, 0)
    close(sqlite_place, poll)

    told = said(a_desk(sqlite_place), "closing")

    assert "票账不符，先查明，不要宣布有效" in told
    assert "收回5张，多于发出的3张" in told
    assert "本次测评有效" not in told


def test_an_annulled_poll_has_no_script(closed):
    from ballot.services import polls

    with closed.database.write() as connection:
        polls.annul(connection, 1, reason="发错了票", by="test", now=closed.clock())

    answer = a_desk(closed).get(SCRIPT)

    assert answer.status_code == 409
    assert "已作废" in answer.text


def test_the_paper_says_what_the_page_says_with_nothing_cut_off(closed):
    certify(closed, closed.poll(1))
    desk = a_desk(closed)

    answer = desk.get(f"{SCRIPT}.pdf")

    paper = re.sub(r"—\d+—", "", "".join(texts(answer.data)))
    for key in ("before", "opening", "voting", "closing", "result"):
        for line in said(desk, key).splitlines():
            assert line in paper
    assert list(outside(answer.data)) == []
    assert answer.headers["Content-Disposition"] == 'attachment; filename="host-script-1.pdf"'


def test_the_script_speaks_english(closed):
    assert "thisvoteisvalid" in said(a_desk(closed), "closing", "?lang=en")


def test_poll_and_results_link_to_the_script(closed):
    desk = a_desk(closed)

    for page in ("/office/polls/1", "/office/polls/1/results"):
        assert SCRIPT in {link.get("href") for link in desk.read(page).every("a")}


def test_where_there_are_comments_the_warning_is_read_out(sqlite_place):
    a_poll(sqlite_place)
    asking = a_poll(sqlite_place, "comments = true\n" + ONE_GROUP_POLL)
    desk = a_desk(sqlite_place)

    assert "写意见" not in desk.read(SCRIPT).text
    told = desk.read(SCRIPT.replace("1", str(asking.id))).text
    assert "请不要写姓名、职务、自己家的事" in told
