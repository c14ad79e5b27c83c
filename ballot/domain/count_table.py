"""The table of a count report: what was counted for each subject, and what it became.

Pages, paper and sheets show these figures; nothing here is computed otherwise than by the scoring
module. Source: docs/scoring-rules.md, rules 1 to 13 and 23 to 26.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ballot.domain.definition import Section, Subject
from ballot.domain.results import SectionResult, SubjectResult
from ballot.language import Text
from ballot.scoring import Counts, MeanMark, QuestionTally, RankMarks, Scale, percent, pooled
from ballot.scoring.converting import own_score
from ballot.scoring.figures import percentage
from ballot.scoring.parts import Answer, answer


class LevelShare(NamedTuple):
    """One level: how many chose it, and their share of the base, None where that is empty."""

    label: str
    votes: int
    percent: str | None


@dataclass(frozen=True)
class Line:
    """A line of counts, in ballots (over several questions in marks, 票次).

    `shares`, `approving` and `percent` are empty on the marks scale; `percent` is the share that
    points rest on, weighted where groups are; empty without a result.
    """

    subject: Subject
    counts: Counts
    shares: tuple[LevelShare, ...]
    approving: int | None
    percent: str


@dataclass(frozen=True)
class SubjectLine(Line):
    """A subject's line. `score`: its own, out of 100; `dropped`: marks left out, top and bottom.

    `rank` is by points, best first, equals share the better place (1, 2, 2, 4); None without a
    result, as `points` and `score`.
    """

    score: Fraction | None
    points: Decimal | None
    rank: int | None
    dropped: tuple[int, int]
    note: Text | None


@dataclass(frozen=True)
class GroupLine(Line):
    """One weighted group's counts for a subject."""

    group: str
    weight: Fraction


@dataclass(frozen=True)
class CountTable:
    """A table: of one question where there are several, then of all of them together (`whole`).

    `groups`: the weighted groups' lines, where all of a subject's groups are large enough to be
    told apart; `hidden` names the subjects where they are not.
    """

    question: str
    whole: bool
    lines: tuple[SubjectLine, ...]
    groups: tuple[GroupLine, ...]
    hidden: tuple[str, ...]


def count_tables(
    result: SectionResult, names: Mapping[str, str], smallest_group: int
) -> list[CountTable]:
    """Return a section's tables, in paper order; `names`: what groups are called, by key."""
    section, places = result.section, range(len(result.section.questions))
    if len(places) == 1:
        return [_table(result, [0], "", names, smallest_group, whole=True)]
    apart = [
        _table(result, [place], section.questions[place].text, names, smallest_group, whole=False)
        for place in places
    ]
    return [*apart, _table(result, places, "", names, smallest_group, whole=True)]


def _table(
    result: SectionResult,
    places: Sequence[int],
    question: str,
    names: Mapping[str, str],
    smallest_group: int,
    *,
    whole: bool,
) -> CountTable:
    rows = [_Row(result, subject, places, names) for subject in result.subjects]
    apart = [row for row in rows if len(places) == 1 and row.weighted]
    told = [row for row in apart if row.answers[0].may_tell_apart(smallest_group)]
    return CountTable(
        question=question,
        whole=whole,
        lines=tuple(row.line(whole=whole) for row in rows),
        groups=tuple(line for row in told for line in row.groups()),
        hidden=tuple(row.subject.name for row in apart if row not in told),
    )


@dataclass(frozen=True, eq=False)
class _Row:
    """One subject and the questions of a table."""

    result: SectionResult
    own: SubjectResult
    places: Sequence[int]
    names: Mapping[str, str]

    @property
    def section(self) -> Section:
        return self.result.section

    @property
    def subject(self) -> Subject:
        return self.own.subject

    @property
    def questions(self) -> list[QuestionTally]:
        counted = self.result.counted[self.result.subjects.index(self.own)]
        return [counted.questions[place] for place in self.places]

    @property
    def weights(self) -> Mapping[str, Fraction]:
        return self.result.counted[self.result.subjects.index(self.own)].weights

    @property
    def answers(self) -> list[Answer]:
        rule = self.section.rule.unranked
        return [
            answer(self.subject.name, each, rule, self.weights, self.names)
            for each in self.questions
        ]

    @property
    def weighted(self) -> bool:
        return any(len(each.parts) > 1 for each in self.answers)

    def line(self, *, whole: bool) -> SubjectLine:
        converted, rule = self.own.converted, self.section.rule
        total = pooled(each for question in self.questions for each in question.counts.values())
        score = converted.score
        if not whole or isinstance(rule.conversion, RankMarks):
            score = own_score(self.subject.name, self.questions, rule, self.weights)
        share = converted.percent if whole else _percent(self.answers[0], self.section)
        return SubjectLine(
            self.subject,
            total,
            *_shares(self.section, total),
            percent=share,
            score=score,
            points=converted.points if whole else None,
            rank=rank_of(self.result, converted.points) if whole else None,
            dropped=self._dropped(),
            note=converted.note if whole else None,
        )

    def groups(self) -> Iterator[GroupLine]:
        for part in self.answers[0].parts:
            share = "" if self.section.on_marks else percentage(part.ratio(self.section.rule))
            shares, approving = _shares(self.section, part.counts)
            yield GroupLine(
                self.subject, part.counts, shares, approving, share, part.group, part.weight
            )

    def _dropped(self) -> tuple[int, int]:
        rule = self.section.rule.own
        if not isinstance(rule, MeanMark):
            return 0, 0
        gone = [rule.dropped(part.counts.opinions) for each in self.answers for part in each.parts]
        return sum(top for top, _ in gone), sum(bottom for _, bottom in gone)


def _percent(answered: Answer, section: Section) -> str:
    ratio = None if section.on_marks else answered.ratio(section.rule)
    return "" if ratio is None else percentage(ratio)


def _shares(section: Section, counts: Counts) -> tuple[tuple[LevelShare, ...], int | None]:
    scale, base = section.rule.scale, counts.of(section.rule.base)
    if not isinstance(scale, Scale):
        return (), None
    shares = tuple(
        LevelShare(label, mark, percent(mark, base) if base else None)
        for label, mark in zip(scale.labels, counts.marks, strict=True)
    )
    return shares, scale.approving(counts.marks)


def rank_of(result: SectionResult, points: Decimal | None) -> int | None:
    """Return the place of points among the section's, None without a result."""
    if points is None:
        return None
    every = (each.converted.points for each in result.subjects)
    return 1 + sum(other is not None and other > points for other in every)
