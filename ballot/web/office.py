"""The office: cycles and polls, the actions of a meeting, results and points."""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from ballot.domain.account import Account
from ballot.domain.moments import day, moment, second
from ballot.domain.people import COMMENT_READERS, POLL_READERS, STAFF, Role
from ballot.domain.polls import Phase, Poll
from ballot.domain.quorum import is_met
from ballot.language import Text
from ballot.services import (
    checklists,
    comments,
    confirmations,
    copies,
    kiosks,
    offices,
    overview,
    paper_piles,
    points,
    results,
)
from ballot.services.confirmable import CERTIFY, CLOSE, OPEN, RUNNERS
from ballot.storage.cycles import Cycle
from ballot.web import points_csv, result_tables
from ballot.web.access import allow, may
from ballot.web.assets import asset
from ballot.web.confirming import ask
from ballot.web.context import here, language
from ballot.web.forms import (
    issued_fields,
    read_certifying,
    read_confirmed,
    read_opening,
    retyped,
)

blueprint = Blueprint("office", __name__, url_prefix="/office")

POLL: Final = "/polls/<int(max=2147483647):poll_id>"
CYCLE: Final = "/cycles/<int(max=2147483647):cycle_id>"

blueprint.add_app_template_global(asset, "asset")
blueprint.add_app_template_filter(lambda value: day(value).in_(language()), "day")
blueprint.add_app_template_filter(lambda value: moment(value).in_(language()), "moment")
blueprint.add_app_template_filter(lambda value: second(value).in_(language()), "second")


@blueprint.get("/")
@allow(*Role)
def home() -> ResponseReturnValue:
    """Show the cycles with their polls and turnouts; a line office sees what it enters."""
    if g.user.role is Role.OFFICE:
        return render_template("office/line_home.html", duties=_own_duties())
    with here().database.read() as connection:
        cycles = overview.every(connection)
        asked = confirmations.waiting(connection, here().clock())
    return render_template(
        "office/home.html",
        now=here().clock(),
        cycles=cycles,
        asked=[each for each in asked if each.concerns(g.user)],
        reads_points=g.user.role in STAFF,
        may_make=may(RUNNERS),
        may_show_hall=bool(here().settings.lan_address) and may(RUNNERS),
    )


@blueprint.get(POLL)
@allow(*POLL_READERS)
def poll(poll_id: int) -> ResponseReturnValue:
    """Show one poll: what it asks whom, its turnout, and where it stands."""
    with here().database.read() as connection:
        found = overview.of_poll(connection, poll_id)
        cycle = overview.cycle_of(connection, found.poll)
        original, made = copies.related(connection, found.poll)
        paper = paper_piles.of_poll(connection, poll_id)
        assisted = kiosks.assisted_of(connection, found.poll)
        asked = confirmations.waiting(connection, here().clock(), poll_id)
        checklist = checklists.of_poll(connection, poll_id, here().settings)
    return render_template(
        "office/poll.html",
        now=here().clock(),
        cycle=cycle,
        checklist=checklist,
        asked=asked,
        original=original,
        made=made,
        paper=paper.pile,
        papers_pending=paper.pending,
        overview=found,
        assisted=assisted,
        poll=found.poll,
        kind_title=result_tables.kind_title,
        told=found.poll.phase.counted,
        reads_comments=found.poll.definition.comments and may(COMMENT_READERS),
        may_run=may(RUNNERS),
        may_certify=may(CERTIFY.askers),
    )


