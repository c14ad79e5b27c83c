"""The one table from errors to HTTP statuses, and the pages (or problems) that tell them."""

import logging
from collections.abc import Sequence
from typing import Final

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from ballot.domain.codes import CodeError
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
from ballot.services.people import ScopeError, TokenError, WrongPasswordError
from ballot.services.voting import UnknownBallotError
from ballot.web.context import language

logger = logging.getLogger(__name__)

# The first family that an error belongs to decides.
STATUSES: Final[tuple[tuple[type[BallotError], int], ...]] = (
    (UncertainError, 503),
    (UnknownBallotError, 404),
    (CodeError, 422),
    (MistakesError, 422),
    (TokenError, 401),
    (WrongPasswordError, 401),
    (ScopeError, 403),
    (NotFoundError, 404),
    (VotingRefusedError, 409),
    (RefusedError, 409),
    (OperationError, 503),
)

_HTTP_WORDS: Final = {
    400: N_("请求不完整,请返回重试。"),
    403: N_("您的账号没有这项权限。"),
    404: N_("没有这个页面。请检查网址,或重新扫码。"),
    405: N_("不支持这种访问方式。"),
    413: N_("提交的内容太大。"),
    429: N_("操作太频繁,请稍候再试。"),
    500: N_("系统出错了,已经记录。请稍后再试。"),
}
_HEADINGS: Final = {
    400: N_("没有成功"),
    403: N_("没有权限"),
    404: N_("没有找到"),
    422: N_("请检查一下"),
    500: N_("系统出错了"),
    503: N_("暂时无法使用"),
}
_RETYPE: Final = frozenset({404, 422})  # a voter's page offers to type the code again


def status_of(error: BallotError) -> int:
    """Return the HTTP status of an error."""
    return next((status for family, status in STATUSES if isinstance(error, family)), 400)


def handle_errors(app: Flask) -> None:
    """Answer every error with a page in words, or for the API with a problem (RFC 9457)."""
    app.register_error_handler(BallotError, _expected)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def _expected(error: BallotError) -> ResponseReturnValue:
    if isinstance(error, UncertainError):
        fields = list(request.form.items(multi=True))
        page = render_template("voter/uncertain.html", texts=error.texts(), fields=fields)
        return page, status_of(error)
    heading = getattr(error, "heading", None)
    name = type(error).__name__.removesuffix("Error")
    return _answer(status_of(error), error.texts(), heading=heading, error=name)


def _stale_form(_: CSRFError) -> ResponseReturnValue:
    return _answer(400, [Text("页面放置太久,已经失效。请返回、刷新后再提交一次。")])


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()
    return _answer(status, [Text(_HTTP_WORDS.get(status, _HTTP_WORDS[400]))])


def _bug(error: Exception) -> ResponseReturnValue:
    """Log a bug by its route's name: the path of a voter's page holds a code."""
    logger.error("unexpected error at %s", request.endpoint, exc_info=error)
    return _answer(500, [Text(_HTTP_WORDS[500])])


def _answer(
    status: int, texts: Sequence[Text], *, heading: str | None = None, error: str = ""
) -> ResponseReturnValue:
    words = [text.in_(language()) for text in texts]
    if request.path.startswith("/api/"):
        return problem(status, words, error)
    folder = "office" if request.path.startswith("/office/") else "voter"
    title = Text(heading or _HEADINGS.get(status, _HEADINGS[400])).in_(language())
    page = render_template(
        f"errors/{folder}.html", heading=title, texts=words, status=status, typing=status in _RETYPE
    )
    return page, status


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
