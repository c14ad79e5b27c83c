"""The one table from errors to HTTP statuses, and the pages (or problems) that tell them."""

import logging
import re
from collections.abc import Sequence
from typing import Any, Final

from flask import Flask, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from ballot.domain.codes import CodeError
from ballot.domain.comments import FIELD
from ballot.errors import (
    BallotError,
    MistakesError,
    NotFoundError,
    OperationError,
    RefusedError,
    VotingRefusedError,
)
from ballot.language import N_, Text
from ballot.services.casting import UncertainError
from ballot.services.entries import ColumnChangedError, NotYourItemError
from ballot.services.people import ScopeError, TokenError, WrongPasswordError
from ballot.services.voting import BallotUsedError, NotOpenYetError, UnknownBallotError
from ballot.storage.failures import DatabaseUnreachableError, FileFailedError
from ballot.web.context import language

logger = logging.getLogger(__name__)

_KIOSK_SECONDS: Final = 60  # without a touch, until a kiosk's page is cleared
_CASTING: Final = frozenset({"voter", "kiosk"})
_SAID: Final = re.compile(rf"c[0-9]{{1,5}}|{FIELD}")
_KEPT_HEADERS: Final = frozenset({"Allow", "Retry-After"})

# The first family that an error belongs to decides.
STATUSES: Final[tuple[tuple[type[BallotError], int], ...]] = (
    (UncertainError, 503),
    (UnknownBallotError, 404),
    (CodeError, 422),
    (MistakesError, 422),
    (TokenError, 401),
    (WrongPasswordError, 401),
    (ScopeError, 403),
    (NotYourItemError, 403),
    (ColumnChangedError, 412),
    (NotFoundError, 404),
    (VotingRefusedError, 409),
    (RefusedError, 409),
    (OperationError, 503),
)

_HTTP_WORDS: Final = {
    400: N_("请求不完整，请返回重试。"),
    403: N_("您的账号没有这项权限。"),
    404: N_("没有这个页面。请检查网址，或重新扫码。"),
    405: N_("不支持这种访问方式。"),
    408: N_("提交的内容没有收全。网络可能不稳定，请返回重试。"),
    413: N_("提交的内容太大。"),
    429: N_("操作太频繁，请稍候再试。"),
    500: N_("系统出错了，已经记录。请稍后再试。"),
}
_HEADINGS: Final = {
    400: N_("没有成功"),
    403: N_("没有权限"),
    404: N_("没有找到"),
    409: N_("没有成功"),
    422: N_("请检查一下"),
    500: N_("系统出错了"),
    503: N_("暂时无法使用"),
}
_VOTER_OPERATION: Final = N_("投票系统暂时无法使用。")
# Paths and addresses of the machine are for whoever runs it: they stand in its log.
_SEE_LOG: Final = N_("系统暂时无法使用，请稍后再试。原因写在服务器的日志里。")

# What a voter does next, where the error's own sentence does not say it.
_NEXT: Final[tuple[tuple[type[BallotError], str], ...]] = (
    (
        BallotUsedError,
        N_("如果刚才提交后没有看到结果，这说明已经计票，不用再投。如果您没有投过，请告诉监票人。"),
    ),
    (NotOpenYetError, N_("宣布开始以后，也可以点下面的“再看一次”。")),
    (OperationError, N_("请过一会儿再试；仍然不行，请告诉工作人员。")),
)
_NEXT_BY_STATUS: Final = {
    400: N_("请重新扫描票上的二维码，再填一次。"),
    405: N_("请重新扫描票上的二维码。"),
    408: N_("请重新扫描票上的二维码，再填一次。"),
    411: N_("请重新扫描票上的二维码，再填一次。"),
    413: N_("请重新扫描票上的二维码，再填一次。"),
    500: N_("仍然不行，请告诉工作人员。"),
}
_RETYPE: Final = frozenset({404, 422})  # a voter's page offers to type the code again
_LOOK_AGAIN: Final = frozenset({500, 503})  # … or to open the same address again


def status_of(error: BallotError) -> int:
    """Return the HTTP status of an error."""
    return next((status for family, status in STATUSES if isinstance(error, family)), 409)


def handle_errors(app: Flask) -> None:
    """Answer every error with a page in words, or for the API with a problem (RFC 9457)."""
    app.register_error_handler(BallotError, _expected)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)
    app.log_exception = _log  # type: ignore[method-assign]  # Flask's own names the path


