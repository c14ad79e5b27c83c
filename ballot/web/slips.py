"""The slips' page: hand-outs by group and box, exchanges, damaged slips voided by their code."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.codes import Code, code_of, shown
from ballot.domain.hand_outs import Handed
from ballot.domain.people import POLL_READERS, Role
from ballot.errors import MistakesError
from ballot.language import N_, Text
from ballot.scoring.figures import whole_number
from ballot.services import handing_out, voiding
from ballot.services.confirmable import VOID_BATCH
from ballot.web.access import allow, may
from ballot.web.confirming import ask
from ballot.web.context import here
from ballot.web.forms import read_annulling, read_confirmed, retyped
from ballot.web.office import POLL

blueprint = Blueprint("slips", __name__, url_prefix="/office")

SLIPS: Final = f"{POLL}/slips"
ISSUERS: Final = (Role.ORGANISER, Role.SCRUTINEER, Role.TELLER)
_ROW: Final = f"{SLIPS}/<int(max=2147483647):number>/withdraw"
_BATCH: Final = f"{SLIPS}/batches/<int(max=2147483647):number>/void"


def _page_of(poll_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        found = handing_out.hall(connection, poll_id)
    return _page(
        "slips",
        found,
        may_issue=may(ISSUERS),
        may_void=may(VOID_BATCH.askers),
        typed=typed,
        texts=texts,
    )


@blueprint.get(SLIPS)
@allow(*POLL_READERS)
def slips(poll_id: int) -> ResponseReturnValue:
    """Show what was handed out and exchanged, with the forms to record it."""
    return _page_of(poll_id, {}, ())


@blueprint.post(SLIPS)
@allow(*ISSUERS)
@retyped(_page_of)
def hand_out(poll_id: int) -> ResponseReturnValue:
    """Record slips handed out, all but the spares, or a spare given for a lost slip."""
    what = request.form.get("what", "")
    number = {"rest": None, "lost": 1}.get(what, 0) if what in {"rest", "lost"} else _number()
    with here().database.write() as connection:
        handing_out.hand_out(
            connection,
            poll_id,
            request.form.get("part", ""),
            number,
            what=Handed.LOST if what == "lost" else Handed.ISSUED,
            by=g.user.name,
            now=here().clock(),
        )
    return _done(poll_id, N_("已登记遗失换发 1 张。") if what == "lost" else N_("已登记发出数。"))


def _number() -> int:
    number = whole_number(request.form.get("number", "").strip())
    if number is None:
        raise MistakesError([Text("发出张数应为整数。")])
    return number


def _damaged_page(
    poll_id: int, typed: Mapping[str, str], texts: Sequence[Text], code: Code | None = None
) -> str:
    with here().database.read() as connection:
        found = handing_out.hall(connection, poll_id)
    return _page(
        "damaged", found, typed=typed, texts=texts, code=code, shown=code and shown(code)[-4:]
    )


@blueprint.get(f"{SLIPS}/damaged")
@allow(*ISSUERS)
def damaged_form(poll_id: int) -> ResponseReturnValue:
    """Ask for the code of a damaged slip."""
    return _damaged_page(poll_id, {}, ())


@blueprint.post(f"{SLIPS}/damaged")
@allow(*ISSUERS)
@retyped(_damaged_page)
def void_damaged(poll_id: int) -> ResponseReturnValue:
    """Say that voiding is final; once that was confirmed, void the slip.

    The first step reads the code alone: whether the slip is good shows only in the second.
    """
    code = code_of(request.form.get("code", ""))
    if request.form.get("step") != "void":
        return _damaged_page(poll_id, request.form, (), code)
    read_confirmed(request.form)
    replaced = request.form.get("replaced") != "no"
    voiding.void_scanned(
        here().database,
        here().keys,
        poll_id,
        code,
        replaced=replaced,
        by=g.user.name,
        now=here().clock(),
    )
    message = N_("这张票已作废，请换发一张备用票。") if replaced else N_("这张票已作废。")
    return _done(poll_id, message)


def _voiding_page(
    poll_id: int, number: int, typed: Mapping[str, str], texts: Sequence[Text]
) -> str:
    with here().database.read() as connection:
        found = handing_out.hall(connection, poll_id)
        batch = voiding.batch_of(connection, found.poll, number)
    return _page("void_batch", found, batch=batch, typed=typed, texts=texts)


@blueprint.get(_BATCH)
@allow(*VOID_BATCH.askers)
def voiding_batch(poll_id: int, number: int) -> ResponseReturnValue:
    """Say what voiding a whole batch does, and ask why."""
    return _voiding_page(poll_id, number, {}, ())


@blueprint.post(_BATCH)
@allow(*VOID_BATCH.askers)
@retyped(_voiding_page)
def void_batch(poll_id: int, number: int) -> ResponseReturnValue:
    """Ask a second person to let a batch be voided."""
    reason = read_annulling(request.form)
    return ask(VOID_BATCH, poll_id, {"batch": number, "reason": reason})


def _withdrawing_page(
    poll_id: int, number: int, typed: Mapping[str, str], texts: Sequence[Text]
) -> str:
    with here().database.read() as connection:
        found = handing_out.hall(connection, poll_id)
    return _page("withdraw_hand_out", found, row=found.row(number), typed=typed, texts=texts)


@blueprint.get(_ROW)
@allow(*ISSUERS)
def withdrawing(poll_id: int, number: int) -> ResponseReturnValue:
    """Show a row that is to be withdrawn, and ask why."""
    return _withdrawing_page(poll_id, number, {}, ())


@blueprint.post(_ROW)
@allow(*ISSUERS)
@retyped(_withdrawing_page)
def withdraw(poll_id: int, number: int) -> ResponseReturnValue:
    """Withdraw a row; it stays on the page, struck out."""
    read_confirmed(request.form)
    why = request.form.get("why", "")
    with here().database.write() as connection:
        handing_out.withdraw(
            connection, poll_id, number, why=why, by=g.user.name, now=here().clock()
        )
    return _done(poll_id, N_("已撤回，记录仍保留。"))


def _done(poll_id: int, message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("slips.slips", poll_id=poll_id), code=303)


def _page(name: str, hall: handing_out.Hall, **values: Any) -> str:
    return render_template(
        f"office/{name}.html",
        hall=hall,
        poll=hall.poll,
        part_name=handing_out.part_name,
        **values,
    )
