"""Files of slips: the PDF to print, and tables for a print shop; of one poll or of many."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from ballot.domain.codes import Code, shown
from ballot.domain.polls import Poll
from ballot.output.cells import safe_text
from ballot.output.qr import ballot_link
from ballot.output.sheet import LAYOUTS
from ballot.output.slip_table import write_table
from ballot.output.slips import SlipBatch, write_slips
from ballot.services.printing import Batch, Stack, Writer, make_batches
from ballot.services.slip_orders import Order
from ballot.storage import polls
from ballot.storage.database import Connection

_HEADINGS: Final = ("测评活动", "类别", "备用", "票码", "链接")
_TELL_EVERY: Final = 1000
_WIDTHS: Final = (36, 16, 6, 22, 60)


def write_pdf(
    path: Path,
    stacks: Sequence[Stack],
    *,
    public_url: str,
    progress: Callable[[int], None],
    per_page: int = 10,
    covered: bool = False,
) -> None:
    """Write slips, a colour and a fresh page for each group.

    `covered`: each group's slips begin with a cover that tells poll, group and number, and spares
    follow on the same sheet; else spares have sheets of their own.
    """
    batches = [
        slips
        for stack in stacks
        for batch in stack.batches
        for slips in _slips(stack.poll.title, batch, covered)
    ]
    title = stacks[0].poll.title if len(stacks) == 1 else "选票"
    with path.open("wb") as file:
        write_slips(
            file,
            title=title,
            public_url=public_url,
            batches=batches,
            progress=progress,
            layout=LAYOUTS[per_page],
        )


def _slips(title: str, batch: Batch, covered: bool) -> Iterator[SlipBatch]:
    cover = _cover(batch) if covered else ""
    for codes in (batch.codes, batch.spares):
        if codes:
            yield SlipBatch(
                batch.group.name,
                batch.colour,
                codes,
                spares=codes is batch.spares,
                rehearsal=batch.rehearsal,
                title=title,
                cover=cover,
                joined=covered and not cover,
            )
            cover = ""


def _cover(batch: Batch) -> str:
    """Return how many slips a stack has; slips are in Chinese, whoever prints them."""
    number, spares = len(batch.every), len(batch.spares)
    return f"共 {number} 张" + (f"，其中备用 {spares} 张" if spares else "")


def write_csv(
    path: Path,
    stacks: Sequence[Stack],
    *,
    public_url: str,
    progress: Callable[[int], None],
) -> None:
    """Write a table for a print shop: poll, group, spare, code, link."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        for title, group, *rest in _rows(stacks, public_url, progress):
            writer.writerow([safe_text(title), safe_text(group), *rest])


def write_xlsx(
    path: Path,
    stacks: Sequence[Stack],
    *,
    public_url: str,
    progress: Callable[[int], None],
) -> None:
    """Write the same as a workbook."""
    with path.open("wb") as file:
        write_table(file, [_HEADINGS, *_rows(stacks, public_url, progress)], _WIDTHS)


def _rows(
    stacks: Sequence[Stack], public_url: str, progress: Callable[[int], None]
) -> Iterator[tuple[str, ...]]:
    written = 0
    for stack in stacks:
        for batch in stack.batches:
            for code, spare in _codes(batch):
                link = ballot_link(public_url, code)
                yield stack.poll.title, batch.group.name, spare, shown(code), link
                written += 1
                if written % _TELL_EVERY == 0:
                    progress(written)
    progress(written)


def _codes(batch: Batch) -> Iterator[tuple[Code, str]]:
    yield from ((code, "") for code in batch.codes)
    yield from ((code, "备用") for code in batch.spares)


def writer_of(form: str, per_page: int, *, covered: bool) -> Writer:
    """Return what writes a form of file: `pdf`, `csv`, `xlsx`."""
    if form == "pdf":
        return partial(write_pdf, per_page=per_page, covered=covered)
    return _TABLES[form]


_TABLES: Final[Mapping[str, Writer]] = {"csv": write_csv, "xlsx": write_xlsx}


def stacks(connection: Connection, order: Order) -> list[Stack]:
    """Make the codes of an order: its polls in order, each with its groups in order.

    Raises: NoSuchPollError, UnknownGroupError.
    """
    found: dict[int, list[Batch]] = {}
    known: dict[int, Poll] = {}
    for line in order.lines:
        poll = known.setdefault(line.poll, polls.get(connection, line.poll))
        found.setdefault(line.poll, []).extend(
            make_batches(poll.definition, line.group, count=line.count, spares=line.spares)
        )
    return [Stack(known[poll], batches) for poll, batches in found.items()]
