"""Written notices (书面通知): the register of who was told when, and the notices to print."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.periods import HOLIDAYS, local_day
from ballot.language import N_, Text
from ballot.services import contacts, standings, written_notices
from ballot.web.access import allow, may
from ballot.web.context import here, language
from ballot.web.forms import read_confirmed, read_day, retyped
from ballot.web.headers import attachment
from ballot.web.notice_office import read_contact
from ballot.web.reviews import CLERKS, READERS
from ballot.web.standings import PDF, NothingRankedError
from ballot.web.units import KIND

blueprint = Blueprint("written_notices", __name__, url_prefix="/office")

TOLD: Final = f"{KIND}/told"


def _told_page(cycle_id: int, kind: str, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    now = here().clock()
    with here().database.read() as connection:
        found = written_notices.of_kind(connection, cycle_id, kind)
    return _page(
        "told",
        found,
        today=local_day(now),
        ticked=set(request.form.getlist("unit")) if typed else set(),
        contact=found.contact,
        holidays=HOLIDAYS,
        may_write=may(CLERKS),
        typed=typed,
        texts=texts,
    )


@blueprint.get(TOLD)
@allow(*READERS)
def register(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Show who got a written notice when, and who did not yet."""
    return _told_page(cycle_id, kind, {}, ())


@blueprint.post(TOLD)
@allow(*CLERKS)
@retyped(_told_page)
def deliver(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Record that the ticked units got theirs on a day; their days for asking begin."""
    day = read_day(request.form.get("told_on", ""))
    names = list(dict.fromkeys(request.form.getlist("unit")))
    with here().database.write() as connection:
        written_notices.deliver(
            connection, cycle_id, kind, names, day, by=g.user.name, now=here().clock()
        )
    flash(N_("送达已登记，申请复核的期限开始计算。"))
    return _back(cycle_id, kind)


@blueprint.post(f"{TOLD}/contact")
@allow(*CLERKS)
@retyped(_told_page)
def contact(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Keep whom to turn to: it is printed on every written notice."""
    with here().database.write() as connection:
        contacts.keep(connection, cycle_id, read_contact())
    flash(N_("联系人已保存。"))
    return _back(cycle_id, kind)


@blueprint.get(f"{TOLD}/notices.pdf")
@allow(*READERS)
def print_notices(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Give the written notices as PDF: of the unit that is named, or of all."""
    unit = request.args.get("unit")
    with here().database.read() as connection:
        found = written_notices.of_kind(connection, cycle_id, kind)
        standing = standings.of_kind(
            connection, cycle_id, kind, smallest_group=here().settings.smallest_group
        )
    names = {each.unit for each in standing.standings}
    if not names or (unit is not None and unit not in names):
        raise NothingRankedError(kind=found.assessed.kind.title)
    content = written_notices.pdf(
        standing, found, unit, issued_on=local_day(here().clock()), language=language()
    )
    return attachment(content, f"written-notices-{cycle_id}-{kind}.pdf", PDF)


def _withdrawing_page(
    cycle_id: int, kind: str, number: int, typed: Mapping[str, str], texts: Sequence[Text]
) -> str:
    with here().database.read() as connection:
        found = written_notices.of_kind(connection, cycle_id, kind)
        row = written_notices.row(connection, cycle_id, kind, number)
    return _page("told_withdraw", found, row=row, typed=typed, texts=texts)


@blueprint.get(f"{TOLD}/<int(max=2147483647):number>/withdraw")
@allow(*CLERKS)
def withdrawing(cycle_id: int, kind: str, number: int) -> ResponseReturnValue:
    """Ask why a row of the register is withdrawn."""
    return _withdrawing_page(cycle_id, kind, number, {}, ())


@blueprint.post(f"{TOLD}/<int(max=2147483647):number>/withdraw")
@allow(*CLERKS)
@retyped(_withdrawing_page)
def withdraw(cycle_id: int, kind: str, number: int) -> ResponseReturnValue:
    """Withdraw a row; it stays on the page."""
    read_confirmed(request.form)
    why = request.form.get("why", "")
    with here().database.write() as connection:
        written_notices.withdraw(
            connection, cycle_id, kind, number, why=why, by=g.user.name, now=here().clock()
        )
    flash(N_("已撤回，记录仍保留。"))
    return _back(cycle_id, kind)


def _back(cycle_id: int, kind: str) -> ResponseReturnValue:
    address = url_for("written_notices.register", cycle_id=cycle_id, kind=kind)
    return redirect(address, code=303)


def _page(name: str, found: written_notices.Register, **values: Any) -> str:
    return render_template(
        f"office/{name}.html",
        register=found,
        cycle=found.assessed.cycle,
        kind=found.assessed.kind,
        **values,
    )
