"""Jobs: the list of them, how far one is, cancelling it, and fetching its file."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.jobs import Job, Work
from ballot.domain.people import Role
from ballot.language import N_, Text
from ballot.services import jobs, slip_orders
from ballot.services.downloads import Downloads
from ballot.storage.database import Connection
from ballot.web.access import allow
from ballot.web.context import here, language
from ballot.web.forms import read_confirmed, retyped
from ballot.web.headers import XLSX
from ballot.web.sending import Sending, sent

blueprint = Blueprint("jobs", __name__, url_prefix="/office")

JOB: Final = "/jobs/<int(max=2147483647):number>"
REFRESH_SECONDS: Final = 3
_TYPES: Final = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": XLSX,
    "txt": "text/plain; charset=utf-8",
    "zip": "application/zip",
}


@blueprint.get("/jobs")
@allow(Role.ORGANISER)
def every() -> ResponseReturnValue:
    """List the newest jobs."""
    with here().database.read() as connection:
        found = jobs.latest(connection)
        titles = jobs.titles(connection, found)
    return render_template("office/jobs.html", jobs=found, titles=titles, most=jobs.MOST_LISTED)


def _page(number: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        job = jobs.get(connection, number)
        order, rows = _ordered(connection, job)
        titles = jobs.titles(connection, [job])
    return render_template(
        "office/job.html",
        job=job,
        title=titles[job.id],
        order=order,
        rows=rows,
        refresh=REFRESH_SECONDS,
        typed=typed,
        texts=texts,
    )


def _ordered(
    connection: Connection, job: Job
) -> tuple[slip_orders.Order | None, Sequence[slip_orders.Ordered]]:
    if job.work is not Work.SLIPS:
        return None, ()
    order = slip_orders.Order.from_json(job.details)
    return order, slip_orders.ordered(connection, order)


@blueprint.get(JOB)
@allow(Role.ORGANISER)
def job(number: int) -> ResponseReturnValue:
    """Show a job: what it makes, how far it is, and its file once that is there."""
    return _page(number, {}, ())


@blueprint.get(f"{JOB}/progress")
@allow(Role.ORGANISER)
def progress(number: int) -> ResponseReturnValue:
    """Tell the page's script how far a job is."""
    with here().database.read() as connection:
        found = jobs.get(connection, number)
    words = Text("%(done)s / %(total)s", done=found.done, total=found.total)
    return jsonify(
        done=found.done,
        total=found.total,
        over=found.state.is_over,
        file=found.has_file,
        words=f"{found.state.text.in_(language())} {words.in_(language())}",
    )


@blueprint.post(f"{JOB}/cancel")
@allow(Role.ORGANISER)
@retyped(_page)
def cancel(number: int) -> ResponseReturnValue:
    """Cancel a job that is not over."""
    read_confirmed(request.form)
    with here().database.write() as connection:
        jobs.cancel(connection, number, by=g.user.name, now=here().clock())
    return _back(number, N_("任务已取消，没有留下文件。"))


@blueprint.post(f"{JOB}/discard")
@allow(Role.ORGANISER)
@retyped(_page)
def discard(number: int) -> ResponseReturnValue:
    """Remove a file that is not wanted any more."""
    read_confirmed(request.form)
    with here().database.write() as connection:
        jobs.discard(connection, number, by=g.user.name, now=here().clock())
    jobs.sweep_if_any(here().database, _downloads(), here().clock())
    return _back(number, N_("文件已删除。"))


@blueprint.post(f"{JOB}/file")
@allow(Role.ORGANISER)
@retyped(_page)
def fetch(number: int) -> ResponseReturnValue:
    """Send a finished job's file; one with codes is gone once all of it was sent.

    By POST, with the session's token: no preview, prefetch or download manager fetches it by its
    address, and no part of it can be asked for.
    """
    read_confirmed(request.form)
    place, by = here(), g.user.name
    with place.database.read() as connection:
        found = jobs.get(connection, number)
    file = _downloads().open(found)
    try:
        with place.database.write() as connection:
            jobs.begin_fetching(connection, found, by=by, now=place.clock())
        used = partial(jobs.fetched, place.database, _downloads(), found, by=by, now=place.clock())
        name, kind = _name(found)
        return sent(Sending(file, used), name, _TYPES[kind])
    except BaseException:
        file.close()
        raise


def _name(job: Job) -> tuple[str, str]:
    """Return the name under which a browser keeps a file, and its kind."""
    kind = {Work.ARCHIVE: "txt", Work.ARCHIVES: "zip"}.get(job.work) or str(job.details["form"])
    words = {
        Work.SLIPS: Text("选票-任务%(id)s", id=job.id),
        Work.ARCHIVE: Text("归档-测评活动%(id)s", id=job.poll_id),
        Work.ARCHIVES: Text("归档-考核周期%(id)s", id=job.cycle_id),
    }
    return f"{words[job.work].in_(language())}.{kind}", kind


def _downloads() -> Downloads:
    return Downloads(here().settings.folder)


def _back(number: int, message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("jobs.job", number=number), code=303)
