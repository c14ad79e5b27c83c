"""A component's conversion as a workbook: counts as values, everything after them as formulas.

One row per subject, or, where several questions or weighted groups make up its score, one row for
each of them and one that puts them together. Further sheets hold the rule's numbers, to which the
formulas refer, single marks where those were given, and the count report's table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from ballot.language import SOURCE, Text
from ballot.output.conversion_columns import Columns
from ballot.output.conversion_rows import FIGURE, SCORE, Rows, Told, own_score
from ballot.output.count_sheet import CountSheet, heading_lines
from ballot.output.derivation_sheet import beside, write_derivations
from ballot.output.marks_sheet import MarksSheet
from ballot.output.rule_sheet import write_rule
from ballot.output.workbook import Book
from ballot.scoring import Converted, Counted, MeanMark, RankMarks, Rule, convert_all, pooled
from ballot.scoring.converting import UNNAMED
from ballot.scoring.parts import answer


@dataclass(frozen=True)
class ConversionHead:
    """What stands over the figures: a title, and lines such as scheme, kind, poll and its state."""

    title: str
    lines: Sequence[str] = ()


def conversion_xlsx(
    head: ConversionHead,
    rule: Rule,
    section: Sequence[Counted],
    *,
    names: Mapping[str, str] = UNNAMED,
    smallest_group: int = 5,
    language: str = SOURCE,
) -> bytes:
    """Return the calculation sheet of one component; `names`: what groups are called, by key.

    Figures of groups are told only where derivations tell them; else the combined score stands as
    a value. The same arguments give the same bytes.
    Raises: what `convert_all` raises.
    Source: docs/scoring-rules.md, rules 1 to 13 and 23 to 26.
    """
    every = convert_all(section, rule, smallest_group=smallest_group, names=names)
    told = [
        _told(counted, converted, rule, names, smallest_group, language)
        for counted, converted in zip(section, every, strict=True)
    ]
    book = Book(head.title)
    sheet = book.sheet(Text("折算").in_(language))
    cells = write_rule(book.sheet(Text("折算规则").in_(language)), rule, language)
    marks = None
    if isinstance(rule.own, MeanMark):
        marks = MarksSheet(book.sheet(Text("打分").in_(language)), rule.own, language)
    columns = Columns.of(rule, [each.answers for each in told], language)
    rows = Rows(sheet, columns, rule, cells, marks)
    colours = Text(
        "基数：%(base)s。黄底是录入的数字，白底是公式；得分四舍五入到两位小数。",
        base=rule.base.text,
    )
    top = sheet.head(head.title, [*head.lines, colours.in_(language)])
    sheet.headings(top, columns.headings, frozen=1)
    row, last = top, []
    for each in told:
        row = rows.write(row + 1, each)
        last.append(row)
    sheet.print_to(columns.at("note"))
    if isinstance(rule.conversion, RankMarks):
        _rank(rows, told, last, (top + 1, row))
    words: Callable[[Text], str] = partial(Text.in_, language=language)
    counts = CountSheet(book.sheet(words(Text("计票表"))), rows, told, last, language)
    counts.write(head.title, [*head.lines, *map(words, heading_lines(rows))])
    lines = [(each.subject, [words(line) for line in each.derivation]) for each in every]
    write_derivations(book.sheet(words(Text("计算过程"))), lines, words)
    return book.finish()


def _told(
    counted: Counted,
    converted: Converted,
    rule: Rule,
    names: Mapping[str, str],
    smallest_group: int,
    language: str,
) -> Told:
    answers = [
        answer(counted.subject, each, rule.unranked, counted.weights, names)
        for each in counted.questions
    ]
    lines = [line.in_(language) for line in converted.derivation]
    note = "" if converted.note is None else converted.note.in_(language)
    return Told(
        counted=counted,
        answers=answers,
        total=pooled(each for tally in counted.questions for each in tally.counts.values()),
        converted=converted,
        shown=all(each.may_tell_apart(smallest_group) for each in answers),
        texts=(note, beside(lines, partial(Text.in_, language=language))),
    )


def _rank(rows: Rows, told: Sequence[Told], last: Sequence[int], span: tuple[int, int]) -> None:
    """Write ranks and what they bring, once every subject's own score has its place (rule 26)."""
    columns, sheet = rows.columns, rows.sheet
    every = columns.fixed("own", *span)
    scores = [own_score(each, rows.rule) for each in told if each.converted.score is not None]
    for each, row in zip(told, last, strict=True):
        if each.converted.score is None:
            continue
        mine = columns.place("own", row)
        better = f"SUMPRODUCT(ISNUMBER({every})*(ROUND(N(+{every}),9)>ROUND({mine},9)))"
        own = own_score(each, rows.rule)
        rank = 1 + sum(score > own for score in scores)
        place = sheet.formula(row, columns.at("place"), f"1+{better}", rank, FIGURE)
        formula = f"100*(COUNT({every})-{place}+1)/COUNT({every})"
        value = Fraction(100 * (len(scores) - rank + 1), len(scores))
        sheet.formula(row, columns.at("final"), formula, value, SCORE)
