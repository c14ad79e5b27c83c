"""Installations for the attacker: one for each kind of database, shared where only read."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path

import pytest

from ballot.settings import from_environment
from tests.anonymity.meeting import a_meeting
from tests.anonymity.seized import Seizure, seize
from tests.builders import Place, a_place
from tests.conftest import fresh_database

LARGE = 5000


def meetings(numbers, kinds=("sqlite", "postgresql")):
    """Return a mark that runs a test on the seized databases of such meetings."""
    held = [
        pytest.param(
            (kind, votes, weighted),
            id=f"{kind}-{votes}-{'weighted' if weighted else 'pooled'}",
            marks=[pytest.mark.slow] if votes == LARGE else [],
        )
        for kind, votes, weighted in product(kinds, numbers, [False, True])
    ]
    return pytest.mark.parametrize("seizure", held, indirect=True)


every_meeting = meetings([1, 5, 60, LARGE])
large_meetings = meetings([LARGE])  # an order shows in many votes only
sqlite_meetings = meetings([1, 5, 60, LARGE], ["sqlite"])


@contextmanager
def a_place_on(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """Open an installation on `sqlite` or `postgresql`."""
    environ = {"BALLOT_FOLDER": str(folder / "var"), "BALLOT_GRACE_SECONDS": "0"}
    with ExitStack() as opened:
        if kind == "postgresql":
            server = request.getfixturevalue("postgresql_server")
            environ["BALLOT_DATABASE_URL"] = opened.enter_context(fresh_database(server))
        yield opened.enter_context(a_place(from_environment(environ)))


@pytest.fixture(scope="package")
def seizures(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str, int, bool], Seizure]]:
    """Give what holds a meeting and seizes its database; each kind of meeting is held once.

    Meetings follow each other in one installation of each kind.
    """
    places: dict[str, Place] = {}
    held: dict[tuple[str, int, bool], Seizure] = {}
    with ExitStack() as opened:

        def seized(kind: str, votes: int, weighted: bool) -> Seizure:
            if kind not in places:
                folder = tmp_path_factory.mktemp("seized")
                places[kind] = opened.enter_context(a_place_on(kind, folder, request))
            wanted = kind, votes, weighted
            if wanted not in held:
                begun = time.time()
                held[wanted] = seize(a_meeting(places[kind], votes, weighted=weighted), begun)
            return held[wanted]

        yield seized


@pytest.fixture
def seizure(
    request: pytest.FixtureRequest, seizures: Callable[[str, int, bool], Seizure]
) -> Seizure:
    """Give the database of the kind of meeting that a test names."""
    return seizures(*request.param)
