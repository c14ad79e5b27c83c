"""The pages of a standing: entering, importing, the ledger, ties, approval; by real requests."""

import io

import openpyxl
import pypdfium2
import pytest

from ballot.domain.people import Role
from tests.assessment import (
    BASE,
    STREET,
    a_clerk,
    a_cycle_with_units,
    a_leaders_poll,
    adjust,
    approve,
    complete,
    enter,
    figures,
    log_of,
    number_of,
    standing,
    veto,
)
from tests.builders import LEADERS_POLL, Place, a_cycle, a_poll
from tests.services.test_standings import annul
from tests.web.desk import Desk, a_desk, page

CYCLE = "/office/cycles/1"
VILLAGES = f"{CYCLE}/kinds/village"
ENTRIES = f"{VILLAGES}/entries"
STANDING = f"{VILLAGES}/standing"
BUILDING = "base-work.party.building"
SEVEN = tuple("甲乙丙丁戊己庚")
TIED_AT_FIVE = ("80", "79", "78", "77", "70", "70", "60")


def field(place: Place, name: str, key: str = BUILDING) -> str:
    return f"c-{number_of(place, name)}-{key}"


def refusal(answer) -> str:
    return " ".join(page(answer).one("div", role="alert").text.split())


def a_clerks_desk(place: Place, *names: str) -> Desk:
    a_clerk(place, *names)
    desk = Desk(place)
    assert desk.sign_in("office").status_code == 303
    return desk


# ---- units --------------------------------------------------------------------------------------


def test_the_units_of_the_polls_are_offered_and_taken_in_with_others(sqlite_place):
    a_poll(sqlite_place, LEADERS_POLL)
    desk = a_desk(sqlite_place)

    offered = desk.read(f"{VILLAGES}/units").one("textarea").text
    desk.send(f"{VILLAGES}/units", names=f"{offered}\r\n黑马村\r\n")
    shown = desk.read(f"{VILLAGES}/units").text

    assert offered.split() == ["白马村", "青龙村", "石桥社区"]
    assert "共 4 个单位" in shown
    assert "黑马村" in shown


def test_a_unit_that_was_typed_by_mistake_can_be_removed(sqlite_place):
    a_cycle_with_units(sqlite_place)
    desk = a_desk(sqlite_place)

    desk.send(f"{VILLAGES}/units", remove=str(number_of(sqlite_place, "青龙村")))
    enter(sqlite_place, {("白马村", BASE): "80"})
    used = desk.send(f"{VILLAGES}/units", remove=str(number_of(sqlite_place, "白马村")))

    assert "青龙村" not in desk.read(f"{VILLAGES}/units").text
    assert (used.status_code, "已有录入的数据" in refusal(used)) == (409, True)


# ---- entering -----------------------------------------------------------------------------------


def test_a_line_office_signs_in_and_finds_its_own_page_and_nothing_else(sqlite_place):
    a_cycle_with_units(sqlite_place)
    desk = a_clerks_desk(sqlite_place, "党建办", "妇联")

    home = desk.read("/office/")
    links = [link.text for link in home.every("a") if "/kinds/" in link.get("href")]
    own = desk.read(ENTRIES)

    assert links == ["党建办 · 村（社区）", "妇联 · 村（社区）"]
    assert [e.get("name") for e in own.every("input") if e.get("name").startswith("c-")] == [
        field(sqlite_place, name, key)
        for name in ("白马村", "青龙村", "石桥社区")
        for key in (BUILDING, STREET)
    ]
    assert "武装部" not in own.text
    assert desk.get(f"{ENTRIES}?office=武装部").status_code == 404
    assert desk.get(f"{CYCLE}/kinds/station/entries").status_code == 404
    assert desk.get(CYCLE).status_code == 403


def test_a_line_office_saves_its_own_marks_and_no_others(place):
    a_cycle_with_units(place)
    desk = a_clerks_desk(place, "党建办")

    saved = desk.send(ENTRIES, **{field(place, "白马村"): "7.5"})
    shown = desk.read(ENTRIES).text
    strange = desk.send(ENTRIES, **{field(place, "白马村", "base-work.party.militia"): "2"})

    assert (saved.status_code, strange.status_code) == (303, 403)
    assert "不由您负责的线办录入" in page(strange).text
    assert figures(place) == {("白马村", BUILDING): "7.5"}
    assert "已保存。" in shown


