"""Results as a page shows them: per section a table with shares, bars and what they rest on."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ballot.domain.bars import Stripe, stripe_of
from ballot.domain.definition import Section, Subject
from ballot.domain.results import SectionResult, SubjectResult
from ballot.language import Text
from ballot.output.page_charts import swatch
from ballot.scoring import (
    Converted,
    Spread,
    UnknownKindError,
    UnknownSchemeError,
    load_scheme,
    percent,
)
from ballot.services import page_charts
from ballot.services.results import Results


@dataclass(frozen=True)
class Piece:
    """One level of a subject, or a range of marks: how many votes, their share, its colour."""

    label: str
    count: int
    percent: str | None
    swatch: Markup


@dataclass(frozen=True)
class Row:
    """One subject's line with its charts (SVG). `abstain`: valid votes that name no level.

    `rest`: what the levels leave of the base, if anything.
    """

    subject: Subject
    pieces: Sequence[Piece]
    abstain: int
    converted: Converted
    rest: Piece | None
    levels: Markup
    approval: Markup


@dataclass(frozen=True)
class SectionTable:
    """One section. `approval`: how the approving levels are called together, None on marks."""

    section: Section
    kind: str
    approval: Text | None
    rows: Sequence[Row]


def tables(results: Results, language: str) -> list[SectionTable]:
    """Return the tables of a poll's results, in paper order; charts speak a language."""
    scheme = results.poll.definition.scheme
    return [_table(scheme, section, language) for section in results.sections]


def kind_title(scheme: str, section: Section) -> str:
    """Return what a section's kind is called, or its key where the scheme is not known here."""
    try:
        return section.kind_title or load_scheme(scheme).kind(section.kind).title
    except (UnknownSchemeError, UnknownKindError):
        return section.kind


def _table(scheme: str, result: SectionResult, language: str) -> SectionTable:
    section = result.section
    return SectionTable(
        section=section,
        kind=kind_title(scheme, section),
        approval=None if section.on_marks else section.rule.levels.approval,
        rows=[_row(result, subject, language) for subject in result.subjects],
    )


def _row(section: SectionResult, result: SubjectResult, language: str) -> Row:
    converted = result.converted
    pieces = _ranges(converted.spread) if converted.spread else _pieces(converted)
    abstain = converted.valid - sum(piece.count for piece in pieces)
    # what is drawn is escaped where it is written
    levels = Markup(page_charts.levels_chart(section, result, language=language))  # noqa: S704
    approval = Markup(page_charts.approval_chart(section, result, language=language))  # noqa: S704
    rest = _rest(stripe_of(section, result), len(pieces), language)
    return Row(result.subject, pieces, abstain, converted, rest, levels, approval)


def _rest(stripe: Stripe, place: int, language: str) -> Piece | None:
    if not stripe.left:
        return None
    share = percent(stripe.left, stripe.base)
    return Piece(stripe.rest.in_(language), stripe.left, share, Markup(swatch(place, place)))  # noqa: S704


def _pieces(converted: Converted) -> list[Piece]:
    """Return the levels' pieces."""
    levels = converted.levels.items()
    return _coloured([(label, level["count"], level["percent"]) for label, level in levels])


def _ranges(spread: Spread) -> list[Piece]:
    """Return the pieces of ranges of marks: so many from 90 to 100, and so on."""
    return _coloured(
        [(label, count, percent(count, spread.opinions)) for label, count in spread.ranges]
    )


def _coloured(counted: Sequence[tuple[str, int, str | None]]) -> list[Piece]:
    return [
        Piece(*each, Markup(swatch(place, len(counted))))  # noqa: S704
        for place, each in enumerate(counted)
    ]
