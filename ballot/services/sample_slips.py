"""A picture of a slip before any is printed: one slip with a code that is none."""

import io
from dataclasses import replace
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
    mark = Text("样票").in_(SOURCE)  # slips are Chinese, as all that is printed on them
    place = poll.definition.groups.index(group)
    batch = SlipBatch(group.name, place, [SAMPLE], rehearsal=True)
    file = io.BytesIO()
    write_slips(
        file,
        title=poll.title,
        public_url=public_url,
        batches=[batch],
        wording=replace(CHINESE, rehearsal=mark),
    )
    return file.getvalue()
