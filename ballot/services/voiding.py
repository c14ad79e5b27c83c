"""Voiding slips: a damaged one by its code, or a whole batch that got lost; both are final."""

from datetime import datetime, timedelta
from typing import Final

from ballot.domain.codes import Code
from ballot.domain.definition import Group
from ballot.domain.keys import Keys
from ballot.domain.polls import Phase, Poll
from ballot.errors import NotFoundError, RefusedError
from ballot.language import N_
from ballot.services import polls
from ballot.services.ledger import a_reason
from ballot.storage import ballots, events
from ballot.storage import polls as stored_polls
from ballot.storage.ballots import StoredBatch
from ballot.storage.database import Connection, Database

MOST_REFUSED: Final = 5
PROBING: Final = timedelta(minutes=10)


class ProbingError(RefusedError):
    """Too many refused attempts: somebody may be trying out whose slips were used."""

    message = N_(
        "十分钟内已有 %(most)s 次作废被拒绝，请过十分钟再试。确有损坏的票，可按遗失换发备用票。"
    )


class NoSuchBatchError(NotFoundError):
    """The batch is not there, or was voided already."""

    message = N_("没有这个批次，或者它早已整批作废。")


class BatchFixedError(RefusedError):
    """Voting is over."""

    message = N_("测评活动“%(title)s”%(phase)s，不能再作废整批票。")


def void_scanned(
    database: Database,
    keys: Keys,
    poll_id: int,
    code: Code,
    *,
    replaced: bool,
    by: str,
    now: datetime,
) -> Group:
    """Void a damaged slip as `polls.void_ballot` does, and note in the log what was refused.

    A refusal has one sentence for slips that were used, voided or are unknown. It still tells who
    holds the code of a good slip that it was used, as the slip's own page does; so it is noted,
    without the code, and after a few nothing is voided for a while.

    Raises: NoSuchPollError, NotVoidableError, ProbingError.
    """
    with database.read() as connection:
        poll = stored_polls.get(connection, poll_id)
        refused = events.number_since(connection, "voiding refused", by, now - PROBING)
    if refused >= MOST_REFUSED:
        raise ProbingError(most=MOST_REFUSED)
    try:
        with database.write() as connection:
            return polls.void_ballot(
                connection, keys, poll_id, code, replaced=replaced, by=by, now=now
            )
    except polls.NotVoidableError:
        with database.write() as connection:
            events.append(connection, now=now, actor=by, action="voiding refused", poll=poll.id)
        raise


def batch_of(connection: Connection, poll: Poll, batch_id: int) -> StoredBatch:
    """Return a batch that was not voided.

    Raises: NoSuchBatchError, BatchFixedError once voting is over.
    """
    if poll.phase not in {Phase.DRAFT, Phase.OPEN}:
        raise BatchFixedError(title=poll.title, phase=poll.phase.text)
    for batch in ballots.batches_of(connection, poll.id):
        if batch.id == batch_id and batch.voided_at is None:
            return batch
    raise NoSuchBatchError


def void_batch(
    connection: Connection, poll_id: int, batch_id: int, *, reason: str, by: str, now: datetime
) -> None:
    """Void all unused slips of a batch.

    The log does not say how many these were: the others of the batch have been cast.

    Raises: NoSuchPollError, NoSuchBatchError, BatchFixedError, MistakesError without a reason.
    """
    poll = stored_polls.get(connection, poll_id, hold=True)
    batch = batch_of(connection, poll, batch_id)
    why = a_reason(reason)
    if not ballots.void_batch(connection, poll.id, batch.id, why=why, by=by, now=now):
        raise NoSuchBatchError
    events.append(
        connection,
        now=now,
        actor=by,
        action="batch voided",
        poll=poll.id,
        group=batch.group,
        box=batch.box,
        batch=batch.id,
        reason=why,
    )
