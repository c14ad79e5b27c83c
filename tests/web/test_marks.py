"""Polls on marks 0 to 100: from the number a voter types to the results that people read."""

import pytest

from ballot.domain.votes import BLANK
from tests.builders import a_token, an_open_poll, cast, certify, close
from tests.web.desk import a_desk
from tests.web.phone import Phone, page

MARKS_POLL = """
title = "2023年度站办所民主测评"
scheme = "street-2023"
groups = [{ key = "cadres", name = "机关干部", ballots = 9 }]

[[sections]]
kind = "station"
component = "report-review"
subjects = [{ unit = "财政所", duty = "所长" }, { unit = "司法所" }]
scale = { marks = { drop_top = 1, drop_bottom = 1, only_above = 4 } }

[[sections]]
kind = "village"
component = "leaders-review"
subjects = [{ unit = "白马村" }]
"""


def stored_choices(place, poll):
    from ballot.storage import votes

    with place.database.read() as connection:
        return [vote.choices for vote in votes.every(connection, poll.id, poll.definition)]


def answers(answer):
    found = page(answer)
    names = [" ".join(e.text.split()) for e in found.every("dt")]
    return dict(zip(names, [e.text for e in found.every("dd")], strict=True))


def test_a_subject_has_one_field_for_a_number_and_nothing_stands_in_it(place):
    _, codes = an_open_poll(place, MARKS_POLL)

    ballot = page(Phone(place, codes[0]).open())

    field = ballot.one("input", name="c0")
    assert (field.get("type"), field.get("inputmode"), field.get("value")) == (
        "text",
        "numeric",
        "",
    )
    assert ballot.one("label", **{"for": field.get("id")}).text == "分数（0 至 100）"
    assert ballot.every("input", type="radio", name="c2")
    assert "打分的每一项填 0 至 100 的整数。不填的，按未评（弃权）计，不是 0 分。" in ballot.text
    assert "每一项选一个等次。" in ballot.text


def test_what_was_typed_is_reviewed_and_stored_as_a_mark(place):
    poll, codes = an_open_poll(place, MARKS_POLL)
    phone = Phone(place, codes[0])

    reviewed = answers(phone.review(c0=95, c1=0, c2=1))
    assert phone.vote(c0=95, c1=0, c2=1).status_code == 200

    assert reviewed == {"财政所 所长": "95 分", "司法所": "0 分", "白马村": "较好"}
    assert stored_choices(place, poll) == [bytes([95, 0, 1])]


@pytest.mark.parametrize(
    ("typed", "mark"),
    [("95", 95), (" 95 ", 95), ("９５", 95), ("95分", 95), ("095", 95), ("0", 0), ("100", 100)],
)
def test_full_width_digits_spaces_and_fen_are_forgiven(sqlite_place, typed, mark):
    poll, codes = an_open_poll(sqlite_place, MARKS_POLL)

    Phone(sqlite_place, codes[0]).vote(c0=typed)

    assert stored_choices(sqlite_place, poll) == [bytes([mark, BLANK, BLANK])]


@pytest.mark.parametrize("typed", ["101", "-1", "9.5", "九十", "1e2", "<b>", "95/100", "9" * 50])
def test_what_is_no_mark_is_refused_in_its_place_and_nothing_is_lost(sqlite_place, typed):
    _, codes = an_open_poll(sqlite_place, MARKS_POLL)

    answer = Phone(sqlite_place, codes[0]).review(c0=typed, c1=88, c2=0)

    assert answer.status_code == 422
    ballot = page(answer)
    assert "有 1 项分数不对：请填 0 至 100 的整数。" in ballot.text
    assert "这里填的不是 0 至 100 的整数。" in ballot.text
    assert ballot.one("input", name="c0").get("value") == typed[:12]
    assert ballot.one("input", name="c0").get("aria-invalid") == "true"
    assert ballot.one("input", name="c1").get("value") == "88"
    assert "checked" in ballot.one("input", name="c2", value="0").attributes


def test_a_mark_that_nobody_could_have_reviewed_is_never_cast(sqlite_place):
    poll, codes = an_open_poll(sqlite_place, MARKS_POLL)
    phone = Phone(sqlite_place, codes[0])
    sent = phone.reviewed(c0=90)

    assert phone.send(**{**sent, "c0": "101"}).status_code == 422
    assert stored_choices(sqlite_place, poll) == []


