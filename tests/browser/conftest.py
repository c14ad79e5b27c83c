"""One browser for all stories: Playwright runs once in a process."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.chromium import launched


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Give the browser."""
    with launched() as chromium:
        yield chromium
