"""Names that attack whoever reads them: by a browser, a spreadsheet, a terminal, or the eye."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta

import click
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from ballot.cli.main import main
from ballot.domain.people import Role
from ballot.domain.pollfile import read_poll_file
from ballot.errors import MistakesError
from ballot.output.cells import safe
from ballot.scoring import NAMED_SCALES, Base, csv_lines, load_scheme, read_counts
from ballot.services import closing, cycles, people, polls, printing, results, slip_files
from tests import assessment
from tests.builders import (
    PASSWORD,
    Place,
    a_cycle,
    a_poll,
    a_token,
    an_open_poll,
    cast,
    certify,
    close,
    print_ballots,
)
from tests.web.desk import Desk, a_desk
from tests.web.html_page import Page
from tests.web.phone import Phone

OF_A_STANDING = {
    "kind": "village",
    "component": "street-review",
    "what": "adjustment",
    "number": 1,
    "unit_id": 1,
    "part": "components",
    "name": "street-2023",
}
TAG = "<x-e a=\"'>&"
ENTRIES = ",".join(
    ["unit", *(c.key for c in load_scheme("street-2023").kind("village").components)]
)


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False)


def a_file(name: str, label: str = "", **more: str) -> str:
    """Return a POLL.toml in which everything a person names is named so."""
    said = {key: quoted(f"{name}{key}") for key in ("title", "unit", "name", "duty", "asked")}
    words = {key: quoted(value) for key, value in more.items()}
    levels = [quoted(f"{label or name}{n}") for n in (1, 2)]
    return f"""
title = {said["title"]}
scheme = "street-2023"
kind = "village"
component = "village-peer-review"
instructions = {words.get("instructions", said["asked"])}
subjects = [{{ unit = {said["unit"]}, name = {said["name"]}, duty = {said["duty"]} }}]
questions = [{{ text = {said["asked"]} }}]
scale = {{ levels = [{{ label = {levels[0]}, value = 100, approves = true }},
                     {{ label = {levels[1]}, value = 0 }}] }}
limits = [{{ level = {levels[0]}, at_most = 1 }}]
groups = [{{ key = "a", name = {quoted(f"{name}g")}, ballots = 6 }},
          {{ key = "b", name = {quoted(f"{name}h")}, ballots = 6 }}]
"""


class Named:
    """An installation with everything named alike: a certified, a closed, an open, a draft poll."""

    def __init__(self, place: Place, name: str) -> None:
        self.place = place
        a_cycle(place, title=f"{name}cycle")
        text = a_file(name)
        self.certified, codes = an_open_poll(place, text)
        for code in codes:
            cast(place, self.certified, code, 1)
        close(place, self.certified)
        self._discretion(name)
        certify(place, self.certified)
        self._assessed(name)
        self.closed, codes = an_open_poll(place, text)
        close(place, self.closed)
        self.open, self.codes = an_open_poll(place, text)
        self.draft = a_poll(place, text)
        print_ballots(place, self.draft, 1)
        with place.database.write() as connection:
            self.user = people.add_user(
                connection,
                name=f"{name}user",
                role=Role.ADMIN,
                password=PASSWORD,
                by=f"{name}by",
                now=place.clock(),
            )

    def _assessed(self, name: str) -> None:
        """Rank the unit alone, with everything that people write about it on the way."""
        unit = f"{name}unit"
        assessment.add_units(self.place, 1, [unit])
        assessment.a_leaders_poll(self.place, [unit])
        assessment.enter(
            self.place,
            {(unit, "base-work"): "80", (unit, "street-review"): "4"},
            by=f"{name}by",
        )
        assessment.adjust(self.place, unit, "award-city", note=f"{name}note", item=f"{name}item")
        withdrawn = assessment.veto(self.place, unit, "other", f"{name}note")
        assessment.withdraw(self.place, "veto", withdrawn, why=f"{name}why")

    def _discretion(self, name: str) -> None:
        """Record a value in the lowest band, with a reason that is written into derivations."""
        with self.place.database.write() as connection:
            results.set_discretion(
                connection,
                self.certified.id,
                unit=f"{name}unit",
                value="35",
                reason=f"{name}reason",
                by=f"{name}by",
                now=self.place.clock(),
            )

    def signed_in(self) -> FlaskClient:
        """Return a browser in which the user of that name is signed in."""
        desk = Desk(self.place)
        assert desk.sign_in(self.user.name).status_code == 303
        return desk.client

    def pages(self) -> Iterator[tuple[str, str]]:
        """Yield every page there is, with its address."""
        client = self.signed_in()
        bearer = {"Authorization": f"Bearer {a_token(self.place)}"}
        every = (self.certified, self.closed, self.open, self.draft)
        for rule in client.application.url_map.iter_rules():
            if "GET" not in rule.methods or "filename" in rule.arguments:
                continue
            values = [
                {
                    **{"poll_id": poll.id, "cycle_id": 1, "code": self.codes[0]},
                    **{"user_id": self.user.id, "key": "KEY"},
                    **OF_A_STANDING,
                }
                for poll in every
            ]
            for address in sorted(
                {rule.build({k: v[k] for k in rule.arguments})[1] for v in values}
            ):
                answer = client.get(address, headers=bearer)
                told = answer.mimetype.startswith("text/") or "json" in answer.mimetype
                if answer.status_code != 303 and told:
                    yield address, answer.get_data(as_text=True)
        phone = Phone(self.place, self.codes[1])
        phone.client = client
        for answer in (phone.review(c0=0), phone.send(step="edit", c0=0), phone.vote(c0=0)):
            assert answer.status_code == 200
            yield "voter", answer.text


@pytest.fixture
def shell(sqlite_place: Place, monkeypatch: pytest.MonkeyPatch):
    """Give the commands on the installation: what one writes to stdout."""
    monkeypatch.setenv("BALLOT_FOLDER", str(sqlite_place.settings.folder))

    def run(*words: object) -> str:
        done = CliRunner().invoke(main, [str(word) for word in words])
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


@pytest.mark.slow
def test_no_name_becomes_markup_on_any_page(sqlite_place):
    named = Named(sqlite_place, TAG)
    shown = set()

    for address, text in named.pages():
        if not text.lstrip().startswith("<"):
            if address.startswith("/api/"):
                json.loads(text)  # quoted, so that it can be read at all
            continue
        page = Page(text)
        assert page.mistakes == [], address
        assert not [e for e in page.elements if e.tag.startswith("x-")], address
        shown |= {w for w in WORDS if f"{TAG}{w}" in page.one("html").text}

    assert shown == WORDS


WORDS = {"title", "unit", "name", "duty", "asked", "g", "h", "1", "2", "cycle", "user", "reason"}


EXPORTING: dict[str, tuple[str, ...]] = {
    "poll results": ("1",),
    "poll list": (),
    "poll roster": ("DRAFT", "ROSTER"),
    "cycle list": (),
    "cycle points": ("1",),
    "cycle standings": ("1", "--kind", "village"),
    "user list": (),
    "token list": (),
    "convert": ("COUNTS", "--scale", "four-level", "--conversion", "bands"),
    "score": ("ENTRIES", "--scheme", "street-2023", "--kind", "village"),
}
NAMES_NOBODY = {"schemes", "schemes show", "schemes check", "reported"}
"""They write numbers, and what a scheme's author wrote."""


