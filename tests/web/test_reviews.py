"""Reviews and written notices on the web: clocks that are told, answers that change no figure."""

from datetime import date

import pypdfium2
import pytest

from ballot.domain.people import Role
from ballot.storage import events
from tests.assessment import approve, complete, number_of, standing, withdraw_approval
from tests.builders import Place
from tests.publication import CONTACT, a_review, deliver
from tests.web.desk import Desk, a_desk, page

REVIEWS = "/office/cycles/1/reviews"
TOLD = "/office/cycles/1/kinds/village/told"


@pytest.fixture
def approved(sqlite_place: Place) -> Place:
    """Give a place whose villages' standing is approved."""
    complete(sqlite_place)
    approve(sqlite_place)
    return sqlite_place


def words_of(answer) -> str:
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    document = pypdfium2.PdfDocument(answer.data)
    told = [sheet.get_textpage().get_text_bounded() for sheet in document]
    document.close()
    return "\f".join("".join(each.split()) for each in told)


def asking(place: Place, unit: str = "白马村", **said: str) -> dict[str, str]:
    asked = f"village:{number_of(place, unit)} standing"
    return {"asked": asked, "ground": "漏计巡查记录", "received_on": "2023-12-28", **said}


def test_a_request_is_recorded_answered_and_no_figure_changes(place):
    complete(place)
    approve(place)
    deliver(place, "白马村")
    desk = a_desk(place, Role.SCORER)
    before = standing(place).figures

    recorded = desk.send(f"{REVIEWS}/new", **asking(place))
    waiting = desk.read(REVIEWS)
    place.clock.go(days=7)
    desk.sign_in("scorer")
    soon = desk.read(REVIEWS)
    place.clock.go(days=5)
    desk.sign_in("scorer")
    overdue = desk.read(REVIEWS)
    said = {"outcome": "changed", "answer": "确有漏计", "decided_by": "党工委会议"}
    said |= {"answered_on": "2024-01-09", "confirm": "yes"}
    token = {"csrf_token": desk.token(recorded.location)}
    answered = desk.client.post(f"{REVIEWS}/1/answer", data=token | said)
    again = desk.client.post(f"{REVIEWS}/1/answer", data=token | said)
    shown = desk.read(recorded.location)

    assert "待答复 1 件" in waiting.text
    clocks = [e for e in waiting.every("span") if "clock" in e.get("class")]
    assert [e.text for e in clocks] == ["按期", "还剩 10 天"]
    assert [e.text for e in soon.every("span", **{"class": "clock soon"})] == ["还剩 3 天"]
    assert [e.text for e in overdue.every("span", **{"class": "clock overdue"})] == ["已逾期 2 天"]
    assert (answered.status_code, again.status_code) == (303, 409)
    assert "更正结果" in shown.text
    assert "登记答复不改动任何数字" in shown.text
    assert "逾期 2 天" in shown.text
    assert standing(place).figures == before


def test_a_late_request_is_recorded_as_late_and_admitted_only_with_a_reason(approved):
    deliver(approved, "白马村", "青龙村", on=date(2023, 12, 28))
    approved.clock.go(days=12)
    a_review(approved, "白马村")
    a_review(approved, "青龙村", admitted="负责人住院")
    desk = a_desk(approved, Role.ORGANISER)

    refused, admitted = desk.read(f"{REVIEWS}/1"), desk.read(f"{REVIEWS}/2")

    assert [e.get("value") for e in refused.every("input", type="radio")] == ["late"]
    assert [e.get("value") for e in admitted.every("input", type="radio")] == ["upheld", "changed"]
    assert "仍予受理：负责人住院" in admitted.text
    assert "逾期 2 天" in refused.text


def test_the_log_tells_that_somebody_asked_and_not_who_or_why(approved):
    deliver(approved, "白马村")
    a_review(approved)
    with approved.database.read() as connection:
        told = [event for event in events.every(connection) if "review" in event.action]

    (event,) = told
    assert event.action == "review recorded"
    assert set(event.details) == {"cycle", "number", "sha256"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"asked": ""}, "请选择申请复核的单位（人员）。"),
        ({"asked": "village:1 poll:9"}, "请选择对哪项结果申请复核。"),
        ({"ground": " "}, "请写明申请复核的理由。"),
        ({"received_on": "2023-12-30"}, "收到日期还没有到。"),
        ({"told_on": "2023-12-29"}, "收到申请不能早于接到书面通知。"),
        ({"admitted": "因病"}, "申请没有逾期，不用写受理理由。"),
    ],
)
def test_a_request_that_cannot_be_is_refused_and_keeps_what_was_typed(approved, said, told):
    desk = a_desk(approved, Role.SCORER)

    answer = desk.send(f"{REVIEWS}/new", **{**asking(approved), **said})

    assert answer.status_code == 422
    assert told in page(answer).one("div", **{"class": "refusal"}).text
    assert page(answer).one("input", id="received_on").get("value") != ""


