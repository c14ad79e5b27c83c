"""Workbooks calculated anew by LibreOffice, to hold its figures against ours."""

import io
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.live import plain_environment

OFFICE = Path("/usr/bin/soffice")
needs_office = pytest.mark.skipif(not OFFICE.exists(), reason="LibreOffice is not installed")


@lru_cache(maxsize=256)
def opened(workbook: bytes, *, values: bool) -> Any:
    """Return a workbook as openpyxl reads it: its stored values, or its formulas; to look at."""
    return _loaded(workbook, values=values)


def _loaded(workbook: bytes, *, values: bool) -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook), data_only=values)


def recalculated(folder: Path, workbooks: Sequence[bytes]) -> list[bytes]:
    """Return workbooks as LibreOffice stores them after calculating every formula.

    The values that we stored are taken out first, so that none can come back unseen.
    """
    for number, workbook in enumerate(workbooks):
        _loaded(workbook, values=False).save(folder / f"{number}.xlsx")
    subprocess.run(
        [
            OFFICE, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--convert-to", "xlsx", "--outdir", folder / "out",
            *(folder / f"{number}.xlsx" for number in range(len(workbooks))),
        ],
        env=plain_environment(),
        capture_output=True,
        timeout=300,
        check=True,
    )  # fmt: skip
    return [(folder / "out" / f"{number}.xlsx").read_bytes() for number in range(len(workbooks))]


def formulas(workbook: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield every formula with its sheet and place."""
    for sheet in opened(workbook, values=False):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield sheet.title, cell.coordinate, cell.value


def differences(ours: bytes, theirs: bytes) -> list[str]:
    """Return every formula that LibreOffice comes to another value for than we do."""
    stored, found = opened(ours, values=True), opened(theirs, values=True)
    return [
        f"{sheet}!{place} {formula}: {stored[sheet][place].value} {found[sheet][place].value}"
        for sheet, place, formula in formulas(ours)
        if not same(stored[sheet][place].value, found[sheet][place].value)
    ]


def same(mine: Any, theirs: Any) -> bool:
    """Tell whether two values are one: numbers to the 11th decimal, texts to the letter."""
    if isinstance(mine, int | float) and isinstance(theirs, int | float):
        return abs(mine - theirs) < 1e-11 * max(1, abs(mine))
    return (mine or "") == (theirs or "")


def table(workbook: bytes, sheet: str, key: str) -> dict[str, Mapping[str, Any]]:
    """Return a sheet's rows by a column, each by its headings; later rows win."""
    lines = [
        [cell.value for cell in row] for row in opened(workbook, values=True)[sheet].iter_rows()
    ]
    top = next(number for number, line in enumerate(lines) if key in line)
    rows = [dict(zip(lines[top], line, strict=True)) for line in lines[top + 1 :]]
    return {row[key]: row for row in rows if row[key]}
