"""Lists of names become numbers: each person once, in the first of their groups."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.domain.definition import Group
from ballot.domain.pollfile import read_poll_file
from ballot.domain.roster import RosterRow, count_roster, obstacles, with_persons
from ballot.domain.written import comparable
from ballot.errors import MistakesError
from tests.builders import VILLAGE_POLL

GROUPS = (
    Group("committee", "两委成员", 7),
    Group("leaders", "村民组长", 8),
    Group("party", "党员", 10),
)


def rows(*lines: str) -> list[RosterRow]:
    """Return rows of lines `name group note`, numbered from 1 on; `_` stands for nothing."""
    cells = (["" if cell == "_" else cell for cell in line.split("|")] for line in lines)
    return [RosterRow(number, *each) for number, each in enumerate(cells, 1)]


def persons(*lines: str) -> list[int]:
    return list(count_roster(GROUPS, rows(*lines)).persons.values())


def told(mistaken: list[RosterRow], groups: tuple[Group, ...] = GROUPS) -> list[str]:
    with pytest.raises(MistakesError) as refused:
        count_roster(groups, mistaken)
    return [str(text) for text in refused.value.texts()]


def test_a_person_in_several_groups_counts_once_in_the_first_whatever_the_rows_order():
    counted = count_roster(GROUPS, rows("张三|党员", "李四|leaders", "张三|两委成员", "李四|党员"))

    assert [(group.listed, group.persons) for group in counted.groups] == [(1, 1), (1, 1), (2, 0)]
    assert [str(each.text) for each in counted.counted_once] == [
        "张三：列在“两委成员”、“党员”，计入“两委成员”",
        "李四：列在“村民组长”、“党员”，计入“村民组长”",
    ]


@pytest.mark.parametrize("written", ["张 三", "张　三", " 张三 ", "张三 "])
def test_spaces_do_not_make_another_person(written):
    assert persons("张三|党员", f"{written}|leaders") == [0, 1, 0]


def test_width_case_and_the_kind_of_dot_do_not_make_another_person():
    assert persons("买买提·艾力|党员", "买买提•艾力|党员", "Ａnn Lee|党员", "ann lee|党员") == [
        0,
        0,
        2,
    ]


def test_a_note_tells_two_persons_of_one_name_apart_and_that_is_told():
    counted = count_roster(GROUPS, rows("张伟|党员|一组", "张伟|党员|二组", "张伟|leaders"))

    assert counted.total == 3
    assert [str(each.text) for each in counted.namesakes] == [
        "张伟：备注不同（一组、二组、—），第 1、2、3 行，按 3 人计"
    ]
    assert not counted.counted_once
    assert not counted.repeated


def test_the_same_note_is_the_same_person():
    counted = count_roster(GROUPS, rows("张伟|党员|一组", "张伟|leaders|一 组"))

    assert counted.total == 1
    assert counted.counted_once[0].person == "张伟（一 组）"


def test_a_row_repeated_in_a_group_counts_once_and_is_told_with_its_rows():
    counted = count_roster(GROUPS, rows("张三|党员", "王五|党员", "张三|party"))

    assert counted.total == 2
    assert [str(each.text) for each in counted.repeated] == [
        "张三：在“党员”中重复，第 1、3 行，只计一人"
    ]
    assert not counted.counted_once


def test_every_mistaken_row_is_told_at_once():
    assert told(rows("_|党员", "张三|群众", "李四|_", "王五|党员", f"{'长' * 101}|党员")) == [
        "第 1 行：没有姓名",
        "第 2 行：没有参评人员类别“群众”。可写：两委成员、村民组长、党员",
        "第 3 行：没有类别。可写：两委成员、村民组长、党员",
        "第 5 行：姓名和备注各最多 100 个字",
    ]


def test_a_name_that_two_groups_have_is_refused_and_their_keys_are_not():
    twins = (Group("a", "党员", 1), Group("b", "党员", 1))

    assert told(rows("张三|党员"), twins) == ["第 1 行：有几个类别叫“党员”，请写 a、b"]
    assert count_roster(twins, rows("张三|b")).persons == {"a": 0, "b": 1}


def test_a_key_is_meant_before_another_groups_name():
    crossed = (Group("党员", "全体", 1), Group("b", "党员", 1))

    assert count_roster(crossed, rows("张三|党员")).persons == {"党员": 1, "b": 0}


names = st.sampled_from(["张三", "张 三", "李四", "ＬＩ", "li", "王五", "赵六"])
some_rows = st.lists(
    st.builds(
        RosterRow,
        st.integers(1, 99),
        names,
        st.sampled_from(["committee", "村民组长", "party", "党 员"]),
        st.sampled_from(["", "一组", "二组"]),
    )
)


@given(some_rows, st.randoms())
def test_the_groups_add_up_to_the_number_of_different_persons_in_any_order(listed, random):
    counted = count_roster(GROUPS, listed)
    different = {(comparable(row.name), comparable(row.note)) for row in listed}
    shuffled = random.sample(listed, len(listed))

    assert sum(group.persons for group in counted.groups) == counted.total == len(different)
    assert all(group.persons <= group.listed for group in counted.groups)
    assert count_roster(GROUPS, shuffled).groups == counted.groups


def test_the_numbers_become_ballots_and_the_entitled_and_nothing_else_changes():
    before = read_poll_file(VILLAGE_POLL)
    counts = {"committee": 6, "leaders": 9, "party": 11, "representatives": 4}

    after = with_persons(before, counts)

    assert {g.key: (g.ballots, g.eligible) for g in after.groups} == {
        key: (number, number) for key, number in counts.items()
    }
    assert replace(after, groups=before.groups) == before


def test_numbers_that_a_poll_cannot_have_are_refused():
    definition = read_poll_file(
        VILLAGE_POLL.replace("ballots = 7", 'ballots = 7, excludes = ["白马村"]')
    )
    counts = {"committee": 6, "leaders": 2, "party": 1, "representatives": 1}

    def against(**changed: int) -> list[str]:
        return [str(text) for text in obstacles(definition, counts | changed, 5)]

    assert against() == ["回避后只有 4 张票评价“白马村领导班子”，少于 5 张，无法保护投票人"]
    assert against(party=2) == []
    assert against(party=0) == ["“党员”一个人也没有，不能开始投票。请补名单，或去掉这个类别。"]
    assert against(party=100_001) == ["“党员”最多 100000 人。"]
    assert against(guests=3) == ["人数与测评活动的类别不符。请重新统计。"]
