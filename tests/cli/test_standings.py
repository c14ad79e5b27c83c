"""`ballot cycle units|offices|entries|standings|approve`: the year at the command line."""

import csv
import io
import json

import pytest

from ballot.domain.people import Role
from tests.assessment import BASE, STREET, a_cycle_with_units, complete, figures, log_of, standing
from tests.builders import Place, a_cycle, a_user
from tests.cli.test_polls import Shell


@pytest.fixture
def shell(place: Place, tmp_path) -> Shell:
    return Shell(place.settings, tmp_path)


def a_file(shell: Shell, content: str, name: str = "表.csv") -> str:
    path = shell.folder / name
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_units_and_figures_come_in_by_files_and_a_trial_saves_nothing(place, shell):
    a_cycle(place)
    names = a_file(shell, "单位\n白马村\n青龙村\n")
    marks = a_file(shell, f"单位,{BASE},{STREET}\n白马村,80.5,\n青龙村,79,4\n", "分.csv")

    tried = shell.answer("cycle", "units", 1, names, "--kind", "village", "--dry-run")
    shell.answer("cycle", "units", 1, names, "--kind", "village")
    shell.answer("cycle", "entries", 1, marks, "--kind", "village", "--dry-run")
    before = figures(place)
    told = shell.answer("cycle", "entries", 1, marks, "--kind", "village")

    assert "白马村" in tried
    assert before == {}
    assert "80.5" in told
    assert figures(place) == {
        ("白马村", BASE): "80.5", ("青龙村", BASE): "79", ("青龙村", STREET): "4",
    }  # fmt: skip


def test_a_file_with_mistakes_is_refused_with_all_of_them(place, shell):
    a_cycle_with_units(place)
    marks = a_file(shell, f"单位,{BASE}\n白马村,86\n黑马村,1\n")

    done = shell.run("cycle", "entries", 1, marks, "--kind", "village")

    assert (done.exit_code, done.stdout) == (1, "")
    assert "第 2 行“base-work”：86 超过满分 85" in done.stderr
    assert "第 3 行“单位”：名单中没有单位“黑马村”" in done.stderr


def test_a_standing_is_printed_as_a_draft_then_approved_and_taken_back(place, shell):
    complete(place)

    draft = shell.run("cycle", "standings", 1, "--format", "json")
    digest = shell.answer(
        "cycle",
        "approve",
        1,
        "--kind",
        "village",
        "--meeting",
        "党工委会议",
        "--date",
        "2023-12-27",
    ).strip()
    approved = shell.run("cycle", "standings", 1, "--kind", "village", "--format", "csv")
    again = shell.run(
        "cycle", "approve", 1, "--kind", "village", "--meeting", "会", "--date", "2023-12-27"
    )
    shell.answer("cycle", "approve", 1, "--kind", "village", "--withdraw", "计算有误")

    [village] = json.loads(draft.stdout)
    assert "草案，未经审定" in draft.stderr
    assert village["approval"] is None
    assert [row["total"] for row in village["standings"]] == ["93.50", "89.00", "83.50"]
    assert digest == standing(place).hash
    assert "2023-12-27 党工委会议审定" in approved.stderr
    rows = list(csv.DictReader(io.StringIO(approved.stdout)))
    assert [(row["unit"], row["rank"]) for row in rows] == [
        ("白马村", "1"), ("石桥社区", "2"), ("青龙村", "3"),
    ]  # fmt: skip
    assert (again.exit_code, "已经审定" in again.stderr) == (1, True)
    assert log_of(place)[-2:] == ["standing approved", "approval withdrawn"]


def test_what_keeps_a_standing_from_being_made_is_told(place, shell):
    a_cycle_with_units(place)

    done = shell.run("cycle", "standings", 1)

    assert done.exit_code == 0
    assert "“村述村评”：全部 3 个单位——还没有测评活动对它进行投票。" in done.stderr


def test_line_offices_are_assigned_by_name(place, shell):
    a_cycle(place)
    a_user(place, "li", Role.OFFICE)

    shell.answer("cycle", "offices", 1, "li", "党建办", "妇联")
    refused = shell.run("cycle", "offices", 1, "li", "外星办")

    assert (refused.exit_code, "没有写明“外星办”" in refused.stderr) == (1, True)
    with place.database.read() as connection:
        from ballot.services import offices

        [found] = offices.of_cycle(connection, 1).assignments
    assert found.offices == {"党建办", "妇联"}
