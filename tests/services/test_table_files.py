"""Tables that people bring: CSV of every dialect, workbooks as Excel writes them, and refusals."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from click.testing import CliRunner

from ballot.cli.main import main
from ballot.errors import MistakesError
from ballot.scoring import NAMED_SCALES, Base, Counts, read_counts
from ballot.services.table_files import read_table_file
from ballot.services.workbooks import MOST_UNPACKED

HEADINGS = ["对象", "收回", "无效", "好", "较好", "一般", "差", "弃权"]
FIGURES = ["白马村", 33, 2, 20, 7, 3, 0, 1]


def a_book(*rows, change=None):
    """Return a workbook's bytes; `change` may do more to its sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows or (HEADINGS, FIGURES):
        sheet.append(row)
    if change:
        change(sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def cells(content, name="票数.xlsx"):
    return [line.cells for line in read_table_file(content, name).lines]


def told(content, name="票数.xlsx"):
    with pytest.raises(MistakesError) as caught:
        read_table_file(content, name)
    return str(caught.value).splitlines()


def counted(content, name="票数.xlsx"):
    lines = read_table_file(content, name)
    [(subject, tally)] = read_counts(lines, NAMED_SCALES["four-level"], Base.VALID)
    return subject, tally.counts[""]


WHOLE = ("白马村", Counts((20, 7, 3, 0), abstain=1, invalid=2))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_of_every_dialect_says_the_same(separator, encoding):
    rows = (separator.join(map(str, row)) for row in (HEADINGS, FIGURES))

    assert counted("\r\n".join(rows).encode(encoding), "c.csv") == WHOLE


def test_a_comma_inside_quotes_separates_nothing():
    assert cells(b'"a,b,c";d\n1;2\n', "c.csv") == [("a,b,c", "d"), ("1", "2")]


def test_a_workbook_says_the_same_as_the_csv():
    assert counted(a_book()) == WHOLE


def test_floats_texts_and_full_width_digits_are_the_numbers_a_person_sees():
    assert counted(a_book(HEADINGS, ["白马村", 33.0, "2", 20.0, "7", " 3 ", 0, 1.0])) == WHOLE


@pytest.mark.parametrize(
    ("value", "form", "seen"),
    [
        (0.1, "General", "0.1"),
        (0.1 + 0.2, "General", "0.3"),
        (4.35 * 100, "General", "435"),
        (18.0, "0.00", "18"),
        (89.655172413793, "0.00", "89.655172413793"),
        (0.9, "0%", "90%"),
        (1 / 3, "0.00%", "33.3333333333333%"),
        (1e21, "General", "1000000000000000000000"),
        (-0.5, "General", "-0.5"),
        (date(2023, 12, 28), "yyyy-mm-dd", "2023-12-28"),
        (
            datetime(2023, 12, 28, 9, 30),  # noqa: DTZ001 - Excel knows no zones
            "yyyy-mm-dd hh:mm",
            "2023-12-28 09:30",
        ),
        (True, "General", "TRUE"),
    ],
)
def test_a_cell_is_read_as_the_decimal_or_date_that_was_typed(value, form, seen):
    def shape(sheet):
        sheet["A2"].number_format = form

    assert cells(a_book(["x"], [value], change=shape))[1] == (seen,)


def test_lines_keep_the_numbers_of_their_rows_over_blank_ones():
    lines = read_table_file(a_book([], HEADINGS, [], FIGURES), "b.xlsx").lines

    assert [line.number for line in lines] == [2, 4]


def test_a_hidden_sheet_is_left_out_and_an_empty_one_too():
    def more(sheet):
        sheet.parent.create_sheet("草稿").append(["别的"])
        sheet.parent["草稿"].sheet_state = "hidden"
        sheet.parent.create_sheet("Sheet3")

    assert counted(a_book(change=more)) == WHOLE


def test_two_filled_sheets_are_refused_by_their_names():
    def more(sheet):
        sheet.title = "甲"
        sheet.parent.create_sheet("乙").append(["别的"])

    assert told(a_book(change=more)) == [
        "票数.xlsx：有内容的工作表不止一张（甲、乙），请只留要用的一张"
    ]


def test_formulas_count_with_the_value_they_were_saved_with():
    content = a_book(change=lambda sheet: sheet.__setitem__("D2", "=10+10"))
    assert told(content) == [
        "票数.xlsx 工作表“Sheet”D2：公式还没有算出的值，请在 Excel 里打开后保存，或改成数值"
    ]

    saved = _changed(
        content, "xl/worksheets/sheet1.xml", b"<f>10+10</f><v />", b"<f>10+10</f><v>20</v>"
    )

    assert counted(saved) == WHOLE


def test_a_formula_is_noticed_whatever_prefix_its_program_writes():
    content = a_book(change=lambda sheet: sheet.__setitem__("D2", "=10+10"))
    name, space = "xl/worksheets/sheet1.xml", b"http://schemas.openxmlformats.org/spreadsheetml"
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        plain = file.read(name)
    prefixed = plain.replace(b"</", b"</x:").replace(b"<", b"<x:").replace(b"<x:/x:", b"</x:")
    prefixed = prefixed.replace(b"<x:?xml", b"<?xml").replace(
        b'xmlns="' + space, b'xmlns:x="' + space
    )

    assert "D2：公式还没有算出的值" in told(_changed(content, name, plain, prefixed))[0]


def test_error_values_are_refused_with_their_cell():
    content = _changed(
        a_book(change=lambda sheet: sheet.__setitem__("D2", "=1/0")),
        "xl/worksheets/sheet1.xml",
        b'<c r="D2"><f>1/0</f><v /></c>',
        b'<c r="D2" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
    )

    assert told(content) == ["票数.xlsx 工作表“Sheet”D2：错误值 #DIV/0!"]


@pytest.mark.parametrize(
    ("hide", "place"),
    [
        (lambda sheet: sheet.merge_cells("A2:A3"), "A2:A3：合并的单元格"),
        (lambda sheet: setattr(sheet.row_dimensions[2], "hidden", True), "2:2：隐藏的行"),
        (lambda sheet: sheet.column_dimensions.group("C", "D", hidden=True), "C:C：隐藏的列"),
    ],
)
def test_what_a_person_cannot_see_is_refused_with_its_place(hide, place):
    assert f"票数.xlsx 工作表“Sheet”{place}" in told(a_book(change=hide))[0]


def test_a_mistake_in_a_workbook_names_row_and_column():
    with pytest.raises(MistakesError, match=r"票数\.xlsx 第 2 行“好”：“20\.5”不是整数"):
        counted(a_book(HEADINGS, [*FIGURES[:3], 20.5, *FIGURES[4:]]))


def _changed(content, part, old, new):
    """Return a zip file with a part's bytes changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as read, zipfile.ZipFile(file, "w") as write:
        for each in read.namelist():
            data = read.read(each)
            if each == part:
                assert old in data, data
                data = data.replace(old, new)
            write.writestr(each, data, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _bomb():
    sheet = b'<c r="D2" t="n"><v>20</v></c>'
    return _changed(a_book(), "xl/worksheets/sheet1.xml", sheet, sheet + b" " * MOST_UNPACKED)


def _laughing():
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    return _changed(a_book(), "xl/worksheets/sheet1.xml", b"<worksheet", entities + b"<worksheet")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "旧式的 .xls 或加了密码"),
        (b"PK\x03\x04" + bytes(50), "不是可以读的 XLSX"),
        (a_book()[:2000], "不是可以读的 XLSX"),
        (_changed(a_book(), "xl/workbook.xml", b"<", b"&"), "不是可以读的 XLSX"),
        (_laughing(), "不是可以读的 XLSX"),
        (_bomb(), "展开后太大"),
        (a_book([]), "文件是空的"),
        (a_book(["x"] * 501), "最多 500 列"),
        (a_book(change=lambda sheet: sheet.cell(30_000, 1, "x")), "最多 20000 行"),
        (a_book(change=lambda sheet: sheet.cell(1_048_576, 16_384, "x")), "最多 20000 行"),
    ],
    ids=["xls", "no zip", "cut", "no xml", "entities", "bomb", "empty", "wide", "long", "corner"],
)
def test_what_is_no_table_of_a_person_is_refused(content, reason):
    assert reason in told(content)[0]


def test_convert_and_score_read_workbooks(tmp_path):
    counts, entries = tmp_path / "票数.xlsx", tmp_path / "得分.xlsx"
    counts.write_bytes(a_book())
    entries.write_bytes(
        a_book(
            ["单位", "基础工作", "党政领导评议", "村述村评", "村述街道评"],
            ["白马村", 80.1, 4.5, 4, 5],
        )
    )
    village = ["--scheme", "street-2023", "--kind", "village"]
    peers = ["--component", "village-peer-review"]

    converted = CliRunner().invoke(main, ["convert", str(counts), *village, *peers])
    scored = CliRunner().invoke(main, ["score", str(entries), *village])

    assert (converted.exit_code, scored.exit_code) == (0, 0), converted.stderr + scored.stderr
    assert "27/31" in converted.stdout
    assert "93.60" in scored.stdout
