"""The office's pages are the same on both databases: on PostgreSQL their tests are slow ones."""

from typing import Final

import pytest

VOTERS: Final = {
    f"test_{name}.py"
    for name in ("fast_lane", "mailbox", "opened", "voter_journey", "voter_privacy", "voter_states")
}
"""What a phone goes through, which has statements of its own for each database."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the tests of pages on PostgreSQL."""
    case = getattr(item, "callspec", None)
    on_postgresql = case is not None and case.params.get("settings") == "postgresql"
    if on_postgresql and item.path.name not in VOTERS:
        item.add_marker(pytest.mark.slow)
