"""`ballot cycle`, `poll`, `user`, `token`, `log`: the commands of an organiser, one by one."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from ballot.cli import main
from ballot.domain.codes import parse_code
from ballot.domain.people import Role, Scope
from ballot.services import people
from ballot.settings import Settings
from tests.builders import (
    NOW,
    PASSWORD,
    VILLAGE_POLL,
    Place,
    a_place,
    an_open_poll,
    cast,
    close,
)
from tests.web.test_marks import MARKS_POLL

GOOD = 0
MISTAKEN = """
title = ""
scheme = "street-2023"
kind = "village"
component = "base-work"
colour = "red"
subjects = [{ unit = "白马村" }, { unit = "白马村" }]
groups = [
  { key = "voters", name = "村民", ballots = 0 },
  { key = "party", ballots = "ten", excludes = ["某村"] },
]
quorum = { at_least = "3/2", of = "issued" }
"""


class Shell:
    """A terminal in which commands are typed; it has no settings but the installation's."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder

    def run(self, *words: str | int, typed: str | None = None, **environ: str) -> Result:
        own = {
            "BALLOT_FOLDER": str(self.settings.folder),
            "BALLOT_DATABASE_URL": self.settings.database_url,
            "BALLOT_GRACE_SECONDS": "0",
            **dict.fromkeys(
                f"BALLOT_{name}"
                for name in ("LANGUAGE", "PUBLIC_URL", "SECRET_FILE", "SMALLEST_GROUP")
            ),
        }
        return CliRunner(env=own | environ).invoke(
            main, [str(word) for word in words], input=typed, catch_exceptions=False
        )

    def answer(self, *words: str | int, **environ: str) -> str:
        """Run a command that has to succeed, and return what it wrote to stdout."""
        done = self.run(*words, **environ)
        assert done.exit_code == 0, done.output
        return done.stdout.strip()

    def refusal(self, *words: str | int, code: int = 1, **environ: str) -> str:
        """Run a command that has to fail and return what it told; stdout has to stay empty."""
        done = self.run(*words, **environ)
        assert done.exit_code == code, done.output
        assert done.stdout == ""
        return done.stderr.strip()

    def file(self, content: str) -> Path:
        path = self.folder / "poll.toml"
        path.write_text(content, encoding="utf-8")
        return path

    def a_cycle(self, title: str = "2023年度") -> str:
        return self.answer("cycle", "create", "--title", title, "--scheme", "street-2023")

    def a_poll(self) -> str:
        self.a_cycle()
        return self.answer("poll", "create", self.file(VILLAGE_POLL))


@pytest.fixture
def shell(installed: Settings, tmp_path: Path) -> Shell:
    """Give a terminal on an empty installation, once on each kind of database."""
    return Shell(installed, tmp_path)


@pytest.fixture
def sqlite_shell(sqlite_installed: Settings, tmp_path: Path) -> Shell:
    return Shell(sqlite_installed, tmp_path)


def vote_with(place: Place, poll_id: str, links: list[str]) -> None:
    for link in links:
        cast(place, place.poll(int(poll_id)), parse_code(link.rpartition("/")[2]), GOOD)


