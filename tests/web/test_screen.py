"""The big screen by real requests: what is sent, to whom, and nothing of what is still to come."""

import re

import pytest

from ballot.domain.people import Role
from ballot.domain.polls import Poll
from ballot.services import copies, polls
from tests.builders import (
    LEADERS_POLL,
    Place,
    a_poll,
    an_open_poll,
    cast,
    certify,
    close,
    open_poll,
    print_ballots,
)
from tests.services.test_screens import NAMES, a_certified_poll, a_key, by_rank, move
from tests.web.desk import Desk, a_desk, page

FIGURES = re.compile(r"[0-9]+\.[0-9]{2}")


def now(place: Place, client, key: str, **headers: str):
    place.clock.go(seconds=2)
    return client.get(f"/screen/{key}/now", headers=headers)


def test_the_screen_tells_title_address_state_and_turnout(sqlite_place):
    poll, codes = an_open_poll(sqlite_place)
    for code in codes[:15]:
        cast(sqlite_place, poll, code, 0)
    key = a_key(sqlite_place, poll)

    read = page(sqlite_place.client().get(f"/screen/{key}"))

    assert read.heading == poll.title
    for words in ("投票中", "127.0.0.1:8000", "发出60", "收回15", "25.00%"):
        assert words in read.text
    assert read.one("svg", role="img", **{"class": "qr"})
    assert read.one("p", id="lost").text == "连接中断，正在重试"
    assert not re.search(r"[^ ]率 [0-9.]+%", read.text)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_state_is_faultless_html_without_cookies_and_the_right_language(
    sqlite_place, language
):
    place = sqlite_place
    client, poll = place.client(), a_poll(place, LEADERS_POLL)
    key = a_key(place, poll)
    wanted = {"Accept-Language": language}

    def look() -> None:
        place.clock.go(seconds=6)
        answer = client.get(f"/screen/{key}", headers=wanted)
        assert page(answer).one("html").get("lang") == language
        assert "Set-Cookie" not in answer.headers

    look()
    codes = print_ballots(place, poll)
    open_poll(place, poll)
    look()
    for code in codes:
        cast(place, poll, code, 1)
    close(place, poll)
    look()
    certify(place, poll)
    for step in range(8):
        move(place, poll, step)
        look()


@pytest.mark.parametrize("ranked", [False, True])
def test_no_answer_holds_a_name_or_a_figure_that_is_not_revealed(sqlite_place, ranked):
    place = sqlite_place
    poll, client = a_certified_poll(place), sqlite_place.client()
    by_rank(place, poll, ranked)
    key = a_key(place, poll)
    seen: set[str] = set()

    for step in range(8):
        move(place, poll, step)
        for answer in (now(place, client, key), client.get(f"/screen/{key}")):
            sent = answer.text + str(answer.headers)
            names = {name for name in NAMES if name in sent}
            assert len(names - seen) <= 1, step
            seen |= names if step else set()
            assert step or not names
        if step == 0:
            assert FIGURES.findall(page(answer).text) == ["90.91"], "turnout and nothing else"

    assert seen == set(NAMES)


def test_ballots_that_differ_only_in_what_is_to_come_give_the_same_bytes_and_tags(sqlite_place):
    """Two polls, alike but for the last subject's votes: until it is revealed nobody can tell."""
    place = sqlite_place
    client, answers = place.client(), []
    for last in (0, 3):
        poll, codes = an_open_poll(place, LEADERS_POLL)
        for code in codes:
            cast(place, poll, code, 0, 1, 2, 0, last)
        close(place, poll)
        certify(place, poll)
        key = a_key(place, poll)
        found = []
        for step in range(7):
            move(place, poll, step)
            answer = now(place, client, key)
            found.append((answer.text, answer.headers["ETag"], answer.content_length))
        answers.append(found)

    for step in range(6):
        if step != 4:  # a table, whose page the clock turns
            assert answers[0][step] == answers[1][step], step
    assert answers[0][6] != answers[1][6]


