"""Archives: a closed poll in one file, for whoever wants to count again without this server."""

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

from ballot import second_verifier
from ballot.domain import events as chain
from ballot.domain import recount
from ballot.domain.archive import Archive, ArchiveError, text_of
from ballot.domain.definition_json import rules_hash
from ballot.domain.keys import Keys
from ballot.domain.polls import Poll
from ballot.domain.results import SectionResult
from ballot.domain.tallies import POOLED
from ballot.errors import OperationError, RefusedError
from ballot.language import N_, Text
from ballot.services import receipts
from ballot.services.closing import PARTED, NotPartedYetError
from ballot.services.results import account_of
from ballot.storage import events, tallies, votes
from ballot.storage.complete_file import write_new
from ballot.storage.database import Connection, Database

MOST_BYTES: Final = 1 << 30
_SECONDS: Final = 600


class SmallGroupError(RefusedError):
    """A weighted group is too small for its votes to be given out apart."""

    message = N_(
        "测评活动“%(title)s”按类别加权，有的类别不足 %(least)s 票；归档要列出各类别的票，"
        "会让人看出这几个人的意见。只供有权核查的人内部使用时，请加 --small-groups。"
    )


class RehearsalArchiveError(RefusedError):
    """An archive is for counting again what counted; a rehearsal never does."""

    message = N_("“%(title)s”是演练，不计入任何结果，不归档。")


class NotReadableError(OperationError):
    """The file cannot be read."""

    message = N_("文件 %(path)s 读不出来：%(reason)s。")


class DisagreementError(OperationError):
    """The two verifiers do not say the same."""

    message = N_("两个核对程序的结论不一致，请勿采信这份归档。第二核对程序说：%(words)s")


class Composed(NamedTuple):
    """A poll, and the bytes of its archive."""

    poll: Poll
    data: bytes


@dataclass(frozen=True)
class Exported:
    """A written archive; `sha256` in hexadecimal is what to publish beside it."""

    poll: Poll
    sha256: str
    lines: int


def export(
    database: Database,
    keys: Keys,
    poll_id: int,
    path: Path,
    *,
    smallest_group: int,
    small_groups: bool,
    by: str,
    now: datetime,
) -> Exported:
    """Write a closed poll's archive and log its hash.

    The archive is verified as its readers will verify it before the file gets its name.

    Raises: as `compose`; FileExistsAlreadyError, FileNotWrittenError.
    """
    found = compose(
        database, keys, poll_id, smallest_group=smallest_group, small_groups=small_groups
    )
    digest = hashlib.sha256(found.data).hexdigest()
    write_new(path, BytesIO(found.data))
    with database.write() as connection:
        note_export(connection, found.poll.id, digest, by=by, now=now)
    return Exported(found.poll, digest, found.data.count(b"\n"))


def note_export(
    connection: Connection, poll_id: int, sha256: str, *, by: str, now: datetime
) -> None:
    """Log that an archive was given out."""
    events.append(connection, now=now, actor=by, action=chain.EXPORTED, poll=poll_id, sha256=sha256)


def compose(
    database: Database, keys: Keys, poll_id: int, *, smallest_group: int, small_groups: bool
) -> Composed:
    """Return a closed poll's archive, verified as its readers will verify it.

    Raises: NoSuchPollError, NoResultYetError, AnnulledResultError, RehearsalArchiveError,
        NotPartedYetError, SmallGroupError, ArchiveError if what is stored does not fit together.
    """
    with database.read() as connection:
        poll, archive = _archive(connection, keys, poll_id, smallest_group)
    if not small_groups:
        _refuse_small_groups(poll, archive, smallest_group)
    recount.check(archive)
    data = text_of(archive).encode("utf-8")
    recount.verify(data)
    return Composed(poll, data)


