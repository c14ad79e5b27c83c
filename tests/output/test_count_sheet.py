"""The count report's table as a sheet: nothing entered twice, every formula our figure."""

from dataclasses import replace

import pytest

from ballot.output.conversion_workbook import ConversionHead, conversion_xlsx
from ballot.scoring import Base, Counted, Counts, LevelMean, QuestionTally, RankMarks
from tests.output.count_reports import BANDED, mark_slot, on_marks
from tests.output.recalculated import (
    differences,
    formulas,
    needs_office,
    opened,
    recalculated,
    table,
)


def counted(name: str, *marks: int, **more: int) -> Counted:
    return Counted(name, [QuestionTally({"": Counts(marks, issued=30, **more)})])


VILLAGES = [
    counted("甲村", 20, 6, 2, 1),
    counted("乙村", 27, 0, 3, 0),
    counted("丙村", 26, 0, 3, 1),
    counted("丁村", 0, 0, 0, 0, abstain=4),
    counted("戊村", 5, 1, 0, 0, abstain=3, invalid=2),
]


def sheet_of(rule, section=VILLAGES):
    return conversion_xlsx(ConversionHead("计票"), rule, section)


def test_the_sheet_holds_the_report_s_table():
    rows = table(sheet_of(BANDED), "计票表", "对象")

    kept = ("序号", "发出", "收回", "有效", "无效", "好票数", "弃权", "较好以上票", "得分", "名次")
    assert [tuple(row[key] for key in kept) for row in rows.values()] == [
        (1, 30, 29, 29, 0, 20, 0, 26, 4, 2),
        (2, 30, 30, 30, 0, 27, 0, 27, 4.5, 1),
        (3, 30, 30, 30, 0, 26, 0, 26, 4, 2),
        (4, 30, 4, 4, 0, 0, 4, 0, 2, 5),
        (5, 30, 11, 9, 2, 5, 3, 6, 3, 4),
    ]
    assert (rows["甲村"]["好占比"], rows["甲村"]["较好以上率"]) == (0.6897, 0.8966)


def test_a_subject_without_a_result_has_neither_points_nor_rank():
    rows = table(sheet_of(replace(BANDED, base=Base.OPINIONS)), "计票表", "对象")

    assert [rows["丁村"][key] for key in ("得分", "名次", "好占比", "较好以上率")] == ["—"] * 4
    assert [row["名次"] for row in rows.values()] == [3, 1, 3, "—", 1]


def test_everything_the_conversion_holds_is_a_formula_on_it():
    entered = {"序号", "对象", "发出"}
    book = sheet_of(BANDED)

    own = {place for sheet, place, _ in formulas(book) if sheet == "计票表"}

    (headings, *rows) = [
        row
        for row in opened(book, values=False)["计票表"].iter_rows()
        if row[0].value == "序号" or isinstance(row[0].value, int)
    ]
    for row in rows:
        for heading, cell in zip(headings, row, strict=True):
            assert (cell.coordinate in own) is (heading.value not in entered), heading.value


@needs_office
@pytest.mark.slow
def test_every_formula_comes_to_our_figure(tmp_path):
    marks = [
        Counted(name, [QuestionTally({"": Counts(mark_slot(*given)[""].marks, issued=9)})])
        for name, given in (("甲", (100, 90, 80)), ("乙", (70, 60, 100)), ("丙", ()))
    ]
    rules = [
        BANDED,
        replace(BANDED, base=Base.OPINIONS),
        replace(BANDED, conversion=RankMarks(LevelMean()), base=Base.OPINIONS),
    ]
    books = [*map(sheet_of, rules), sheet_of(on_marks(drop_top=1), marks)]

    for ours, theirs in zip(books, recalculated(tmp_path, books), strict=True):
        assert differences(ours, theirs) == []