@pytest.mark.parametrize("sign", ["=", "@", "+-", "＝"])
def test_no_cell_of_any_exported_table_is_a_formula(sqlite_place, shell, sign, tmp_path):
    name = f"{sign}1+A2"
    named = Named(sqlite_place, name)
    with sqlite_place.database.write() as connection:
        people.create_token(
            connection,
            name=name,
            scopes=[],
            lifetime=timedelta(days=9),
            by="test",
            now=sqlite_place.clock(),
        )
    (tmp_path / "COUNTS").write_text(f"subject,好,较好,一般,差\n{name},1,2,3,4\n", "utf-8")
    (tmp_path / "ROSTER").write_text("姓名,类别\n张三,a\n", "utf-8")
    (tmp_path / "ENTRIES").write_text(f"{ENTRIES}\n{name},80,4,4,4\n", "utf-8")
    batches = printing.make_batches(named.draft.definition, None, count=1, spares=1)
    slips = tmp_path / "slips.csv"
    stacks = [printing.Stack(named.draft, batches)]
    slip_files.write_csv(slips, stacks, public_url="http://x", progress=lambda _: None)

    tables = [
        named.signed_in().get("/office/cycles/1/points.csv").get_data(as_text=True),
        slips.read_text("utf-8-sig"),
    ]
    for command, words in EXPORTING.items():
        paths = [
            named.draft.id if word == "DRAFT" else tmp_path / word if word.isupper() else word
            for word in words
        ]
        tables.append(shell(*command.split(), *paths, "--format", "csv"))

    for table in tables:
        cells = [cell for row in csv.reader(io.StringIO(table.lstrip("\ufeff"))) for cell in row]
        assert any(name in cell for cell in cells), "the name is there"
        for cell in cells:
            assert cell == safe(cell), f"a formula: {cell!r}"


def test_every_command_that_writes_a_table_is_asked_above():
    assert set(formatted(main)) == set(EXPORTING) | NAMES_NOBODY


def formatted(command: click.Command, path: str = "") -> Iterator[str]:
    """Yield every command that writes CSV where it is asked to."""
    if any("csv" in getattr(option.type, "choices", ()) for option in command.params):
        yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from formatted(inner, f"{path} {name}".strip())


# What a reader cannot see


UNSEEN = {
    "NUL": "\0",
    "ESC": "\x1b",
    "C1": "\x9b",
    "tab": "\t",
    "CR": "\r",
    "soft hyphen": "\u00ad",
    "zero-width": "\u200b",
    "joiner": "\u200d",
    "right-to-left": "\u200f",
    "override": "\u202e",
    "isolate": "\u2066",
    "line separator": "\u2028",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "filler": "\u3164",
    "blank": "\u2800",
    "variation": "\ufe0f",
    "tag": "\U000e0041",
}
PLACES = [
    "title",
    "instructions",
    "subjects[1].unit",
    "subjects[1].name",
    "subjects[1].duty",
    "questions[1].text",
    "scale.levels[1].label",
    "groups[1].name",
]


