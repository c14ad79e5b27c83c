"""The documents name the tests that hold what they say; these have to be there."""

import re
from functools import cache

import pytest

from tests.live import ROOT

ANONYMITY = ROOT / "docs" / "anonymity.md"
DOCUMENTS = sorted((ROOT / "docs").rglob("*.md"))
NAMED = re.compile(r"`(test_\w+)`")
FILE = re.compile(r"`(tests/[\w/]+\.py)`")


@cache
def names_of_tests() -> frozenset[str]:
    """Return the names of all tests."""
    return frozenset(
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_and_every_file_of_tests_that_a_document_names_is_there(document):
    text = document.read_text("utf-8")

    assert set(NAMED.findall(text)) - names_of_tests() == set()
    assert [path for path in FILE.findall(text) if not (ROOT / path).is_file()] == []


def rows_of_tables() -> list[list[str]]:
    lines = ANONYMITY.read_text("utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return [row for row in rows if row[0] not in {"place", "claim"}]


def test_whatever_is_said_to_be_closed_names_the_test_that_holds_it():
    rows = rows_of_tables()

    assert len(rows) > 40
    assert [row[0] for row in rows if "closed" in row[1:2] and not NAMED.search(row[-1])] == []
    assert {row[1] for row in rows if len(row) == 4} <= {"closed", "in part", "open"}


@pytest.mark.parametrize(
    "place",
    [
        "database file",
        "write-ahead log",
        "free pages",
        "backup",
        "system columns",
        "server log",
        "proxy",
        "memory",
        "timing",
        "turnout",
        "metrics",
        "small group",
        "group labels",
        "comments",
        "rehearsal",
        "subtraction",
        "nudge",
        "Wi-Fi",
        "scanning app",
        "browser history",
        "spool",
        "archive",
        "event log",
        "office accounts",
    ],
)
def test_the_document_has_a_row_for_each_place_an_attacker_looks_at(place):
    assert any(place.lower() in row[0].lower() for row in rows_of_tables())
