"""Jobs (任务): work of more than a few seconds, done by the working process.

A job says what is wanted and how far it is. It holds no code: codes are in its file alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from ballot.domain.polls import CycleId, PollId
from ballot.errors import NotFoundError
from ballot.language import N_, Text

MOST_ATTEMPTS: Final = 3
"""How often a job is begun, when whatever does it keeps being killed."""
KEPT: Final = timedelta(hours=24)
"""For how long a finished job's file waits to be fetched."""
KEPT_WHILE_OPEN: Final = timedelta(hours=1)
"""The same for slips of a poll that is open already."""


class NoSuchJobError(NotFoundError):
    """No job of that number."""

    message = N_("没有编号为 %(id)s 的任务。")


class Work(StrEnum):
    """What a job makes."""

    SLIPS = "slips"
    ARCHIVE = "archive"
    ARCHIVES = "archives"

    @property
    def text(self) -> Text:
        """Return it in words."""
        return Text(_WORK_WORDS[self])

    @property
    def holds_codes(self) -> bool:
        """Tell whether its file holds codes, and so is gone once it was fetched."""
        return self is Work.SLIPS


class State(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def text(self) -> Text:
        """Return it in words."""
        return Text(_STATE_WORDS[self])

    @property
    def is_over(self) -> bool:
        """Tell whether nothing more will become of the job."""
        return self not in {State.WAITING, State.RUNNING}


class Gone(StrEnum):
    """Why a finished job's file is not there any more."""

    FETCHED = "fetched"
    OPENED = "opened"
    DISCARDED = "discarded"
    EXPIRED = "expired"
    LOST = "lost"

    @property
    def text(self) -> Text:
        """Return it in words."""
        return Text(_GONE_WORDS[self])


_WORK_WORDS = {
    Work.SLIPS: N_("印票"),
    Work.ARCHIVE: N_("归档文件"),
    Work.ARCHIVES: N_("整个周期的归档"),
}
_STATE_WORDS = {
    State.WAITING: N_("等待中"),
    State.RUNNING: N_("进行中"),
    State.DONE: N_("已完成"),
    State.FAILED: N_("没有成功"),
    State.CANCELLED: N_("已取消"),
}
_GONE_WORDS = {
    Gone.FETCHED: N_("文件已下载，并已从服务器删除。"),
    Gone.OPENED: N_("其中有测评活动已开始投票，文件已删除。"),
    Gone.DISCARDED: N_("文件已由人删除。"),
    Gone.EXPIRED: N_("文件过期没有下载，已删除。"),
    Gone.LOST: N_("文件已不在服务器上。"),
}


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job as it is kept.

    `cycle_id`, `poll_id`: what it is about; no poll if it is about several. `details`: JSON values,
    different for each kind of work. `done`, `total`: how far it is, in slips or polls. `asked_by`:
    an account. `place`: the folder whose worker took it. `file`: the name of its file in there
    while one is there; also what tells this attempt from the one before. `size`: in bytes.
    `problems`: why it failed.
    """

    id: int
    work: Work
    cycle_id: CycleId
    poll_id: PollId | None
    details: Mapping[str, Any]
    state: State
    done: int
    total: int
    asked_by: str
    asked_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    attempts: int
    place: str | None
    file: str | None
    size: int | None
    expires_at: datetime | None
    problems: Sequence[Text]
    gone: Gone | None
    gone_at: datetime | None
    gone_by: str | None

    @property
    def has_file(self) -> bool:
        """Tell whether there is a file to fetch."""
        return self.state is State.DONE and self.file is not None

    @property
    def polls(self) -> Sequence[int]:
        """Return the numbers of the polls whose slips it makes."""
        return [int(poll) for poll in self.details.get("phases", ())]


def text_to_json(text: Text) -> dict[str, Any]:
    """Return a text as JSON values, to be put into words where it is shown."""
    return {
        "id": text.id,
        "values": {
            name: text_to_json(value)
            if isinstance(value, Text)
            else (value if isinstance(value, int) else str(value))
            for name, value in text.values.items()
        },
    }


def text_from_json(kept: Mapping[str, Any]) -> Text:
    """Return the text that `text_to_json` kept."""
    values = {
        name: text_from_json(value) if isinstance(value, dict) else value
        for name, value in kept["values"].items()
    }
    message: str = kept["id"]
    return Text(message, **values)
