"""For whoever runs the server: `/healthz`, and `/metrics` that say nothing about a single vote.

The metrics are Prometheus's text format 0.0.4. A metric that votes move grows in steps, and the
whole answer is made at most once a minute, so that reading it again and again shows nobody's
moment. Counters are this process's own and start at nothing with it.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from ballot.domain.people import Scope
from ballot.errors import BallotError
from ballot.services import watching
from ballot.services.watching import Figures, in_tens
from ballot.web.access import anyone
from ballot.web.api import bearer
from ballot.web.context import here, language
from ballot.web.errors import problem, status_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

blueprint = Blueprint("watching", __name__)

SAMPLE_EVERY: Final = timedelta(minutes=1)
_KEY: Final = "ballot metrics"
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
_AREAS: Final = {
    "voter": "voter",
    "kiosk": "voter",
    "office": "office",
    "login": "office",
    "api": "api",
}
_CLASSES: Final = (2, 3, 4, 5)
_COARSE: Final = "Whole tens, rounded down, so that no single voter's moment shows."


class _Metric(NamedTuple):
    """One metric: its values by their labels (`{…}`, or nothing)."""

    name: str
    kind: str
    told: str
    values: Mapping[str, int]


class LoopCounts:
    """What the event loop counts of the requests that it answers by itself: one thread, no lock."""

    __slots__ = ("answered", "underway")

    def __init__(self) -> None:
        self.answered = 0
        self.underway = 0


class Counts:
    """What this process counts, by several threads at once, and the last sample of it."""

    def __init__(self) -> None:
        self.in_loop = LoopCounts()
        self.lock = threading.Lock()
        self.answered: Counter[tuple[str, int]] = Counter()
        self.underway = 0
        self.server_errors = 0
        self.database_errors = 0
        self.sample: tuple[datetime, str] | None = None

    def answered_at_once(self, area: str | None, status: int) -> None:
        """Count a request that was answered, by whatever answered it."""
        with self.lock:
            if area is not None:
                self.answered[area, status // 100] += 1
            self.server_errors += status >= 500

    def underway_by(self, change: int) -> None:
        """Count a request that came in (1) or left (-1)."""
        with self.lock:
            self.underway += change

    def database_failed(self) -> None:
        """Count a statement or commit that was refused."""
        with self.lock:
            self.database_errors += 1


def counts_of(app: Flask) -> Counts:
    """Return what an application counts."""
    return cast(Counts, app.extensions[_KEY])


def _counts() -> Counts:
    return counts_of(current_app)


@blueprint.record
def _start_counting(state: BlueprintSetupState) -> None:
    counts = state.app.extensions[_KEY] = Counts()
    with cast(Flask, state.app).app_context():
        watching.count_errors(here().database, counts.database_failed)


def count_underway(app: Flask) -> None:
    """Count what an application is answering; call it last, so that nothing goes past it."""
    counts, answered_by = counts_of(app), app.wsgi_app

    def counted(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        counts.underway_by(1)
        try:
            return answered_by(environ, start_response)
        finally:
            counts.underway_by(-1)

    app.wsgi_app = counted  # type: ignore[method-assign]


@blueprint.before_app_request
def _begin() -> None:
    g.counted_status = 500  # unless an answer comes about


@blueprint.after_app_request
def _note(response: Response) -> Response:
    g.counted_status = response.status_code
    return response


@blueprint.teardown_app_request
def _end(_: BaseException | None) -> None:
    if "counted_status" in g:
        _counts().answered_at_once(_AREAS.get(request.blueprint or ""), g.counted_status)


@blueprint.errorhandler(BallotError)
def _problem(error: BallotError) -> ResponseReturnValue:
    """Answer with a problem, as the API does: programs read these two addresses."""
    words = [text.in_(language()) for text in error.texts()]
    return problem(status_of(error), words, type(error).__name__.removesuffix("Error"))


@blueprint.before_request
def _check() -> None:
    watching.check(here().database)


@blueprint.get("/healthz")
@anyone
def health() -> Response:
    """Say that the database answers: that was checked before."""
    return jsonify(status="ok")


@blueprint.get("/metrics")
@bearer(Scope.METRICS)
def metrics() -> Response:
    """Give the figures, at most one minute old."""
    return Response(_sampled(here().clock()), content_type=_TEXT)


def _sampled(now: datetime) -> str:
    """Return the last sample, or a new one where that is a minute old."""
    counts, installation = _counts(), here()
    if counts.sample is None or now - counts.sample[0] >= SAMPLE_EVERY:
        figures = watching.figures(installation.database, installation.settings.folder, now)
        with counts.lock:
            counts.sample = (now, "".join(_lines(_metrics(figures, counts))))
    return counts.sample[1]


def _metrics(figures: Figures, counts: Counts) -> Iterator[_Metric]:
    """Yield the metrics, every label with a value from the start: none appears with an event."""
    yield _Metric("ballot_up", "gauge", "1: this process and its database answer.", {"": 1})
    every = counts.answered + Counter({("voter", 2): counts.in_loop.answered})
    answered = {
        f'{{area="{area}",status="{status}xx"}}': in_tens(every[area, status])
        for area in sorted(set(_AREAS.values()))
        for status in _CLASSES
    }
    yield _Metric("ballot_requests_total", "counter", f"Answered requests. {_COARSE}", answered)
    yield _Metric(
        "ballot_requests_underway",
        "gauge",
        f"Requests being answered now, waiting votes included. {_COARSE}",
        {"": in_tens(counts.underway + counts.in_loop.underway)},
    )
    yield _Metric(
        "ballot_server_errors_total",
        "counter",
        "Requests answered with a status of 500 or above, exactly.",
        {"": counts.server_errors},
    )
    yield _Metric(
        "ballot_database_errors_total",
        "counter",
        "Statements and commits that the database refused, exactly.",
        {"": counts.database_errors},
    )
    yield from _of_installation(figures)


def _of_installation(figures: Figures) -> Iterator[_Metric]:
    """Yield what is not of this process alone, and the memory of this process."""
    yield _Metric(
        "ballot_polls",
        "gauge",
        "Polls by phase.",
        {f'{{phase="{phase.value}"}}': number for phase, number in figures.phases.items()},
    )
    for name, told, number in (
        ("polls_overdue", "Open polls past their end and grace.", figures.overdue),
        ("polls_unscrubbed", "Closed polls with traces not scrubbed.", figures.unscrubbed),
        ("event_log_entries", "Entries of the event log.", figures.log_entries),
        ("database_bytes", "Size of the database, in steps of 16 MiB.", figures.database_bytes),
        ("disk_free_bytes", "Free space, in steps of 16 MiB.", figures.disk_free_bytes),
    ):
        yield _Metric(f"ballot_{name}", "gauge", told, {"": number})
    if figures.memory_bytes is not None:
        told = "Memory of this process, in steps of 16 MiB."
        yield _Metric("process_resident_memory_bytes", "gauge", told, {"": figures.memory_bytes})


def _lines(metrics: Iterator[_Metric]) -> Iterator[str]:
    """Yield Prometheus's text format; no label or help text here needs escaping."""
    for metric in metrics:
        yield f"# HELP {metric.name} {metric.told}\n# TYPE {metric.name} {metric.kind}\n"
        for labels, value in metric.values.items():
            yield f"{metric.name}{labels} {value}\n"
