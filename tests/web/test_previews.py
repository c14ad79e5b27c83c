"""Previews: what voters will see and hold, where nobody can vote and nothing is kept."""

import pypdfium2
import pytest

from ballot.domain.codes import CodeError, code_of
from ballot.services.sample_slips import SAMPLE
from ballot.storage import events
from tests.builders import LEADERS_POLL, VILLAGE_POLL, a_poll, an_open_poll
from tests.web.desk import a_desk, page

PREVIEW = "/office/polls/1/preview"


def test_the_preview_is_the_voter_s_own_page_of_each_group_and_cannot_be_sent(sqlite_place):
    a_poll(sqlite_place, LEADERS_POLL.replace("ballots = 11", "ballots = 11, excludes = []"))
    desk = a_desk(sqlite_place)

    shown = desk.read(PREVIEW)

    assert "预览" in shown.text
    assert shown.heading == "2023年度党政领导评议"
    assert len([e for e in shown.every("fieldset") if e.get("class") == "card"]) == 5
    form = shown.one("form")
    assert (form.get("method"), form.get("action")) == ("", "")
    (button,) = (e for e in shown.every("button", type="submit"))
    assert "disabled" in button.attributes
    assert not shown.every("script"), "nothing of it is kept on the device"
    assert desk.client.post(PREVIEW).status_code in {400, 405}


def test_the_preview_shows_what_the_phone_shows(sqlite_place):
    _, codes = an_open_poll(sqlite_place, VILLAGE_POLL)
    desk = a_desk(sqlite_place)

    phone = page(desk.client.get(f"/B/{codes[0]}")).one("main").text.split()
    shown = desk.read(f"{PREVIEW}?group=committee").one("main").text.split()

    assert shown == phone
    assert "党员" in desk.read(f"{PREVIEW}?group=party").one("main").text
    assert desk.get(f"{PREVIEW}?group=nobody").status_code == 409


def test_a_changed_draft_is_previewed_as_it_is_now(sqlite_place):
    a_poll(sqlite_place, VILLAGE_POLL)
    desk = a_desk(sqlite_place)
    assert "白马村领导班子" in desk.read(PREVIEW).text

    form = {"suffix 1": "", "told 1": "白马村，，白马村两委"}
    token = desk.token("/office/polls/1/edit")
    held = {
        "csrf_token": token,
        "title": "白马村2023年度村述村评",
        "part": "village:village-peer-review",
        "unit 1": "白马村",
        "name": "党员",
        "key": "party",
        "ballots": "10",
        "eligible": "",
        "weight": "",
        "do": "save",
        "seen": page(desk.get("/office/polls/1/edit")).one("input", name="seen").get("value"),
    }
    assert desk.client.post("/office/polls/1/edit", data=held | form).status_code == 303

    assert "白马村两委" in desk.read(PREVIEW).text


def test_a_sample_slip_bears_a_code_that_is_refused_before_any_database_is_asked(sqlite_place):
    a_poll(sqlite_place, VILLAGE_POLL)
    desk = a_desk(sqlite_place)
    with sqlite_place.database.read() as connection:
        before = events.last(connection)

    answer = desk.get("/office/polls/1/sample-slip.pdf?group=party")

    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.data.startswith(b"%PDF")
    with pytest.raises(CodeError):
        code_of(SAMPLE)
    assert desk.client.get(f"/B/{SAMPLE}").status_code == 422
    with sqlite_place.database.read() as connection:
        assert events.last(connection) == before, "looking is not logged, and changes nothing"


def test_the_sample_slip_says_that_it_is_one(sqlite_place):
    a_poll(sqlite_place, VILLAGE_POLL)

    data = a_desk(sqlite_place).get("/office/polls/1/sample-slip.pdf").data
    document = pypdfium2.PdfDocument(data)

    assert len(document) == 1
    text = document[0].get_textpage().get_text_range()
    assert "样票" in text
    assert text.count("两委成员") == 1, "one slip on the sheet"
