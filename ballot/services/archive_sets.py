"""Archives as jobs: one poll's file, or those of a whole cycle in one ZIP for the records."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ballot.domain.jobs import Work
from ballot.domain.keys import Keys
from ballot.domain.polls import CycleId, Phase, Poll
from ballot.errors import BallotError, RefusedError
from ballot.language import N_, Text
from ballot.services import archive, jobs
from ballot.storage import cycles, polls
from ballot.storage.database import Connection, Database


class NothingFinalError(RefusedError):
    """No poll of the cycle has a final result yet."""

    message = N_("考核周期“%(title)s”还没有已认定的测评活动，没有可归档的。")


@dataclass(frozen=True)
class Set:
    """What a cycle's ZIP will hold, and the polls that are not in it."""

    cycle: cycles.Cycle
    polls: Sequence[Poll]
    others: Sequence[Poll]


def of_cycle(connection: Connection, cycle_id: int) -> Set:
    """Return which polls of a cycle have an archive.

    Raises: NoSuchCycleError.
    """
    cycle = cycles.get(connection, cycle_id)
    every = [poll for poll in polls.every(connection, cycle.id) if not poll.rehearsal]
    final = [poll for poll in every if poll.phase.final]
    return Set(cycle, final, [poll for poll in every if poll not in final])


def final_poll(connection: Connection, poll_id: int) -> Poll:
    """Return a poll whose archive may be asked for.

    Raises: NoSuchPollError, WrongPhaseError, RehearsalArchiveError.
    """
    poll = polls.get(connection, poll_id)
    if poll.rehearsal:
        raise archive.RehearsalArchiveError(title=poll.title)
    if not poll.phase.final:
        poll.require(Phase.CERTIFIED, Text("归档"))
    return poll


def ask_for_poll(connection: Connection, poll_id: int, *, by: str, now: datetime) -> int:
    """Ask for one poll's archive.

    Raises: as `final_poll`; TooManyJobsError.
    """
    poll = final_poll(connection, poll_id)
    return jobs.ask(
        connection,
        Work.ARCHIVE,
        cycle_id=poll.cycle_id,
        poll_id=poll.id,
        details={"polls": [poll.id]},
        total=1,
        by=by,
        now=now,
    )


def ask_for_cycle(connection: Connection, cycle_id: int, *, by: str, now: datetime) -> int:
    """Ask for the archives of a cycle in one file.

    Raises: NoSuchCycleError, NothingFinalError, TooManyJobsError.
    """
    found = of_cycle(connection, cycle_id)
    if not found.polls:
        raise NothingFinalError(title=found.cycle.title)
    return jobs.ask(
        connection,
        Work.ARCHIVES,
        cycle_id=CycleId(found.cycle.id),
        poll_id=None,
        details={"polls": [poll.id for poll in found.polls]},
        total=len(found.polls),
        by=by,
        now=now,
    )


@dataclass(frozen=True)
class Written:
    """An archive that was written; `sha256` in hexadecimal."""

    poll: int
    sha256: str


def write_one(
    database: Database, keys: Keys, poll_id: int, path: Path, *, smallest_group: int
) -> list[Written]:
    """Write a poll's archive into a new file, as `archive.export` does, without logging it.

    Raises: as `archive.compose`; OSError.
    """
    data = archive.compose(
        database, keys, poll_id, smallest_group=smallest_group, small_groups=False
    ).data
    path.write_bytes(data)
    return [Written(poll_id, hashlib.sha256(data).hexdigest())]


class Zip:
    """The ZIP of a cycle's archives, written poll by poll; what is left out is told in it."""

    def __init__(self, database: Database, keys: Keys, *, smallest_group: int) -> None:
        self._database = database
        self._keys = keys
        self._smallest_group = smallest_group
        self._lines: list[str] = []

    def write(
        self, title: str, poll_ids: Sequence[int], path: Path, progress: Callable[[int], None]
    ) -> list[Written]:
        """Write the file and return what is in it; `progress` is told how many polls are done.

        Raises: OSError; the reason for which every poll was left out, if all were.
        """
        written: list[Written] = []
        refusals: list[BallotError] = []
        with ZipFile(path, "w", ZIP_DEFLATED) as package:
            for number, poll_id in enumerate(poll_ids):
                progress(number)
                try:
                    found = archive.compose(
                        self._database,
                        self._keys,
                        poll_id,
                        smallest_group=self._smallest_group,
                        small_groups=False,
                    )
                except RefusedError as error:
                    refusals.append(error)
                    self._lines.append(f"未收入：测评活动 {poll_id}。{error}")
                    continue
                name = f"poll-{poll_id}.txt"
                package.writestr(_part(name), found.data)
                digest = hashlib.sha256(found.data).hexdigest()
                self._lines.append(f"{digest}  {name}  {found.poll.title}")
                written.append(Written(poll_id, digest))
            verifier = archive.second_verifier_file().read_bytes()
            package.writestr(_part("second_verifier.py"), verifier)
            package.writestr(_part("说明.txt"), self._note(title).encode("utf-8-sig"))
        if not written and refusals:
            raise refusals[0]
        return written

    def _note(self, title: str) -> str:
        head = [
            title,
            "",
            "每个 poll-编号.txt 是一个测评活动的归档，可用 ballot verify 核对；",
            "也可在任何装有 Python 的电脑上运行：python3 second_verifier.py poll-编号.txt",
            "下面是各文件的 SHA-256 校验值：",
            "",
        ]
        return "\r\n".join([*head, *self._lines, ""])


def _part(name: str) -> ZipInfo:
    part = ZipInfo(name)  # the time is that of nothing: 1980
    part.compress_type = ZIP_DEFLATED
    part.external_attr = 0o600 << 16
    return part
