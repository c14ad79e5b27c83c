"""The count report: figures worked out by hand, and what a reader finds on the signed paper."""

import re
from dataclasses import replace
from fractions import Fraction

import pypdfium2
import pytest

from ballot.domain.account import Account
from ballot.domain.count_report import acts_of
from ballot.domain.definition import Group, Question, Quorum
from ballot.domain.polls import Phase
from ballot.domain.tallies import SlotTally
from ballot.output.count_report import count_report_pdf
from ballot.scoring import NAMED_SCALES, Base
from tests.output.count_reports import (
    BANDED,
    a_line,
    a_log,
    a_report,
    a_section,
    mark_slot,
    of_base,
    on_marks,
    slot,
)
from tests.output.reports import LONG_NAME, names, outside, texts


def lines(report, place=0):
    """Return the lines of a section's last table: the one with points and ranks."""
    return report.tables(report.sections[place])[-1].lines


def row(text, *cells):
    """Tell whether cells follow each other on a page's text without spaces."""
    return re.search("".join(map(re.escape, cells)), text)


def size(pdf):
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[0].get_size()
    finally:
        document.close()


def test_twenty_six_of_twenty_nine_is_printed_as_89_66_and_stands_in_the_eighties_band():
    report = a_report(slot(20, 6, 2, 1), returned=[29])

    (line,) = lines(report)
    assert (line.approving, line.percent, line.score, str(line.points)) == (26, "89.66", 80, "4.00")
    text = "".join(texts(count_report_pdf(report)))
    assert row(
        text, "1白马村", "30", "29", "29", "0", "20", "68.97%", "6", "20.69%", "2", "6.90%",
        "1", "3.45%", "0", "26", "89.66%", "80", "4.00", "1",
    )  # fmt: skip


def test_percentages_that_do_not_add_to_a_hundred_are_printed_as_they_are_with_a_note():
    report = a_report(slot(1, 1, 1, 0), returned=[3])

    text = "".join(texts(count_report_pdf(report)))

    assert text.count("33.33%") >= 3
    assert "注：白马村：各等次百分比合计99.99%，是四舍五入所致" in text


def test_blanks_are_in_the_base_of_valid_votes_and_named_beside_it():
    report = a_report(slot(18, 6, 0, 0, blank=6), returned=[30])

    (line,) = lines(report)
    assert (line.counts.abstain, line.percent, str(line.points)) == (6, "80.00", "4.00")
    text = "".join(texts(count_report_pdf(report)))
    assert "占比的基数：有效票" in text
    assert "基数中另有6票没有选择等次" in text


def test_an_empty_base_has_no_result_and_no_rank():
    report = a_report(
        slot(0, 0, 0, 0, blank=3), slot(3, 0, 0, 0),
        sections=[a_section(("白马村", "青龙村"), of_base(Base.OPINIONS))], returned=[3],
    )  # fmt: skip

    empty, other = lines(report)
    assert (empty.points, empty.rank, empty.percent) == (None, None, "")
    assert (str(other.points), other.rank) == ("4.50", 1)
    text = "".join(texts(count_report_pdf(report)))
    assert "无结果" in text
    assert "基数为零，没有结果" in text
    assert "基数（表态票）为0，没有结果" in text


def test_equal_points_share_a_rank_and_the_next_one_follows_after_them():
    report = a_report(
        slot(9, 0, 0, 1), slot(10, 0, 0, 0), slot(8, 0, 2, 0), slot(0, 0, 0, 10),
        sections=[a_section(("甲村", "乙村", "丙村", "丁村"))], returned=[10],
    )  # fmt: skip

    assert [(str(line.points), line.rank) for line in lines(report)] == [
        ("4.50", 1), ("4.50", 1), ("4.00", 3), ("2.00", 4),
    ]  # fmt: skip
    assert "得分相同的并列，其后的名次顺延（1、2、2、4）" in "".join(
        texts(count_report_pdf(report))
    )


