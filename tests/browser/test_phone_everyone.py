"""The voter's phone for everyone: eyes, hands and phones of every kind, and little data."""

import gzip
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ballot import resources
from ballot.settings import from_environment
from tests.browser.chromium import CHROMIUM, barriers
from tests.browser.phones import (
    LEVELS,
    WIDTHS,
    Hall,
    a_hall,
    chosen,
    heading,
    many,
    rate,
    submit,
    visit,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium here (apt-get install chromium)"),
]
ACORN = Path("/usr/bin/acorn")


@pytest.fixture(scope="module")
def hall(browser, tmp_path_factory) -> Iterator[Hall]:
    """Serve one open poll of 12 subjects for all these tests."""
    settings = from_environment({"BALLOT_FOLDER": str(tmp_path_factory.mktemp("all") / "var")})
    with a_hall(replace(settings, public_url="http://127.0.0.1:8000"), browser) as hall:
        yield hall


@pytest.fixture(autouse=True)
def put_away(hall: Hall) -> Iterator[None]:
    """Close each test's phones."""
    yield
    hall.put_away()


@pytest.mark.parametrize(
    ("width", "large", "scheme"),
    [
        (320, True, "light"),
        (320, False, "dark"),
        (390, False, "light"),
        (390, True, "dark"),
        (768, True, "light"),
    ],
)
def test_axe_finds_nothing_on_any_page_and_nothing_is_wider_than_the_screen(
    hall, width, large, scheme
):
    page = hall.phone(width, color_scheme=scheme)
    if large:
        page.add_init_script("localStorage.setItem('ballot-large', '1')")
    found = {}
    for name in visit(page, hall.server.url, hall.a_slip()):
        found[name] = barriers(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize("text", ["html { font-size: 225% !important }", "body { zoom: 1.4 }"])
def test_text_of_twice_the_size_and_wechats_larger_text_cut_nothing_off(hall, text):
    page = hall.phone(320)
    page.add_init_script(
        f"""document.addEventListener("DOMContentLoaded", () => {{
            const sheet = new CSSStyleSheet(); sheet.replaceSync("{text}");
            document.adoptedStyleSheets = [sheet]; }})"""
    )
    for name in visit(page, hall.server.url, hall.a_slip()):
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
        cut = page.evaluate(
            """[...document.querySelectorAll("h1, legend, label, button:not([hidden]), dd, dt")]
               .filter(e => e.offsetWidth > 2 && e.scrollWidth > e.clientWidth + 2
                            && getComputedStyle(e).overflow !== "visible").map(e => e.outerHTML)"""
        )
        assert cut == [], name


def test_the_switch_for_elders_enlarges_text_and_targets_and_is_remembered(hall):
    page = hall.phone()
    page.goto(hall.a_slip())
    sizes = """[...document.querySelectorAll("main *")]
        .filter(e => e.offsetHeight && !e.children.length && e.innerText && e.innerText.trim())
        .map(e => parseFloat(getComputedStyle(e).fontSize))"""
    assert min(page.evaluate(sizes)) >= 15

    page.get_by_role("button", name="大字").click()
    page.reload()
    assert page.get_by_role("button", name="大字").get_attribute("aria-pressed") == "true"
    told = page.evaluate(sizes)
    assert min(told) >= 18
    assert max(told) <= 30
    heights = page.eval_on_selector_all(
        "fieldset label:not(.undo), .bar button[type=submit]", "all => all.map(e => e.offsetHeight)"
    )
    assert min(heights) >= 60


@pytest.mark.parametrize("width", WIDTHS)
def test_a_vote_is_cast_with_the_keyboard_alone_and_the_bar_never_hides_what_has_the_focus(
    hall, width
):
    page = hall.phone(width)
    page.goto(hall.a_slip())
    reached = 0
    for _ in range(80):
        page.keyboard.press("Tab")
        told = page.evaluate(
            """() => { const e = document.activeElement;
                 if (e.type !== "radio") return e.innerText;
                 const box = document.querySelector(`label[for='${e.id}']`).getBoundingClientRect();
                 const bar = document.querySelector(".bar").getBoundingClientRect();
                 return box.bottom <= bar.top + 1 && box.top >= 0 ? "seen" : "hidden"; }"""
        )
        assert told != "hidden"
        if told == "seen":
            page.keyboard.press("Space")
            reached += 1
        elif told == "下一步":
            page.keyboard.press("Enter")
            break
    page.get_by_role("heading", name="还不能提交").or_(
        page.get_by_role("heading", name="请核对")
    ).first.wait_for()
    assert reached == 12


def test_a_screen_reader_hears_which_subject_a_level_belongs_to_and_how_far_one_is(hall):
    page = hall.phone()
    page.goto(hall.a_slip())

    tree = page.locator("main").aria_snapshot()
    groups = [line for line in tree.splitlines() if "- group " in line]
    assert len(groups) == 12
    assert "第1村 村党支部书记" in groups[0]
    assert (
        tree.index("第1村") < tree.index("第2村") < tree.index("第12村") < tree.index("还没有提交")
    )
    assert tree.count("- radio ") == 12 * len(LEVELS)


def test_without_javascript_a_vote_takes_the_same_steps_and_the_count_goes_on(hall):
    page = hall.phone(java_script_enabled=False)
    page.goto(hall.a_slip())
    assert page.get_by_role("button", name="大字").count() == 0
    assert page.get_by_role("button", name="下一个未评").count() == 0
    rate(page, {0: "好", 1: "较好"})
    page.get_by_role("button", name="下一步").click()
    assert heading(page) == "请核对"
    submit(page)
    assert heading(page) == "已计票"


@pytest.mark.skipif(not ACORN.exists(), reason="no acorn here (apt-get install node-acorn)")
def test_what_the_voters_page_ships_is_javascript_of_2016():
    scripts = sorted((resources.folder("static")).glob("voter*.js"))
    assert scripts
    for script in scripts:
        assert parsed(script.read_text("utf-8")) == 0, script.name
    assert parsed("async function later() { await 1; }") != 0


def parsed(text: str) -> int:
    """Return what a parser of ECMAScript 2016 says: 0 if it understands."""
    command = [str(ACORN), "--ecma2016", "--silent"]
    return subprocess.run(command, input=text, text=True, check=False, timeout=60).returncode


def first_view(hall: Hall, slip: str) -> tuple[int, int]:
    """Return how many requests a first view takes, and its bytes as they travel."""
    page = hall.phone()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    done: list[int] = []
    session.on("Network.loadingFinished", lambda e: done.append(e["encodedDataLength"]))
    page.goto(slip, wait_until="networkidle")
    return len(done), int(sum(done))


def test_a_first_view_is_two_requests_and_at_most_thirty_kilobytes(hall):
    requests, size = first_view(hall, hall.a_slip())

    assert requests == 2
    assert size <= 30 * 1024


@pytest.mark.parametrize(("subjects", "questions"), [(40, 1), (1, 20)])
def test_forty_subjects_or_twenty_questions_stay_within_sixty_kilobytes(
    browser, tmp_path, subjects, questions
):
    settings = from_environment({"BALLOT_FOLDER": str(tmp_path / "var")})
    with a_hall(
        replace(settings, public_url="http://127.0.0.1:8000"), browser, many(subjects, questions)
    ) as hall:
        requests, size = first_view(hall, hall.a_slip())
        page = hall.contexts[0].pages[0]
        assert len(page.content().encode()) <= 200 * 1024
        assert chosen(page) == []
        hall.put_away()
    assert requests == 2
    assert size <= 60 * 1024


def test_the_script_is_at_most_ten_kilobytes():
    script = (resources.folder("static") / "voter.js").read_bytes()

    assert len(script) <= 10 * 1024
    assert len(gzip.compress(script)) < 4 * 1024