def test_no_screen_tells_a_result_before_it_is_certified(sqlite_place):
    place = sqlite_place
    client = place.client()
    poll, codes = an_open_poll(place, LEADERS_POLL)
    key = a_key(place, poll)

    sent = [now(place, client, key).text]
    for code in codes:
        cast(place, poll, code, 3)
    place.clock.go(seconds=5)
    sent.append(now(place, client, key).text)
    close(place, poll)
    sent.append(now(place, client, key).text)

    assert not [name for name in NAMES for text in sent if name in text]
    assert not [word for word in ("较好", "得分", "名次", "差") for text in sent if word in text]
    assert "已结束，等待认定" in sent[-1]


def test_whoever_has_it_already_gets_nothing_again(sqlite_place):
    poll, codes = an_open_poll(sqlite_place)
    client, key = sqlite_place.client(), a_key(sqlite_place, poll)
    first = now(sqlite_place, client, key)
    tag = first.headers["ETag"]

    again = now(sqlite_place, client, key, **{"If-None-Match": tag})
    cast(sqlite_place, poll, codes[0], 0)
    sqlite_place.clock.go(seconds=5)
    changed = now(sqlite_place, client, key, **{"If-None-Match": tag})

    assert (again.status_code, again.data) == (304, b"")
    assert changed.status_code == 200
    assert page(client.get(f"/screen/{key}")).one("main").get("data-tag") in changed.headers["ETag"]


@pytest.mark.parametrize(
    "path", ["/screen/", "/screen/x", f"/screen/{'0' * 20}", f"/screen/{'0' * 20}/now"]
)
def test_a_guessed_address_tells_nothing(sqlite_place, path):
    a_key(sqlite_place, a_poll(sqlite_place))

    assert sqlite_place.client().get(path).status_code == 404


def test_a_revoked_address_is_gone_and_says_why(sqlite_place):
    desk = a_desk(sqlite_place)
    poll = a_poll(sqlite_place)
    key = a_key(sqlite_place, poll)
    assert now(sqlite_place, desk.client, key).status_code == 200

    desk.client.post(
        f"/office/polls/{poll.id}/screen/off",
        data={"csrf_token": desk.token(f"/office/polls/{poll.id}/screen")},
    )

    assert now(sqlite_place, desk.client, key).status_code == 404
    answer = desk.client.get(f"/screen/{key}")
    assert answer.status_code == 404
    assert "已经停用" in page(answer).text


def test_a_screen_of_a_rehearsal_says_so(sqlite_place):
    poll = a_poll(sqlite_place)
    with sqlite_place.database.write() as connection:
        number = copies.rehearse(connection, poll.id, by="test", now=sqlite_place.clock())
    key = a_key(sqlite_place, sqlite_place.poll(number))

    read = page(sqlite_place.client().get(f"/screen/{key}"))

    assert "演练 · 不计入任何结果" in read.text
    assert read.heading.startswith("【演练】")


# ---- the presenter ------------------------------------------------------------------------------


def press(desk: Desk, poll: Poll, button: str) -> None:
    """Press a button of the presenter's page by its id."""
    path = f"/office/polls/{poll.id}/screen"
    form = desk.read(path).one("button", id=button).inside("form")
    assert form
    fields = {
        field.get("name"): field.get("value")
        for field in desk.read(path).every("input", type="hidden")
        if (inside := field.inside("form")) and inside.get("action") == form.get("action")
    }
    steps = [
        field.get("value")
        for field in desk.read(path).every("input", name="step")
        if field.inside("form")
    ]
    fields["step"] = steps[0] if button == "back" else steps[1]
    assert desk.client.post(form.get("action"), data=fields).status_code == 303


def test_the_presenters_buttons_move_the_screen_without_any_script(sqlite_place):
    place = sqlite_place
    poll, desk = a_certified_poll(place), a_desk(place)
    key = a_key(place, poll)

    press(desk, poll, "next")
    press(desk, poll, "next")
    second = now(place, desk.client, key).text
    press(desk, poll, "back")
    first = now(place, desk.client, key).text

    assert "青龙村" in second
    assert "白马村" in first
    assert "青龙村" not in first


