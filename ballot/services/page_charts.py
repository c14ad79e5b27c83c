"""Charts of a closed poll's results on pages: SVG for one subject, also for large screens."""

from ballot.domain.bars import approval_of, stripe_of
from ballot.domain.results import SectionResult, SubjectResult
from ballot.language import SOURCE
from ballot.output.page_charts import PAGE, Size, approval_svg, levels_svg


def levels_chart(
    section: SectionResult, subject: SubjectResult, size: Size = PAGE, *, language: str = SOURCE
) -> str:
    """Return the 100% bar of one subject's levels, or ranges of marks, as SVG.

    It says no more than the subject's line in the table of results: whoever may see that, may see
    this.
    """
    return levels_svg(stripe_of(section, subject), size, language=language)


def approval_chart(
    section: SectionResult, subject: SubjectResult, size: Size = PAGE, *, language: str = SOURCE
) -> str:
    """Return the bar of one subject's approval share with the edges of bands, as SVG.

    Nothing on marks, and nothing without a result.
    """
    drawn = approval_of(section, subject)
    return "" if drawn is None else approval_svg(drawn, size, language=language)
