"""The voter's pages: no cookie, no session, no form token; the code in the address is the right.

GET never spends a code and writes nothing. The ballot page is the same bytes for every voter of a
group and language.
"""

from typing import Final

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.codes import parse_code
from ballot.domain.keys import new_nonce
from ballot.domain.votes import BLANK, ChoicesError
from ballot.services import voting
from ballot.services.voting import Admission
from ballot.web.access import anyone
from ballot.web.context import here, language

blueprint = Blueprint("voter", __name__)

_PREPARED: Final = "ballot pages"


@blueprint.get("/")
@anyone
def start() -> ResponseReturnValue:
    """Show the place to type a code."""
    return render_template("voter/start.html", typed="", problem=None)


@blueprint.post("/")
@anyone
def type_code() -> ResponseReturnValue:
    """Go to the ballot of a typed code; a wrong one stays in its field, with what is wrong."""
    typed = request.form.get("code", "")[:200]
    code, problem = voting.read_code(typed)
    if code is None:
        return render_template("voter/start.html", typed=typed, problem=problem), 422
    return redirect(url_for("voter.ballot", code=code, **request.args), code=303)


@blueprint.get("/b/<code>")
@blueprint.get("/B/<code>")
@anyone
def ballot(code: str) -> ResponseReturnValue:
    """Show the ballot of a code."""
    installation = here()
    admission = voting.look(
        installation.database, installation.keys, parse_code(code), installation.clock()
    )
    prepared: dict[object, str] = current_app.extensions.setdefault(_PREPARED, {})
    key = (admission.poll.id, admission.group_index, language())
    if key not in prepared:
        prepared[key] = _ballot_page(admission, choices=None, problem=None)
    return prepared[key]


@blueprint.post("/b/<code>")
@blueprint.post("/B/<code>")
@anyone
def vote(code: str) -> ResponseReturnValue:
    """Go from the ballot to its review, back again, or cast it."""
    if request.form.get("step") == "cast":
        return _cast(code)
    installation = here()
    admission, choices, problem = voting.review(
        installation.database,
        installation.keys,
        parse_code(code),
        request.form,
        installation.clock(),
    )
    if problem is not None:
        return _ballot_page(admission, choices, problem), 422
    if request.form.get("step") == "edit":
        return _ballot_page(admission, choices, problem=None)
    return render_template(
        "voter/review.html",
        poll=admission.poll,
        group=admission.group,
        choices=choices,
        blanks=choices.count(BLANK),
        nonce=new_nonce(),
    )


def _cast(code: str) -> ResponseReturnValue:
    """Cast and answer at once: repeating this request is harmless."""
    installation = here()
    counted = voting.submit(
        installation.database,
        installation.queue,
        installation.keys,
        parse_code(code),
        request.form,
        request.form.get("nonce", ""),
    )
    return render_template("voter/counted.html", counted=counted)


def _ballot_page(
    admission: Admission, choices: bytes | None, problem: ChoicesError | None
) -> str:
    return render_template(
        "voter/ballot.html",
        poll=admission.poll,
        group=admission.group,
        choices=choices,
        problem=problem,
    )
