"""Upgrades: what an earlier version of the program kept, this one still has.

For every revision of the schema a backup lies in `data/`, made by the program of that time, with a
row in every table. A new migration is complete only with its own:

    .venv/bin/python -m tests.storage.test_upgrades

writes the one of the present revision; those of earlier revisions are never written again.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from alembic.config import Config
from click.testing import CliRunner
from sqlalchemy import inspect, text

from ballot.cli import main
from ballot.domain.casting import Outcome
from ballot.domain.codes import Code
from ballot.domain.polls import PollId
from ballot.services import start
from ballot.services.backup import back_up
from ballot.services.backup_form import Backup, Header
from ballot.services.restoring import restore
from ballot.services.start import open_installation
from ballot.settings import Settings, from_environment
from ballot.storage import restoring, schema
from ballot.storage.backup import Row, read_value
from ballot.storage.database import Database
from ballot.storage.tables import metadata
from tests.builders import NOW, Place, a_place, cast, close
from tests.live import environment
from tests.storage.installations import NONCE, a_full_installation, every_row, tables_in

DATA: Final = Path(__file__).parent / "data"
HOW: Final = f"write it with: .venv/bin/python -m {__name__}"
REVISIONS: Final = schema.revisions()
REWRITTEN: Final[set[tuple[str, str]]] = set()
"""Columns (table, column) that a migration gives other values on purpose, with its own test."""

Values = dict[str, list[dict[str, Any]]]


@dataclass
class Old:
    """What an earlier version kept: its backup, its rows, and slips of its open poll."""

    path: Path
    header: Header
    rows: dict[str, list[Row]]
    slips: dict[str, Any]

    @property
    def values(self) -> Values:
        """Return the rows as values by column."""
        return {
            shape.name: [
                {
                    name: read_value(kind, value)
                    for (name, kind), value in zip(shape.columns, row, strict=True)
                }
                for row in self.rows[shape.name]
            ]
            for shape in self.header.tables
        }


def read_old(revision: str) -> Old:
    path = DATA / f"{revision}.backup"
    slips = json.loads((DATA / f"{revision}.slips.json").read_text("utf-8"))
    with path.open("rb") as file, tempfile.TemporaryDirectory() as folder:
        backup = Backup(path, file)
        (Path(folder) / "secret.key").write_text(str(backup.header.secret), "ascii")
        backup.check(schema.secret_file.load(Path(folder) / "secret.key"))
        rows = {shape.name: list(backup.rows(shape)) for shape in backup.header.tables}
    return Old(path, backup.header, rows, slips)


@pytest.fixture(
    params=[
        REVISIONS[0],
        *(pytest.param(between, marks=pytest.mark.slow) for between in REVISIONS[1:-2]),
        *REVISIONS[-2:],
    ]
)
def old(request: pytest.FixtureRequest) -> Old:
    """Give what each earlier version kept."""
    return read_old(request.param)


def build_as_then(settings: Settings, old: Old) -> None:
    """Leave an installation as the program of that time left it."""
    settings.folder.mkdir(parents=True)
    settings.secret_file.write_text(str(old.header.secret), "ascii")
    database = Database(settings.database_url)
    with restoring.filling(database) as connection:
        restoring.fill(
            connection, old.header.schema, old.header.tables, lambda shape: old.rows[shape.name]
        )
    database.close()


def is_kept(place: Place, old: Old) -> None:
    """Fail unless every row that was there is there, in every column that still is one."""
    after = rows_by_column(place.database)
    for table, before in old.values.items():
        assert len(after[table]) >= len(before) > 0
        same = before[0].keys() & after[table][0].keys()
        same -= {column for where, column in REWRITTEN if where == table}
        kept = [{name: row[name] for name in same} for row in after[table]]
        for row in before:
            assert {name: row[name] for name in same} in kept, table


def rows_by_column(database: Database) -> Values:
    """Return every row of every table as values by column."""
    return {
        name: [
            dict(zip((column.name for column in metadata.tables[name].columns), row, strict=True))
            for row in rows
        ]
        for name, rows in every_row(database).items()
    }


def slips_are_what_they_were(place: Place, old: Old) -> None:
    """Fail unless a slip from the drawer votes, and one that was used does not."""
    poll = place.poll(PollId(old.slips["poll"]))
    place.clock.now = old.header.made_at
    used, voided, unused = (Code(old.slips[name]) for name in ("used", "voided", "unused"))
    width = len(poll.definition.slots)
    first = old.slips["first"]
    assert len(first) == width
    assert cast(place, poll, used, *first, nonce=old.slips["nonce"]) is Outcome.COUNTED_BEFORE
    assert cast(place, poll, used, *first) is Outcome.USED
    assert cast(place, poll, voided, *first) is Outcome.VOIDED
    assert cast(place, poll, unused, *first) is Outcome.COUNTED
    close(place, poll)
    assert place.results(poll.id).account.total.returned == 2


# ---- what holds for each revision ---------------------------------------------------------------


def test_every_revision_of_the_schema_has_a_backup_made_by_its_own_program():
    there = {path.name for path in DATA.iterdir()}
    wanted = {f"{name}{end}" for name in REVISIONS for end in (".backup", ".slips.json")}

    assert there == wanted, HOW


def test_the_last_revision_is_the_one_the_program_calls_its_latest():
    assert REVISIONS[-1] == schema.LATEST


def test_the_backup_of_a_revision_has_every_column_filled_and_where_possible_empty(
    old, sqlite_settings
):
    """Otherwise an upgrade that loses or damages one would not be noticed."""
    build_as_then(sqlite_settings, old)
    database = Database(sqlite_settings.database_url)

    with database.read() as connection:
        assert old.values.keys() == tables_in(database), HOW
        for table, rows in old.values.items():
            for column in inspect(connection).get_columns(table):
                found = [row[column["name"]] for row in rows]
                assert [value for value in found if value is not None], (table, column["name"])
                if column["nullable"]:
                    assert None in found, (table, column["name"])
    database.close()


def test_a_start_on_an_earlier_database_keeps_everything(old, settings):
    build_as_then(settings, old)

    with a_place(settings) as place:
        assert start.verify_log(place.database) == old.header.log_head
        is_kept(place, old)
        slips_are_what_they_were(place, old)


def test_a_backup_of_an_earlier_version_comes_back_with_everything(old, settings):
    restore(settings, old.path, by="test", now=NOW)

    with a_place(settings) as place:
        assert start.verify_log(place.database)
        is_kept(place, old)
        slips_are_what_they_were(place, old)


# ---- the next revision, which does not exist yet ------------------------------------------------

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{last}"
branch_labels = None
depends_on = None

def upgrade():
    with op.batch_alter_table("polls") as polls:
        polls.alter_column("rules_hash", type_=sa.Text(), existing_nullable=False)
    op.add_column("cycles", sa.Column("closed", sa.Boolean(), nullable=True))
    op.execute("UPDATE cycles SET title = title || '!'")
    op.create_table("remarks", sa.Column("id", sa.Integer(), primary_key=True))
"""