def test_a_blank_is_no_nought_and_going_back_keeps_what_was_typed(sqlite_place):
    _, codes = an_open_poll(sqlite_place, MARKS_POLL)
    phone = Phone(sqlite_place, codes[0])

    review = phone.review(c0="９０")
    back = phone.send(**page(review).fields("edit"))

    assert answers(review)["司法所"] == "未评（弃权）"
    assert page(back).one("input", name="c0").get("value") == "90"
    assert page(back).one("input", name="c1").get("value") == ""


def test_where_every_answer_is_required_a_blank_mark_is_asked_for(sqlite_place):
    _, codes = an_open_poll(sqlite_place, 'blank = "required"' + MARKS_POLL)

    answer = Phone(sqlite_place, codes[0]).review(c0=90, c2=0)

    assert answer.status_code == 422
    assert "还有 1 项没有评价" in page(answer).text


def test_the_english_page_asks_in_english(sqlite_place):
    _, codes = an_open_poll(sqlite_place, MARKS_POLL)

    ballot = page(Phone(sqlite_place, codes[0], "?lang=en").open())

    assert "Mark (0 to 100)" in ballot.text


GIVEN = [100, 95, 90, 90, 85, 20]


@pytest.fixture
def counted(place):
    """Give an installation and a certified poll: 财政所 has `GIVEN`, 司法所 one mark of 70."""
    poll, codes = an_open_poll(place, MARKS_POLL)
    for code, mark in zip(codes, GIVEN, strict=False):
        Phone(place, code).vote(c0=mark, c2=0, **({"c1": 70} if mark == 100 else {}))
    close(place, poll)
    certify(place, poll)
    return place, place.poll(poll.id)


def test_results_are_the_mean_without_the_highest_and_the_lowest(counted):
    place, poll = counted

    first, second = place.results(poll.id).sections[0].subjects

    assert str(first.converted.points) == "18.00"
    assert str(second.converted.points) == "14.00"
    told = [str(line) for line in first.converted.derivation]
    assert (
        "6 票，去掉最高 1 票（100）、最低 1 票（20），余 4 票，合计 360 分，360 ÷ 4 = 90 分"
        " × 0.2 = 18.00 分" in told
    )


def test_the_results_page_shows_the_spread_and_no_hundred_columns(counted):
    place, poll = counted
    desk = a_desk(place)

    results = desk.read(f"/office/polls/{poll.id}/results")

    heads = [e.text for e in results.every("th", scope="col")]
    assert heads.count("最低分") == 1
    assert "100" not in heads
    assert "财政所 所长 6 0 20 100 90 18.00" in " ".join(results.text.split())
    assert "90–100 4" in results.text
    assert "打 0 至 100 分，平均分的基数：表态票。满分 20 分。" in results.text


def test_the_office_s_pages_of_the_poll_and_its_points_show_marks(counted):
    place, poll = counted
    desk = a_desk(place)

    assert "0 至 100 分" in desk.read(f"/office/polls/{poll.id}").text
    assert "18.00" in desk.read(f"/office/cycles/{poll.cycle_id}/points").text


def test_the_api_gives_the_spread_of_marks_and_null_for_levels(counted):
    place, poll = counted
    headers = {"Authorization": f"Bearer {a_token(place)}"}
    path = f"/api/v1/cycles/{poll.cycle_id}/points"

    rows = place.client().get(path, headers=headers).json["points"]
    table = place.client().get(f"{path}?format=csv", headers=headers).text

    assert rows[0]["marks"] == {
        "opinions": 6,
        "mean": "80.00",
        "lowest": 20,
        "highest": 100,
        "counts": {"100": 1, "95": 1, "90": 2, "85": 1, "20": 1},
    }
    assert (rows[0]["approving"], rows[0]["ratio"], rows[0]["levels"]) == (None, None, {})
    assert rows[2]["marks"] is None
    assert "100 × 1 / 95 × 1 / 90 × 2 / 85 × 1 / 20 × 1" in table


def test_after_closing_no_stored_row_is_anyone_s_ballot(sqlite_place):
    poll, codes = an_open_poll(sqlite_place, MARKS_POLL.replace("ballots = 9", "ballots = 40"))
    for number, code in enumerate(codes):
        cast(sqlite_place, poll, code, number, number, number % 4)

    close(sqlite_place, poll)

    rows = stored_choices(sqlite_place, poll)
    assert sorted(row[0] for row in rows) == sorted(row[1] for row in rows) == list(range(40))
    assert sum(row[0] == row[1] for row in rows) < 10
