"""Units brought as a file: every fault of every row at once, nothing saved before a word."""

import csv
import io

import openpyxl
import pytest
from openpyxl.styles import Font

from ballot.domain.people import Role
from ballot.services import unit_files, units
from ballot.services.unit_files import UnitFile
from tests.assessment import add_units, adjust, enter, number_of
from tests.builders import VILLAGE_POLL, Place, a_cycle, a_poll
from tests.web.desk import a_desk, page

DEPARTMENTS = "/office/cycles/1/kinds/department/units"
VILLAGES = "/office/cycles/1/kinds/village/units"
HEADINGS = ("序号", "单位", "分口", "上年结果")


def a_workbook(*rows, merged: str = "", hidden: int = 0) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    sheet["A1"].font = Font(bold=True)
    if merged:
        sheet.merge_cells(merged)
    if hidden:
        sheet.row_dimensions[hidden].hidden = True
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read(place: Place, content: bytes, kind: str = "department") -> UnitFile:
    with place.database.read() as connection:
        return unit_files.read(content, "名单", units.roster(connection, 1, kind))


def names(place: Place, kind: str = "department") -> list[str]:
    with place.database.read() as connection:
        return [unit.name for unit in units.roster(connection, 1, kind).units]


def bring(desk, content: bytes, address: str = DEPARTMENTS):
    return desk.client.post(
        f"{address}/import",
        data={
            "csrf_token": desk.token(f"{address}/import"),
            "file": (io.BytesIO(content), "名单.xlsx"),
        },
    )


FAULTY = {
    # row: (name, sector, last year) with what is told of it
    5: (("", "综合口", ""), [("单位", "不能空白")]),
    17: (("单位0016", "", ""), [("单位", "与第 16 行重复")]),
    40: (("单位 00 39", "", ""), [("单位", "与第 39 行的“单位0039”只差空格")]),
    41: (("单位００３８", "", ""), [("单位", "与第 38 行的“单位0038”只差空格")]),
    77: (("部" * 41, "", ""), [("单位", "最多 40 个字")]),
    78: (("民政\u200b局", "", ""), [("单位", "U+200B")]),
    79: (("税务局", "口" * 41, ""), [("分口", "最多 40 个字")]),
    120: (("审计局", "", "很好"), [("上年结果", "很好")]),
    121: (("", "", "差"), [("单位", "不能空白"), ("上年结果", "差")]),
    250: (("民 政 局", "", ""), [("单位", "名单里已有“民政局”，只差空格")]),
    300: (("统计局", "", "", "随手一记"), [("第 5 列", "这一列没有表头")]),
    301: (("=A1&A2", "", ""), [("单位", "不能空白"), ("B301", "公式还没有算出的值")]),
    400: (("合并的", "", ""), [("B400:B401", "合并的单元格")]),
    401: (("", "综合口", ""), [("单位", "不能空白")]),
    450: (("隐藏的", "", ""), [("450:450", "隐藏的行")]),
    500: (("林业局\n水利局", "", ""), [("单位", "U+000A")]),
}


def the_broken_workbook() -> bytes:
    """Return 500 lines: headings, good rows, an empty one, and every fault of `FAULTY`."""
    rows = [HEADINGS]
    for number in range(2, 501):
        said = FAULTY.get(number, ((f"单位{number:04}", "综合口", "80.5"), None))[0]
        rows.append((number - 1, *said) if number != 200 else ())
    rows[2 - 1] = (1, "\u3000财政局 ", "综合口", "８８．５")
    return a_workbook(*rows, merged="B400:B401", hidden=450)


def test_a_broken_workbook_of_500_rows_names_every_fault_at_once(sqlite_place):
    a_cycle(sqlite_place, scheme="municipal")
    add_units(sqlite_place, 1, ["财政局", "民政局"], "department")

    found = read(sqlite_place, the_broken_workbook())

    told = {
        row.number: [(str(fault.column), str(fault.problem)) for fault in row.faults]
        for row in found.bad
    }
    assert list(told) == list(FAULTY)
    for number, (_, wanted) in FAULTY.items():
        assert len(told[number]) == len(wanted), (number, told[number])
        for column, problem in wanted:
            assert any(column == c and problem in p for c, p in told[number]), told[number]
    assert found.general == ()
    assert len(found.good) == 500 - 1 - 1 - len(FAULTY)  # headings, the empty row
    assert [row.number for row in found.good][:4] == [2, 3, 4, 6]
    first = found.good[0]
    assert (first.name, dict(first.before)) == ("财政局", {})
    assert dict(first.after) == {"sector": "综合口", "last-year": "８８．５"}