@pytest.fixture
def tomorrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Let the program be one whose schema has a further revision."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "m9999_next.py").write_text(NEXT.format(last=schema.LATEST))

    def config() -> Config:
        made = Config()
        made.set_main_option("script_location", "ballot:storage/migrations")
        made.set_main_option("path_separator", "newline")
        made.set_main_option("version_locations", f"ballot:storage/migrations/versions\n{folder}")
        return made

    with monkeypatch.context() as patch:
        patch.setattr(schema, "_config", config)
        patch.setattr(schema, "LATEST", "9999")
        yield


@pytest.mark.parametrize("comes_by", ["restore", "start"])
def test_the_next_version_brings_what_this_one_kept_up_to_date(tomorrow, settings, comes_by):
    old = read_old(REVISIONS[-1])
    if comes_by == "restore":
        restore(settings, old.path, by="test", now=NOW)
    else:
        build_as_then(settings, old)

    with a_place(settings) as place:
        assert "remarks" in tables_in(place.database)
        with place.database.read() as connection:
            titles = connection.execute(text("SELECT title, closed FROM cycles")).all()
        assert titles == [(f"{row['title']}!", None) for row in old.values["cycles"]]
        assert start.verify_log(place.database)
        slips_are_what_they_were(place, old)


def test_a_database_of_a_newer_version_is_refused_with_a_sentence_and_left_alone(settings):
    with a_place(settings) as place:
        with place.database.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        before = every_row(place.database)

        with pytest.raises(schema.UnknownRevisionError, match=f"9999.*{schema.LATEST}"):
            open_installation(settings, NOW)
        told = CliRunner(env=environment(settings)).invoke(main, ["poll", "list"])

        assert every_row(place.database) == before
    assert (told.exit_code, told.stdout) == (1, "")
    assert "请换用更新的程序" in told.stderr


# ---- writing the present revision's -------------------------------------------------------------


def write_present() -> None:
    """Write the backup of the present revision and the slips that belong to it."""
    DATA.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = from_environment({"BALLOT_FOLDER": folder, "BALLOT_GRACE_SECONDS": "0"})
        with a_place(settings) as place:
            full = a_full_installation(place)
            now = place.clock()
        path = DATA / f"{schema.LATEST}.backup"
        back_up(settings, path, with_secret=True, replace=True, by="test", now=now)
    path.chmod(0o644)
    slips = {
        "poll": full.open.id,
        "used": full.used,
        "nonce": NONCE,
        "first": [0, 2],
        "voided": full.voided,
        "unused": full.unused[0],
    }
    written = json.dumps(slips, indent=2) + "\n"
    (DATA / f"{schema.LATEST}.slips.json").write_text(written, "utf-8")


if __name__ == "__main__":
    write_present()
