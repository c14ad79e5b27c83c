"""Notices (公示) in the office: written, looked at, published, taken down."""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.notices import LONGEST_TEXT, Contact, Wording, days_allowed
from ballot.domain.people import STAFF, Role
from ballot.domain.periods import HOLIDAYS, local_day
from ballot.language import N_, Text
from ballot.scoring.figures import whole_number
from ballot.services import notices
from ballot.services.notices import Draft
from ballot.services.posting import NotPostableError
from ballot.web.access import allow, may
from ballot.web.context import here
from ballot.web.forms import read_confirmed, read_day, retyped
from ballot.web.notices import page_address
from ballot.web.office import CYCLE

blueprint = Blueprint("notice_office", __name__, url_prefix="/office")

NOTICES: Final = f"{CYCLE}/notices"
NOTICE: Final = f"{NOTICES}/<int(max=2147483647):number>"
WRITERS: Final = (Role.ORGANISER,)


@blueprint.get(NOTICES)
@allow(*STAFF)
def every(cycle_id: int) -> ResponseReturnValue:
    """List a cycle's notices."""
    with here().database.read() as connection:
        cycle, found = notices.every(connection, cycle_id)
    today = local_day(here().clock())
    listed = [(each, each.state(today)) for each in reversed(found)]
    return render_template(
        "office/notices.html", cycle=cycle, notices=listed, may_write=may(WRITERS)
    )


def _form(
    cycle_id: int, typed: Mapping[str, str], texts: Sequence[Text], number: int | None
) -> str:
    now = here().clock()
    with here().database.read() as connection:
        draft = notices.form(
            connection,
            cycle_id,
            number,
            smallest_group=here().settings.smallest_group,
            now=now,
        )
    return render_template(
        "office/notice_form.html",
        cycle=draft.cycle,
        draft=draft,
        number=number,
        ranges={each.key: days_allowed(each.rules) for each in draft.choices},
        filled=typed or _filled(draft),
        ticked=set(request.form.getlist("item")) if typed else set(draft.wording.items),
        most=LONGEST_TEXT,
        holidays=HOLIDAYS,
        typed=typed,
        texts=texts,
    )


def _filled(draft: Draft) -> dict[str, str]:
    wording = draft.wording
    return {
        "title": wording.title,
        "text": wording.text,
        "start_on": wording.start_on.isoformat(),
        "days": str(wording.days),
        "contact_name": wording.contact.name,
        "contact_phone": wording.contact.phone,
        "contact_place": wording.contact.place,
    }