A = Group("a", "班子成员", 10, Fraction("0.4"))
B = Group("b", "机关干部", 20, Fraction("0.6"))


def by_group(a, b):
    return {"a": SlotTally(a), "b": SlotTally(b)}


def test_two_weighted_groups_are_told_apart_with_their_weights():
    """0.4 × 6/10 + 0.6 × 18/20 = 0.24 + 0.54 = 78%: not the 80% of 24 in 30."""
    rule = replace(BANDED, combine="ratios")
    report = a_report(
        by_group((6, 0, 4, 0), (18, 0, 2, 0)), sections=[a_section(rule=rule)], groups=[A, B],
        returned=[10, 20],
    )  # fmt: skip

    (line,) = lines(report)
    assert (line.approving, line.counts.valid, line.percent) == (24, 30, "78.00")
    assert str(line.points) == "3.50"
    text = "".join(texts(count_report_pdf(report)))
    assert row(text, "班子成员", "0.4", "10", "10", "10", "0", "6", "60.00%")
    assert row(text, "机关干部", "0.6", "20", "20", "20", "0", "18", "90.00%")
    assert "得票率按权重合成，不等于合计票数之比" in text


def test_where_a_group_is_small_no_group_is_told_apart():
    report = a_report(
        by_group((4, 0, 0, 0), (18, 0, 2, 0)), sections=[a_section()], groups=[A, B],
        returned=[4, 20],
    )  # fmt: skip

    (table,) = report.tables(report.sections[0])
    assert (table.groups, table.hidden) == ((), ("白马村",))
    text = "".join(texts(count_report_pdf(report)))
    assert "白马村：有类别不足5票，各类别票数不单列" in text
    assert "按类别分列" not in text
    assert "班子成员0.4" not in text


def test_who_does_not_rate_a_subject_is_not_in_its_issued_ballots():
    rating = Group("a", "机关干部", 20)
    recused = Group("b", "财政所干部", 6, excludes=frozenset({"财政所"}))
    report = a_report(
        slot(20, 0, 0, 0), slot(26, 0, 0, 0), sections=[a_section(("财政所", "司法所"))],
        groups=[rating, recused], returned=[20, 6],
    )  # fmt: skip

    assert [line.counts.issued for line in lines(report)] == [20, 26]
    assert [line.counts.returned for line in lines(report)] == [20, 26]


def test_each_question_has_a_table_of_its_own_and_all_together_one_more():
    questions = (Question("健康度"), Question("舒适度", Fraction(2)))
    section = a_section(
        rule=replace(BANDED, scale=NAMED_SCALES["three-level"]), questions=questions
    )
    report = a_report(slot(9, 0, 1), slot(5, 2, 3), sections=[section], returned=[10])

    apart, second, whole = report.tables(report.sections[0])
    assert [table.lines[0].percent for table in (apart, second, whole)] == [
        "90.00",
        "70.00",
        "76.67",
    ]
    assert [table.lines[0].points is None for table in (apart, second, whole)] == [
        True,
        True,
        False,
    ]
    text = "".join(texts(count_report_pdf(report)))
    for part in ("健康度", "舒适度", "各项合计", "基本满意以上", "票数按票次计"):
        assert part in text


def test_marks_have_columns_of_their_own():
    """Of 100, 90, 80, 70, 60 the 100 and the 60 are dropped: 240 / 3 = 80, of 20 marks 16."""
    section = a_section(("财政所",), on_marks(drop_top=1, drop_bottom=1))
    report = a_report(mark_slot(100, 90, 80, 70, 60, blank=1), sections=[section], returned=[6])

    (line,) = lines(report)
    assert (line.score, str(line.points), line.dropped) == (80, "16.00", (1, 1))
    text = "".join(texts(count_report_pdf(report)))
    assert row(
        text, "财政所", "30", "6", "6", "0", "5", "1", "100", "60", "1", "1", "80", "16.00", "1"
    )
    for heading in ("打分票", "最高分", "最低分", "去掉最高", "去掉最低", "平均分"):
        assert heading in text


