"""The host script (主持词) of a poll: what is known at this moment, put into its words."""

from datetime import datetime

from ballot.domain.count_report import acts_of
from ballot.domain.hand_outs import account_of
from ballot.domain.host_facts import Facts, Turnout
from ballot.domain.host_script import Stage, host_script
from ballot.domain.polls import Phase, Poll
from ballot.language import SOURCE
from ballot.services import results
from ballot.services.cycles import scheme_of
from ballot.services.results import AnnulledResultError
from ballot.storage import ballots, cycles, events, hand_outs, polls
from ballot.storage.database import Connection


def of_poll(
    connection: Connection, poll_id: int, *, smallest_group: int, now: datetime
) -> tuple[Poll, list[Stage]]:
    """Return a poll with the stages of its meeting.

    Before closing they hold nothing but turnout, and results only once they are certified.
    Raises: NoSuchPollError, AnnulledResultError.
    """
    poll = polls.get(connection, poll_id)
    if poll.phase is Phase.ANNULLED:
        raise AnnulledResultError(title=poll.title)
    log = events.about(connection, poll.id)
    acts = {act.action: act for act in acts_of(log)}
    certified = [event for event in log if event.action == "result certified"]
    account = sections = None
    if poll.phase.counted:
        account = results.account_of(connection, poll_id)[1]
    if poll.phase.final:
        sections = results.of_poll(connection, poll_id, smallest_group=smallest_group).sections
    opened = acts.get("poll opened")
    facts = Facts(
        poll=poll,
        scheme=scheme_of(cycles.get(connection, poll.cycle_id)).title,
        now=now,
        turnout=_turnout(connection, poll, smallest_group),
        scrutineer=opened.scrutineer if opened else "",
        account=account,
        sections=sections or (),
        reason=str(certified[-1].details.get("reason", "")) if certified else "",
    )
    return poll, host_script(facts)


def _turnout(connection: Connection, poll: Poll, smallest_group: int) -> Turnout:
    """Return the turnout of all together, once there is one; few votes are not told."""
    groups = poll.definition.groups
    counts = ballots.part_counts(connection, poll.id, [group.key for group in groups])
    known = account_of(groups, counts, hand_outs.of_poll(connection, poll.id), 0).total
    if poll.phase is Phase.DRAFT:
        return Turnout(known.printed or None, None, None)
    if poll.phase.counted:
        total = results.account_of(connection, poll.id)[1].total
        return Turnout(total.printed, total.issued, total.returned)
    cast = known.returned if known.issued >= smallest_group else None
    return Turnout(known.printed, known.issued, cast)


def pdf(poll: Poll, stages: list[Stage], *, language: str = SOURCE) -> bytes:
    """Return the script as PDF, in large type. Raises: FontMissingError."""
    from ballot.output.host_script import host_script_pdf  # loads the library of fonts

    return host_script_pdf(poll.title, stages, language=language)
