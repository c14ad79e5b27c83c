"""Turnout (参评率): how many of those entitled took part, and the line that tells it."""

from fractions import Fraction

from ballot.language import Text
from ballot.scoring.counts import Counts
from ballot.scoring.errors import NoVotesError
from ballot.scoring.figures import percentage


def turnout(*, returned: int, eligible: int) -> Fraction:
    """Return the share of those entitled whose ballots came back (参评率), exactly.

    Units: ballots and persons. Invalid ballots came back too.
    Raises: NoVotesError if nobody was entitled; ValueError for impossible numbers.
    Source: docs/scoring-rules.md, rule 39.
    """
    if not 0 <= returned <= eligible:
        raise ValueError(f"impossible counts: {returned=} {eligible=}")
    if eligible == 0:
        raise NoVotesError
    return Fraction(returned, eligible)


def turnout_lines(counts: Counts, questions: int) -> list[Text]:
    """Return the line of a derivation that tells the turnout; none where it is not known.

    `counts` add up over a number of questions, each of which the same ballots answer.
    """
    eligible, returned = counts.eligible, counts.returned
    if not eligible or returned > eligible or eligible % questions or returned % questions:
        return []
    return [
        Text(
            "参评率：收回 %(returned)s ÷ 应到 %(eligible)s = %(percent)s%%",
            returned=returned // questions,
            eligible=eligible // questions,
            percent=percentage(turnout(returned=returned, eligible=eligible)),
        )
    ]
