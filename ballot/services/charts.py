"""Charts of a closed poll's results; matplotlib is loaded here, so voters' processes never are."""

from pathlib import Path
from typing import Final, get_args

from ballot.domain.results import SectionResult
from ballot.errors import OperationError
from ballot.language import N_
from ballot.output.charts import ChartRow, ChartWording, Form, levels_chart
from ballot.scoring import Converted
from ballot.scoring.spread import NO_MARKS
from ballot.services.results import Results

_WORDING: Final = ChartWording(rest="弃权", base="有效票", empty="没有有效票，没有结果")


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
    rows = [_row(each.subject.name, each.converted) for each in section.subjects]
    title = results.poll.title
    if len(results.sections) > 1:
        title = f"{title} · {section.section.title}"
    return levels_chart(rows, title, form=form, wording=_WORDING)


def _row(name: str, converted: Converted) -> ChartRow:
    if converted.on_marks:
        counts = [*converted.spread.ranges] if converted.spread else [*NO_MARKS]
    else:
        counts = [(label, int(level["count"])) for label, level in converted.levels.items()]
    return ChartRow(name, counts, converted.valid)
