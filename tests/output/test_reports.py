"""The circular and the result sheets: what a reader finds on paper."""

import re
from dataclasses import replace

import pytest

from ballot.output.circular import circular_pdf
from ballot.output.result_sheets import result_sheets_pdf
from ballot.scoring import (
    Adjustment,
    Counts,
    QuestionTally,
    Veto,
    convert,
    load_scheme,
    score,
)
from tests.output.reports import (
    CYCLE,
    ISSUER,
    LONG_NAME,
    MEETING,
    REVIEW,
    STATION,
    VILLAGE,
    a_masthead,
    names,
    outside,
    standings,
    texts,
)
from tests.output.test_standing_workbook import drawn
from tests.scoring.presets import KINDS

UNITS = ["白马村", "青龙村", "石桥村", "柳河村", "𠮷祥村", "=1+1村", LONG_NAME]
ADJUSTMENTS = [
    Adjustment("白马村", "award-city", item="全市综治先进"),
    Adjustment("青龙村", "late-reply", times=3, note="三次未按时回复"),
]
VETOES = [Veto("石桥村", "safety", note="8月事故"), Veto("柳河村", "major-problem")]


@pytest.fixture(scope="module")
def villages():
    return standings(VILLAGE, UNITS, ADJUSTMENTS, VETOES)


@pytest.fixture(scope="module")
def stations():
    return standings(STATION, ["党建办", "财政所", "卫生院", "综合行政执法大队", "自然资源所"])


@pytest.fixture(scope="module")
def circular(villages, stations):
    return circular_pdf(a_masthead(), [(VILLAGE, villages), (STATION, stations)])


@pytest.fixture(scope="module")
def sheets(villages):
    return result_sheets_pdf(a_masthead(), VILLAGE, villages)


def test_the_circular_tells_title_scheme_approval_issuer_and_day(circular):
    text = "".join(texts(circular))

    for part in (
        f"关于{CYCLE}结果的通报", "各村（社区）、站办所：", "街道综合目标管理考核",
        MEETING.meeting, "2024年1月18日", ISSUER, REVIEW, "一、村（社区）", "二、站办所",
    ):  # fmt: skip
        assert part in text


def test_the_circular_names_the_first_grade_and_ranks_every_unit(circular, villages):
    text = "".join(texts(circular))

    first = [standing.unit for standing in villages if standing.grade == "先进"]
    assert f"评为“先进”的{len(first)}个" in text
    for standing in villages:
        unit = standing.unit.replace("𠮷", "〓")
        row = (f"{points:f}" for points in standing.components.values())
        assert re.search(f"{standing.rank}{re.escape(unit)}{''.join(row)}", text), standing.unit
        assert f"{standing.total:f}{standing.grade}" in text


def test_only_a_draft_is_marked_on_every_page(villages, circular, sheets):
    draft = a_masthead(approval=None)

    for made in (
        circular_pdf(draft, [(VILLAGE, villages * 6)]),
        result_sheets_pdf(draft, VILLAGE, villages),
    ):
        pages = texts(made)
        assert len(pages) > 1
        assert all("草案" in page for page in pages)
        assert "未经审定" in pages[0]
        assert MEETING.meeting not in "".join(pages)
    assert "草案" not in "".join(texts(circular) + texts(sheets))


def test_a_long_ranking_goes_on_under_its_headings_with_numbered_pages():
    units = names(60)

    pages = texts(circular_pdf(a_masthead(), [(VILLAGE, standings(VILLAGE, units))]))

    assert len(pages) >= 3
    assert all("名次单位" in page for page in pages)
    assert [page[-3:] for page in pages] == [f"—{n}—" for n in range(1, len(pages) + 1)]
    assert all("".join(pages).count(unit) >= 1 for unit in units)


@pytest.mark.parametrize("count", range(22, 27))
def test_no_page_holds_the_signature_alone(count):
    found = standings(VILLAGE, names(count))

    last = texts(circular_pdf(a_masthead(review=""), [(VILLAGE, found)]))[-1]

    assert ISSUER in last
    assert f"{found[-1].total:f}" in last


