"""`ballot poll roster`: the counts on stdout, what to look at on stderr, nothing kept unasked."""

import json

from tests.cli.test_polls import Shell, shell, sqlite_shell

__all__ = ["shell", "sqlite_shell"]

LIST = """姓名,类别,备注
张三,党员,
张三,两委成员,
李四,村民组长,
王五,党员,
王五,党员,
赵六,村民代表,一组
赵六,村民代表,二组
"""


def a_list(shell: Shell, text: str = LIST) -> str:
    path = shell.folder / "名单.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_roster_is_counted_and_applied_only_when_asked(shell: Shell):
    poll = shell.a_poll()

    tried = shell.run("poll", "roster", poll, a_list(shell), "--format", "json")
    first = json.loads(tried.stdout)
    assert [(row["listed"], row["persons"]) for row in first] == [(1, 1), (1, 1), (2, 1), (2, 2)]
    assert tried.stderr.splitlines() == [
        "张三：列在“两委成员”、“党员”，计入“两委成员”",
        "王五：在“党员”中重复，第 5、6 行，只计一人",
        "赵六：备注不同（一组、二组），第 7、8 行，按 2 人计",
        "共 5 人。没有改动；加 --apply 采用。",
    ]
    assert "村民代表" in shell.answer("poll", "roster", poll, a_list(shell), "--apply")

    again = json.loads(shell.answer("poll", "roster", poll, a_list(shell), "--format", "json"))
    assert [row["ballots_before"] for row in first] == [7, 8, 10, 5]
    assert [(row["ballots_before"], row["eligible_before"]) for row in again] == [
        (1, 1),
        (1, 1),
        (1, 1),
        (2, 2),
    ]
    assert len(shell.answer("poll", "ballots", poll, "--links").split()) == 5


def test_mistaken_rows_are_all_told_and_nothing_is_counted(sqlite_shell: Shell):
    poll = sqlite_shell.a_poll()

    told = sqlite_shell.refusal(
        "poll", "roster", poll, a_list(sqlite_shell, "姓名,类别\n,党员\n张三,甲\n")
    )

    assert told.splitlines() == [
        "第 2 行：没有姓名",
        "第 3 行：没有参评人员类别“甲”。可写：两委成员、村民组长、党员、村民代表",
    ]


def test_a_roster_that_leaves_a_group_empty_is_shown_but_not_applied(sqlite_shell: Shell):
    poll = sqlite_shell.a_poll()
    short = a_list(sqlite_shell, "姓名,类别\n张三,党员\n")

    shown = sqlite_shell.run("poll", "roster", poll, short)
    refused = sqlite_shell.refusal("poll", "roster", poll, short, "--apply")

    assert shown.exit_code == 0
    assert "“两委成员”一个人也没有" in shown.stderr
    assert refused.count("“两委成员”一个人也没有") == 1
