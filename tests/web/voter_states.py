"""Every state in which a voter's page can be, each brought about by what really causes it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from werkzeug.test import TestResponse

from ballot.domain.codes import new_code
from ballot.services import closing, polls
from tests.builders import ONE_GROUP_POLL, Place, a_poll, an_open_poll, close, print_ballots
from tests.web.phone import Phone, with_wrong_check_symbol

REQUIRED_POLL = 'blank = "required"\n' + ONE_GROUP_POLL


@contextmanager
def broken_table(place: Place, name: str) -> Iterator[None]:
    """Take a table of the database away for a while: its statements fail, as on a broken disk."""
    with place.database.write() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO away")
    try:
        yield
    finally:
        with place.database.write() as connection:
            connection.exec_driver_sql(f"ALTER TABLE away RENAME TO {name}")


def start(place: Place) -> TestResponse:
    return place.client().get("/")


def mistyped(place: Place) -> TestResponse:
    return place.client().post("/", data={"code": "ABCD-EFGH-JKMN-PQRU"})


def typed(place: Place) -> TestResponse:
    _, codes = an_open_poll(place)
    return place.client().post("/", data={"code": codes[0]})


def not_open_yet(place: Place) -> TestResponse:
    return Phone(place, print_ballots(place, a_poll(place))[0]).open()


def ballot(place: Place) -> TestResponse:
    _, codes = an_open_poll(place)
    return Phone(place, codes[0]).open()


def mistakes(place: Place) -> TestResponse:
    _, codes = an_open_poll(place, REQUIRED_POLL)
    return Phone(place, codes[0]).review()


def review(place: Place) -> TestResponse:
    _, codes = an_open_poll(place)
    return Phone(place, codes[0]).review(c0=1)


def going_back(place: Place) -> TestResponse:
    _, codes = an_open_poll(place)
    return Phone(place, codes[0]).send(step="edit", c0=1)


def counted(place: Place) -> TestResponse:
    _, codes = an_open_poll(place)
    return Phone(place, codes[0]).vote(c0=1)


def counted_again(place: Place) -> TestResponse:
    _, codes = an_open_poll(place)
    phone = Phone(place, codes[0])
    form = phone.reviewed(c0=1)
    phone.send(**form)
    return phone.send(**form)


def used(place: Place) -> TestResponse:
    _, codes = an_open_poll(place)
    phone = Phone(place, codes[0])
    phone.vote(c0=1)
    return phone.open()


def voided(place: Place) -> TestResponse:
    poll, codes = an_open_poll(place)
    with place.database.write() as connection:
        polls.void_ballot(connection, place.keys, poll.id, codes[0], by="test", now=place.clock())
    return Phone(place, codes[0]).open()


def ending(place: Place) -> TestResponse:
    poll, codes = an_open_poll(place)
    with place.database.write() as connection:
        closing.order(connection, poll.id, scrutineer="张", by="test", now=place.clock())
    return Phone(place, codes[0]).open()


def closed(place: Place) -> TestResponse:
    poll, codes = an_open_poll(place)
    close(place, poll)
    return Phone(place, codes[0]).open()


def annulled(place: Place) -> TestResponse:
    poll, codes = an_open_poll(place)
    close(place, poll)
    with place.database.write() as connection:
        polls.annul(connection, poll.id, reason="票箱破损", by="test", now=place.clock())
    return Phone(place, codes[0]).open()


def unknown_code(place: Place) -> TestResponse:
    return Phone(place, new_code()).open()


def wrong_check_symbol(place: Place) -> TestResponse:
    return Phone(place, with_wrong_check_symbol(new_code())).open()


def no_such_page(place: Place) -> TestResponse:
    return place.client().get("/nowhere")


def wrong_method(place: Place) -> TestResponse:
    return place.client().put(f"/B/{new_code()}")


def too_large(place: Place) -> TestResponse:
    return Phone(place, new_code()).send(step="review", c0="0" * 70_000)


def sent_twice_in_one(place: Place) -> TestResponse:
    _, codes = an_open_poll(place)
    return place.client().post(f"/B/{codes[0]}", data={"step": "review", "c0": ["0", "1"]})


def uncertain(place: Place) -> TestResponse:
    _, codes = an_open_poll(place)
    phone = Phone(place, codes[0])
    form = phone.reviewed(c0=1)
    with broken_table(place, "votes"):
        return phone.send(**form)


def broken(place: Place) -> TestResponse:
    _, codes = an_open_poll(place)
    phone = Phone(place, codes[0])
    with broken_table(place, "ballots"):
        return phone.open()


# Each state with its status, its heading, and words that say what to do next.
def receipts_published(place: Place) -> TestResponse:
    poll, codes = an_open_poll(place)
    Phone(place, codes[0]).vote(c0=1)
    close(place, poll)
    return place.client().get(f"/receipts/{poll.id}")


def receipts_too_early(place: Place) -> TestResponse:
    poll, _ = an_open_poll(place)
    return place.client().get(f"/receipts/{poll.id}")


STATES: dict[Callable[[Place], TestResponse], tuple[int, str, str]] = {
    start: (200, "输入票码", "用手机扫票上的二维码"),
    mistyped: (422, "输入票码", "第 4 组里的“U”"),
    not_open_yet: (409, "投票还没有开始", "再扫一次码"),
    ballot: (200, "白马村2023年度村述村评", "每一项选一个等次"),
    mistakes: (422, "白马村2023年度村述村评", "请补全后再提交"),
    review: (200, "请核对", "还没有提交"),
    going_back: (200, "白马村2023年度村述村评", "下一步先核对"),
    counted: (200, "已计票", "可以关闭这个页面"),
    counted_again: (200, "已计票", "没有重复计票"),
    used: (409, "此票已投", "请告诉监票人"),
    voided: (409, "此票已作废", "换一张新票"),
    ending: (409, "投票已经结束", "请询问工作人员"),
    closed: (409, "投票已经结束", "请询问工作人员"),
    annulled: (409, "本次测评已作废", "请留意工作人员的通知"),
    unknown_code: (404, "没有这张票", "请对照票面逐组核对"),
    wrong_check_symbol: (422, "请检查一下", "请逐组核对后再输入"),
    no_such_page: (404, "没有找到", "重新扫码"),
    wrong_method: (405, "没有成功", "请重新扫描票上的二维码"),
    too_large: (413, "没有成功", "请重新扫描票上的二维码"),
    sent_twice_in_one: (400, "没有成功", "请重新扫描票上的二维码"),
    uncertain: (503, "请再提交一次", "不会重复计票"),
    receipts_published: (200, "回执公布", "收回的票共 1 张"),
    receipts_too_early: (409, "没有成功", "投票结束后才有结果"),
    broken: (500, "系统出错了", "请告诉工作人员"),
}
