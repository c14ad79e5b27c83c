"""The CSV files people bring: how they may be written, and every refusal with its place."""

import pytest

from ballot.errors import MistakesError
from ballot.scoring import (
    MARKS,
    NAMED_SCALES,
    Base,
    Counts,
    File,
    csv_lines,
    read_counts,
    read_entered,
)
from tests.scoring.examples import FOUR, VILLAGE, the_marks

GOOD = "对象,收回,无效,好,较好,一般,差,弃权\n白马村,33,2,20,7,3,0,1\n"
ENTRIES = "unit,base-work,leaders-review,village-peer-review,street-review\n甲,80,4.5,4,5\n"


def counts(text, base=Base.VALID, scale=FOUR, encoding="utf-8"):
    return read_counts(csv_lines(text.encode(encoding), "c.csv"), scale, base)


def the_mistakes(text, **options):
    with pytest.raises(MistakesError) as caught:
        counts(text, **options)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_counts_are_read_in_the_encodings_people_s_programs_write(encoding):
    [(subject, tally)] = counts(GOOD, encoding=encoding)

    assert subject == "白马村"
    assert tally.counts == {"": Counts((20, 7, 3, 0), abstain=1, invalid=2)}


def test_headings_may_be_english_in_any_order_with_rows_left_blank():
    text = (
        "差,一般,较好,好,eligible,issued,subject,group\n\n0,3,7,20,50,40, 白马村 ,两委\n,,,,,,,\n"
    )

    [(subject, tally)] = counts(text)

    assert subject == "白马村"
    assert tally.counts == {"两委": Counts((20, 7, 3, 0), issued=40, eligible=50)}


def test_subjects_come_in_order_of_first_appearance_with_their_groups():
    text = "对象,类别,好,较好,一般,差\n乙,a,1,0,0,0\n甲,a,2,0,0,0\n乙,b,3,0,0,0\n"

    read = counts(text)

    assert [(subject, list(tally.counts)) for subject, tally in read] == [
        ("乙", ["a", "b"]),
        ("甲", ["a"]),
    ]


def test_full_width_digits_are_digits():
    assert counts("对象,好,较好,一般,差\n村,12,0,0,0\n")[0][1].counts[""].valid == 12


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        (",1\n", ",0\n", "c.csv 第 2 行“收回”：收回 33 − 无效 2 应为有效票，但各等次与弃权合计 30"),
        ("33,2", "33,34", "第 2 行“收回”"),
        ("20,7", "-20,7", "第 2 行“好”：“-20”不能是负数"),
        ("20,7", "20.0,7", "第 2 行“好”：“20.0”不是整数"),
        ("20,7", "二十,7", "第 2 行“好”：“二十”不是整数"),
        ("20,7", ",7", "第 2 行“好”：不能空白"),
        ("白马村", "", "第 2 行“对象”：不能空白"),
        ("差", "很差", "第 1 行“很差”：未知的列"),
        ("差", "很差", "第 1 行“差”：缺少这一等次的列"),
        ("差", "好", "第 1 行“好”：这一列重复"),
        ("对象", "村", "第 1 行“subject”：缺少这一列"),
        ("弃权", "", "第 2 行第 8 列“1”：这一列没有表头"),
        (",1\n", ",1,9\n", "第 2 行第 9 列“9”：这一列没有表头"),
        ("白马村,33,2,20,7,3,0,1\n", "", "c.csv：没有数据行"),
        (",1\n", ",1\n白马村,1,0,1,0,0,0,0\n", "第 3 行“对象”：“白马村”与第 2 行重复"),
    ],
)
def test_counts_that_cannot_be_right_are_refused_with_their_place_rule_1(old, new, mistake):
    told = the_mistakes(GOOD.replace(old, new, 1))

    assert any(mistake in line for line in told), told


def test_more_returned_than_issued_or_entitled_are_refused_rule_1():
    text = "对象,应到,发出,好,较好,一般,差\n白马村,8,9,10,0,0,0\n"

    assert the_mistakes(text) == [
        "c.csv 第 2 行“发出”：收回 10 多于发出的票",
        "c.csv 第 2 行“应到”：收回 10 多于应到人数",
    ]


@pytest.mark.parametrize(("base", "column"), [(Base.ISSUED, "issued"), (Base.ELIGIBLE, "eligible")])
def test_a_base_whose_column_is_absent_is_refused_rule_3(base, column):
    assert f"第 1 行“{column}”" in the_mistakes(GOOD, base=base)[0]


