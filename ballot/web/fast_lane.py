"""The fast lane: what every voter does, answered before Flask; everything else goes on to it.

Opening a ballot, reviewing and casting take the same services and the same prepared pages as the
views in `voter.py`, and a test holds the answers equal. What is unusual in any way (a code that is
not written plainly, a page not prepared yet, a form with something wrong) is left to the views.
Why: docs/decisions/0011-fast-lane.md.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from ballot.domain.casting import Cast, Outcome
from ballot.domain.codes import ALPHABET, parse_code
from ballot.domain.keys import Digest, new_nonce
from ballot.language import LANGUAGES
from ballot.services import voting
from ballot.services.voting import Admission
from ballot.web.context import Installation, accepted
from ballot.web.headers import voter_headers
from ballot.web.prepared import Look, Prepared

_PATH: Final = re.compile(rf"/[Bb]/([{ALPHABET}]{{16}})")
_WORD: Final = rb"[A-Za-z0-9_]"
_PLAIN: Final = re.compile(rb"%b+=%b*(?:&%b+=%b*)*" % (4 * (_WORD,)))
_METHODS: Final = frozenset({"GET", "POST"})
_STEPS: Final = frozenset({"review", "cast"})
_TYPE: Final = ("content-type", "text/html; charset=utf-8")
FORM: Final = "application/x-www-form-urlencoded"
MOST_BYTES: Final = 16 * 1024
"""A longer form is left to the views."""


class Asked(NamedTuple):
    """What the lane needs of a request: its code's digest and look, and of a POST the form."""

    digest: Digest
    look: Look
    accepts: str
    fields: Mapping[str, str] | None = None


class Page(NamedTuple):
    """An answer: 200 with this body, and how it is encoded, if it is."""

    body: bytes
    encoding: str | None = None


class Submitted(NamedTuple):
    """A checked vote that waits for its commit."""

    admission: Admission
    cast: Cast
    look: Look


class FastLane:
    """Answers what it can answer at once, for one installation."""

    def __init__(self, installation: Installation, prepared: Prepared) -> None:
        self._here = installation
        self._prepared = prepared
        self._headers = [
            (name.lower(), value) for name, value in voter_headers(installation.settings).items()
        ]

    def takes(
        self, method: str, path: str, query: str, language: str, accepts: str
    ) -> Asked | None:
        """Return what a request asks for, None if the lane has no answer to it.

        `language`, `accepts`: the headers Accept-Language and Accept-Encoding, or nothing.
        Raises: CodeError for a wrong check symbol, which no database is asked about.
        """
        found = _PATH.fullmatch(path)
        if found is None or method not in _METHODS:
            return None
        look = _look(query, language, self._here.settings.language)
        if look is None:
            return None
        return Asked(self._here.keys.digest(parse_code(found[1])), look, accepts)

    def find(self, asked: Asked) -> Admission:
        """Return the ballot that a request is about. Raises: UnknownBallotError."""
        return voting.of_digest(self._here.database, asked.digest)

    def begin(self, asked: Asked, admission: Admission) -> Page | Submitted | None:
        """Return the answer, or the vote to be cast; None leaves the request to the views.

        `admission`: the ballot of `asked.digest`.
        Raises: whatever a view would raise for the same request, which is to tell it.
        """
        if asked.fields is None:
            return self._open(asked, admission)
        if asked.fields["step"] == "review":
            return self._review(asked, admission, asked.fields)
        return self._check(asked, admission, asked.fields)

    def counted(self, submitted: Submitted, outcome: Outcome) -> Page | None:
        """Return the page of a vote that counts.

        Raises: StateOfBallotError's family.
        """
        counted = voting.told(self._here.keys, submitted.admission, outcome)
        page = self._prepared.counted(counted.poll, counted.again, submitted.look)
        return None if page is None else Page(page.fill(counted.receipt))

    def headers(self, page: Page) -> list[tuple[str, str]]:
        """Return the headers of an answer, names in lower case."""
        own = [_TYPE, ("content-length", str(len(page.body)))]
        if page.encoding is not None:
            own.append(("content-encoding", page.encoding))
        return [*own, *self._headers]

    def _open(self, asked: Asked, admission: Admission) -> Page | None:
        voting.look(admission, self._here.clock())
        page = self._prepared.ballot(admission.poll, admission.group_index, asked.look)
        return None if page is None else Page(*page.body(asked.accepts))

    def _review(self, asked: Asked, admission: Admission, fields: Mapping[str, str]) -> Page | None:
        said = voting.review(admission, fields, self._here.clock())
        page = self._prepared.review(admission.poll, admission.group_index, asked.look)
        if page is None or not said.sound:
            return None
        return Page(page.fill(said.choices, new_nonce(), said.comment.text))

    def _check(
        self, asked: Asked, admission: Admission, fields: Mapping[str, str]
    ) -> Submitted | None:
        cast = voting.check(admission, fields, fields.get("nonce", ""))
        if self._prepared.counted(admission.poll, False, asked.look) is None:
            return None
        return Submitted(admission, cast, asked.look)


def with_form(asked: Asked, kind: str, body: bytes) -> Asked | None:
    """Return a request with the form that it posts; None for one that is left to the views.

    That is decided before a database is asked: else the answer would tell whether a code exists.
    """
    if kind != FORM or len(body) > MOST_BYTES or not _PLAIN.fullmatch(body):
        return None
    words = body.decode("ascii").replace("=", "&").split("&")  # names and values in turn
    fields = dict(zip(words[::2], words[1::2], strict=True))
    if 2 * len(fields) != len(words) or fields.get("step") not in _STEPS:
        return None
    return Asked(asked.digest, asked.look, asked.accepts, fields)


def _look(query: str, header: str, otherwise: str) -> Look | None:
    """Return how the page is asked for, None for an address with more than a language."""
    if not query:
        return accepted(header, otherwise), None
    name, _, language = query.partition("=")
    return (language, language) if name == "lang" and language in LANGUAGES else None
