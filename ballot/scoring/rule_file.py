"""Reading the table of a ballot rule: scale, conversion, base, clause and readings.

A further conversion gets a reader in `CONVERSION_READERS`.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final, get_args

from ballot.language import Text
from ballot.scoring.conversions import (
    MEASURES,
    ApprovalRatio,
    Band,
    Bands,
    Conversion,
    LevelMean,
    Measured,
    RankMarks,
)
from ballot.scoring.counts import Base
from ballot.scoring.errors import RuleError, ScaleError
from ballot.scoring.mean_mark import MeanMark, Rounding
from ballot.scoring.readings import Reading
from ballot.scoring.rules import Combine, EmptyGroup, Rule
from ballot.scoring.scales import SCALES, AnyScale, Level, Scale
from ballot.scoring.toml_table import Table

BASES: Final = {base.value: base for base in Base}
WHOLE_SCORE: Final = Decimal(100)


def read_rule(table: Table, readings: Mapping[str, Reading]) -> Rule | None:
    """Return the rule of a table, None after mistakes.

    Its full marks are 100 until a component takes it over with its own.
    """
    scale = _scale(table)
    reader = table.choice("conversion", CONVERSION_READERS)
    if reader is None:
        table.allow(CONVERSION_KEYS)
    conversion = reader(table) if reader else None
    default = default_base(conversion)
    base = table.choice("base", BASES, default.value)
    clause = table.text("clause", "")
    used = table.choices("readings", readings)
    empty_group = table.choice("empty-group", _words(EmptyGroup), "block")
    combine = table.choice("combine", _words(Combine), "scores")
    table.finish()
    if not (scale and conversion and base and empty_group and combine):
        return None
    texts = tuple(reading.text for reading in used)
    try:
        return Rule(scale, conversion, base, WHOLE_SCORE, clause, empty_group, combine, texts)
    except RuleError as error:
        _report(table, "conversion", error)
        return None


def default_base(conversion: Conversion | None) -> Base:
    """Return the base where a rule names none: means divide by opinions (rules 3, 9 and 24)."""
    own = conversion.by if isinstance(conversion, RankMarks) else conversion
    return Base.OPINIONS if isinstance(own, LevelMean | MeanMark) else Base.VALID


def _words(literal: object) -> dict[str, str]:
    return {word: word for word in get_args(literal)}


def _scale(table: Table) -> AnyScale | None:
    if "levels" not in table:
        scale: AnyScale | None = table.choice("scale", SCALES)
        return scale
    levels = []
    for row in table.rows("levels", required=True):
        value = Fraction(row.number("value"))
        levels.append(Level(row.text("label"), value, row.flag("approves", default=False)))
        row.finish()
    try:
        return Scale(tuple(levels))
    except ScaleError as error:
        _report(table, "levels", error)
        return None


def _bands(table: Table) -> Bands | None:
    bands = []
    for row in table.rows("bands", required=True):
        bands.append(Band(row.share("at-least"), Fraction(row.number("score"))))
        row.finish()
    otherwise = Fraction(table.number("otherwise"))
    discretionary = table.flag("discretionary", default=False)
    try:
        return Bands(tuple(bands), otherwise, discretionary)
    except RuleError as error:
        _report(table, "bands", error)
        return None


def _mean_mark(table: Table) -> MeanMark | None:
    only_above = table.whole("only-above", least=0) if "only-above" in table else 0
    words = {word: word for word in get_args(Rounding) if word}
    rounding: Rounding | None = (
        table.choice("drop-rounding", words) if "drop-rounding" in table else ""
    )
    top, bottom = table.share_or_count("drop-top"), table.share_or_count("drop-bottom")
    return None if rounding is None else MeanMark(top, bottom, only_above, rounding)


def _rank_marks(table: Table) -> RankMarks | None:
    by = table.choice("by", MEASURES)
    measured: Measured | None = _mean_mark(table) if isinstance(by, MeanMark) else by
    return None if measured is None else RankMarks(measured)


def _report(table: Table, key: str, error: ScaleError | RuleError) -> None:
    problem = error.text.values["problem"]
    table.mistake(key, problem if isinstance(problem, Text) else error.text)


CONVERSION_READERS: Final[Mapping[str, Callable[[Table], Conversion | None]]] = {
    Bands.name: _bands,
    LevelMean.name: lambda _: LevelMean(),
    ApprovalRatio.name: lambda _: ApprovalRatio(),
    MeanMark.name: _mean_mark,
    RankMarks.name: _rank_marks,
}

CONVERSION_KEYS: Final = frozenset(
    {
        "bands",
        "otherwise",
        "discretionary",
        "by",
        "drop-top",
        "drop-bottom",
        "drop-rounding",
        "only-above",
    }
)
"""What the readers above ask for: of a conversion that is misspelt, these are no mistakes."""
