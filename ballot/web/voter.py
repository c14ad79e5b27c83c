"""The voter's pages: no cookie, no session, no form token; the code in the address is the right.

GET never spends a code and writes nothing. The ballot page is the same bytes for every voter of a
group and language.
"""

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ballot.domain.codes import Code, parse_code
from ballot.domain.keys import new_nonce
from ballot.language import LANGUAGES, SOURCE
from ballot.services import receipts, voting
from ballot.services.voting import Admission
from ballot.web.access import anyone
from ballot.web.assets import asset, style_within
from ballot.web.context import here, language
from ballot.web.paper import paper
from ballot.web.prepared import Look, prepared_pages
from ballot.web.refusals import tell_refusal

blueprint = Blueprint("voter", __name__)
blueprint.add_app_template_global(asset)
blueprint.add_app_template_global(style_within)

MOST_FIELDS: Final = 2000
MOST_TYPED: Final = 200
_UNREADABLE: Final = "\N{REPLACEMENT CHARACTER}"
_STEPS: Final = frozenset({"review", "edit", "cast"})


@blueprint.get("/")
@anyone
def start() -> ResponseReturnValue:
    """Show the place to type a code."""
    return render_template("voter/start.html", typed="", problem=None)


@blueprint.post("/")
@anyone
def type_code() -> ResponseReturnValue:
    """Go to the ballot of a typed code; a wrong one stays in its field, with what is wrong."""
    typed = printable(request.form.get("code", ""))[:MOST_TYPED]
    code, problem = voting.read_code(typed)
    if code is None:
        return render_template("voter/start.html", typed=typed, problem=problem), 422
    return redirect(url_for("voter.ballot", code=code, lang=asked_language()), code=303)


@blueprint.get("/b/<code>")
@blueprint.get("/B/<code>")
@anyone
def ballot(code: str) -> ResponseReturnValue:
    """Show the ballot of a code: the page is made once for a group and language."""
    tell_refusal(request.environ)
    admission = _find(_code(code))
    voting.look(admission, here().clock())
    page = prepared_pages().make_ballot(admission.poll, admission.group_index, look())
    body, encoding = page.body(request.headers.get("Accept-Encoding", ""))
    return Response(body, headers={} if encoding is None else {"Content-Encoding": encoding})


@blueprint.post("/b/<code>")
@blueprint.post("/B/<code>")
@anyone
def vote(code: str) -> ResponseReturnValue:
    """Go from the ballot to its review, back again, or cast it."""
    tell_refusal(request.environ)
    fields = form_fields()
    step = fields.get("step", "review")
    if step not in _STEPS:
        abort(400)
    if step == "cast":
        return _cast(_code(code), fields)
    admission = _find(_code(code))
    said = voting.review(admission, fields, here().clock())
    if said.sound and step == "review":
        page = prepared_pages().make_review(admission.poll, admission.group_index, look())
        return page.fill(said.choices, new_nonce(), said.comment.text).decode("utf-8")
    filled = paper(admission.poll.definition, admission.group, *said)
    return render_template("voter/ballot.html", paper=filled), 200 if said.sound else 422


def _cast(code: Code, fields: Mapping[str, str]) -> ResponseReturnValue:
    """Cast and answer at once: repeating this request is harmless."""
    installation = here()
    admission = _find(code)
    checked = voting.check(admission, fields, fields.get("nonce", ""))
    counted = voting.submit(installation.queue, installation.keys, admission, checked)
    page = prepared_pages().make_counted(counted.poll, counted.again, look())
    return page.fill(counted.receipt).decode("utf-8")


@blueprint.get("/receipts/<int(max=2147483647):poll_id>")
@anyone
def receipts_of(poll_id: int) -> ResponseReturnValue:
    """Publish a closed poll's receipts: anyone may look whether theirs is among them."""
    installation = here()
    with installation.database.read() as connection:
        found = receipts.of_poll(connection, installation.keys, poll_id)
    return render_template("voter/receipts.html", found=found)


@blueprint.app_template_global()
def asked_language() -> str | None:
    """Return the language that the address asks for, to be carried on, or None."""
    asked = request.args.get("lang")
    return asked if asked in LANGUAGES else None


def look() -> Look:
    """Return how this request's page is asked for."""
    return language(), asked_language()


@blueprint.app_template_global()
def source_language() -> Markup:
    """Return the attribute that marks an organiser's own words on a page of another language."""
    return Markup("" if language() == SOURCE else f' lang="{SOURCE}"')  # noqa: S704 - our constant


def _find(code: Code) -> Admission:
    """Return the ballot of a code. Raises: UnknownBallotError."""
    return voting.find(here().database, here().keys, code)


def form_fields() -> Mapping[str, str]:
    """Return the form's fields. A field sent twice is no clear answer: 400, as is a flood."""
    sent = list(request.form.items(multi=True))
    fields = dict(sent)
    if len(sent) > MOST_FIELDS or len(fields) != len(sent):
        abort(400)
    return fields


def _code(written: str) -> Code:
    """Return the code of an address. Raises: CodeError's family."""
    return parse_code(printable(written))


def printable(written: str) -> str:
    """Put a mark in the place of what cannot be shown."""
    return "".join(c if c.isprintable() or c.isspace() else _UNREADABLE for c in written)
