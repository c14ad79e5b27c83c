"""Comments (意见) in the office: after closing they are read, moderated and published."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.moderation import Said, Verdict, Why
from ballot.domain.people import COMMENT_READERS, MODERATORS
from ballot.domain.written import LONGEST_REASON, problems
from ballot.errors import MistakesError
from ballot.language import N_, Text
from ballot.services import comments, moderation
from ballot.services.comments import EVERY, SHOWN, UNDECIDED, Comments
from ballot.web.access import allow, may
from ballot.web.context import here
from ballot.web.forms import read_confirmed, retyped
from ballot.web.office import POLL

blueprint = Blueprint("comments", __name__, url_prefix="/office")

PLACE: Final = f"{POLL}/comments"
PAGE: Final = 20
_WORDS: Final = {
    UNDECIDED: N_("未审核"),
    Verdict.PUBLISH: N_("公布"),
    Verdict.WITHHOLD: N_("不公布"),
    EVERY: N_("全部"),
}
Texts = Sequence[Text]
Typed = Mapping[str, str]


def _page(poll_id: int, typed: Typed, texts: Texts) -> str:
    with here().database.read() as connection:
        found = comments.of_poll(connection, poll_id, smallest_group=_smallest())
    shown, search, number = _asked(found)
    listed = found.listed(shown, search)
    pages = max(1, -(-len(listed) // PAGE))
    number = min(number, pages)
    return _render(
        "comments",
        found,
        typed,
        texts,
        listed=listed[(number - 1) * PAGE : number * PAGE],
        count=len(listed),
        choices=[(each, Text(_WORDS[each]), found.number(each)) for each in SHOWN],
        shown=shown,
        search=search,
        number=number,
        pages=pages,
        whys=list(Why),
        may_moderate=may(MODERATORS) and found.publication is None,
        may_withdraw=may(MODERATORS),
    )


def _asked(found: Comments) -> tuple[str, str, int]:
    """Return what the address asks for: which comments, holding what, on which page."""
    asked = request.args.get("show", UNDECIDED if found.number(UNDECIDED) else EVERY)
    shown = asked if asked in SHOWN else EVERY
    number = request.args.get("page", "1")
    plainly = number.isascii() and number.isdigit() and len(number) < 6
    return shown, request.args.get("q", "").strip(), max(1, int(number) if plainly else 1)


@blueprint.get(PLACE)
@allow(*COMMENT_READERS)
def page(poll_id: int) -> ResponseReturnValue:
    """Show a closed poll's comments in random order, and what was decided about each."""
    return _page(poll_id, {}, ())


@blueprint.post(PLACE)
@allow(*MODERATORS)
@retyped(_page)
def moderate(poll_id: int) -> ResponseReturnValue:
    """Keep what was decided about the comments on the page."""
    said = {
        name.removeprefix("seen-"): (seen, _said(name.removeprefix("seen-")))
        for name, seen in request.form.items()
        if name.startswith("seen-")
    }
    with here().database.write() as connection:
        changed = moderation.moderate(connection, poll_id, said, **_by())
    flash(N_("审核已保存。") if changed else N_("没有改动。"))
    return redirect(url_for("comments.page", poll_id=poll_id, **_kept()), code=303)


def _said(key: str) -> Said:
    """Return what the form says of one comment; a reason counts only where it is withheld."""
    verdict = request.form.get(f"verdict-{key}", "")
    why = request.form.get(f"why-{key}", "") if verdict == Verdict.WITHHOLD else ""
    mask = request.form.get(f"mask-{key}", "").strip() if verdict == Verdict.PUBLISH else ""
    return Said(verdict, why, mask)


def _publishing_page(poll_id: int, typed: Typed, texts: Texts) -> str:
    with here().database.read() as connection:
        found = comments.of_poll(connection, poll_id, smallest_group=_smallest())
    return _render("publish_comments", found, typed, texts)


@blueprint.get(f"{PLACE}/publish")
@allow(*MODERATORS)
def publishing(poll_id: int) -> ResponseReturnValue:
    """Show what will be published, as it will be read."""
    return _publishing_page(poll_id, {}, ())


@blueprint.post(f"{PLACE}/publish")
@allow(*MODERATORS)
@retyped(_publishing_page)
def publish(poll_id: int) -> ResponseReturnValue:
    """Publish what was decided to be."""
    read_confirmed(request.form)
    with here().database.write() as connection:
        moderation.publish(connection, poll_id, **_by())
    return _done(poll_id, N_("意见已发布。"))


@blueprint.post(f"{PLACE}/withdraw")
@allow(*MODERATORS)
@retyped(_page)
def withdraw(poll_id: int) -> ResponseReturnValue:
    """Take the publication back."""
    reason = request.form.get("reason", "").replace("\r\n", "\n")
    unreadable = problems(Text("理由"), reason, most=LONGEST_REASON, lines=True)
    if unreadable:
        raise MistakesError(unreadable)
    with here().database.write() as connection:
        moderation.withdraw(connection, poll_id, reason=reason, **_by())
    return _done(poll_id, N_("发布已撤回，可以重新审核。"))


def _kept() -> dict[str, Any]:
    """Return which list the address asks for."""
    return {name: request.args[name] for name in ("show", "q", "page") if name in request.args}


def _by() -> dict[str, Any]:
    return {"smallest_group": _smallest(), "by": g.user.name, "now": here().clock()}


def _smallest() -> int:
    return here().settings.smallest_group


def _render(name: str, found: Comments, typed: Typed, texts: Texts, **values: Any) -> str:
    return render_template(
        f"office/{name}.html",
        found=found,
        poll=found.poll,
        typed=typed,
        texts=texts,
        kept=_kept(),
        **values,
    )


def _done(poll_id: int, message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("comments.page", poll_id=poll_id), code=303)