def test_whoever_has_no_office_is_told_so(sqlite_place):
    a_cycle_with_units(sqlite_place)
    desk = a_clerks_desk(sqlite_place)

    assert "还没有给您分配线办" in desk.read("/office/").text
    assert desk.get(ENTRIES).status_code == 404


def test_a_mistake_is_told_beside_its_cell_and_all_that_was_typed_stays(sqlite_place):
    a_cycle_with_units(sqlite_place)
    desk = a_desk(sqlite_place, Role.SCORER)
    wrong, right = field(sqlite_place, "白马村"), field(sqlite_place, "青龙村")

    answer = desk.send(f"{ENTRIES}?office=党建办", **{wrong: "8.5", right: "6"})

    shown = page(answer)
    cell = shown.one("input", id=wrong)
    assert answer.status_code == 422
    assert (cell.get("value"), cell.get("aria-invalid")) == ("8.5", "true")
    assert shown.one("small", id=cell.get("aria-describedby")).text == "8.5 超过满分 8"
    assert shown.one("input", id=right).get("value") == "6"
    assert figures(sqlite_place) == {}


def test_of_two_clerks_the_second_hears_of_the_first_and_loses_nothing(place):
    a_cycle_with_units(place)
    first = a_desk(place, Role.SCORER)
    second = a_desk(place, Role.ADMIN, beside=first)
    address = f"{ENTRIES}?office=党建办"
    mine, free = field(place, "白马村"), field(place, "石桥社区")
    opened = page(second.get(address))
    held = {e.get("name"): e.get("value") for e in opened.every("input") if e.get("name")}

    first.send(address, **{mine: "8", field(place, "青龙村"): "7"})
    answer = second.client.post(ENTRIES, data=held | {mine: "6", free: "5"})
    again = page(answer)
    kept = {e.get("name"): e.get("value") for e in again.every("input") if e.get("name")}
    settled = second.client.post(ENTRIES, data=kept)

    assert answer.status_code == 422
    assert "scorer 刚刚把它改为 8，您写的是 6" in refusal(answer)
    assert (kept[mine], kept[free], kept[field(place, "青龙村")]) == ("6", "5", "7")
    assert settled.status_code == 303
    assert figures(place) == {
        ("白马村", BUILDING): "6",
        ("青龙村", BUILDING): "7",
        ("石桥社区", BUILDING): "5",
    }


def test_the_spread_is_drawn_and_equal_marks_are_warned_about(sqlite_place):
    a_cycle_with_units(sqlite_place)
    desk = a_desk(sqlite_place, Role.SCORER)
    enter(sqlite_place, {(name, BUILDING): "7" for name in ("白马村", "青龙村", "石桥社区")})

    alike = desk.read(f"{ENTRIES}?office=党建办")
    enter(sqlite_place, {("青龙村", BUILDING): "3.2"})
    unlike = desk.read(f"{ENTRIES}?office=党建办")

    assert "“党建工作”：所有单位都是 7 分，没有拉开差距" in alike.text
    assert "没有拉开差距" not in unlike.text
    assert unlike.one("svg", role="img").get("aria-label") == "由高到低各档单位数：2、0、1、0、0"


def test_a_page_never_asks_for_more_fields_than_a_form_may_have(sqlite_place):
    names = [f"第{n}村" for n in range(450)]
    a_cycle_with_units(sqlite_place, names)
    desk = a_desk(sqlite_place, Role.SCORER)

    first = desk.read(f"{ENTRIES}?office=党建办")
    saved = desk.send(f"{ENTRIES}?office=党建办&page=2", **{field(sqlite_place, "第449村"): "8"})

    assert len([e for e in first.every("input") if e.get("name").startswith("c-")]) == 400
    assert saved.location.endswith("page=2")
    assert figures(sqlite_place) == {("第449村", BUILDING): "8"}


