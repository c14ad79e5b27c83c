"""The kiosk (代填): a shared device, run by a helper, at which one voter follows the other.

Nothing of a voter may remain for the next: the code is sent, never part of an address; pages are
not kept; the script in `static/kiosk.js` shows each step without a new entry in the history and
clears what nobody touches. Without it the pages clear themselves by the clock.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Blueprint, abort, current_app, g, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ballot.domain.codes import scanned
from ballot.domain.comments import NOTHING, Written
from ballot.domain.keys import new_nonce
from ballot.domain.polls import Poll
from ballot.domain.votes import ChoicesError
from ballot.services import kiosks, voting
from ballot.services.voting import Admission
from ballot.web.access import anyone
from ballot.web.context import here
from ballot.web.paper import Paper, paper
from ballot.web.prepared import comment_pieces
from ballot.web.voter import MOST_TYPED, asked_language, form_fields, printable

blueprint = Blueprint("kiosk", __name__, url_prefix="/kiosk")

PLACE: Final = "/<int(max=2147483647):poll_id>/<key>"
IDLE_SECONDS: Final = 60
COUNTED_SECONDS: Final = 12
"""How long a receipt stays for the voter to copy, unless somebody touches the device."""

_SECONDS_A_CARD: Final = 10
_FRAME: Final = "kiosk/page.html"
_STEPS: Final = frozenset({"open", "review", "edit", "cast"})


@blueprint.before_request
def _speak_chinese_first() -> None:
    """Not the language of the device, which belongs to nobody who votes at it."""
    g.language = asked_language() or here().settings.language


@blueprint.get(PLACE)
@anyone
def start(poll_id: int, key: str) -> ResponseReturnValue:
    """Ask the next voter for a slip."""
    return _start(_entered(poll_id, key), "", None)


@blueprint.post(PLACE)
@anyone
def step(poll_id: int, key: str) -> ResponseReturnValue:
    """Go from the slip to its ballot, on to its review, back again, or cast it."""
    poll = kiosks.enter(here().database, here().keys, poll_id, printable(key))
    fields = form_fields()
    wanted = fields.get("step", "open")
    if wanted not in _STEPS:
        abort(400)
    typed = printable(fields.get("code", ""))[:MOST_TYPED]
    code, problem = voting.read_code(scanned(typed))
    if code is None:
        return _start(poll, typed, problem), 422
    admission = kiosks.find_ballot(here().database, here().keys, poll, code)
    if wanted == "open":
        voting.look(admission, here().clock())
        return _ballot(admission, code)
    if wanted == "cast":
        return _cast(admission, fields)
    return _reviewed(admission, code, fields, back=wanted == "edit")


def _entered(poll_id: int, key: str) -> Poll:
    """Return the poll of a kiosk that gives out ballots now.

    Raises: NoSuchKioskError, NotOpenYetError, VotingEndedError, PollAnnulledError.
    """
    poll = kiosks.enter(here().database, here().keys, poll_id, printable(key))
    if not poll.shows_ballot(here().clock()):
        raise voting.refused_by(poll.phase)
    return poll


def _start(poll: Poll, typed: str, problem: Any) -> str:
    return _page("kiosk/start.html", poll=poll, typed=typed, problem=problem)


def _ballot(
    admission: Admission,
    code: str,
    choices: bytes | None = None,
    problem: ChoicesError | None = None,
    comment: Written = NOTHING,
) -> str:
    filled = paper(admission.poll.definition, admission.group, choices, problem, comment)
    seconds = IDLE_SECONDS + _SECONDS_A_CARD * (len(filled.cards) - 1)
    return _page("voter/ballot.html", paper=filled, code=code, unattended=seconds)


def _reviewed(
    admission: Admission, code: str, fields: Mapping[str, str], *, back: bool
) -> ResponseReturnValue:
    said = voting.review(admission, fields, here().clock())
    if back or not said.sound:
        return _ballot(admission, code, *said), 200 if said.sound else 422
    filled = paper(admission.poll.definition, admission.group, *said)
    return _page("voter/review.html", paper=filled, code=code, hole=_pieces(filled))


def _pieces(filled: Paper) -> Callable[[str], Markup]:
    """Return what fills each hole of the review page: this voter's own pieces."""
    parts: Any = current_app.jinja_env.get_template("parts/review.html").module
    written = comment_pieces().holes(filled.comment.text)
    told, kept, fill = [Markup(piece.decode()) for piece in written]  # noqa: S704 - escaped there
    pieces: dict[str, Any] = {
        "nonce": new_nonce(),
        "summary": parts.summary(len(filled.cards), filled.blanks),
        "void": parts.void() if filled.void else "",
        "kept": Markup("").join([*map(parts.kept, filled.cards), kept]),
        "comment": told,
        "fill": fill,
        **{card.field: parts.answered(card) for card in filled.cards},
    }
    return pieces.__getitem__


def _cast(admission: Admission, fields: Mapping[str, str]) -> ResponseReturnValue:
    """Cast, count as assisted, and answer at once: repeating this request is harmless."""
    checked = voting.check(admission, fields, fields.get("nonce", ""))
    counted = kiosks.submit(here().database, here().keys, here().clock, admission, checked)
    return _page("kiosk/counted.html", counted=counted, idle=COUNTED_SECONDS)


def _page(name: str, **values: Any) -> str:
    return render_template(name, frame=_FRAME, **{"idle": IDLE_SECONDS, **values})