@pytest.mark.parametrize(
    ("scale", "words"),
    [("four-level", "较好以上"), ("three-level", "基本满意以上"), ("personnel", "称职以上")],
)
def test_what_approves_is_called_by_the_scale_s_own_words(scale, words):
    rule = replace(BANDED, scale=NAMED_SCALES[scale])
    marks = (5,) + (0,) * (rule.scale.answers - 1)

    report = a_report(slot(*marks), sections=[a_section(rule=rule)], returned=[5])

    assert words in "".join(texts(count_report_pdf(report)))


def test_the_account_is_told_in_words_and_as_a_table():
    line = a_line(
        Group("voters", "村民", 58), 55, printed=64, spares=4, voided=3, damaged=2, lost=1
    )
    report = a_report(slot(53, 0, 0, 0, invalid=2), lines=[line])

    text = "".join(texts(count_report_pdf(report)))

    assert "共印制测评票64张，发出58张，另换发3张（损坏2张，遗失1张），剩余3张。" in text
    assert "收回测评票55张，其中有效票53张，无效票2张。" in text
    assert "收回票数不多于发出票数，票账相符。" in text
    assert "最多可能有1票是同一人的第二票" in text
    assert row(text, "合计", "64", "4", "58", "2", "1", "3", "3", "55", "3", "53", "2")


def test_mobile_boxes_stand_under_their_group():
    group = Group("voters", "村民", 30)
    report = a_report(slot(29, 0, 0, 0), groups=[group], returned=[29])
    box = replace(a_line(Group("voters", "一号箱", 5), 4), printed=5, spares=0)
    report = replace(report, account=replace(report.account, boxes=(box,)))

    text = "".join(texts(count_report_pdf(report)))

    assert row(text, "其中流动票箱“一号箱”", "5", "0", "5", "0", "4", "1")


def test_an_account_that_does_not_balance_says_so():
    report = a_report(slot(31, 0, 0, 0), returned=[31])

    text = "".join(texts(count_report_pdf(report)))

    assert "票账不符，须先查明：" in text
    assert "收回31张，多于发出的30张" in text


def test_the_quorum_is_told_met_or_with_its_reason():
    quorum = Quorum(Fraction(2, 3), more=False, of=Base.ISSUED)

    met = a_report(slot(20, 0, 0, 0), returned=[20], quorum=quorum)
    missed = a_report(slot(19, 0, 0, 0), returned=[19], quorum=quorum, reason="雨天，群众不便到会")

    assert "发出票30，达到规定的参加比例（不少于2/3）" in "".join(texts(count_report_pdf(met)))
    assert "未达到规定的参加比例（不少于2/3）；仍予认定的理由：雨天，群众不便到会" in "".join(
        texts(count_report_pdf(missed))
    )


def test_the_paper_tells_where_the_figures_come_from_and_who_acted():
    report = a_report(slot(30, 0, 0, 0))

    text = "".join(texts(count_report_pdf(report)))

    for part in (
        report.rules_hash, report.sealed_by.hash, report.organisation, report.scheme,
        "".join(report.sealed_by.hash[:16]), "事件日志至第4条", "2023年12月28日09:30",
        "监票人：", "计票人：", "组织者：", "日期：", "张监票（开始投票、结束投票）",
        "李监票（认定结果）", "wang（开始投票、结束投票、认定结果）", "第1页，共",
    ):  # fmt: skip
        assert part in text, part


def test_tellers_of_paper_votes_stand_beneath_their_line():
    report = a_report(slot(30, 0, 0, 0))
    log = a_log(
        ("poll opened", {"scrutineer": "张监票"}),
        ("paper votes taken over", {"tellers": ["赵计票", "钱计票"]}),
    )

    text = "".join(texts(count_report_pdf(replace(report, acts=acts_of(log)))))

    assert "赵计票（纸质票）钱计票（纸质票）" in text
    assert "wang（开始投票）" in text
    assert "wang（开始投票、纸质票）" not in text