@pytest.mark.parametrize("seen", ["", "%%%", "eJw=", "AAAA", "eJyLjgUAARUAuQ" * 9])
def test_a_page_that_was_tampered_with_is_refused(sqlite_place, seen):
    a_cycle_with_units(sqlite_place)
    desk = a_desk(sqlite_place, Role.SCORER)

    answer = desk.send(
        f"{ENTRIES}?office=党建办", seen=seen, **{field(sqlite_place, "白马村"): "8"}
    )

    assert answer.status_code == 422
    assert "页面的数据不完整" in page(answer).text
    assert figures(sqlite_place) == {}


# ---- importing ----------------------------------------------------------------------------------


def upload(desk: Desk, content: str | bytes, name: str = "表.csv", office: str = "党建办"):
    address = f"{ENTRIES}/import?office={office}"
    token = desk.token(address)
    file = content if isinstance(content, bytes) else content.encode()
    return desk.client.post(
        address,
        data={"csrf_token": token, "file": (io.BytesIO(file), name)},
        content_type="multipart/form-data",
    )


def test_an_import_shows_old_and_new_and_saves_nothing_before_it_is_confirmed(place):
    a_cycle_with_units(place)
    enter(place, {("白马村", BUILDING): "8"})
    desk = a_clerks_desk(place, "党建办")

    preview = page(upload(desk, "单位,党建工作\n白马村,7.5\n青龙村,6"))
    before = figures(place)
    held = {e.get("name"): e.get("value") for e in preview.every("input") if e.get("name")}
    answer = desk.client.post(f"{ENTRIES}/import", data=held | {"confirm": "yes"})

    lines = [" ".join(row.text.split()) for row in preview.every("tr")][1:]
    assert lines == [
        "白马村基础工作 › 党群工作 › 党建工作87.5",
        "青龙村基础工作 › 党群工作 › 党建工作空白6",
    ]
    assert before == {("白马村", BUILDING): "8"}
    assert answer.status_code == 303
    assert figures(place) == {("白马村", BUILDING): "7.5", ("青龙村", BUILDING): "6"}


def test_a_workbook_is_imported_like_a_table(sqlite_place):
    a_cycle_with_units(sqlite_place)
    book = openpyxl.Workbook()
    for line in (("单位", "党建工作"), ("白马村", 7.5), ("青龙村", 6)):
        book.active.append(line)
    file = io.BytesIO()
    book.save(file)
    desk = a_desk(sqlite_place, Role.SCORER)

    preview = page(upload(desk, file.getvalue(), "表.xlsx"))
    held = {e.get("name"): e.get("value") for e in preview.every("input") if e.get("name")}
    desk.client.post(f"{ENTRIES}/import", data=held | {"confirm": "yes"})

    assert figures(sqlite_place) == {("白马村", BUILDING): "7.5", ("青龙村", BUILDING): "6"}


def test_an_import_that_is_not_confirmed_saves_nothing(sqlite_place):
    a_cycle_with_units(sqlite_place)
    desk = a_desk(sqlite_place, Role.SCORER)

    preview = page(upload(desk, "单位,党建工作\n白马村,7.5"))
    held = {e.get("name"): e.get("value") for e in preview.every("input") if e.get("name")}
    held.pop("confirm")
    answer = desk.client.post(f"{ENTRIES}/import", data=held)

    assert (answer.status_code, refusal(answer)) == (422, "请勾选确认。")
    assert figures(sqlite_place) == {}


def test_what_somebody_changed_after_the_preview_is_not_overwritten(sqlite_place):
    a_cycle_with_units(sqlite_place)
    desk = a_desk(sqlite_place, Role.SCORER)
    preview = page(upload(desk, "单位,党建工作\n白马村,7.5"))
    held = {e.get("name"): e.get("value") for e in preview.every("input") if e.get("name")}

    enter(sqlite_place, {("白马村", BUILDING): "6"}, by="王五")
    answer = desk.client.post(f"{ENTRIES}/import", data=held | {"confirm": "yes"})

    assert "王五 刚刚把它改为 6" in refusal(answer)
    assert figures(sqlite_place) == {("白马村", BUILDING): "6"}


def test_every_mistake_of_a_file_is_on_the_page(sqlite_place):
    a_cycle_with_units(sqlite_place)
    desk = a_desk(sqlite_place, Role.SCORER)

    answer = upload(desk, "单位,党建工作\n黑马村,7\n白马村,80")

    assert answer.status_code == 422
    assert "第 2 行“单位”：名单中没有单位“黑马村”" in refusal(answer)
    assert "第 3 行“党建工作”：80 超过满分 8" in refusal(answer)