def every_command(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(("ballot", *path)), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from every_command(inner, (*path, name))


def test_a_poll_goes_from_its_file_to_its_points(shell):
    poll = shell.a_poll()
    links = shell.answer("poll", "ballots", poll, "--links", "--spares", 1).split()
    shell.answer("poll", "open", poll, "--scrutineer", "张监票")
    with a_place(shell.settings) as place:
        vote_with(place, poll, links[:6])
    shell.answer("poll", "close", poll, "--scrutineer", "张监票")
    before = shell.run("cycle", "points", 1, "--format", "json")
    shell.answer("poll", "certify", poll, "--scrutineer", "张监票")

    results = json.loads(shell.answer("poll", "results", poll, "--format", "json"))
    points = json.loads(shell.answer("cycle", "points", 1, "--format", "json"))

    assert len(links) == 30 + 4
    assert (json.loads(before.stdout), "暂无得分" in before.stderr) == ([], True)
    assert [(row["unit"], row["ratio"], row["points"]) for row in results] == [
        ("白马村", "6/6", "4.50")
    ]
    assert points[0]["points"] == results[0]["points"]
    assert points[0]["poll"] == int(poll)
    assert "白马村" in shell.answer("cycle", "points", 1)
    assert len(shell.answer("log", "verify")) == 64


def test_results_of_marks_are_lines_with_their_spread_and_a_chart(settings, shell):
    with a_place(settings) as place:
        poll, codes = an_open_poll(place, MARKS_POLL)
        for code, mark in zip(codes, (100, 90, 80), strict=False):
            cast(place, poll, code, mark, mark - 5, 0)
        close(place, poll)

    table = shell.answer("poll", "results", poll.id)
    written = shell.answer("poll", "results", poll.id, "--format", "csv")
    chart = shell.folder / "chart.svg"
    shell.answer("poll", "results", poll.id, "--chart", chart)

    assert "90–100" in chart.read_text("utf-8")
    assert all(word in table for word in ("表态票", "最低分", "最高分", "较好以上票/基数"))
    rows = list(csv.DictReader(io.StringIO(written)))
    kept = [(row["opinions"], row["lowest"], row["highest"], row["score"]) for row in rows]
    assert kept == [("3", "80", "100", "90"), ("3", "75", "95", "85"), ("", "", "", "90")]


def test_every_mistake_in_a_poll_file_is_one_line_with_its_key_and_nothing_is_made(sqlite_shell):
    sqlite_shell.a_cycle()

    lines = sqlite_shell.refusal("poll", "create", sqlite_shell.file(MISTAKEN)).splitlines()

    assert sorted(line.partition("：")[0] for line in lines) == sorted(
        [
            "title",
            "colour",
            "component",
            "groups[1].ballots",
            "groups[2].name",
            "groups[2].ballots",
            "quorum.at_least",
            "subjects[2]",
        ]
    )
    assert json.loads(sqlite_shell.answer("poll", "list", "--format", "json")) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"title = ", "不是有效的 TOML"),
        (b"\xff\xfe", "读不出来"),
        (None, "读不出来：No such file or directory"),
    ],
)
def test_a_file_that_is_no_poll_file_is_told_in_a_sentence(sqlite_shell, content, told):
    path = sqlite_shell.folder / "poll.toml"
    if content is not None:
        path.write_bytes(content)

    assert told in sqlite_shell.refusal("poll", "create", path)


def test_a_poll_needs_a_cycle_of_its_own_scheme(sqlite_shell):
    file = sqlite_shell.file(VILLAGE_POLL)

    assert sqlite_shell.refusal("poll", "create", file)
    assert sqlite_shell.refusal("poll", "create", file, "--cycle", 7)
    sqlite_shell.a_cycle()
    sqlite_shell.a_cycle("2024年度")
    assert sqlite_shell.refusal("poll", "create", file), "which of the two?"
    assert sqlite_shell.answer("poll", "create", file, "--cycle", 2) == "1"


@pytest.mark.parametrize(
    "words",
    [
        ("poll", "open"),
        ("poll", "open", "first"),
        ("poll", "open", "0"),
        ("poll", "open", "99999999999999999999"),
        ("cycle", "points", "99999999999999999999"),
        ("poll", "ballots", "1"),
        ("poll", "ballots", "1", "--links", "--pdf", "x.pdf"),
        ("poll", "ballots", "1", "--links", "--count", "-1"),
        ("poll", "certify", "1", "--issued", "voters"),
        ("poll", "certify", "1", "--issued", "voters=many"),
        ("poll", "list", "--format", "xml"),
        ("cycle", "create", "--title", "一"),
        ("token", "create", "x", "--scope", "everything"),
        ("user", "add", "x", "--role", "king"),
        ("fly",),
    ],
)
def test_a_wrong_usage_ends_with_2_and_an_empty_stdout(sqlite_shell, words):
    assert "Usage:" in sqlite_shell.refusal(*words, code=2)


@pytest.mark.parametrize(
    "words",
    [
        ("open", "9"),
        ("close", "9"),
        ("certify", "9"),
        ("annul", "9"),
        ("results", "9"),
        ("ballots", "9", "--links"),
        ("void", "9", "--code", "0000-0000-0000-0000"),
    ],
)
def test_an_unknown_poll_is_told_in_a_sentence(shell, words):
    told = shell.refusal("poll", *words)

    assert words[1] in told
    assert "Traceback" not in told


