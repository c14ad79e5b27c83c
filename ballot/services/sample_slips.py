"""A picture of a slip before any is printed: one slip with a code that is none."""

import io
from dataclasses import replace
from functools import lru_cache
from typing import Final

from ballot.domain.definition import Group
from ballot.domain.polls import Poll
from ballot.language import SOURCE, Text
from ballot.output.slip_wording import CHINESE
from ballot.output.slips import SlipBatch, write_slips

SAMPLE: Final = "0000000000000001"
"""Its check symbol is wrong: whoever scans or types it is refused before any database is asked."""


def pdf(poll: Poll, group: Group, public_url: str) -> bytes:
    """Return a sheet with one slip of a group, marked 样票 across.

    Raises: PublicUrlError, LongPublicUrlError.
    """
    return _drawn(poll.title, group.name, poll.definition.groups.index(group), public_url)


@lru_cache(maxsize=64)
def _drawn(title: str, group: str, place: int, public_url: str) -> bytes:
    """Draw a slip once: half a second of the processor that voters wait for, too."""
    mark = Text("样票").in_(SOURCE)  # slips are Chinese, as all that is printed on them
    file = io.BytesIO()
    write_slips(
        file,
        title=title,
        public_url=public_url,
        batches=[SlipBatch(group, place, [SAMPLE], rehearsal=True)],
        wording=replace(CHINESE, rehearsal=mark),
    )
    return file.getvalue()