# ---- ledger -------------------------------------------------------------------------------------


def test_the_ledger_is_written_withdrawn_and_keeps_both(place):
    a_cycle_with_units(place)
    desk = a_desk(place, Role.SCORER)
    address = f"{VILLAGES}/ledger"
    unit = str(number_of(place, "青龙村"))

    said = {"unit": unit, "rule": "award-city", "times": "2", "note": "市级文明村〔2023〕8号"}
    desk.send(address, what="adjustment", **said)
    desk.send(address, what="veto", unit=unit, rule="safety", note="6·12 事故通报")
    written = desk.read(address).text
    desk.send(f"{address}/adjustment/1/withdraw", why="重复记录", confirm="yes")
    withdrawn = desk.read(address)

    assert "市级文明村〔2023〕8号" in written
    assert "6·12 事故通报" in written
    assert "撤回：重复记录" in withdrawn.text
    [struck] = [row for row in withdrawn.every("tr") if row.get("class") == "struck"]
    assert "青龙村" in struck.text
    assert log_of(place)[-3:] == ["adjustment recorded", "veto recorded", "adjustment withdrawn"]


def test_a_row_that_does_not_fit_keeps_what_was_typed(sqlite_place):
    a_cycle_with_units(sqlite_place)
    desk = a_desk(sqlite_place, Role.SCORER)
    unit = str(number_of(sqlite_place, "青龙村"))

    answer = desk.send(
        f"{VILLAGES}/ledger",
        what="adjustment",
        unit=unit,
        rule="award-city",
        marks="3",
        note="通报",
    )

    shown = page(answer)
    assert "每次固定 1 分，不能另填分值" in refusal(answer)
    assert shown.one("input", id="a-marks").get("value") == "3"
    assert [e.get("value") for e in shown.every("option") if "selected" in e.attributes] == [
        unit, "award-city",
    ]  # fmt: skip


def test_nothing_is_withdrawn_without_a_reason_and_a_tick(sqlite_place):
    a_cycle_with_units(sqlite_place)
    number = veto(sqlite_place, "青龙村", "safety")
    desk = a_desk(sqlite_place, Role.SCORER)
    address = f"{VILLAGES}/ledger/veto/{number}/withdraw"

    assert refusal(desk.send(address, why="重复")) == "请勾选确认。"
    assert refusal(desk.send(address, why=" ", confirm="yes")) == "须写明理由。"
    assert desk.get(f"{VILLAGES}/ledger/adjustment/{number}/withdraw").status_code == 404


# ---- the standing -------------------------------------------------------------------------------


def test_a_draft_says_that_it_is_one_and_is_for_scorers_alone(sqlite_place):
    complete(sqlite_place)
    scorer = a_desk(sqlite_place, Role.SCORER)
    organiser = a_desk(sqlite_place, Role.ORGANISER, beside=scorer)

    shown = scorer.read(STANDING)
    refused = organiser.get(STANDING)

    assert shown.one("p", **{"class": "stamp"}).text == "草案"
    assert (refused.status_code, "还没有经党政会议审定" in page(refused).text) == (409, True)
    assert "93.50" not in page(refused).text


def test_every_figure_of_a_standing_opens_to_how_it_came_about(sqlite_place):
    complete(sqlite_place)
    adjust(sqlite_place, "白马村", "award-city")
    desk = a_desk(sqlite_place, Role.SCORER)

    shown = desk.read(STANDING)

    opened = next(e for e in shown.every("details") if "（白马村）" in e.text)
    told = " ".join(opened.text.split())
    assert "基础工作（满分 85）：80 → 80.00 分" in told
    assert "市（地级）表彰荣誉：1 × 1 = +1.00 分" in told
    assert "好 10 + 较好 0 = 10 票，10/10 = 100.00% ≥ 90% → 90 分 × 0.05 = 4.50 分" in told
    assert "录入 · 王计分 · 2023年12月28日 09:30" in told
    assert "/office/polls/1/results" in [link.get("href") for link in shown.every("a")]