def test_each_unit_has_a_sheet_of_one_page_that_names_no_other(sheets, villages):
    pages = texts(sheets)

    assert len(pages) == len(villages)
    for standing, page in zip(villages, pages, strict=True):
        assert standing.unit.replace("𠮷", "〓") in page
        assert f"{standing.rank}／{len(villages)}" in page
        others = {each.unit for each in villages} - {standing.unit}
        assert not [other for other in others if other in page]


def test_a_sheet_tells_every_figure_and_how_it_came_about(sheets, villages):
    for standing, page in zip(villages, texts(sheets), strict=True):
        for component in VILLAGE.components:
            assert f"{component.title}" in page
            assert f"{standing.components[component.key]:f}" in page
        for line in standing.derivation:
            assert "".join(str(line).split()) in page
        for part in (ISSUER, MEETING.meeting, REVIEW, "签收人"):
            assert part in page


def test_a_sheet_tells_adjustments_vetoes_and_the_ballot_behind_points(villages):
    rule = VILLAGE.component("leaders-review").ballot_rule()
    told = convert("白马村", [QuestionTally({"": Counts((40, 14, 6, 0))})], rule).derivation

    made = result_sheets_pdf(
        a_masthead(), VILLAGE, villages, votes={("白马村", "leaders-review"): told}
    )

    by_unit = {standing.unit: page for standing, page in zip(villages, texts(made), strict=True)}
    assert "全市综治先进" in by_unit["白马村"]
    assert "54/60=90.00%" in by_unit["白马村"]
    assert "54/60" not in by_unit["青龙村"]
    assert "三次未按时回复" in by_unit["青龙村"]
    assert "8月事故" in by_unit["石桥村"]


def test_nothing_is_cut_off_and_every_font_is_embedded(circular, sheets):
    for made in (circular, sheets):
        assert list(outside(made)) == []
        assert made.count(b"/FontFile2") == made.count(b"/Subtype/Type0") == 1
        assert b"Helvetica" not in made
        assert len(made) < 300_000


def test_a_unit_with_very_much_to_tell_still_has_one_page():
    rows = [
        Adjustment("白马村", "praise-city", item=f"第{number}项表彰", note="市级通报表扬")
        for number in range(12)
    ]
    found = standings(VILLAGE, ["白马村"], rows)

    assert len(texts(result_sheets_pdf(a_masthead(), VILLAGE, found))) == 1


@pytest.mark.slow
def test_what_cannot_fit_a_page_goes_on_to_the_next_and_loses_nothing():
    rows = [
        Adjustment("白马村", "praise-city", item=f"第{number:03d}项", note="表彰" * 40)
        for number in range(90)
    ]
    found = standings(VILLAGE, ["白马村"], rows)

    made = result_sheets_pdf(a_masthead(), VILLAGE, found)

    text = "".join(texts(made))
    assert all(f"第{number:03d}项" in text for number in range(90))
    assert list(outside(made)) == []


@pytest.mark.slow
def test_reports_speak_english(villages, stations):
    masthead = a_masthead(language="en", review="")

    text = "".join(texts(circular_pdf(masthead, [(VILLAGE, villages), (STATION, stations)])))
    sheet = texts(result_sheets_pdf(masthead, VILLAGE, villages))[0]

    assert "Circularontheresultof" in text
    assert "RankUnit" in text
    assert "2024-01-18" in text
    assert "Noticeofresult" in sheet
    assert "Receivedby" in sheet


@pytest.mark.slow
def test_the_same_figures_are_the_same_bytes(villages, circular, stations, sheets):
    again = circular_pdf(a_masthead(), [(VILLAGE, villages), (STATION, stations)])

    assert again == circular
    assert result_sheets_pdf(a_masthead(), VILLAGE, villages) == sheets


@pytest.mark.slow
def test_every_kind_of_every_preset_prints_whole():
    for name, key in KINDS:
        scheme = load_scheme(name)
        kind = scheme.kind(key)
        found = score(kind, **drawn(kind))
        masthead = replace(a_masthead(), scheme=scheme)

        made = circular_pdf(masthead, [(kind, found)]), result_sheets_pdf(masthead, kind, found)

        assert [list(outside(pdf)) for pdf in made] == [[], []], (name, key)
        assert len(texts(made[1])) == len(found)
        for standing, page in zip(found, texts(made[1]), strict=True):
            assert standing.total is None or f"{standing.total:f}" in page