def test_returned_is_known_without_its_column_rule_1():
    text = "对象,好,较好,一般,差\n白马村,10,0,0,0\n"

    assert counts(text, base=Base.RETURNED)[0][1].counts[""].returned == 10


def test_a_repeated_group_of_a_subject_is_refused():
    text = "对象,类别,好,较好,一般,差\n乙,a,1,0,0,0\n乙,a,2,0,0,0\n"

    assert the_mistakes(text) == ["c.csv 第 3 行“对象”：“乙 a”与第 2 行重复"]


def test_every_mistake_of_a_file_is_told():
    text = "对象,好,较好,一般,差\n乙,x,1,-1,\n,1,1,1,0\n"

    assert len(the_mistakes(text)) == 4


@pytest.mark.parametrize(
    ("content", "mistake"),
    [(b"", "文件是空的"), (b"\xff\xff\xff", "编码须是 UTF-8 或 GB18030")],
)
def test_what_cannot_be_read_is_refused(content, mistake):
    with pytest.raises(MistakesError, match=mistake):
        read_counts(csv_lines(content, "c.csv"), NAMED_SCALES["four-level"], Base.VALID)


MARKED = "对象,类别,分数,票数\n甲,a,90,3\n甲,a,85,2\n甲,a,弃权,1\n甲,a,无效,1\n甲,b,100,4\n"


def marked(text, base=Base.OPINIONS):
    return counts(text, base=base, scale=MARKS)


def test_marks_stand_one_row_for_each_with_words_for_the_rest_rule_23():
    [(subject, tally)] = marked(MARKED)

    assert subject == "甲"
    assert tally.counts == {
        "a": the_marks(90, 90, 90, 85, 85, abstain=1, invalid=1),
        "b": the_marks(100, 100, 100, 100),
    }


def test_without_numbers_of_ballots_each_row_is_one_rule_23():
    [(_, tally)] = marked("subject,mark\n甲,90\n甲,90\n甲,abstain\n甲,87\n")

    assert tally.counts == {"": the_marks(90, 90, 87, abstain=1)}


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("90,3", "101,3", "第 2 行“分数”：“101”不是 0 至 100 的整数，也不是弃权、无效、收回"),
        ("90,3", "90.5,3", "第 2 行“分数”：“90.5”不是 0 至 100 的整数"),
        ("90,3", ",3", "第 2 行“分数”：“”不是 0 至 100 的整数"),
        ("90,3", "90,-3", "第 2 行“票数”：“-3”不能是负数"),
        ("90,3", "90,", "第 2 行“票数”：不能空白"),
        ("甲,a,90", ",a,90", "第 2 行“对象”：不能空白"),
        ("85,2", "90,2", "第 3 行“对象”：“甲 a 90”与第 2 行重复"),
        ("无效,1", "收回,9", "第 2 行“对象”：收回 9 − 无效 0 应为有效票，但各分数与弃权合计 6"),
        ("无效,1", "发出,5", "第 2 行“对象”：收回 6 多于发出的票"),
        ("无效,1", "应到,5", "第 2 行“对象”：收回 6 多于应到人数"),
        ("分数", "得分", "第 1 行“得分”：未知的列"),
        ("分数", "得分", "第 1 行“mark”：缺少这一列"),
    ],
)
def test_marks_that_cannot_be_right_are_refused_with_their_place_rule_23(old, new, mistake):
    with pytest.raises(MistakesError) as caught:
        marked(MARKED.replace(old, new, 1))

    assert mistake in str(caught.value)


def entered(entries=ENTRIES, adjustments=None, vetoes=None):
    files = [
        None if text is None else File(name, text.encode())
        for name, text in (("e.csv", entries), ("a.csv", adjustments), ("v.csv", vetoes))
    ]
    return read_entered(VILLAGE, *files)


def refused(**files):
    with pytest.raises(MistakesError) as caught:
        entered(**files)
    return str(caught.value).splitlines()


def test_entries_may_be_headed_by_keys_short_keys_or_titles_rule_14():
    heads = {item.key: f"base-work.{item.key.split('.')[-1]}" for item in BASE_WORK.leaves()}
    heads |= {"leaders-review": "党政领导评议", "x": "village-peer-review", "y": "村述街道评"}
    text = ",".join(["单位", *heads.values()]) + "\n甲" + ",1" * len(heads)

    figures = entered(text).entries[0].figures

    assert len(figures) == 34 + 3
    assert figures["base-work.party.women"] == 1


