"""Workbooks with live formulas: a poll's conversions, a standing; and a cycle's points."""

from collections.abc import Sequence

from ballot.errors import NotFoundError, RefusedError
from ballot.language import N_, SOURCE, Text
from ballot.output.conversion_workbook import ConversionHead, conversion_xlsx
from ballot.output.points_workbook import points_xlsx
from ballot.output.standing_workbook import standing_xlsx
from ballot.services.mastheads import masthead
from ballot.services.points import PointsRow
from ballot.services.results import Results
from ballot.services.standings import KindStanding
from ballot.storage.cycles import Cycle


class NoStandingError(RefusedError):
    """There is no standing to write down."""

    message = N_("“%(kind)s”还没有总评，不能生成表格。")


class NoSuchSectionError(NotFoundError):
    """The poll has no section at this place."""

    message = N_("测评活动“%(title)s”没有第 %(number)s 张测评表。")


def of_standing(found: KindStanding, *, language: str = SOURCE) -> bytes:
    """Return a kind's standing as a workbook; a draft says so. Raises: NoStandingError."""
    kind = found.assessed.kind
    if not found.standings:
        raise NoStandingError(kind=kind.title)
    decisions = [each.decision for each in found.decisions if each.recorded.stands]
    return standing_xlsx(masthead(found, language=language), kind, found.standings, decisions)


def of_section(
    found: Results, number: int, *, smallest_group: int, language: str = SOURCE
) -> bytes:
    """Return the conversion of a closed poll's section, counted from 1, as a workbook.

    Raises: NoSuchSectionError.
    """
    if not 1 <= number <= len(found.sections):
        raise NoSuchSectionError(title=found.poll.title, number=number)
    result = found.sections[number - 1]
    state = Text("结果已认定") if found.final else Text("结果未认定")
    lines = (
        Text("测评活动：%(title)s；%(state)s。", title=found.poll.title, state=state),
        Text("规则校验值 %(hash)s", hash=found.rules_hash),
    )
    head = ConversionHead(
        Text("%(title)s折算计算表", title=result.section.title).in_(language),
        [line.in_(language) for line in lines],
    )
    groups = found.poll.definition.groups
    return conversion_xlsx(
        head,
        result.section.rule,
        result.counted,
        names={group.key: group.name for group in groups},
        smallest_group=smallest_group,
        language=language,
    )


def of_points(cycle: Cycle, rows: Sequence[PointsRow], *, language: str = SOURCE) -> bytes:
    """Return a cycle's converted points as a workbook."""
    title = Text("%(cycle)s得分表", cycle=cycle.title).in_(language)
    return points_xlsx(title, [row.to_json(language) for row in rows], language=language)