def test_assisted_votes_are_told_where_there_was_a_kiosk():
    report = a_report(slot(30, 0, 0, 0))

    assert "代填" not in "".join(texts(count_report_pdf(report)))
    assert "代填3票" in "".join(texts(count_report_pdf(replace(report, assisted=3))))


def test_until_it_is_certified_every_page_says_so():
    section = a_section(names(40))
    slots = [slot(20, 6, 2, 1)] * 40

    closed = texts(count_report_pdf(a_report(*slots, sections=[section], phase=Phase.CLOSED)))
    certified = texts(count_report_pdf(a_report(*slots, sections=[section])))

    assert len(closed) > 2
    assert all("未认定，仅供核对" in page for page in closed)
    assert not any("未认定" in page for page in certified)


def test_every_page_of_a_rehearsals_report_says_so_also_when_it_is_certified():
    report = a_report(*[slot(20, 6, 2, 1)] * 40, sections=[a_section(names(40))])
    definition = report.poll.definition.as_rehearsal()
    rehearsal = replace(report, poll=replace(report.poll, definition=definition))

    found = texts(count_report_pdf(rehearsal))

    assert len(found) > 2
    assert all("演练，不计入任何结果" in page for page in found)


@pytest.mark.parametrize("count", [1, 2, 9, 17, 25, 40])
def test_no_page_cuts_anything_off_or_holds_the_signatures_alone(count):
    every = [*names(count - 1), LONG_NAME]
    report = a_report(*[slot(20, 6, 2, 1)] * count, sections=[a_section(every)], returned=[29])

    made = count_report_pdf(report)

    pages = texts(made)
    assert list(outside(made)) == []
    assert all(f"第{number}页，共{len(pages)}页" in page for number, page in enumerate(pages, 1))
    (signed,) = (page for page in pages if "监票人：" in page)
    assert "89.66%" in signed
    table = [page for page in pages if "序号对象" in page]
    assert "".join(table).count("89.66%") >= count
    assert all(f"{number}" in "".join(table) for number in range(1, count + 1))


def test_one_subject_s_report_is_a_single_page():
    assert len(texts(count_report_pdf(a_report(slot(20, 6, 2, 1), returned=[29])))) == 1


def test_paper_is_turned_only_where_the_table_needs_it():
    wide = count_report_pdf(a_report(slot(20, 6, 2, 1), returned=[29]))
    section = a_section(("财政所",), on_marks())
    narrow = count_report_pdf(a_report(mark_slot(80, 90, 70), sections=[section], returned=[3]))

    assert size(wide)[0] > size(wide)[1]
    assert size(narrow)[0] < size(narrow)[1]


def test_the_font_is_embedded_and_cut_down_and_the_same_figures_are_the_same_bytes():
    report = a_report(slot(20, 6, 2, 1), returned=[29])

    made = count_report_pdf(report)

    assert made.count(b"/FontFile2") == made.count(b"/Subtype/Type0") == 1
    assert len(made) < 150_000
    assert count_report_pdf(report) == made


def test_the_report_speaks_english():
    report = a_report(slot(20, 6, 2, 1), returned=[29], phase=Phase.CLOSED)

    text = "".join(texts(count_report_pdf(report, language="en")))

    for part in ("Countreport", "NOTCERTIFIED", "Scrutineer", "Page1of2"):
        assert part.lower() in text.lower(), part


def test_an_account_without_groups_of_boxes_has_only_the_columns_it_needs():
    report = a_report(slot(29, 0, 0, 0), returned=[29])
    bare = replace(report, account=Account((replace(report.account.lines[0], spares=0),)))

    text = "".join(texts(count_report_pdf(bare)))

    for heading in ("备用", "损坏换发", "遗失换发", "作废票", "应到"):
        assert heading not in text
