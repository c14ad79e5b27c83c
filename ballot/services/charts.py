"""Charts of a closed poll's results; matplotlib is loaded here, so voters' processes never are."""

from pathlib import Path
from typing import get_args

from ballot.domain.bars import rest_of, stripe_of
from ballot.domain.results import SectionResult, SubjectResult
from ballot.errors import OperationError
from ballot.language import N_
from ballot.output.charts import ChartRow, ChartWording, Form, levels_chart
from ballot.services.results import Results


class ChartFormError(OperationError):
    """No chart of that form."""

    message = N_("图的文件名须以 %(forms)s 结尾：%(path)s")


class ChartUnwritableError(OperationError):
    """The chart's file cannot be written."""

    message = N_("图 %(path)s 写不成：%(reason)s。")


def write_charts(results: Results, path: Path) -> list[Path]:
    """Write a chart of each section's levels, or ranges of marks, and return the files.

    SVG, PDF or PNG by the ending; the second section of a poll goes to
    `NAME-2.svg`, and so on.
    Raises: ChartFormError, ChartUnwritableError.
    """
    form = _form(path)
    written = []
    for number, section in enumerate(results.sections, 1):
        place = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        try:
            place.write_bytes(_chart(results, section, form))
        except OSError as error:
            raise ChartUnwritableError(path=place, reason=error.strerror or error) from error
        written.append(place)
    return written


def _form(path: Path) -> Form:
    forms: dict[str, Form] = {f".{form}": form for form in get_args(Form)}
    if path.suffix.lower() not in forms:
        raise ChartFormError(forms="、".join(forms), path=path)
    return forms[path.suffix.lower()]


def _chart(results: Results, section: SectionResult, form: Form) -> bytes:
    rows = [_row(section, subject) for subject in section.subjects]
    title = results.poll.title
    if len(results.sections) > 1:
        title = f"{title} · {section.section.title}"
    base = section.section.rule.base
    wording = ChartWording(
        rest=str(rest_of(base)), base=str(base.text), empty=f"没有{base.text}，没有结果"
    )
    return levels_chart(rows, title, form=form, wording=wording)


def _row(section: SectionResult, subject: SubjectResult) -> ChartRow:
    bar = stripe_of(section, subject)
    return ChartRow(subject.subject.name, bar.counts, bar.base)