def _opening_page(poll_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        found = overview.of_poll(connection, poll_id)
        checklist = checklists.of_poll(connection, poll_id, here().settings)
    found.poll.require(Phase.DRAFT, Text("开始投票"))
    return render_template(
        "office/open.html",
        overview=found,
        poll=found.poll,
        checklist=checklist,
        typed=typed,
        texts=texts,
    )


@blueprint.get(f"{POLL}/open")
@allow(*OPEN.askers)
def opening(poll_id: int) -> ResponseReturnValue:
    """Say what opening does."""
    return _opening_page(poll_id, {}, ())


@blueprint.post(f"{POLL}/open")
@allow(*OPEN.askers)
@retyped(_opening_page)
def open_poll(poll_id: int) -> ResponseReturnValue:
    """Ask a second person to let the poll open."""
    closes_at = read_opening(request.form)
    said = {
        "closes_at": closes_at and closes_at.isoformat(),
        "grace_seconds": here().settings.grace_seconds,
    }
    return ask(OPEN, poll_id, said)


def _closing_page(poll_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        found = overview.of_poll(connection, poll_id)
    found.poll.require(Phase.OPEN, Text("结束投票"))
    return render_template(
        "office/close.html", overview=found, poll=found.poll, typed=typed, texts=texts
    )


@blueprint.get(f"{POLL}/close")
@allow(*CLOSE.askers)
def closing_form(poll_id: int) -> ResponseReturnValue:
    """Say what closing does."""
    return _closing_page(poll_id, {}, ())


@blueprint.post(f"{POLL}/close")
@allow(*CLOSE.askers)
@retyped(_closing_page)
def close(poll_id: int) -> ResponseReturnValue:
    """Ask a second person to let the poll be closed."""
    read_confirmed(request.form)
    return ask(CLOSE, poll_id, {})


def _certifying_page(poll_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    found, account = _account(poll_id)
    found.require(Phase.CLOSED, Text("认定结果"))
    quorum = found.definition.quorum
    with here().database.read() as connection:
        paper = paper_piles.of_poll(connection, poll_id)
    return render_template(
        "office/certify.html",
        paper=paper.pile,
        poll=found,
        account=account,
        quorum=quorum,
        quorum_met=quorum is None or is_met(quorum, account),
        quorum_number=quorum and account.of(quorum.of),
        issued_fields=issued_fields(account),
        typed=typed,
        texts=texts,
    )


@blueprint.get(f"{POLL}/certify")
@allow(*CERTIFY.askers)
def certifying(poll_id: int) -> ResponseReturnValue:
    """Show the ballot account to be completed and signed."""
    return _certifying_page(poll_id, {}, ())


@blueprint.post(f"{POLL}/certify")
@allow(*CERTIFY.askers)
@retyped(_certifying_page)
def certify(poll_id: int) -> ResponseReturnValue:
    """Ask a second person to let the result be made final."""
    said = read_certifying(request.form, _account(poll_id)[1])
    return ask(CERTIFY, poll_id, {"issued": dict(said.issued), "reason": said.reason})


@blueprint.get(f"{POLL}/results")
@allow(*POLL_READERS)
def poll_results(poll_id: int) -> ResponseReturnValue:
    """Show the ballot account and the results; before closing, why there are none."""
    smallest = here().settings.smallest_group
    with here().database.read() as connection:
        found = results.of_poll(connection, poll_id, smallest_group=smallest)
        said = comments.summary(connection, found.poll, smallest_group=smallest)
    return render_template(
        "office/results.html",
        comments=said,
        reads_comments=may(COMMENT_READERS),
        poll=found.poll,
        account=found.account,
        final=found.final,
        tables=result_tables.tables(found, language()),
        rules_hash=found.rules_hash,
        sealed_by=found.sealed_by,
    )


@blueprint.get(f"{CYCLE}/points")
@allow(*STAFF)
def cycle_points(cycle_id: int) -> ResponseReturnValue:
    """Show the converted points of the cycle's certified polls."""
    cycle, rows = _points(cycle_id)
    return render_template(
        "office/points.html", cycle=cycle, rows=rows, kind_title=result_tables.kind_title
    )


@blueprint.get(f"{CYCLE}/points.csv")
@allow(*STAFF)
def cycle_points_csv(cycle_id: int) -> ResponseReturnValue:
    """Give the same as a table for spreadsheets."""
    _, rows = _points(cycle_id)
    return points_csv.answer(cycle_id, rows, language())


def _own_duties() -> Sequence[offices.Duty]:
    with here().database.read() as connection:
        return offices.duties_of(connection, g.user)


def _account(poll_id: int) -> tuple[Poll, Account]:
    with here().database.read() as connection:
        return results.account_of(connection, poll_id)


def _points(cycle_id: int) -> tuple[Cycle, Sequence[points.PointsRow]]:
    with here().database.read() as connection:
        return points.of_cycle(connection, cycle_id, smallest_group=here().settings.smallest_group)