def _new_page(cycle_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    return _form(cycle_id, typed, texts, None)


def _changing_page(
    cycle_id: int, number: int, typed: Mapping[str, str], texts: Sequence[Text]
) -> str:
    return _form(cycle_id, typed, texts, number)


@blueprint.get(f"{NOTICES}/new")
@allow(*WRITERS)
def new(cycle_id: int) -> ResponseReturnValue:
    """Show the form of a new notice."""
    return _new_page(cycle_id, {}, ())


@blueprint.post(f"{NOTICES}/new")
@allow(*WRITERS)
@retyped(_new_page)
def write(cycle_id: int) -> ResponseReturnValue:
    """Keep a new draft."""
    return _save(cycle_id, None)


@blueprint.get(f"{NOTICE}/edit")
@allow(*WRITERS)
def changing(cycle_id: int, number: int) -> ResponseReturnValue:
    """Show the form of a draft."""
    return _changing_page(cycle_id, number, {}, ())


@blueprint.post(f"{NOTICE}/edit")
@allow(*WRITERS)
@retyped(_changing_page)
def change(cycle_id: int, number: int) -> ResponseReturnValue:
    """Keep a draft's other words."""
    return _save(cycle_id, number)


def _save(cycle_id: int, number: int | None) -> ResponseReturnValue:
    wording = _wording()
    with here().database.write() as connection:
        saved = notices.save(
            connection,
            cycle_id,
            number,
            wording,
            smallest_group=here().settings.smallest_group,
            by=g.user.name,
            now=here().clock(),
        )
    flash(N_("草稿已保存。请看一遍，再发布。"))
    return redirect(url_for("notice_office.notice", cycle_id=cycle_id, number=saved), code=303)


def _wording() -> Wording:
    """Return what was typed. Raises: MistakesError for a day that is none."""
    return Wording(
        title=_typed("title"),
        text=_typed("text"),
        items=tuple(dict.fromkeys(request.form.getlist("item"))),
        start_on=read_day(request.form.get("start_on", "")),
        days=whole_number(request.form.get("days", "").strip()) or 0,
        contact=read_contact(),
    )


def read_contact() -> Contact:
    """Return whom to turn to, as typed."""
    return Contact(_typed("contact_name"), _typed("contact_phone"), _typed("contact_place"))


def _typed(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n").strip()


def _notice_page(
    cycle_id: int, number: int, typed: Mapping[str, str], texts: Sequence[Text]
) -> str:
    with here().database.read() as connection:
        found = notices.shown(
            connection,
            cycle_id,
            number,
            smallest_group=here().settings.smallest_group,
            now=here().clock(),
        )
    address, qr = page_address(here().settings.public_url, number)
    return render_template(
        "office/notice.html",
        cycle=found.cycle,
        shown=found,
        address=address,
        qr=qr,
        holidays=HOLIDAYS,
        may_write=may(WRITERS),
        typed=typed,
        texts=texts,
    )


@blueprint.get(NOTICE)
@allow(*STAFF)
def notice(cycle_id: int, number: int) -> ResponseReturnValue:
    """Show a notice as everybody sees it or will see it, and what can be done with it.

    A draft that may not be posted any more is opened to be changed or given up.
    """
    try:
        return _notice_page(cycle_id, number, {}, ())
    except NotPostableError as error:
        if not may(WRITERS):
            raise
        return _changing_page(cycle_id, number, {}, error.texts()), 409


@blueprint.post(f"{NOTICE}/publish")
@allow(*WRITERS)
@retyped(_notice_page)
def publish(cycle_id: int, number: int) -> ResponseReturnValue:
    """Publish the draft that was on the page."""
    read_confirmed(request.form)
    with here().database.write() as connection:
        notices.publish(
            connection,
            cycle_id,
            number,
            seen=request.form.get("seen", ""),
            smallest_group=here().settings.smallest_group,
            by=g.user.name,
            now=here().clock(),
        )
    flash(N_("公示已发布。请把页面或二维码打印出来，贴在公示栏。"))
    return redirect(url_for("notice_office.notice", cycle_id=cycle_id, number=number), code=303)


def _withdrawing_page(
    cycle_id: int, number: int, typed: Mapping[str, str], texts: Sequence[Text]
) -> str:
    with here().database.read() as connection:
        found = notices.of(connection, cycle_id, number)
        cycle, _ = notices.every(connection, cycle_id)
    return render_template(
        "office/notice_withdraw.html", cycle=cycle, notice=found, typed=typed, texts=texts
    )


@blueprint.get(f"{NOTICE}/withdraw")
@allow(*WRITERS)
def withdrawing(cycle_id: int, number: int) -> ResponseReturnValue:
    """Ask why a notice is taken down."""
    return _withdrawing_page(cycle_id, number, {}, ())


@blueprint.post(f"{NOTICE}/withdraw")
@allow(*WRITERS)
@retyped(_withdrawing_page)
def withdraw(cycle_id: int, number: int) -> ResponseReturnValue:
    """Take a notice down, or give a draft up."""
    read_confirmed(request.form)
    with here().database.write() as connection:
        notices.withdraw(
            connection,
            cycle_id,
            number,
            why=request.form.get("why", ""),
            by=g.user.name,
            now=here().clock(),
        )
    flash(N_("已撤下，记录仍保留。"))
    return redirect(url_for("notice_office.every", cycle_id=cycle_id), code=303)