def _archive(
    connection: Connection, keys: Keys, poll_id: int, smallest_group: int
) -> tuple[Poll, Archive]:
    poll, account = account_of(connection, poll_id)
    if poll.rehearsal:
        raise RehearsalArchiveError(title=poll.title)
    if poll.closing_step < PARTED:
        raise NotPartedYetError(title=poll.title)
    stored, _ = tallies.stored(connection, poll.id)
    last = events.last_about(connection, poll.id)
    archive = Archive(
        poll_id=poll.id,
        phase=poll.phase,
        smallest_group=smallest_group,
        definition=poll.definition,
        account=account,
        discretions=tuple(tallies.discretions_of(connection, poll.id)),
        votes=tuple(sorted(votes.every(connection, poll.id, poll.definition))),
        receipts=receipts.of_poll(connection, keys, poll.id).receipts,
        events=tuple(events.every(connection, until=last.number)),
    )
    if archive.tally != stored:
        raise ArchiveError(problem=Text("存下的投票与结束时的计票结果不符"))
    return poll, archive


def _refuse_small_groups(poll: Poll, archive: Archive, smallest_group: int) -> None:
    returned = archive.tally.returned
    small = any(0 < number < smallest_group for key, number in returned.items() if key != POOLED)
    if small:
        raise SmallGroupError(title=poll.title, least=smallest_group)


def verify(path: Path) -> tuple[Archive, str]:
    """Return a file's archive and its SHA-256, once both verifiers found that everything fits.

    Raises: NotReadableError, ArchiveError, DisagreementError.
    """
    data = _read(path)
    archive = recount.verify(data)
    second = run_second_verifier(path)
    if second.returncode != 0:
        raise DisagreementError(words=second.stdout.strip() or second.stderr.strip())
    return archive, hashlib.sha256(data).hexdigest()


def findings(archive: Archive) -> list[Text]:
    """Return what was counted again, in sentences."""
    account = archive.account
    told = [
        Text(
            "测评活动“%(title)s”（编号 %(id)s，%(phase)s）",
            title=archive.definition.title,
            id=archive.poll_id,
            phase=archive.phase.text,
        ),
        Text(
            "收回 %(returned)s 票，逐票重计：有效 %(valid)s，无效 %(invalid)s；"
            "回执 %(receipts)s 个",
            returned=account.total.returned,
            valid=account.valid,
            invalid=account.invalid,
            receipts=len(archive.receipts),
        ),
        Text("规则校验值 %(hash)s", hash=rules_hash(archive.definition)),
        Text(
            "事件日志 1 至 %(number)s 条首尾相连，校验值 %(head)s",
            number=archive.events[-1].number,
            head=archive.events[-1].hash,
        ),
    ]
    return [*told, *(line for section in archive.results for line in _points(section))]


def _points(section: SectionResult) -> list[Text]:
    """Tell a section's points, subject by subject."""
    return [
        Text(
            "%(title)s · %(subject)s：%(points)s 分",
            title=section.section.title,
            subject=each.subject.name,
            points=f"{each.converted.points:f}",
        )
        if each.converted.points is not None
        else Text(
            "%(title)s · %(subject)s：没有结果",
            title=section.section.title,
            subject=each.subject.name,
        )
        for each in section.subjects
    ]


def run_second_verifier(path: Path) -> subprocess.CompletedProcess[str]:
    """Let the second verifier, which shares no code with this one, look at a file."""
    script = str(second_verifier_file())
    command = [sys.executable, "-I", "-X", "utf8", script, str(path.absolute())]
    return subprocess.run(  # noqa: S603 - our own script, in a process of its own
        command, capture_output=True, encoding="utf-8", timeout=_SECONDS, check=False
    )


def second_verifier_file() -> Path:
    """Return where the second verifier is, to be copied and read."""
    return Path(second_verifier.__file__)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise NotReadableError(path=path, reason=Text("文件太大"))
        return path.read_bytes()
    except OSError as error:
        raise NotReadableError(path=path, reason=error.strerror or error) from error