def test_the_preview_shows_the_faults_and_saves_what_was_confirmed_and_no_more(sqlite_place):
    a_cycle(sqlite_place, scheme="municipal")
    add_units(sqlite_place, 1, ["财政局", "民政局"], "department")
    desk = a_desk(sqlite_place)

    answer = bring(desk, the_broken_workbook())
    before = names(sqlite_place)
    shown = page(answer)
    rows = shown.one("input", name="rows").get("value")
    token = {"csrf_token": desk.token(f"{DEPARTMENTS}/import"), "rows": rows}
    unsure = desk.client.post(f"{DEPARTMENTS}/import", data=token)
    saved = desk.client.post(f"{DEPARTMENTS}/import", data=token | {"confirm": "yes"})

    assert answer.status_code == 200
    assert "还没有保存任何内容" in shown.text
    assert "482 行没有问题" in shown.text
    assert "16 行有问题" in shown.text
    assert before == ["财政局", "民政局"]
    assert (unsure.status_code, saved.status_code) == (422, 303)
    assert len(names(sqlite_place)) == 483
    assert "单位0016" in names(sqlite_place)


def test_headings_that_are_unknown_double_or_missing_are_named_and_keep_all_back(sqlite_place):
    a_cycle(sqlite_place, scheme="municipal")
    desk = a_desk(sqlite_place)

    wrong = a_workbook(("单位", "电话", "分口", "分口"), ("财政局", "1", "", ""))
    answer = bring(desk, wrong)
    without = bring(desk, a_workbook(("电话", "分口"), ("1", "综合口")))

    told = page(answer).text
    assert "表头“电话”：未知的列" in told
    assert "表头“分口”：这一列重复" in told
    assert page(answer).every("input", name="rows") == []
    assert without.status_code == 422
    assert "没有“单位”这一列" in page(without).text


