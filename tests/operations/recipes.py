"""What docs/operations.md tells people to copy, cut out of it so that the document is tested."""

import re
from typing import Final

from tests.live import ROOT

DOCUMENT: Final = ROOT / "docs" / "operations.md"


def section(title: str) -> str:
    """Return a section of the document, without its heading."""
    _, found, rest = DOCUMENT.read_text("utf-8").partition(f"\n## {title}\n")
    assert found, f"docs/operations.md has no section {title!r}"
    return rest.partition("\n## ")[0]


def blocks(title: str, language: str) -> list[str]:
    """Return the code blocks of a language in a section."""
    return re.findall(rf"^```{language}\n(.*?)^```$", section(title), re.DOTALL | re.MULTILINE)


def block(title: str, language: str) -> str:
    """Return the only code block of a language in a section."""
    (found,) = blocks(title, language)
    return found


def replaced(text: str, changes: dict[str, str]) -> str:
    """Return a recipe with what its reader has to change; each of it has to be there."""
    for old, new in changes.items():
        assert old in text, f"the recipe has no {old!r}"
        text = text.replace(old, new)
    return text
