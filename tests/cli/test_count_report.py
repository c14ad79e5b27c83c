"""`ballot poll report`: the count report as a file, and why there is none."""

from tests.builders import a_place, an_open_poll, cast, close
from tests.cli.test_polls import Shell, shell, sqlite_shell
from tests.output.reports import texts

__all__ = ["shell", "sqlite_shell"]


def test_a_closed_poll_s_report_is_written_and_says_that_nobody_certified_it(
    settings, shell: Shell
):
    with a_place(settings) as place:
        poll, codes = an_open_poll(place)
        for code in codes[:29]:
            cast(place, poll, code, 0)
        close(place, poll)

    file = shell.folder / "report.pdf"
    assert shell.answer("poll", "report", poll.id, file) == ""

    (page,) = texts(file.read_bytes())
    assert "未认定，仅供核对" in page
    assert "收回测评票29张" in page
    assert "张监票（开始投票、结束投票）" in page


def test_before_closing_and_after_annulling_there_is_no_report(sqlite_settings, sqlite_shell):
    with a_place(sqlite_settings) as place:
        poll, _ = an_open_poll(place)
        other, _ = an_open_poll(place)
        close(place, other)
    sqlite_shell.answer("poll", "annul", other.id, "--reason", "发错了票")

    file = sqlite_shell.folder / "report.pdf"
    assert "投票结束后才有结果" in sqlite_shell.refusal("poll", "report", poll.id, file)
    assert "已作废" in sqlite_shell.refusal("poll", "report", other.id, file)
    assert not file.exists()


def test_a_file_that_cannot_be_written_is_a_sentence(sqlite_settings, sqlite_shell):
    with a_place(sqlite_settings) as place:
        poll, _ = an_open_poll(place)
        close(place, poll)

    told = sqlite_shell.refusal("poll", "report", poll.id, "/nowhere/report.pdf")

    assert "/nowhere/report.pdf" in told
    assert "写不成" in told