def test_polls_are_listed_in_every_form(shell):
    poll = shell.a_poll()
    shell.answer("poll", "ballots", poll, "--links")

    as_json = json.loads(shell.answer("poll", "list", "--format", "json"))
    as_csv = list(csv.DictReader(io.StringIO(shell.answer("poll", "list", "--format", "csv"))))
    as_table = shell.answer("poll", "list")

    assert as_json == [
        {
            "id": 1,
            "cycle": 1,
            "title": "白马村2023年度村述村评",
            "phase": "draft",
            "printed": 30,
            "cast": 0,
        }
    ]
    assert [list(row) for row in as_csv] == [["id", "title", "phase", "printed", "cast"]]
    assert list(as_csv[0].values()) == ["1", "白马村2023年度村述村评", "draft", "30", "0"]
    assert "白马村2023年度村述村评" in as_table
    assert "draft" not in as_table, "people read the phase in words"
    assert "2023年度" in shell.answer("cycle", "list")


def test_no_command_shows_a_result_before_the_poll_is_closed(shell):
    poll = shell.a_poll()
    links = shell.answer("poll", "ballots", poll, "--links").split()
    assert shell.refusal("poll", "results", poll)
    shell.answer("poll", "open", poll)
    with a_place(shell.settings) as place:
        vote_with(place, poll, links[:5])

    assert shell.refusal("poll", "results", poll, "--format", "json")
    assert json.loads(shell.answer("cycle", "points", 1, "--format", "json")) == []
    (row,) = json.loads(shell.answer("poll", "list", "--format", "json"))
    assert row == {**row, "phase": "open", "cast": 5}


def test_ballots_that_were_not_handed_out_are_declared_when_certifying(shell):
    poll = shell.a_poll()
    links = shell.answer("poll", "ballots", poll, "--links").split()
    shell.answer("poll", "open", poll)
    with a_place(shell.settings) as place:
        vote_with(place, poll, links[:7])
    shell.answer("poll", "close", poll)

    assert shell.refusal("poll", "certify", poll, "--issued", "nobody=1")
    assert shell.refusal("poll", "certify", poll, "--issued", "committee=6"), "7 came back"
    assert shell.refusal("poll", "certify", poll, "--issued", "committee=8"), "7 were printed"
    shell.answer("poll", "certify", poll, "--issued", "committee=7", "--issued", "party=4")

    told = shell.run("poll", "results", poll).stderr
    assert "印制 30，发出 24，收回 7，有效 7，无效 0" in told
    assert shell.refusal("poll", "certify", poll), "once is enough"


def test_an_annulled_poll_is_kept_and_gives_no_points(shell):
    poll = shell.a_poll()
    links = shell.answer("poll", "ballots", poll, "--links").split()
    shell.answer("poll", "open", poll)
    with a_place(shell.settings) as place:
        vote_with(place, poll, links[:5])

    assert shell.refusal("poll", "annul", poll, "--reason", "断电"), "an open one is closed first"
    shell.answer("poll", "close", poll)
    assert shell.refusal("poll", "annul", poll, "--reason", " ")
    shell.answer("poll", "annul", poll, "--reason", "断电")

    assert shell.refusal("poll", "certify", poll)
    assert shell.refusal("poll", "results", poll)
    assert json.loads(shell.answer("cycle", "points", 1, "--format", "json")) == []
    (row,) = json.loads(shell.answer("poll", "list", "--format", "json"))
    assert row["phase"] == "annulled"


def test_a_damaged_slip_is_voided_by_its_code_once_and_a_used_one_never(shell):
    poll = shell.a_poll()
    links = shell.answer("poll", "ballots", poll, "--links").split()
    shell.answer("poll", "open", poll)
    with a_place(shell.settings) as place:
        vote_with(place, poll, links[:1])
    used, damaged, *_ = [link.rpartition("/")[2] for link in links]

    shell.answer("poll", "void", poll, "--code", damaged.lower())

    for code in (damaged, used):
        told = shell.refusal("poll", "void", poll, "--code", code)
        assert "不能作废" in told
        assert code not in told
    wrong = damaged[:-1] + ("0" if damaged[-1] != "0" else "1")
    assert shell.refusal("poll", "void", poll, "--code", wrong)
    shell.answer("poll", "close", poll)
    assert "收回 1，有效" in shell.run("poll", "results", poll).stderr