def test_what_is_missing_stands_on_the_page(sqlite_place):
    a_cycle_with_units(sqlite_place)
    a_leaders_poll(sqlite_place, certified=False)
    desk = a_desk(sqlite_place, Role.SCORER)

    shown = desk.read(STANDING)

    assert "还不能算出总评" in shown.text
    assert "测评活动 1“2023年度leaders-review”投票中，认定以后才有得分" in shown.text
    assert shown.every("table") == []


def test_a_tie_is_decided_on_the_page_and_the_decision_can_be_withdrawn(place):
    complete(place, TIED_AT_FIVE, SEVEN)
    desk = a_desk(place, Role.SCORER)
    address = f"{STANDING}/ties"
    token = desk.token(address)
    decided = {"csrf_token": token, "reason": "党建工作在先", "confirm": "yes"}

    pending = desk.read(STANDING).text
    wrong = desk.client.post(address, data=decided | {"unit": ["戊", "己"], "place": ["1", "1"]})
    right = desk.client.post(address, data=decided | {"unit": ["戊", "己"], "place": ["2", "1"]})
    first = {each.unit for each in standing(place).standings if each.grade == "先进"}
    undone = desk.client.post(address, data=decided | {"withdraw": "1", "reason": "会议未同意"})

    assert "待定" in pending
    assert "决定同分先后…" in pending
    assert "不重复、不跳号" in refusal(wrong)
    assert (right.status_code, undone.status_code) == (303, 303)
    assert {"己"} == first - {"甲", "乙", "丙", "丁"}
    assert "撤回：会议未同意" in desk.read(address).text


def test_the_meetings_approval_is_recorded_shown_and_withdrawn_by_an_admin_alone(place):
    complete(place)
    scorer = a_desk(place, Role.SCORER)
    admin = a_desk(place, Role.ADMIN, beside=scorer)
    said = {"meeting": "党工委会议（第3次）", "held_on": "2023-12-27", "confirm": "yes"}

    answer = scorer.send(f"{STANDING}/approve", **said)
    shown = scorer.read(STANDING)
    closed = scorer.send(f"{ENTRIES}?office=党建办")
    refused = scorer.get(f"{STANDING}/undo").status_code
    undone = admin.send(f"{STANDING}/undo", why="计算有误", confirm="yes")

    assert answer.status_code == 303
    assert shown.one("p", **{"class": "stamp final"}).text == "已审定"
    assert "2023-12-27 党工委会议（第3次）审定，scorer 于 2023年12月28日" in shown.text
    assert (closed.status_code, "已经审定" in page(closed).text) == (409, True)
    assert (refused, undone.status_code) == (403, 303)
    past = scorer.read(STANDING)
    assert past.one("p", **{"class": "stamp"}).text == "草案"
    assert "撤回：计算有误" in past.text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"meeting": "会议", "held_on": "2023-12-27"}, "请勾选确认。"),
        (
            {"meeting": "会议", "held_on": "昨天", "confirm": "yes"},
            "日期应写成 2024-01-12 的样子。",
        ),
        ({"meeting": "", "held_on": "2023-12-27", "confirm": "yes"}, "请写明是哪次会议审定的。"),
        (
            {"meeting": "会议", "held_on": "2023-12-27", "confirm": "yes", "seen": "0" * 64},
            "总评在您查看以后有了变动，没有审定。请核对现在的数字，再审定一次。",
        ),
    ],
)
def test_an_approval_that_is_not_clear_is_refused(sqlite_place, said, told):
    complete(sqlite_place)
    desk = a_desk(sqlite_place, Role.SCORER)

    answer = desk.send(f"{STANDING}/approve", **said)

    assert refusal(answer) == told
    assert standing(sqlite_place).approved is None


@pytest.mark.slow
@pytest.mark.parametrize("name", ["circular", "sheets"])
def test_a_draft_is_printed_as_one_and_an_approved_standing_without_its_mark(sqlite_place, name):
    complete(sqlite_place)
    desk = a_desk(sqlite_place, Role.SCORER)

    draft = words_of(desk.get(f"{STANDING}/{name}.pdf"))
    approve(sqlite_place)
    final = words_of(desk.get(f"{STANDING}/{name}.pdf"))

    assert "草案" in draft
    assert "草案" not in final
    assert "党工委会议" in final
    assert [unit for unit in ("白马村", "青龙村", "石桥社区") if unit not in final] == []