@pytest.mark.parametrize("what", UNSEEN)
def test_a_poll_whose_names_hold_what_nobody_sees_is_refused_with_each_place(what):
    character = UNSEEN[what]
    text = a_file(f"a{character}b")

    with pytest.raises(MistakesError) as refused:
        read_poll_file(text)

    told = [str(mistake) for mistake in refused.value.mistakes]
    for place in PLACES:
        if character in "\t\r" and place == "instructions":
            continue  # they may have several lines
        assert any(t.startswith(place) and f"U+{ord(character):04X}" in t for t in told), place
    assert character not in "".join(told)


def test_a_line_break_is_for_instructions_only():
    good = a_file("a", instructions="一\n二")
    assert read_poll_file(good).instructions == "一\n二"

    with pytest.raises(MistakesError, match="title"):
        read_poll_file(good.replace('"atitle"', '"a\\ntitle"'))


def test_what_chinese_names_are_written_with_is_taken():
    for name in ("𠮷祥·阿依古丽", "村（社区）—“五好”", "ⅠⅡ①％℃", "é̀ñ", "བོད་", "ئۇيغۇر", "ᠮᠣᠩᠭᠣᠯ"):
        assert name in read_poll_file(a_file(name, label="a")).title


@pytest.mark.parametrize("what", ["NUL", "override", "tab"])
def test_nothing_that_organisers_write_into_the_log_hides_anything(place, what):
    word = f"a{UNSEEN[what]}b"
    draft = a_poll(place)
    print_ballots(place, draft)
    running, _ = an_open_poll(place)
    done, codes = an_open_poll(place)
    cast(place, done, codes[0], 3)
    close(place, done)
    now, unit = place.clock(), done.definition.sections[0].subjects[0].unit
    always = {"by": "test", "now": now}
    lines = word[1] in "\t\r"

    def attempts(connection):
        yield lambda: people.add_user(
            connection, name=word, role=Role.ADMIN, password=PASSWORD, **always
        )
        yield lambda: people.create_token(
            connection, name=word, scopes=[], lifetime=done.grace, **always
        )
        yield lambda: people.change_password(connection, name="zhang", password=word * 9, **always)
        if lines:  # of a reason, which may have several lines
            return
        yield lambda: cycles.create(connection, title=word, scheme="street-2023", **always)
        yield lambda: polls.open_poll(
            connection, draft.id, scrutineer=word, closes_at=None, grace_seconds=0, **always
        )
        yield lambda: closing.order(connection, running.id, scrutineer=word, **always)
        yield lambda: polls.annul(connection, draft.id, reason=word, **always)
        yield lambda: results.set_discretion(
            connection, done.id, unit=unit, value="35", reason=word, **always
        )
        yield lambda: closing.certify(
            connection, done.id, issued={}, scrutineer=word, reason=word, **always
        )

    with place.database.write() as connection:
        people.add_user(connection, name="zhang", role=Role.ADMIN, password=PASSWORD, **always)
    number = 0
    while True:
        with place.database.write() as connection:
            attempt = next((a for n, a in enumerate(attempts(connection)) if n == number), None)
            if attempt is None:
                break
            with pytest.raises(MistakesError) as refused:
                attempt()
            assert word not in str(refused.value)
            connection.rollback()
        number += 1
    assert number in {3, 9}


def test_a_table_whose_cells_hide_something_is_refused_with_row_and_column():
    text = "subject,好,较好,一般,差\n甲,1,1,1,1\n甲\u200b,2,2,2,2\n"

    with pytest.raises(MistakesError, match=r"第 3 行第 1 列.*U\+200B"):
        read_counts(csv_lines(text.encode(), "counts.csv"), NAMED_SCALES["four-level"], Base.VALID)


def a_closed_poll(place: Place) -> tuple[Desk, str]:
    """Return a desk, and the address of the form that certifies a closed poll."""
    poll, _ = an_open_poll(place)
    close(place, poll)
    return a_desk(place), f"/office/polls/{poll.id}/certify"


def test_a_form_with_what_nobody_sees_is_shown_again_with_the_reason(place):
    desk, form = a_closed_poll(place)
    spoilt = [
        ("reason", "因\u200b"),
        ("reason", "因\0"),
        ("reason", "因" * 501),
    ]

    for field, value in spoilt:
        sent = {"confirm": "yes", "reason": "", field: value}
        answer = desk.send(form, **sent)
        assert answer.status_code == 422
        assert "字" in Page(answer.text).one("div", role="alert").text


def test_a_reason_may_have_several_lines(sqlite_place):
    desk, form = a_closed_poll(sqlite_place)

    answer = desk.send(form, confirm="yes", reason="一\r\n" * 120)

    assert answer.status_code == 303