@pytest.mark.parametrize("heading", ["单位", "单位名称", "名 称", "姓名", "对象", "Unit"])
def test_the_column_of_names_is_known_by_what_people_call_it(sqlite_place, heading):
    a_cycle(sqlite_place, scheme="municipal")

    found = read(sqlite_place, f"序号,{heading},分口\n1,财政局,综合口\n".encode())

    assert (found.general, [row.name for row in found.good]) == ((), ["财政局"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_file_is_read_in_whatever_chinese_programs_write(sqlite_place, encoding):
    a_cycle(sqlite_place, scheme="municipal")
    text = "2023年市直部门名单,,\r\n单位,分口\r\n财政局,综合口\r\n\r\n民政局,\r\n"

    found = read(sqlite_place, text.encode(encoding))

    assert [(row.number, row.name, row.faults) for row in found.rows] == [
        (3, "财政局", ()),
        (5, "民政局", ()),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff\x00\x81 no text \x80", "文字编码"),
        (b"", "文件是空的"),
        (b"PK\x03\x04 no zip", "不是可以读的 XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧式的 .xls"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(sqlite_place, content, told):
    a_cycle(sqlite_place, scheme="municipal")

    answer = bring(a_desk(sqlite_place), content)

    assert answer.status_code == 422
    assert told in page(answer).text


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_template_filled_in_comes_back_without_a_fault(sqlite_place, form):
    a_cycle(sqlite_place, scheme="municipal")
    desk = a_desk(sqlite_place)

    content = desk.get(f"{DEPARTMENTS}/template.{form}").data
    if form == "csv":
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        filled = content + "财政局,综合口,90\r\n".encode()
    else:
        book = openpyxl.load_workbook(io.BytesIO(content))
        lines = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
        book.worksheets[0].append(["财政局", "综合口", 90])
        file = io.BytesIO()
        book.save(file)
        filled = file.getvalue()
    found = read(sqlite_place, filled)

    assert "市直部门" in lines[0][0]
    assert lines[1] == ["单位", "分口", "上年结果"]
    assert lines[2][0].startswith("（示例）")
    assert (found.general, found.bad, found.skipped) == ((), [], (3,))
    assert [row.name for row in found.changing] == ["财政局"]


def test_a_typed_list_takes_the_facts_its_kind_asks_for(sqlite_place):
    a_cycle(sqlite_place, scheme="municipal")
    desk = a_desk(sqlite_place)

    refused = desk.send(DEPARTMENTS, names="财政局，综合口，很好\r\n\r\n民政局")
    desk.send(DEPARTMENTS, names="财政局，综合口，90\r\n民政局\t社会口\r\n审计局")

    assert "第 1 行“上年结果”" in page(refused).text
    assert page(refused).one("textarea").text.startswith("财政局，综合口，很好")
    with sqlite_place.database.read() as connection:
        there = units.roster(connection, 1, "department").units
    assert [(unit.name, dict(unit.facts)) for unit in there] == [
        ("财政局", {"sector": "综合口", "last-year": "90"}),
        ("民政局", {"sector": "社会口"}),
        ("审计局", {}),
    ]


def test_names_that_differ_in_spaces_only_are_asked_about_when_typed(sqlite_place):
    a_cycle(sqlite_place)
    add_units(sqlite_place, 1, ["白马村"])
    desk = a_desk(sqlite_place)

    refused = desk.send(VILLAGES, names="白 马村\r\n青龙村")

    assert "“白 马村”与“白马村”只差空格" in page(refused).text
    assert names(sqlite_place, "village") == ["白马村"]


def test_long_lists_are_found_in_and_turned_page_by_page(sqlite_place):
    a_cycle(sqlite_place)
    add_units(sqlite_place, 1, [f"第{number}村" for number in range(1, 131)])
    desk = a_desk(sqlite_place, Role.SCORER)

    first = desk.read(VILLAGES)
    last = desk.read(f"{VILLAGES}?page=2")
    found = desk.read(f"{VILLAGES}?q=第 １２")
    nothing = desk.read(f"{VILLAGES}?q=红旗")

    def rows(shown) -> list[str]:
        return [th.text for th in shown.every("th", scope="row")]

    assert (len(rows(first)), len(rows(last))) == (100, 30)
    assert rows(found) == ["第12村", *(f"第{number}村" for number in range(120, 130))]
    assert "没有找到这样的单位" in nothing.text


def test_a_unit_is_renamed_or_taken_away_where_nothing_rests_on_it(sqlite_place):
    a_cycle(sqlite_place)
    add_units(sqlite_place, 1, ["白马村", "青龙村", "石桥村"])
    a_poll(sqlite_place, VILLAGE_POLL)
    enter(sqlite_place, {("青龙村", "base-work.party.militia"): "2"})
    desk = a_desk(sqlite_place)

    def one(name: str) -> str:
        return f"{VILLAGES}/{number_of(sqlite_place, name)}"

    polled, entered = desk.read(one("白马村")).text, desk.read(one("青龙村")).text
    refused = desk.client.post(
        one("白马村"), data={"csrf_token": desk.token(VILLAGES), "name": "黑马村"}
    )
    taken = desk.send(one("石桥村"), name="青 龙村")
    desk.send(one("石桥村"), name="石桥社区")
    desk.send(VILLAGES, remove=one("石桥社区").rpartition("/")[2])

    assert "测评活动“白马村2023年度村述村评”评它" in polled
    assert "已有录入的数据或台账记录" in entered
    assert refused.status_code == 409
    assert "只差空格" in page(taken).text
    assert names(sqlite_place, "village") == ["白马村", "青龙村"]
    adjust(sqlite_place, "白马村", "award-city")  # the list stays usable


def test_the_duty_of_a_person_comes_with_the_list_and_is_proposed_to_polls(sqlite_place):
    a_cycle(sqlite_place, scheme="municipal")
    people = "/office/cycles/1/kinds/person/units"
    desk = a_desk(sqlite_place)

    shown = page(bring(desk, a_workbook(("姓名", "职务"), ("张三", "局长"), ("李四", "")), people))
    rows = shown.one("input", name="rows").get("value")
    token = {"csrf_token": desk.token(f"{people}/import"), "rows": rows, "confirm": "yes"}
    desk.client.post(f"{people}/import", data=token)
    occasions = desk.read("/office/cycles/1/polls/new")
    address = next(a.get("href") for a in occasions.every("a") if "part=person" in a.get("href"))
    told = desk.read(address).every("textarea")

    assert "局长" in shown.text
    assert "局长" in [field.get("value") for field in desk.read(people).every("input")]
    assert [each.text.strip() for each in told if "局长" in each.text] == ["张三\t局长"]