def test_the_presenters_page_never_names_a_subject_that_comes_later(sqlite_place):
    """It may be on the projector by mistake."""
    poll, desk = a_certified_poll(sqlite_place), a_desk(sqlite_place)
    by_rank(sqlite_place, poll)

    for step, name in ((0, None), (1, "青龙村"), (2, "石桥社区"), (3, "白马村")):
        move(sqlite_place, poll, step)
        text = desk.read(f"/office/polls/{poll.id}/screen").text
        assert [each for each in NAMES if each in text] == ([name] if name else [])


def test_a_button_pressed_twice_moves_once(sqlite_place):
    poll, desk = a_certified_poll(sqlite_place), a_desk(sqlite_place)
    path = f"/office/polls/{poll.id}/screen"
    fields = {"csrf_token": desk.token(path), "step": "1"}

    for _ in range(2):
        desk.client.post(f"{path}/step", data=fields)

    assert "第 1 步，共 7 步" in desk.read(path).text


@pytest.mark.parametrize("role", [Role.SCRUTINEER, Role.SCORER, Role.AUDITOR])
def test_others_of_the_staff_see_where_the_reveal_is_and_have_no_button(sqlite_place, role):
    poll, desk = a_certified_poll(sqlite_place), a_desk(sqlite_place, role)
    move(sqlite_place, poll, 1)

    read = desk.read(f"/office/polls/{poll.id}/screen")

    assert "白马村" in read.text
    assert read.buttons == ["退出"]


# ---- copies, reruns, rehearsals -----------------------------------------------------------------


def test_an_annulled_poll_is_rerun_from_its_page_and_both_pages_say_so(sqlite_place):
    poll = a_poll(sqlite_place)
    with sqlite_place.database.write() as connection:
        polls.annul(connection, poll.id, reason="错印", by="test", now=sqlite_place.clock())
    desk = a_desk(sqlite_place)
    here = f"/office/polls/{poll.id}"

    answer = desk.client.post(f"{here}/copy", data={"csrf_token": desk.token(here)})

    assert answer.status_code == 303
    assert "本次为重新测评，原测评活动已作废：1" in desk.read(answer.location).text
    assert f"已重新测评：{poll.id + 1}" in desk.read(here).text


def test_a_rehearsal_is_made_opened_and_wiped_in_the_browser(sqlite_place):
    place = sqlite_place
    poll, desk = a_poll(place), a_desk(place)
    here = f"/office/polls/{poll.id}"

    made = desk.client.post(f"{here}/rehearse", data={"csrf_token": desk.token(here)}).location
    assert "这是演练，不是正式测评" in desk.read(made).text
    refused = desk.send(f"{made}/wipe", words="好的")
    assert refused.status_code == 422
    assert "请写“清除演练”" in page(refused).text
    done = desk.send(f"{made}/wipe", words="清除演练")

    assert done.location == "/office/"
    assert "演练已清除" in desk.read("/office/").text
    assert desk.get(made).status_code == 404


def test_every_page_a_voter_of_a_rehearsal_sees_says_so_and_those_of_its_poll_do_not(sqlite_place):
    place = sqlite_place
    draft = a_poll(place)
    with place.database.write() as connection:
        number = copies.rehearse(connection, draft.id, by="test", now=place.clock())
    rehearsal = place.poll(number)
    found: dict[int, list[bool]] = {}
    client = place.client()

    for poll in (draft, rehearsal):
        code, *_ = print_ballots(place, poll, 6)
        open_poll(place, poll)
        ballot = client.get(f"/b/{code}")
        names = {e.get("name") for e in page(ballot).every("input", type="radio")}
        said = {str(name): "0" for name in names}
        review = client.post(f"/b/{code}", data={"step": "review", **said})
        counted = client.post(f"/b/{code}", data=page(review).fields("cast"))
        close(place, poll)
        receipts = client.get(f"/receipts/{poll.id}")
        pages = [page(answer).text for answer in (ballot, review, counted, receipts)]
        found[poll.id] = ["这是演练，不是正式测评" in text for text in pages]

    assert found == {draft.id: [False] * 4, rehearsal.id: [True] * 4}