def _expected(error: BallotError) -> ResponseReturnValue:
    if isinstance(error, OperationError):
        logger.error("at %s: %s", request.endpoint, error)
    if isinstance(error, UncertainError) or (isinstance(error, OperationError) and _casting()):
        return _uncertain()
    outside = isinstance(error, (DatabaseUnreachableError, FileFailedError))
    return _answer(status_of(error), [Text(_SEE_LOG)] if outside else error.texts(), error)


def stale_form() -> ResponseReturnValue:
    """Answer a form whose token is not this session's, and that cannot be kept."""
    return _answer(400, [Text("页面放置太久，已经失效。请返回、刷新后再提交一次。")])


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if error.response is not None or 300 <= status < 400:
        return error.get_response()
    page = make_response(_answer(status, [Text(_HTTP_WORDS.get(status, _HTTP_WORDS[400]))]))
    for name, value in error.get_headers():
        if name in _KEPT_HEADERS:
            page.headers[name] = value
    return page


def _bug(error: Exception) -> ResponseReturnValue:
    """Log a bug and say so; a vote on its way is not given up: it can be sent again."""
    _log(error)
    if _casting():
        return _uncertain()
    return _answer(500, [Text(_HTTP_WORDS[500])])


def _casting() -> bool:
    """Tell whether the request is a vote on its way."""
    return request.blueprint in _CASTING and request.form.get("step") == "cast"


def _log(exc_info: Any) -> None:
    """Log by the route's name: the path of a voter's page holds a code."""
    logger.error("unexpected error at %s", request.endpoint, exc_info=exc_info)


def _uncertain() -> ResponseReturnValue:
    """Offer to send the same vote with the same nonce again, which is harmless."""
    kept, frame = {"nonce"}, None
    if request.blueprint == "kiosk":  # its address does not tell the code
        kept, frame = {"nonce", "code"}, "kiosk/page.html"
    fields = [(n, v) for n, v in request.form.items() if n in kept or _SAID.fullmatch(n)]
    text = UncertainError().text
    page = render_template(
        "voter/uncertain.html", text=text, fields=fields, frame=frame, idle=_KIOSK_SECONDS
    )
    return page, status_of(UncertainError())


def _answer(
    status: int, texts: Sequence[Text], error: BallotError | None = None
) -> ResponseReturnValue:
    if request.path.startswith("/api/"):
        name = type(error).__name__.removesuffix("Error") if error else ""
        return problem(status, [text.in_(language()) for text in texts], name)
    heading = getattr(error, "heading", None) or _HEADINGS.get(status, _HEADINGS[400])
    if request.path.startswith("/office/"):
        return _office_page(status, Text(heading), texts), status
    return _voter_page(status, Text(heading), texts, error), status


def _office_page(status: int, heading: Text, texts: Sequence[Text]) -> str:
    words = [text.in_(language()) for text in texts]
    return render_template(
        "errors/office.html", heading=heading.in_(language()), texts=words, status=status
    )


def _voter_page(
    status: int, heading: Text, texts: Sequence[Text], error: BallotError | None
) -> str:
    """Return a page that a villager understands, and that says what to do next."""
    if isinstance(error, OperationError):
        texts = [Text(_VOTER_OPERATION)]  # its own sentence is for whoever runs the server
    following = next((words for family, words in _NEXT if isinstance(error, family)), None)
    if following is None and error is None:
        following = _NEXT_BY_STATUS.get(status)
    return render_template(
        "kiosk/error.html" if request.blueprint == "kiosk" else "errors/voter.html",
        idle=request.blueprint == "kiosk" and _KIOSK_SECONDS,
        heading=heading,
        texts=[*texts, Text(following)] if following else texts,
        typing=status in _RETYPE,
        again=status in _LOOK_AGAIN or isinstance(error, NotOpenYetError),
    )


def problem(status: int, words: Sequence[str], error: str) -> ResponseReturnValue:
    """Return problem details. Source: RFC 9457."""
    body = {
        "type": f"urn:ballot:{error}" if error else "about:blank",
        "title": words[0],
        "status": status,
        "detail": "\n".join(words),
    }
    answer = jsonify(body)
    answer.content_type = "application/problem+json"
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer, status
