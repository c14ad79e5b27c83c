"""Voters' pages, made once: rendering one for each request would cost more than all the rest.

A page is cut at its holes, where a voter's own pieces go; those are made once as well, for every
choice there can be. The first request of a poll, voter group and language prepares what it needs.
"""

import gzip
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar, cast

from flask import Flask, current_app, render_template
from markupsafe import Markup, escape

from ballot.domain.comments import LONGEST
from ballot.domain.polls import PollId, Voting
from ballot.domain.votes import BLANK
from ballot.web.paper import Card, Paper, paper

_KEY: Final = "ballot prepared pages"
_EDGE: Final = f"\0{secrets.token_hex(8)}\0"  # nothing that people write can hold it
_STAND_IN: Final = 10**20 + secrets.randbelow(10**20)
"""Stands for a mark in a page that is made once for all of them."""
_MOST_KEPT: Final = 512
_FORMS_ON_REVIEW: Final = 2
_LONGEST_CHARACTER: Final = 5  # `&amp;`, in bytes

Look = tuple[str, str | None]
"""How a page is asked for: its language, and the language that the address names, if any."""


def hole(name: str) -> Markup:
    """Mark the place of a piece."""
    return Markup(f"{_EDGE}{name}{_EDGE}")  # noqa: S704 - our own names


@dataclass(frozen=True)
class BallotPage:
    """A fresh ballot: the same bytes for every voter of a group; `packed` is its gzip form."""

    plain: bytes
    packed: bytes

    def body(self, accepted: str) -> tuple[bytes, str | None]:
        """Return the body and its encoding for an `Accept-Encoding` header, or none."""
        if "gzip" in accepted and "gzip;q=0" not in accepted.replace(" ", ""):
            return self.packed, "gzip"
        return self.plain, None


@dataclass(frozen=True)
class Cut:
    """A page in pieces that only need to be joined; `places`: where each hole is among them."""

    pieces: Sequence[bytes]
    places: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, page: str) -> "Cut":
        """Return a rendered page cut at its holes."""
        pieces = page.split(_EDGE)  # texts and names of holes in turn, a text first and last
        places: dict[str, list[int]] = {}
        for number, name in enumerate(pieces[1::2]):
            places.setdefault(name, []).append(2 * number + 1)
        return cls(
            [b"" if place % 2 else text.encode() for place, text in enumerate(pieces)], places
        )

    def filled(self, holes: Mapping[str, bytes]) -> list[bytes]:
        """Return the pieces with some holes filled; the others are empty."""
        pieces = list(self.pieces)
        for name, piece in holes.items():
            for place in self.places[name]:
                pieces[place] = piece
        return pieces


@dataclass(frozen=True)
class CommentPieces:
    """What a review page says of a comment: `none` where there is none, `kept` its hidden field.

    The page is filled up to one length, with a comment or without, since TLS does not hide
    lengths. `room`: what the longest comment takes, in bytes.
    """

    none: bytes
    shown: Cut
    kept: Cut
    room: int

    def holes(self, text: str) -> tuple[bytes, bytes, bytes]:
        """Return what is shown of a comment, its hidden field, and what fills the page up."""
        told, kept = self.none, b""
        if text:
            holes = {"text": escape(text).encode("utf-8")}
            told = b"".join(self.shown.filled(holes))
            kept = b"".join(self.kept.filled(holes))
        used = len(told) + _FORMS_ON_REVIEW * len(kept)
        return told, kept, b"<!--%b-->" % (b"0" * (self.room - used))


@dataclass(frozen=True)
class ReviewPage:
    """A review page and every piece that its holes can take.

    `answered`: for each slot the group is asked, its place and its pieces by the packed choice;
    `kept`: the hidden fields, likewise; `comment`: where the poll takes comments.
    """

    cut: Cut
    answered: Sequence[tuple[int, int, Mapping[int, bytes]]]
    kept: Sequence[tuple[int, Mapping[int, bytes]]]
    summaries: Sequence[bytes]
    void: bytes
    comment: CommentPieces | None

    def fill(self, choices: bytes, nonce: str, comment: str = "") -> bytes:
        """Return the page for packed choices and a comment."""
        blanks = choices.count(BLANK)
        holes = {
            "nonce": nonce.encode("ascii"),
            "summary": self.summaries[blanks],
            "void": self.void if blanks == len(self.answered) else b"",
            "kept": b"".join([told[choices[slot]] for slot, told in self.kept]),
        }
        if self.comment is not None:
            holes["comment"], kept, holes["fill"] = self.comment.holes(comment)
            holes["kept"] += kept
        pieces = self.cut.filled(holes)
        for slot, place, told in self.answered:
            pieces[place] = told[choices[slot]]
        return b"".join(pieces)


@dataclass(frozen=True)
class CountedPage:
    """The page that says a vote counts, but for its receipt."""

    cut: Cut

    def fill(self, receipt: str) -> bytes:
        """Return the page for a receipt of 8 symbols."""
        symbols = receipt.encode("ascii")
        return b"".join(self.cut.filled({"first": symbols[:4], "last": symbols[4:]}))


