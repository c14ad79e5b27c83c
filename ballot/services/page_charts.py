"""Charts of a closed poll's results on pages: SVG for one subject, also for large screens."""

from fractions import Fraction
from typing import Final

from ballot.domain.results import SectionResult, SubjectResult
from ballot.language import SOURCE, Text
from ballot.output.page_charts import PAGE, Approval, Size, Stripe, approval_svg, levels_svg
from ballot.scoring import Bands, Base
from ballot.scoring.spread import NO_MARKS

_RESTS: Final = {Base.VALID: Text("弃权"), Base.RETURNED: Text("弃权和无效")}


def rest_of(base: Base) -> Text:
    """Say what a base holds besides opinions; wide ones hold ballots that never came back too."""
    return _RESTS.get(base, Text("其余"))


def levels_chart(
    section: SectionResult, subject: SubjectResult, size: Size = PAGE, *, language: str = SOURCE
) -> str:
    """Return the 100% bar of one subject's levels, or ranges of marks, as SVG.

    It says no more than the subject's line in the table of results: whoever may see that, may see
    this.
    """
    return levels_svg(stripe(section, subject), size, language=language)


def stripe(section: SectionResult, subject: SubjectResult) -> Stripe:
    """Return what the bar of one subject holds: its base is the rule's."""
    converted = subject.converted
    rest, base = rest_of(section.section.rule.base), section.base_of(subject)
    if converted.on_marks:
        return Stripe(converted.spread.ranges if converted.spread else NO_MARKS, base, rest)
    counts = [(label, int(level["count"])) for label, level in converted.levels.items()]
    return Stripe(counts, base, rest)


def approval_chart(
    section: SectionResult, subject: SubjectResult, size: Size = PAGE, *, language: str = SOURCE
) -> str:
    """Return the bar of one subject's approval share with the edges of bands, as SVG.

    Nothing on marks, and nothing without a result.
    """
    drawn = approval(section, subject)
    return "" if drawn is None else approval_svg(drawn, size, language=language)


def approval(section: SectionResult, subject: SubjectResult) -> Approval | None:
    """Return a subject's approval share with the edges that its rule bands it by."""
    percent = subject.converted.percent
    if not percent:
        return None
    rule = section.section.rule
    edges = [band.at_least for band in rule.own.edges] if isinstance(rule.own, Bands) else []
    name = Text("%(levels)s率", levels=rule.levels.approval)
    return Approval(name, Fraction(percent) / 100, edges)
