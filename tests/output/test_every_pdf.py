"""Every PDF that the product makes: fonts embedded, text that can be read back, no boxes.

pdffonts and pdftotext (Debian's poppler-utils) read them, which know nothing of our own reading.
"""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from ballot.domain.host_script import host_script
from ballot.domain.notices import Contact
from ballot.output.charts import ChartRow, levels_chart
from ballot.output.circular import circular_pdf
from ballot.output.count_report import count_report_pdf
from ballot.output.fonts import chinese_file
from ballot.output.host_script import host_script_pdf
from ballot.output.result_sheets import result_sheets_pdf
from ballot.output.written_notices import written_notices_pdf
from tests.live import plain_environment
from tests.output.count_reports import a_report, a_section, facts_of, slot
from tests.output.paper import a_batch, printed
from tests.output.reports import VILLAGE, a_masthead, standings

POPPLER = Path("/usr/bin/pdffonts"), Path("/usr/bin/pdftotext")
needs_poppler = pytest.mark.skipif(
    not all(tool.exists() for tool in POPPLER), reason="poppler-utils is not installed"
)
NAME = "白马村𠮷祥社区"
"""The third character is rare: our font lacks it, and it has to be marked, never a box."""
SHOWN = "白马村〓祥社区"


def _slips() -> bytes:
    return printed(a_batch(3, NAME), title=f"{NAME}述评")


def _chart() -> bytes:
    rows = [ChartRow(NAME, (("好", 20), ("较好", 6), ("一般", 2), ("差", 1)), 29)]
    return levels_chart(rows, f"{NAME}述评", form="pdf")


def _circular() -> bytes:
    return circular_pdf(a_masthead(), [(VILLAGE, standings(VILLAGE, [NAME, "石桥村"]))])


def _written_notices() -> bytes:
    contact = Contact("李芳", "0731-5555", "街道办3楼党建办")
    told = standings(VILLAGE, [NAME])
    return written_notices_pdf(a_masthead(), VILLAGE, told, contact=contact)


def _result_sheets() -> bytes:
    return result_sheets_pdf(a_masthead(), VILLAGE, standings(VILLAGE, [NAME]))


def _count_report() -> bytes:
    report = a_report(slot(20, 6, 2, 1), sections=[a_section((NAME,))], returned=[29])
    return count_report_pdf(report)


def _host_script() -> bytes:
    report = a_report(slot(20, 6, 2, 1), sections=[a_section((NAME,))], returned=[29])
    return host_script_pdf(report.poll.title, host_script(facts_of(report)))


MADE: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
    "slips": (_slips, (f"{SHOWN}述评", SHOWN, "扫码测评", "票码")),
    "chart": (_chart, (f"{SHOWN}述评", "较好", "68.97%")),
    "circular": (_circular, (SHOWN, "石桥村", "结果的通报", "名次")),
    "written notices": (_written_notices, (SHOWN, "考核结果书面通知", "申请复核")),
    "result sheets": (_result_sheets, (SHOWN, "结果通知单", "计算过程")),
    "count report": (_count_report, (SHOWN, "计票报告单", "较好以上", "89.66%", "监票人")),
    "host script": (_host_script, (SHOWN, "主持词", "现在开始投票", "89.66%")),
}


def poppler(tool: str, file: Path, *more: str) -> str:
    done = subprocess.run(
        [f"/usr/bin/{tool}", file, *more],
        env=plain_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module", params=MADE, ids=lambda name: name.replace(" ", "-"))
def document(request, tmp_path_factory) -> tuple[Path, tuple[str, ...]]:
    """Give one of the PDFs as a file, and what has to stand in it."""
    make, parts = MADE[request.param]
    file = tmp_path_factory.mktemp("pdf") / "made.pdf"
    file.write_bytes(make())
    return file, parts


@needs_poppler
def test_every_font_is_embedded_cut_down_and_mapped_to_unicode(document):
    """The columns after the name and type: emb sub uni."""
    lines = poppler("pdffonts", document[0]).splitlines()[2:]

    assert lines
    for line in lines:
        assert re.search(r"^[A-Z]{6}\+.* yes +yes +yes +\d+ +\d+$", line), line


@needs_poppler
def test_what_stands_on_paper_can_be_read_back(document):
    file, parts = document

    text = "".join(poppler("pdftotext", file, "-raw", "-").split())

    for part in parts:
        assert part in text, part
    assert "\ufffd" not in text
    assert "𠮷" not in text


def test_every_character_on_paper_is_one_that_our_font_draws(document):
    """A box has no character, and what has none in the font would be drawn as a box."""
    import pypdfium2

    pdf = pypdfium2.PdfDocument(document[0])
    try:
        pages = [page.get_textpage() for page in pdf]
        every = "".join(page.get_text_range() for page in pages)
    finally:
        pdf.close()
    with TTFont(chinese_file(), lazy=True) as font:
        known = font.getBestCmap()

    strange = {each for each in every if ord(each) not in known and not each.isspace()}
    assert {each for each in strange if each not in "\u0002\ufffe"} == set()
