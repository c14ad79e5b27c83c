import io
import re
import subprocess
import sys
import tracemalloc

import pypdfium2
import pytest
from PIL import ImageChops

from ballot.domain.codes import shown
from ballot.output.fonts import MISSING
from ballot.output.qr import LongPublicUrlError, ballot_link
from ballot.output.sheet import TEN
from ballot.output.slip_wording import CHINESE
from ballot.output.slips import SlipBatch, write_slips
from tests.output.paper import TITLE, URL, a_batch, codes, on_one_line, pictures, printed, read

LONG_TITLE = "关于开展某某街道社区2023年度领导班子和领导干部民主测评暨选人用人“一报告两评议”" * 3
LONG_GROUP = "两委成员、驻村第一书记、工作队员、离任老干部和其他各方面代表人士" * 2
LONG_URL = "https://" + "w" * 83 + ".cn:8443"


@pytest.fixture(scope="module")
def batches():
    return (
        a_batch(113, "村民代表", 0),
        a_batch(20, "村民代表", 0, spares=True),
        a_batch(57, "两委成员", 1),
        a_batch(10, "党员", 2, spares=True),
    )


@pytest.fixture(scope="module")
def slips(batches):
    return read(printed(*batches))


@pytest.mark.slow
def test_a_camera_reads_every_slip_and_finds_exactly_the_codes_given(batches, slips):
    links = [link for slip in slips for link in slip.links]

    wanted = [ballot_link(URL, code) for batch in batches for code in batch.codes]
    assert len(links) == 200
    assert sorted(links) == sorted(wanted)


def test_the_code_to_type_is_on_the_slip_of_its_qr_code(slips):
    assert len(slips) == 200
    assert all(slip.links == (ballot_link(URL, slip.code),) for slip in slips)


def test_every_slip_tells_title_group_address_and_instructions(batches, slips):
    by_code = {slip.code: on_one_line(slip.text) for slip in slips}

    for batch in batches:
        for code in batch.codes:
            text = by_code[code]
            for part in (TITLE, batch.group, "ballot.example.gov.cn", shown(code)):
                assert part in text
            assert all(on_one_line(step) in text for step in CHINESE.steps)


def test_only_spares_are_marked_as_spares(batches, slips):
    spares = {code for batch in batches if batch.spares for code in batch.codes}

    assert {slip.code for slip in slips if "备用" in slip.text} == spares


def test_nothing_but_the_code_tells_the_slips_of_a_batch_apart(batches, slips):
    by_code = {slip.code: on_one_line(slip.text).replace(shown(slip.code), "") for slip in slips}

    for batch in batches:
        assert len({by_code[code] for code in batch.codes}) == 1


def test_each_batch_begins_a_new_sheet(batches, slips):
    pages = {slip.code: slip.page for slip in slips}

    sheets = [{pages[code] for code in batch.codes} for batch in batches]
    assert [len(numbers) for numbers in sheets] == [12, 2, 6, 1]
    assert len(set().union(*sheets)) == 21


@pytest.fixture(scope="module")
def thick():
    """A batch of more sheets than one node of the page tree holds, and its file."""
    batch = a_batch(1105)
    return batch, printed(batch)


def test_the_file_names_title_and_producer_and_no_time(thick):
    _, pdf = thick

    document = pypdfium2.PdfDocument(pdf)
    facts = document.get_metadata_dict(skip_empty=True)
    document.close()
    assert facts == {"Title": TITLE, "Producer": "Ballot"}
    assert b"Date" not in pdf


def test_the_same_slips_are_the_same_bytes(thick):
    batch, pdf = thick

    assert printed(batch) == pdf


def test_a_slip_takes_little_room_in_the_file(thick):
    batch, pdf = thick

    assert len(pdf) < 300 * len(batch.codes)


def test_the_table_of_offsets_finds_every_object(thick):
    _, pdf = thick

    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", pdf)[1])
    offsets = re.findall(rb"(\d{10}) 00000 n \n", pdf[start:])
    assert len(offsets) > 200
    for number, offset in enumerate(offsets, 1):
        assert pdf[int(offset) :].startswith(b"%d 0 obj" % number)


def test_a_thick_document_opens_at_its_last_page(thick):
    batch, pdf = thick

    document = pypdfium2.PdfDocument(pdf)
    try:
        assert len(document) == 111
        assert shown(batch.codes[-1]) in document[110].get_textpage().get_text_range()
    finally:
        document.close()


def test_no_text_is_so_long_that_it_leaves_the_slip():
    batch = a_batch(TEN.sheet.slips, LONG_GROUP, spares=True)

    pdf = printed(batch, title=LONG_TITLE, public_url=LONG_URL)

    (picture,) = pictures(pdf)
    dots = 150 / 25.4
    for slot in range(TEN.sheet.slips):
        row, column = divmod(slot, TEN.sheet.columns)
        left, top = column * 105 * dots, row * 59.4 * dots
        margin = picture.convert("L").crop(
            (round(left + 2), round(top + 2), round(left + 105 * dots - 2), round(top + 29))
        )
        assert margin.getextrema() == (255, 255)
        right = round(left + 100.2 * dots), round(top + 2)
        edge = picture.convert("L").crop(
            (*right, round(left + 105 * dots - 2), round(top + 59.4 * dots - 2))
        )
        assert edge.getextrema() == (255, 255)
    slips = read(pdf)
    assert [slip.code for slip in slips] == batch.codes
    assert all(slip.links == (ballot_link(LONG_URL, slip.code),) for slip in slips)