BASE_WORK = VILLAGE.component("base-work")


def test_figures_keep_all_their_decimals():
    assert str(entered(ENTRIES.replace("80", "80.123456789")).entries[0].figures["base-work"]) == (
        "80.123456789"
    )


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("80", "", "e.csv 第 2 行“base-work”：不能空白"),
        ("80", "85.01", "e.csv 第 2 行“base-work”：85.01 超过满分 85"),
        ("80", "-0.5", "e.csv 第 2 行“base-work”：不能小于 0"),
        ("80", "1e1", "e.csv 第 2 行“base-work”：“1e1”不是数字"),
        ("80", "八十", "e.csv 第 2 行“base-work”：“八十”不是数字"),
        ("甲", "", "e.csv 第 2 行“unit”：不能空白"),
        ("甲,80,4.5,4,5", "甲,80,4.5,4,5\n甲,8,4,4,5", "第 3 行“unit”：“甲”与第 2 行重复"),
        ("street-review", "street", "e.csv 第 1 行“street”：未知的列"),
        ("street-review", "street", "e.csv 第 1 行“street-review”：缺少“村述街道评”"),
        ("unit", "sector", "e.csv 第 1 行“sector”：未知的列"),
        ("unit", "sector", "e.csv 第 1 行“unit”：缺少这一列"),
        ("leaders-review", "base-work.party", "“base-work”已整项给出"),
        ("leaders-review", "base-work", "第 1 行“base-work”：这一列重复"),
        ("base-work", "base-work.party", "e.csv 第 1 行“base-work.integrity.discipline”：缺少"),
    ],
)
def test_entries_that_do_not_fit_are_refused_with_their_place_rule_14(old, new, mistake):
    told = refused(entries=ENTRIES.replace(old, new, 1))

    assert any(mistake in line for line in told), told


def test_adjustments_and_vetoes_may_leave_columns_and_rows_out_rule_15():
    read = entered(
        adjustments="单位,规则,次数\n甲,late-reply,\n甲,praise-city,3\n", vetoes="unit,rule,note\n"
    )

    assert [(each.rule, each.times) for each in read.adjustments] == [
        ("late-reply", 1),
        ("praise-city", 3),
    ]
    assert read.vetoes == []


@pytest.mark.parametrize(
    ("row", "mistake"),
    [
        ("乙,late-reply,1,", "a.csv 第 2 行“unit”：没有单位“乙”"),
        ("甲,nope,1,", "a.csv 第 2 行“rule”：没有加减分规则“nope”"),
        ("甲,late-reply,0,", "a.csv 第 2 行“times”：次数须是不小于 1 的整数"),
        ("甲,late-reply,1.5,", "a.csv 第 2 行“times”：次数须是不小于 1 的整数"),
        ("甲,late-reply,1,3", "a.csv 第 2 行“marks”：规则“late-reply”每次固定 -0.2 分"),
        ("甲,late-reply,1,x", "a.csv 第 2 行“marks”：“x”不是数字"),
    ],
)
def test_adjustments_that_do_not_fit_are_refused_with_their_place_rule_15(row, mistake):
    told = refused(adjustments=f"unit,rule,times,marks\n{row}\n")

    assert len(told) == 1
    assert mistake in told[0]


def test_vetoes_that_do_not_fit_are_refused_with_their_place():
    assert refused(vetoes="unit,rule,times\n甲,safety,1\n") == ["v.csv 第 1 行“times”：未知的列"]
    assert "v.csv 第 2 行“rule”：没有否决情形“nope”" in refused(vetoes="unit,rule\n甲,nope\n")[0]
    assert refused(vetoes="unit\n甲\n") == ["v.csv 第 1 行“rule”：缺少这一列"]
    assert refused(vetoes="") == ["v.csv：文件是空的"]


def test_the_mistakes_of_all_files_are_told_together():
    told = refused(
        entries=ENTRIES.replace("80", "90"),
        adjustments="unit,rule\n乙,late-reply\n",
        vetoes="unit,rule\n甲,nope\n",
    )

    assert [line.split(" ")[0] for line in told] == ["e.csv", "a.csv", "v.csv"]
