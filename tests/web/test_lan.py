"""The page of the hall's network: for whoever runs the meeting, to be projected or printed."""

from dataclasses import replace

import pytest

from ballot.domain.people import Role
from tests.builders import Place, a_place
from tests.web.desk import HOME, a_desk

PASSWORD = "secret of the hall"
HALL = "/office/lan"


@pytest.fixture
def in_the_hall(sqlite_settings):
    """Return how to open an installation that serves a hall."""

    def opened(**more: object):
        known = {"public_url": "http://192.168.1.10:8000", "lan_address": "127.0.0.1"}
        return a_place(replace(sqlite_settings, **{**known, **more}))

    return opened


def test_it_shows_the_wifi_and_the_address_each_to_be_scanned(in_the_hall):
    with in_the_hall(wifi_name="会场 2F", wifi_password=PASSWORD) as place:
        page = a_desk(place).read(HALL)

    assert [svg.get("aria-label") for svg in page.every("svg", role="img")] == [
        "Wi-Fi 的二维码",
        "投票网址的二维码",
    ]
    for words in ("会场 2F", PASSWORD, "http://192.168.1.10:8000/"):
        assert words in page.text
    assert not page.every("p", role="alert")


def test_without_a_password_there_is_no_code_for_the_wifi_and_it_says_how_to_get_one(in_the_hall):
    with in_the_hall(wifi_name="会场 2F") as place:
        page = a_desk(place).read(HALL)

    assert len(page.every("svg", role="img")) == 1
    assert "BALLOT_WIFI_PASSWORD" in page.text


def test_an_address_that_is_gone_is_told(in_the_hall):
    with in_the_hall(lan_address="203.0.113.77") as place:
        page = a_desk(place).read(HALL)

    assert "本机现在没有会场地址 203.0.113.77 了" in page.one("p", role="alert").text


def test_outside_a_hall_it_says_how_to_start_one(sqlite_place: Place):
    desk = a_desk(sqlite_place)

    assert "ballot serve --lan" in desk.read(HALL).text
    assert not desk.read(HOME).every("a", href=HALL)


def test_the_first_page_leads_there_for_whoever_may_show_it(in_the_hall):
    with in_the_hall() as place:
        assert a_desk(place, Role.ORGANISER).read(HOME).every("a", href=HALL)
        assert not a_desk(place, Role.SCRUTINEER).read(HOME).every("a", href=HALL)


def test_the_password_is_on_no_other_page_and_never_shown_by_the_settings(in_the_hall):
    with in_the_hall(wifi_name="会场 2F", wifi_password=PASSWORD) as place:
        assert PASSWORD not in repr(place.settings)
        assert PASSWORD not in a_desk(place).get(HOME).text
        assert PASSWORD not in place.client().get("/").text