class Prepared:
    """An application's prepared pages, by poll, voter group and look.

    Definitions are frozen before anyone sees a ballot, so a page that was made stays right.
    """

    def __init__(self) -> None:
        self._ballots: dict[tuple[PollId, int, Look], BallotPage] = {}
        self._reviews: dict[tuple[PollId, int, Look], ReviewPage] = {}
        self._counted: dict[tuple[PollId, bool, Look], CountedPage] = {}

    def ballot(self, poll: Voting, group: int, look: Look) -> BallotPage | None:
        """Return a group's fresh ballot if it is prepared."""
        return self._ballots.get((poll.id, group, look))

    def review(self, poll: Voting, group: int, look: Look) -> ReviewPage | None:
        """Return a group's review page if it is prepared."""
        return self._reviews.get((poll.id, group, look))

    def counted(self, poll: Voting, again: bool, look: Look) -> CountedPage | None:
        """Return the page of a vote that counts, or counted before, if it is prepared."""
        return self._counted.get((poll.id, again, look))

    def make_ballot(self, poll: Voting, group: int, look: Look) -> BallotPage:
        """Return a group's fresh ballot; within a request that asks for this look."""
        return _kept(self._ballots, (poll.id, group, look), lambda: _ballot(_paper(poll, group)))

    def make_review(self, poll: Voting, group: int, look: Look) -> ReviewPage:
        """Return a group's review page; within a request that asks for this look."""
        for again in (False, True):
            self.make_counted(poll, again, look)  # whoever reviews will cast
        return _kept(self._reviews, (poll.id, group, look), lambda: _review(_paper(poll, group)))

    def make_counted(self, poll: Voting, again: bool, look: Look) -> CountedPage:
        """Return the page of a vote that counts; within a request that asks for this look."""
        return _kept(self._counted, (poll.id, again, look), lambda: _counted(poll, again))


K = TypeVar("K")
P = TypeVar("P")


def _kept(pages: dict[K, P], key: K, make: Callable[[], P]) -> P:
    """Return a page, making and keeping it if it is not there."""
    found = pages.get(key)
    if found is None:
        if len(pages) >= _MOST_KEPT:
            pages.clear()
        found = pages[key] = make()
    return found


def install(app: Flask) -> Prepared:
    """Give an application its place for prepared pages, and return it."""
    prepared = app.extensions[_KEY] = Prepared()
    return prepared


def prepared_pages() -> Prepared:
    """Return the prepared pages of the application that serves this request."""
    return cast(Prepared, current_app.extensions[_KEY])


def _paper(poll: Voting, group: int) -> Paper:
    return paper(poll.definition, poll.definition.groups[group])


def _ballot(blank: Paper) -> BallotPage:
    plain = render_template("voter/ballot.html", paper=blank, fresh=True).encode("utf-8")
    return BallotPage(plain, gzip.compress(plain, 9, mtime=0))


def _counted(poll: Voting, again: bool) -> CountedPage:
    return CountedPage(
        Cut.of(render_template("voter/counted.html", poll=poll, again=again, hole=hole))
    )


def _review(blank: Paper) -> ReviewPage:
    pieces: Any = current_app.jinja_env.get_template("parts/review.html").module
    cut = Cut.of(render_template("voter/review.html", paper=blank, hole=hole))
    total = len(blank.cards)
    answered = _each(blank, pieces.answered)
    return ReviewPage(
        cut=cut,
        answered=[(slot, cut.places[f"c{slot}"][0], told) for slot, told in answered.items()],
        kept=list(_each(blank, pieces.kept).items()),
        summaries=[_bytes(pieces.summary(total, blanks)) for blanks in range(total + 1)],
        void=_bytes(pieces.void()) if blank.void else b"",
        comment=comment_pieces() if blank.definition.comments else None,
    )


def comment_pieces() -> CommentPieces:
    """Return what a review page may say of a comment, in the language of the request."""
    pieces: Any = current_app.jinja_env.get_template("parts/review.html").module
    text = hole("text")
    none = _bytes(pieces.comment(""))
    shown = Cut.of(pieces.comment(text).strip("\n"))
    kept = Cut.of(pieces.kept_comment(text).strip("\n"))
    around = len(none) + sum(map(len, shown.pieces)) + _FORMS_ON_REVIEW * sum(map(len, kept.pieces))
    most = LONGEST * _LONGEST_CHARACTER
    return CommentPieces(none, shown, kept, around + (1 + _FORMS_ON_REVIEW) * most)


def _each(blank: Paper, piece: Callable[[Card], str]) -> dict[int, dict[int, bytes]]:
    """Return a piece for every choice that each card can have."""
    return {card.slot.index: dict(_all(card, piece)) for card in blank.cards}


def _all(card: Card, piece: Callable[[Card], str]) -> Iterator[tuple[int, bytes]]:
    """Yield a card's piece for each choice; those of marks differ in the mark alone."""
    yield BLANK, _bytes(piece(replace(card, choice=None)))
    if card.on_marks:
        made = _bytes(piece(replace(card, choice=_STAND_IN)))
        for mark in range(card.answers):
            yield mark, made.replace(b"%d" % _STAND_IN, b"%d" % mark)
        return
    for level in range(card.answers):
        yield level, _bytes(piece(replace(card, choice=level)))


def _bytes(piece: str) -> bytes:
    return piece.strip("\n").encode("utf-8")
