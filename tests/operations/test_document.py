"""The document names the tests that hold what it says; they have to be there."""

import re

from tests.live import ROOT
from tests.operations.recipes import DOCUMENT


def test_every_test_that_the_document_names_is_there():
    named = set(re.findall(r"`(test_\w+)`", DOCUMENT.read_text("utf-8")))
    there = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE)
    }

    assert len(named) > 40
    assert named - there == set()