def test_links_are_the_only_thing_on_stdout_and_a_loopback_address_is_warned_of(sqlite_shell):
    poll = sqlite_shell.a_poll()

    loopback = sqlite_shell.run("poll", "ballots", poll, "--links", "--group", "party")
    public = sqlite_shell.run(
        "poll", "ballots", poll, "--links", BALLOT_PUBLIC_URL="https://piao.example.cn"
    )

    assert [line.rpartition("/")[0] for line in loopback.stdout.splitlines()] == [
        "HTTP://127.0.0.1:8000/B"
    ] * 10
    assert "BALLOT_PUBLIC_URL" in loopback.stderr
    assert len(public.stdout.splitlines()) == 30
    assert public.stderr == ""


@pytest.mark.parametrize("option", ["--pdf", "--csv"])
def test_a_file_of_slips_is_announced_on_stderr_and_no_code_is_shown(sqlite_shell, option):
    poll = sqlite_shell.a_poll()
    path = sqlite_shell.folder / "slips"

    done = sqlite_shell.run("poll", "ballots", poll, option, path)

    assert (done.exit_code, done.stdout) == (0, "")
    assert f"已写好 30 张票：{path}" in done.stderr
    assert "/B/" not in done.output
    assert path.stat().st_size > 1000


def test_a_public_address_that_no_code_can_hold_is_refused_before_anything_is_made(sqlite_shell):
    poll = sqlite_shell.a_poll()

    assert "BALLOT_PUBLIC_URL" in sqlite_shell.refusal(
        "poll", "ballots", poll, "--links", BALLOT_PUBLIC_URL="https://example.cn/path"
    )
    (row,) = json.loads(sqlite_shell.answer("poll", "list", "--format", "json"))
    assert row["printed"] == 0


def test_a_poll_without_ballots_is_not_opened(sqlite_shell):
    poll = sqlite_shell.a_poll()
    sqlite_shell.answer("poll", "ballots", poll, "--links", "--group", "party")

    told = sqlite_shell.refusal("poll", "open", poll)

    assert len(told.splitlines()) == 3, "one line for each group without ballots"


def test_a_planned_end_is_written_in_beijing_time_and_may_not_have_passed(sqlite_shell):
    poll = sqlite_shell.a_poll()
    sqlite_shell.answer("poll", "ballots", poll, "--links")

    assert sqlite_shell.refusal("poll", "open", poll, "--closes-at", "2020-01-01 10:00")
    sqlite_shell.answer("poll", "open", poll, "--closes-at", "2199-12-28 11:30")

    with a_place(sqlite_shell.settings) as place:
        assert place.poll(int(poll)).closes_at == datetime(2199, 12, 28, 3, 30, tzinfo=UTC)


def test_a_token_is_all_that_stands_on_stdout_and_it_opens_what_its_scope_says(shell):
    secret = shell.answer("token", "create", "计分系统", "--scope", "points:read", "--days", 3)

    with a_place(shell.settings) as place:
        token = people.token_for(place.database, secret, Scope.POINTS, NOW)
        with pytest.raises(people.ScopeError):
            people.token_for(place.database, secret, Scope.TURNOUT, NOW)
        with place.database.read() as connection:
            stored = connection.execute(text("SELECT hash FROM tokens")).scalar_one()
    assert token.name == "计分系统"
    assert secret.encode() not in bytes(stored)