def test_a_request_is_withdrawn_and_stays_to_be_seen(approved):
    a_review(approved)
    desk = a_desk(approved, Role.SCORER)

    token = {"csrf_token": desk.token(f"{REVIEWS}/1"), "confirm": "yes"}
    answer = desk.client.post(f"{REVIEWS}/1/withdraw", data=token | {"why": "重复登记"})
    listed = desk.read(REVIEWS)

    assert answer.status_code == 303
    assert "待答复 0 件" in listed.text
    assert "已撤回" in listed.text
    assert "重复登记" in desk.read(f"{REVIEWS}/1").text


def test_delivery_begins_the_clock_and_the_register_knows_who_is_missing(approved):
    desk = a_desk(approved, Role.SCORER)
    token = {"csrf_token": desk.token(TOLD), "told_on": "2023-12-28"}

    saved = desk.client.post(TOLD, data=token | {"unit": ["白马村", "青龙村"]})
    shown = desk.read(TOLD)
    twice = desk.client.post(TOLD, data=token | {"unit": "白马村"})
    early = desk.client.post(TOLD, data=token | {"unit": "石桥社区", "told_on": "2023-12-26"})
    undone = desk.send(f"{TOLD}/1/withdraw", why="签收人不对", confirm="yes")

    assert (saved.status_code, undone.status_code) == (303, 303)
    assert "还有 1 个没有送达" in shown.text
    assert "2024年1月7日 还剩 10 天" in " ".join(shown.text.split())
    assert "“白马村”已有送达记录" in page(twice).text
    assert "送达不能早于审定结果的会议" in page(early).text
    assert "还有 2 个没有送达" in desk.read(TOLD).text
    assert "签收人不对" in desk.read(TOLD).text


def test_a_delivery_of_a_result_that_was_undone_does_not_count_for_the_next(approved):
    deliver(approved, "白马村")
    withdraw_approval(approved)
    desk = a_desk(approved, Role.SCORER)

    closed = desk.get(TOLD)
    approve(approved)
    shown = desk.read(TOLD)

    assert closed.status_code == 409
    assert "还有 3 个没有送达" in shown.text
    assert "审定撤回以前的通知" in shown.text


def test_every_unit_gets_a_page_with_its_own_figures_and_the_way_to_a_review(approved):
    desk = a_desk(approved, Role.SCORER)
    names = ("contact_name", "contact_phone", "contact_place")
    contact = zip(names, (CONTACT.name, CONTACT.phone, CONTACT.place), strict=True)
    token = {"csrf_token": desk.token(TOLD)}
    assert desk.client.post(f"{TOLD}/contact", data=token | dict(contact)).status_code == 303
    deliver(approved, "青龙村")

    every = words_of(desk.get(f"{TOLD}/notices.pdf")).split("\f")
    one = words_of(desk.get(f"{TOLD}/notices.pdf?unit=青龙村"))

    assert len(every) == 3
    assert "考核结果书面通知" in one
    assert "83.50" in one
    assert "白马村" not in one
    assert "好10+较好0=10票" in one
    assert "口径" not in one, "in short: readings are on the result sheet"
    assert "接到本通知之日起10日内" in one
    assert "收到申请之日起10日内书面答复" in one
    assert "申请复核到2024年1月7日为止" in one
    assert "0731-5555" in one
    assert sum("为止" in each for each in every) == 1
    assert desk.get(f"{TOLD}/notices.pdf?unit=黑马村").status_code == 404


def test_only_who_deals_with_reviews_reads_them(approved):
    a_review(approved)
    witness: Desk = a_desk(approved, Role.SCRUTINEER)

    assert witness.get(REVIEWS).status_code == 403
    assert witness.get(f"{REVIEWS}/1").status_code == 403
