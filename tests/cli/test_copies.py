"""`ballot poll copy`, `rehearse`, `wipe`: what is typed, and what a rehearsal never is."""

import json

from tests.cli.test_polls import Shell, shell, sqlite_shell

__all__ = ["shell", "sqlite_shell"]


def a_certified(shell: Shell, poll: str) -> None:
    shell.answer("poll", "ballots", poll, "--links")
    shell.answer("poll", "open", poll, "--scrutineer", "张监票")
    shell.answer("poll", "close", poll, "--scrutineer", "张监票")
    shell.answer("poll", "certify", poll, "--scrutineer", "张监票")


def test_an_annulled_poll_is_rerun_with_other_slips(shell: Shell):
    poll = shell.a_poll()
    first = shell.answer("poll", "ballots", poll, "--links").split()
    shell.answer("poll", "annul", poll, "--reason", "错印")

    rerun = shell.answer("poll", "copy", poll)

    second = shell.answer("poll", "ballots", rerun, "--links").split()
    assert (poll, rerun) == ("1", "2")
    assert (len(second), set(first) & set(second)) == (len(first), set())
    phases = [row["phase"] for row in json.loads(shell.answer("poll", "list", "--format", "json"))]
    assert phases == ["annulled", "draft"]


def test_a_rehearsal_goes_through_every_phase_and_no_door_lets_it_out(sqlite_shell: Shell):
    poll = sqlite_shell.a_poll()
    rehearsal = sqlite_shell.answer("poll", "rehearse", poll)
    a_certified(sqlite_shell, rehearsal)

    told = sqlite_shell.run("poll", "results", rehearsal)

    assert "这是演练，不计入任何结果" in told.stderr
    assert sqlite_shell.answer("cycle", "points", "1", "--format", "json") == "[]"
    assert sqlite_shell.answer("cycle", "points", "1", "--format", "csv").count("\n") == 0
    file = sqlite_shell.folder / "archive.txt"
    assert "是演练" in sqlite_shell.refusal("export", rehearsal, str(file))
    assert not file.exists()


def test_wiping_asks_for_the_words_and_the_log_still_holds(sqlite_shell: Shell):
    poll = sqlite_shell.a_poll()
    rehearsal = sqlite_shell.answer("poll", "rehearse", poll)
    a_certified(sqlite_shell, rehearsal)

    assert "不是演练" in sqlite_shell.refusal("poll", "wipe", poll, "--confirm", "清除演练")
    assert "请写“清除演练”来确认" in sqlite_shell.refusal(
        "poll", "wipe", rehearsal, "--confirm", "是"
    )
    sqlite_shell.answer("poll", "wipe", rehearsal, "--confirm", "清除演练")

    assert "没有编号为 2" in sqlite_shell.refusal("poll", "results", rehearsal)
    assert [
        row["id"] for row in json.loads(sqlite_shell.answer("poll", "list", "--format", "json"))
    ] == [1]
    assert sqlite_shell.answer("log", "verify")
    assert sqlite_shell.answer("poll", "copy", poll) == "3", "a wiped number is never given again"


def test_a_running_poll_is_not_rehearsed(sqlite_shell: Shell):
    poll = sqlite_shell.a_poll()
    sqlite_shell.answer("poll", "ballots", poll, "--links")
    sqlite_shell.answer("poll", "open", poll, "--scrutineer", "张监票")

    assert "投票中，不能演练" in sqlite_shell.refusal("poll", "rehearse", poll)
