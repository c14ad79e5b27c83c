"""The host script (主持词) as a PDF in large type: what is said stands out from what is done."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from ballot.domain.host_script import Stage
from ballot.language import SOURCE, Text
from ballot.output.flow import Align, Flow, Margins, Style, number_pages
from ballot.output.fonts import FontFile, chinese_file
from ballot.output.pages import Ink, Pages

_MARGINS: Final = Margins(top=22, right=24, bottom=24, left=24)
_TITLE: Final = Style(Ink(22, bold=True), Align.CENTRE, leading=1.4)
_POLL: Final = Style(Ink(15), Align.CENTRE, leading=1.5)
_STAGE: Final = Style(Ink(17, bold=True), Align.LEFT, leading=1.6)
_SAID: Final = Style(Ink(16), indent=2, leading=1.75)
_CUE: Final = Style(Ink(12, 0.4), indent=2, leading=1.6)


def host_script_pdf(title: str, stages: Sequence[Stage], *, language: str = SOURCE) -> bytes:
    """Return a poll's script as a PDF. Raises: FontMissingError."""
    words = partial(Text.in_, language=language)
    name = words(Text("主持词"))
    with FontFile(chinese_file()) as font:
        pages = Pages(font)
        flow = Flow(pages, _MARGINS)
        flow.paragraph(name, _TITLE)
        flow.title([title], _POLL)
        for stage in stages:
            flow.gap(6)
            flow.heading(words(stage.title), _STAGE, follows=24)
            for line in stage.lines:
                told = words(line.text)
                if line.cue:
                    told = words(Text("（%(cue)s）", cue=told))
                flow.paragraph(told, _CUE if line.cue else _SAID)
        number_pages(pages)
        return pages.finish(title=f"{title} · {name}", language=language)
