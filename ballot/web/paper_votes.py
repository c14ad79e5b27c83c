"""Paper votes in the office: declaring them, registering their slips, taking them over."""

from collections.abc import Mapping, Sequence
from random import SystemRandom

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.definition import Blank
from ballot.domain.paper_votes import Mode
from ballot.domain.people import POLL_READERS, TELLERS, Role
from ballot.domain.polls import Phase
from ballot.errors import MistakesError
from ballot.language import N_, Text
from ballot.scoring.figures import whole_number
from ballot.services import paper_desks, paper_piles, paper_slips, paper_votes
from ballot.services.paper_piles import Piles
from ballot.storage.paper_votes import Step
from ballot.web.access import allow, may
from ballot.web.context import here, language
from ballot.web.forms import read_confirmed, retyped
from ballot.web.office import POLL

blueprint = Blueprint("paper_votes", __name__, url_prefix="/office")

PAPER = f"{POLL}/paper"
_RUNS = (Role.ORGANISER,)
_WITNESSES = (Role.ORGANISER, Role.SCRUTINEER)
_HANDLES = (Role.ORGANISER, Role.SCRUTINEER, Role.TELLER)


def _hub(poll_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        found = paper_piles.of_poll(connection, poll_id)
        desk = paper_desks.desk(connection, poll_id, g.user)
        tellers = paper_desks.teller_names(connection, found.pile) if found.pile else ()
    return render_template(
        "office/paper.html",
        poll=found.poll,
        found=found,
        pile=found.pile,
        desk=desk,
        tellers=tellers,
        modes=list(Mode),
        steps=Step,
        small=here().settings.smallest_group,
        declarable=found.poll.phase in {Phase.DRAFT, Phase.OPEN, Phase.CLOSED},
        required=found.poll.definition.blank is Blank.REQUIRED,
        may_run=may(_RUNS),
        may_witness=may(_WITNESSES),
        may_handle=may(_HANDLES),
        may_enter=may(TELLERS),
        typed=typed,
        texts=texts,
    )


@blueprint.get(PAPER)
@allow(*POLL_READERS)
def hub(poll_id: int) -> ResponseReturnValue:
    """Show how far a poll's papers are, and what is next."""
    return _hub(poll_id, {}, ())


@blueprint.post(f"{PAPER}/declare")
@allow(*_RUNS)
@retyped(_hub)
def declare(poll_id: int) -> ResponseReturnValue:
    """Declare that the poll has paper votes."""
    try:
        mode = Mode(request.form.get("mode", ""))
    except ValueError:
        raise MistakesError([Text("请选择录入方式。")]) from None
    with here().database.write() as connection:
        paper_piles.declare(connection, poll_id, mode, by=g.user.name, now=here().clock())
    return _to_hub(poll_id, N_("已登记本次测评有纸质票。"))


@blueprint.post(f"{PAPER}/cancel")
@allow(*_RUNS)
@retyped(_hub)
def cancel(poll_id: int) -> ResponseReturnValue:
    """Take back that the poll has paper votes."""
    read_confirmed(request.form)
    reason = request.form.get("reason", "").replace("\r\n", "\n")
    with here().database.write() as connection:
        paper_piles.cancel(connection, poll_id, reason=reason, by=g.user.name, now=here().clock())
    return _to_hub(poll_id, N_("已撤销纸质票的登记，录入的内容已删除。"))


def _pile(poll_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        found = paper_piles.of_poll(connection, poll_id)
    paper_piles.require_registering(found.poll, found.pile)
    return render_template(
        "office/paper_pile.html",
        poll=found.poll,
        found=found,
        counted_field=counted_field,
        typed=typed,
        texts=texts,
    )


@blueprint.get(f"{PAPER}/pile")
@allow(*_HANDLES)
def pile(poll_id: int) -> ResponseReturnValue:
    """Ask for the next slip's code."""
    return _pile(poll_id, {}, ())


@blueprint.post(f"{PAPER}/pile")
@allow(*_HANDLES)
@retyped(_pile)
def register(poll_id: int) -> ResponseReturnValue:
    """Register a slip, or take it back; the answer is told on the page that asks for the next."""
    action = paper_slips.unregister if "remove" in request.form else paper_slips.register
    with here().database.write() as connection:
        told = action(connection, here().keys, poll_id, request.form.get("code", ""))
    flash(told.text.in_(language()), "message" if told.counts else "warning")
    return redirect(url_for("paper_votes.pile", poll_id=poll_id), code=303)


@blueprint.post(f"{PAPER}/pile/finish")
@allow(*_HANDLES)
@retyped(_pile)
def finish_pile(poll_id: int) -> ResponseReturnValue:
    """Compare the pile with the papers that were counted by hand, and finish it."""
    with here().database.read() as connection:
        found = paper_piles.of_poll(connection, poll_id)
    counted = _read_counted(found, request.form)
    with here().database.write() as connection:
        paper_slips.finish(connection, poll_id, counted, by=g.user.name, now=here().clock())
    return _to_hub(poll_id, N_("收票登记完成，可以开始录入。"))


def _read_counted(found: Piles, fields: Mapping[str, str]) -> dict[str, int]:
    numbers = {
        group: whole_number(fields.get(counted_field(group.key), "")) for group in found.groups
    }
    wrong = [
        Text("%(group)s：清点张数应为整数。", group=group.name)
        for group, number in numbers.items()
        if number is None
    ]
    if wrong:
        raise MistakesError(wrong)
    return {group.key: number for group, number in numbers.items() if number is not None}


def counted_field(group: str) -> str:
    """Return the form field of a group's papers that were counted by hand."""
    return f"counted-{group}"


@blueprint.post(f"{PAPER}/pile/reopen")
@allow(*_WITNESSES)
@retyped(_hub)
def reopen_pile(poll_id: int) -> ResponseReturnValue:
    """Open the pile again for papers that were found late."""
    with here().database.write() as connection:
        paper_slips.reopen(connection, poll_id, by=g.user.name, now=here().clock())
    return redirect(url_for("paper_votes.pile", poll_id=poll_id), code=303)


@blueprint.post(f"{PAPER}/take")
@allow(*_WITNESSES)
@retyped(_hub)
def take(poll_id: int) -> ResponseReturnValue:
    """Make the settled papers votes."""
    read_confirmed(request.form)
    with here().database.write() as connection:
        paper_votes.take(
            connection, poll_id, by=g.user.name, now=here().clock(), random=SystemRandom()
        )
    return _to_hub(poll_id, N_("纸质票已合并计票。"))


def _to_hub(poll_id: int, message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("paper_votes.hub", poll_id=poll_id), code=303)
