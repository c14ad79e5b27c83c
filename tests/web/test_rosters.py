"""The roster's page: names go in, numbers come out once, and a click applies only those."""

import io

from ballot.domain.people import Role
from ballot.storage import events
from tests.builders import VILLAGE_POLL, Place, a_poll, an_open_poll
from tests.web.desk import Desk, a_desk, page
from tests.web.html_page import Page

POLL = "/office/polls/1"
ROSTER = f"{POLL}/roster"
LIST = """欧阳甲\t党员
欧阳甲\t两委成员
欧阳乙\t村民组长
欧阳丙\t党员
欧阳丁\t村民代表
"""


def count(desk: Desk, **fields) -> Page:
    data = {"csrf_token": desk.token(ROSTER), **fields}
    answer = desk.client.post(ROSTER, data=data, content_type="multipart/form-data")
    assert answer.status_code == 200, answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    return page(answer)


def carried(counted: Page) -> dict[str, str]:
    """Return what the button that applies would send."""
    return {
        field.get("name"): field.get("value")
        for field in counted.every("input", type="hidden")
        if field.inside("form").get("action") == f"{ROSTER}/apply"
    }


def numbers(place: Place) -> list[tuple[int, int | None]]:
    return [(group.ballots, group.eligible) for group in place.poll(1).definition.groups]


def test_pasted_names_become_numbers_that_a_click_applies(sqlite_place):
    a_poll(sqlite_place, VILLAGE_POLL)
    desk = a_desk(sqlite_place)
    assert "按名单统计人数…" in desk.read(POLL).text

    counted = count(desk, names=LIST)

    assert "欧阳甲：列在“两委成员”、“党员”，计入“两委成员”" in counted.text
    assert "姓名没有保存" in counted.text
    assert "党员 2 1 10 → 1 — → 1" in counted.text
    assert numbers(sqlite_place)[2] == (10, None), "nothing changes before the click"
    sent = carried(counted)
    assert not any("欧阳" in value for value in sent.values())

    applied = desk.client.post(f"{ROSTER}/apply", data=sent | {"confirm": "yes"})

    assert (applied.status_code, applied.location) == (303, POLL)
    assert numbers(sqlite_place) == [(1, 1)] * 4
    assert "已按名单设定各类别人数" in desk.read(POLL).text
    assert "应到 1 人" in desk.read(POLL).text


def test_names_are_shown_once_and_are_nowhere_afterwards(sqlite_place, caplog):
    caplog.set_level("DEBUG")
    a_poll(sqlite_place, VILLAGE_POLL)
    desk = a_desk(sqlite_place)

    sent = carried(count(desk, names=LIST))
    desk.client.post(f"{ROSTER}/apply", data=sent | {"confirm": "yes"})

    assert "欧阳" not in desk.read(ROSTER).text
    with sqlite_place.database.read() as connection:
        log = list(events.every(connection))
    assert log[-1].action == "roster counted"
    held = [file.read_bytes() for file in sqlite_place.settings.folder.rglob("*") if file.is_file()]
    assert "欧阳".encode() not in b"".join(held)
    assert "欧阳" not in caplog.text + repr(log)


def test_a_file_serves_as_well_and_not_together_with_pasted_lines(sqlite_place):
    a_poll(sqlite_place, VILLAGE_POLL)
    desk = a_desk(sqlite_place)

    def a_file() -> tuple[io.BytesIO, str]:
        table = "姓名,类别\n欧阳甲,党员\n".encode("gb18030")
        return io.BytesIO(table), "名单.csv"

    counted = count(desk, file=a_file())
    assert "共 1 人" in counted.text
    assert "“两委成员”一个人也没有" in counted.text
    assert "采用这些人数" not in counted.buttons
    both = {"csrf_token": desk.token(ROSTER), "file": a_file(), "names": LIST}
    refused = desk.client.post(ROSTER, data=both, content_type="multipart/form-data")
    assert refused.status_code == 422
    assert "只能用一样" in page(refused).text


def test_every_mistaken_row_is_told_and_what_was_pasted_stays(sqlite_place):
    a_poll(sqlite_place, VILLAGE_POLL)
    desk = a_desk(sqlite_place)

    data = {"csrf_token": desk.token(ROSTER), "names": "欧阳甲\t群众\n欧阳乙"}
    refused = desk.client.post(ROSTER, data=data)

    assert refused.status_code == 422
    told = page(refused)
    assert "第 1 行：没有参评人员类别“群众”" in told.text
    assert "第 2 行：没有类别" in told.text
    assert told.one("textarea").text == data["names"]


def test_numbers_are_applied_to_what_was_shown_and_only_when_confirmed(sqlite_place):
    a_poll(sqlite_place, VILLAGE_POLL)
    desk = a_desk(sqlite_place)
    sent = carried(count(desk, names=LIST))

    unconfirmed = desk.client.post(f"{ROSTER}/apply", data=sent)
    desk.client.post(f"{ROSTER}/apply", data=sent | {"confirm": "yes", "persons party": "9"})
    late = desk.client.post(f"{ROSTER}/apply", data=sent | {"confirm": "yes"})

    assert unconfirmed.status_code == 422
    assert late.status_code == 409
    assert "已被改动" in page(late).text
    assert numbers(sqlite_place)[2] == (9, 9)


def test_an_open_poll_has_no_such_page(sqlite_place):
    an_open_poll(sqlite_place)
    desk = a_desk(sqlite_place, Role.ADMIN)

    assert desk.get(ROSTER).status_code == 409
    assert "按名单统计人数…" not in desk.read(POLL).text
