"""A hall with phones: one server with an open poll, and browsers that hold its slips."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ballot.domain.polls import Poll
from ballot.settings import Settings
from tests.builders import a_place, an_open_poll
from tests.live import Server, a_server

WIDTHS = (320, 390, 768)
LEVELS = ("好", "较好", "一般", "差")
POLL = f"""
title = "2023年度述职民主测评"
scheme = "street-2023"
kind = "village"
component = "leaders-review"
instructions = "请按平时了解的情况评价。"
limits = [{{ level = "好", at_most = 3 }}]
subjects = [{", ".join(f'{{ unit = "第{n}村", duty = "村党支部书记" }}' for n in range(1, 13))}]
groups = [{{ key = "leaders", name = "党政领导", ballots = 80 }}]
"""


def many(subjects: int, questions: int) -> str:
    """Return a poll with so many subjects and questions about each."""
    units = ", ".join(f'{{ unit = "第{n}村" }}' for n in range(1, subjects + 1))
    asked = ", ".join(f'{{ text = "第{n}项工作做得怎样" }}' for n in range(1, questions + 1))
    return f"""
title = "2023年度党政领导评议"
scheme = "street-2023"
kind = "village"
component = "leaders-review"
subjects = [{units}]
{f"questions = [{asked}]" if questions > 1 else ""}
groups = [{{ key = "leaders", name = "党政领导", ballots = 20 }}]
"""


@dataclass
class Hall:
    """A running server with an open poll of 12 subjects, and slips nobody has used yet."""

    server: Server
    browser: Any
    poll: Poll
    slips: list[str]
    database: str
    contexts: list[Any] = field(default_factory=list)

    def phone(self, width: int = 390, **options: Any) -> Any:
        """Return a page of a phone of its own."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 844}, locale="zh-CN", **options
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        return context.new_page()

    def a_slip(self) -> str:
        """Return the address of a slip that was not used yet."""
        return f"{self.server.url}/B/{self.slips.pop()}"

    def votes(self) -> tuple[int, int]:
        """Return how many votes are kept, and how many ballots are marked as cast."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
            kept = connection.execute("SELECT count(*) FROM votes").fetchone()[0]
            marked = connection.execute("SELECT count(*) FROM ballots WHERE state = 1").fetchone()
        return kept, marked[0]

    def put_away(self) -> None:
        """Close the phones of a test."""
        while self.contexts:
            self.contexts.pop().close()


@contextmanager
def a_hall(settings: Settings, browser: Any, text: str = POLL) -> Iterator[Hall]:
    """Serve an open poll."""
    with a_place(settings) as place:
        poll, codes = an_open_poll(place, text)
    with a_server(settings) as server:
        yield Hall(server, browser, poll, list(codes), settings.database_url.partition("///")[2])


def rate(page: Any, levels: dict[int, str]) -> None:
    """Tap a level for some subjects, by their place on the ballot."""
    for place, level in levels.items():
        page.locator("fieldset").nth(place).get_by_text(level, exact=True).click()


def review(page: Any) -> None:
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("heading", name="请核对").wait_for()


def submit(page: Any) -> None:
    page.get_by_role("button", name="提交", exact=True).click()


def heading(page: Any) -> str:
    return str(page.locator("h1").inner_text())


def chosen(page: Any) -> list[str]:
    """Return what is chosen on the ballot, in the order of its subjects."""
    return list(
        page.eval_on_selector_all(
            "fieldset input:checked:not(.undo)",
            "all => all.map(one => document.querySelector(`label[for='${one.id}']`).innerText)",
        )
    )


def visit(page: Any, url: str, slip: str) -> Iterator[str]:
    """Go through every page of a voter's visit to a poll of `POLL`, and yield each one's name."""
    page.goto(f"{url}/")
    yield "start"
    page.get_by_label("票码").fill("ABCD-EFGH-JKMN-PQRU")
    page.get_by_role("button", name="打开这张票").click()
    yield "mistyped"
    page.goto(slip)
    yield "ballot"
    rate(page, {0: "好", 1: "好", 2: "好", 3: "好", 4: "差"})
    yield "rated"
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("heading", name="还不能提交，请改一下").wait_for()
    yield "mistakes"
    rate(page, {3: "一般"})
    review(page)
    yield "review"
    submit(page)
    page.get_by_role("heading", name="已计票").wait_for()
    yield "counted"
    page.goto(slip)
    yield "used"