def test_an_account_is_made_with_a_password_of_its_own_and_never_a_default(shell):
    shell.answer("user", "add", "zhang", "--role", "admin", BALLOT_NEW_PASSWORD=PASSWORD)

    with a_place(shell.settings) as place:
        user = people.sign_in(place.database, "zhang", PASSWORD)
    assert user.role is Role.ADMIN
    assert "zhang" in shell.refusal("user", "add", "zhang", BALLOT_NEW_PASSWORD=PASSWORD)
    assert "10" in shell.refusal("user", "add", "li", BALLOT_NEW_PASSWORD="short")
    nobody = shell.run("user", "add", "wang")
    assert nobody.exit_code == 1, "asked for a password, and none was typed"
    typed = shell.run("user", "add", "wang", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert typed.exit_code == 0
    assert PASSWORD not in typed.output


def test_a_temporary_password_is_made_and_printed_once(shell):
    given = shell.answer("user", "add", "li", "--full-name", "李监票", "--temporary").strip()
    again = shell.answer("user", "password", "li", "--temporary").strip()

    assert given != again
    with a_place(shell.settings) as place:
        user = people.sign_in(place.database, "li", again)
        with pytest.raises(people.WrongPasswordError):
            people.sign_in(place.database, "li", given)
    assert (user.full_name, user.temporary) == ("李监票", True)
    assert again not in shell.answer("log", "verify") + shell.answer("user", "list")


def test_a_changed_event_is_found_by_verifying_the_log(shell):
    """Whoever owns the database can take its guards away, but not mend the chain unseen."""
    shell.a_poll()
    head = shell.answer("log", "verify")
    assert head == shell.answer("log", "verify")

    with a_place(shell.settings) as place, place.database.write() as connection:
        table = "" if place.database.on_sqlite else " ON events"
        connection.execute(text(f"DROP TRIGGER events_stay{table}"))
        changed = connection.execute(
            text("UPDATE events SET details = replace(details, 'street-2023', 'street-2024')")
        )
    assert changed.rowcount

    assert shell.refusal("log", "verify")


def test_an_unknown_scheme_makes_no_cycle(sqlite_shell):
    assert "city-1999" in sqlite_shell.refusal(
        "cycle", "create", "--title", "一", "--scheme", "city-1999"
    )
    assert json.loads(sqlite_shell.answer("cycle", "list", "--format", "json")) == []


def test_a_cycle_is_made_with_settings_of_its_own_and_listed_with_them(sqlite_shell):
    municipal = ("cycle", "create", "--title", "一", "--scheme", "municipal")
    options = ("--set", "commended=8‰", "--set", "limit = 20%")

    made = sqlite_shell.answer(*municipal, *options)

    [told] = json.loads(sqlite_shell.answer("cycle", "list", "--format", "json"))
    assert (made, told["settings"]) == ("1", {"commended": "8‰", "limit": "20%"})
    assert "commended=8‰ limit=20%" in sqlite_shell.answer("cycle", "list")


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (("--set", "nope=1"), 1, "没有这一设置"),
        (("--set", "limit=lots"), 1, "kinds.person.grades.limit"),
        (("--set", "limit"), 2, "READING=VALUE"),
        (("--set", "limit=20%", "--set", "limit=30%"), 2, "同一口径只能设一次"),
    ],
)
def test_a_setting_that_cannot_be_used_makes_no_cycle(sqlite_shell, options, code, told):
    done = sqlite_shell.run("cycle", "create", "--title", "一", "--scheme", "municipal", *options)

    assert (done.exit_code, done.stdout) == (code, "")
    assert told in done.stderr
    assert json.loads(sqlite_shell.answer("cycle", "list", "--format", "json")) == []


def test_a_setting_of_the_wrong_form_is_named(sqlite_shell):
    told = sqlite_shell.refusal("poll", "list", BALLOT_GRACE_SECONDS="soon")

    assert "BALLOT_GRACE_SECONDS" in told


def test_every_command_and_every_option_says_what_it_is_for():
    silent = []
    for name, command in every_command(main):
        if not command.get_short_help_str(limit=200):
            silent.append(name)
        silent += [
            f"{name} {parameter.opts[-1]}"
            for parameter in command.params
            if isinstance(parameter, click.Option) and not parameter.help
        ]

    assert silent == []


def test_the_office_and_the_terminal_tell_the_same_turnout(sqlite_shell):
    with a_place(sqlite_shell.settings) as place:
        poll, codes = an_open_poll(place)
        cast(place, poll, codes[0], GOOD)

    (row,) = json.loads(sqlite_shell.answer("poll", "list", "--format", "json"))

    assert (row["printed"], row["cast"]) == (60, 1)