def test_a_long_title_is_cut_with_an_ellipsis_and_an_address_never():
    (slip,) = read(printed(a_batch(1), title=LONG_TITLE, public_url=LONG_URL))

    text = on_one_line(slip.text)
    assert "…" in text
    assert LONG_URL in text


def test_a_title_of_sixty_characters_is_printed_whole():
    title = (
        "白马镇各村党组织书记抓基层党建工作述职评议考核暨村级班子年度民主测评"
        + "和村民满意度测评" * 3
    )
    assert len(title) > 55

    (slip,) = read(printed(a_batch(1), title=title))

    assert title in on_one_line(slip.text)


def test_a_character_that_the_font_lacks_is_printed_as_a_plain_mark():
    (slip,) = read(printed(a_batch(1, "𠮷家村"), title="𠮷家村😀测评"))

    assert f"{MISSING}家村" in on_one_line(slip.text)
    assert f"{MISSING}家村{MISSING}测评" in on_one_line(slip.text)


def test_line_ends_and_invisible_characters_do_no_harm():
    title = "白马村\r\n2023\t年度\u200b测评\ufe0f\ue000\x00 "

    (slip,) = read(printed(a_batch(1), title=title))

    assert "白马村2023年度测评" in on_one_line(slip.text)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_slips():
    given = codes(100)

    few, many = _peak(given), _peak(given * 100)

    assert many < few + 100_000


def _peak(given):
    """Return the most memory in use from the first slip to the end, in bytes."""

    class Nowhere:
        def write(self, data):
            return len(data)

    def from_the_first():
        tracemalloc.start()
        yield from given

    batch = SlipBatch("村民代表", 0, from_the_first())
    try:
        write_slips(Nowhere(), title=TITLE, public_url=URL, batches=[batch])
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_progress_counts_the_slips_sheet_by_sheet():
    told = []
    batches = [a_batch(12), a_batch(3)]

    written = write_slips(
        io.BytesIO(), title=TITLE, public_url=URL, batches=batches, progress=told.append
    )

    assert written == 15
    assert told == [10, 12, 15]


def test_a_poll_without_slips_still_gives_a_file_that_opens():
    assert read(printed(a_batch(0))) == []


def test_a_full_disk_half_way_is_told():
    class FullDisk(io.BytesIO):
        def write(self, data):
            if self.tell() > 50_000:
                raise OSError(28, "No space left on device")
            return super().write(data)

    with pytest.raises(OSError, match="No space left"):
        write_slips(FullDisk(), title=TITLE, public_url=URL, batches=[a_batch(1000)])


def test_what_cannot_be_printed_is_refused_before_the_first_byte():
    file = io.BytesIO()

    with pytest.raises(LongPublicUrlError):
        write_slips(file, title=TITLE, public_url="https://" + "a" * 120, batches=[a_batch(1)])

    assert not file.getvalue()


def test_a_wrong_code_is_a_bug_and_crashes():
    with pytest.raises(ValueError, match="16 symbols"):
        printed(SlipBatch("村民代表", 0, ["ABCD-EFGH-JKMN-PQRS"]))


def test_printing_slips_loads_no_drawing_library():
    program = (
        "import sys, io; from ballot.output.slips import write_slips;"
        "write_slips(io.BytesIO(), title='', public_url='http://a.cn', batches=[]);"
        "print(sorted({'matplotlib', 'zhplot', 'numpy'} & set(sys.modules)))"
    )

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (ran.stdout, ran.stderr) == ("[]\n", "")


def test_every_slip_of_a_rehearsal_says_so_across_it_and_its_code_is_read_all_the_same():
    batch = a_batch(15)
    practice = SlipBatch(batch.group, 3, codes(15), rehearsal=True)

    found = read(printed(batch, practice))

    marked = [slip for slip in found if "演练" in on_one_line(slip.text)]
    assert {slip.code for slip in marked} == set(practice.codes)
    assert all(slip.links == (ballot_link(URL, slip.code),) for slip in found)


def test_the_mark_of_a_rehearsal_can_be_seen_and_stays_within_the_slip():
    code = codes(1)
    plain, marked = (
        pictures(printed(SlipBatch("村民代表", 0, code, rehearsal=rehearsal)))[0].convert("L")
        for rehearsal in (False, True)
    )

    changed = ImageChops.difference(plain, marked).getbbox()

    assert changed
    left, top, right, bottom = (edge / 150 * 25.4 for edge in changed)
    assert right - left > 50, "wider than half the slip"
    assert bottom - top > 25
    assert left > 40, "the QR code stays as it is"
    assert (top > 5, right < 100, bottom < 54.4) == (True, True, True)