def test_a_result_sheet_is_given_for_one_unit_alone(sqlite_place):
    complete(sqlite_place)
    desk = a_desk(sqlite_place, Role.SCORER)

    told = words_of(desk.get(f"{STANDING}/sheets.pdf?unit=青龙村"))

    assert "青龙村" in told
    assert "83.50" in told
    assert "白马村" not in told
    assert desk.get(f"{STANDING}/sheets.pdf?unit=黑马村").status_code == 404


def words_of(answer) -> str:
    """Return what a PDF says."""
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    document = pypdfium2.PdfDocument(answer.data)
    told = "".join(sheet.get_textpage().get_text_bounded() for sheet in document)
    document.close()
    return "".join(told.split())


def test_the_facts_that_a_scheme_asks_about_units_are_typed_or_imported(sqlite_place):
    a_cycle(sqlite_place, scheme="municipal")
    desk = a_desk(sqlite_place)
    address = f"{CYCLE}/kinds/department/units"
    content = "单位,分口,上年\n财政局,经济,70\n教育局,社会,\n"

    preview = page(
        desk.client.post(
            f"{address}/import",
            data={
                "csrf_token": desk.token(f"{address}/import"),
                "file": (io.BytesIO(content.encode()), "名单.csv"),
            },
            content_type="multipart/form-data",
        )
    )
    held: dict[str, list[str]] = {}
    for each in preview.every("input"):
        held.setdefault(each.get("name"), []).append(each.get("value"))
    saved = desk.client.post(f"{address}/import", data=held | {"confirm": "yes"})
    shown = desk.read(address)
    table = {"csrf_token": desk.token(address), "named": ["财政局", "教育局"], "facts": "yes"}
    typed = {
        "fact sector": ["经济", "社会"],
        "fact last-year": ["", "好"],
        "fact competes": ["", ""],
    }
    wrong = desk.client.post(address, data=table | typed)

    assert saved.status_code == 303
    assert [e.get("value") for e in shown.every("input", name="fact sector")] == ["经济", "社会"]
    assert [e.get("value") for e in shown.every("input", name="fact last-year")] == ["70", ""]
    assert "“教育局”的“上年结果”：“好”不是数字。" in refusal(wrong)
    assert [e.get("value") for e in page(wrong).every("input", name="fact last-year")] == ["", "好"]


def test_figures_that_changed_after_the_approval_are_told_on_the_page(sqlite_place):
    complete(sqlite_place)
    approve(sqlite_place)
    annul(sqlite_place, 1)

    shown = a_desk(sqlite_place, Role.AUDITOR).read(STANDING)

    assert "现在算出的数字与审定时不同" in shown.text


def test_the_cycles_page_tells_how_far_each_office_is(sqlite_place):
    a_cycle_with_units(sqlite_place)
    enter(sqlite_place, {("白马村", BUILDING): "8", ("青龙村", STREET): "5"})
    enter(sqlite_place, {("石桥社区", BASE): "80"})

    shown = a_desk(sqlite_place, Role.SCORER).read(CYCLE)

    progress = {
        " ".join(dt.text.split()): " ".join(dd.text.split())
        for dt, dd in zip(shown.every("dt"), shown.every("dd"), strict=True)
    }
    assert progress["党建办 录入"].startswith("已录 3 / 应录 6")
    assert progress["武装部 录入"].startswith("已录 1 / 应录 3")


def test_an_organiser_assigns_offices_on_a_page(sqlite_place):
    a_cycle_with_units(sqlite_place)
    clerk = a_clerks_desk(sqlite_place, "妇联")
    desk = a_desk(sqlite_place, beside=clerk)

    shown = desk.read(f"{CYCLE}/offices")
    ticked = [e.get("value") for e in shown.every("input") if "checked" in e.attributes]
    desk.send(f"{CYCLE}/offices", name="office", office="党建办")

    assert ticked == ["妇联"]
    assert "党建办" in clerk.read("/office/").text
    assert "妇联" not in clerk.read("/office/").text
