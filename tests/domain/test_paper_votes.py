"""Laws of paper votes: counts become votes of exactly these counts, like the papers themselves."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballot.domain.paper_sheets import (
    Sheet,
    problems,
    read_sheet,
    sheet_of,
    typed_of,
    votes_of,
)
from ballot.domain.paper_sheets import read_written as read_written_sheet
from ballot.domain.paper_sheets import written as written_sheet
from ballot.domain.paper_votes import (
    TWO_TICKS,
    EntryError,
    Paper,
    invalid_paper,
    read_paper,
    read_written,
    vote_of,
    written,
)
from ballot.domain.paper_votes import typed_of as typed_of_paper
from ballot.domain.pollfile import read_poll_file
from ballot.domain.tallies import StoredVote, tally
from ballot.domain.votes import BLANK, NOT_ASKED
from ballot.scoring import load_scheme

POLL = """
title = "评议"
scheme = "street-2023"
{extra}
groups = [
  {{ key = "a", name = "甲", ballots = 20 }},
  {{ key = "b", name = "乙", ballots = 20, excludes = ["青龙村"] }},
]
[[sections]]
kind = "village"
component = "leaders-review"
subjects = [{{ unit = "白马村" }}, {{ unit = "青龙村" }}, {{ unit = "石桥社区" }}]
{limits}
"""


def definition(extra: str = "", limits: str = ""):
    text = POLL.format(extra=extra, limits=limits)
    return read_poll_file(text, smallest_group=5, schemes=load_scheme)


PLAIN = definition()
A, B = PLAIN.groups
ROW = st.sampled_from([0, 1, 2, 3, BLANK, TWO_TICKS])
A_PAPER = st.one_of(
    st.tuples(ROW, ROW, ROW).map(lambda rows: Paper(bytes(rows))), st.just(invalid_paper(PLAIN, A))
)


def counted(*votes):
    return tally(PLAIN, [StoredVote("", vote.valid, vote.choices) for vote in votes])


@given(papers=st.lists(A_PAPER, max_size=30), seed=st.integers(0, 9))
@settings(max_examples=60)
def test_papers_and_the_counts_made_of_them_give_the_same_tally(papers, seed):
    sheet = sheet_of(PLAIN, A, papers)

    expanded = votes_of(PLAIN, A, len(papers), sheet, Random(seed))

    assert problems(PLAIN, A, len(papers), sheet) == []
    assert counted(*expanded) == counted(*(vote_of(PLAIN, paper) for paper in papers))


@given(
    rows=st.lists(st.lists(st.integers(0, 4), min_size=6, max_size=6), min_size=3, max_size=3),
    papers=st.integers(0, 20),
    invalid=st.integers(0, 20),
)
@settings(max_examples=60)
def test_counts_make_votes_of_exactly_these_counts_or_are_refused(rows, papers, invalid):
    sheet = Sheet(invalid, tuple(map(tuple, rows)))
    possible = invalid <= papers and all(sum(row) == papers - invalid for row in rows)

    if not possible:
        with pytest.raises(EntryError):
            votes_of(PLAIN, A, papers, sheet, Random(1))
        return
    found = counted(*votes_of(PLAIN, A, papers, sheet, Random(1)))

    assert [slot[""].marks for slot in found.slots] == [tuple(row[:4]) for row in rows]
    assert [slot[""].blank for slot in found.slots] == [sum(row[4:]) for row in rows]
    assert (found.returned[""], found.invalid[""]) == (papers, invalid)


@given(paper=A_PAPER)
def test_what_is_kept_and_what_a_form_shows_is_the_paper_again(paper):
    assert read_written(PLAIN, A, written(paper)) == paper
    assert read_paper(PLAIN, A, typed_of_paper(PLAIN, A, paper)) == paper


def test_a_sheet_is_kept_and_shown_as_it_was_typed_finished_or_not():
    sheet = Sheet(None, ((1, None, 0, 0, 0, 2), (), (None,) * 6))

    assert read_written_sheet(written_sheet(sheet)) == sheet
    assert read_sheet(PLAIN, B, typed_of(PLAIN, B, sheet)) == sheet


def test_a_recusal_is_no_row_of_the_paper_and_not_asked_in_the_vote():
    paper = read_paper(PLAIN, B, {"c0": "0", "c2": "x"})

    assert vote_of(PLAIN, paper).choices == bytes([0, NOT_ASKED, BLANK])
    sheet = Sheet(1, ((1, 0, 0, 0, 0, 0), (), (0, 0, 0, 0, 1, 0)))
    votes = votes_of(PLAIN, B, 2, sheet, Random(1))
    assert [(vote.valid, vote.choices) for vote in votes] == [
        (True, bytes([0, NOT_ASKED, BLANK])),
        (False, bytes([BLANK, NOT_ASKED, BLANK])),
    ]


def test_every_row_has_to_be_entered_blank_ones_too():
    with pytest.raises(EntryError) as refused:
        read_paper(PLAIN, A, {"c0": "0", "c1": "9"})

    assert [str(text) for text in refused.value.texts()] == [
        "第 2 行“青龙村”：没有这个等次。",
        "第 3 行“石桥社区”还没有录入；空白的请选“空白”。",
    ]


def test_full_width_keys_are_forgiven():
    assert read_paper(PLAIN, A, {"c0": "１", "c1": "Ｘ", "c2": "－"}).choices == bytes(
        [1, TWO_TICKS, BLANK]
    )


def test_what_a_phone_would_refuse_is_an_invalid_paper():
    limited = definition(limits='limits = [{ level = "好", at_most = 1 }]')
    required = definition('blank = "required"')

    with pytest.raises(EntryError, match=r"整票无效.*最多选 1 个"):
        read_paper(limited, limited.groups[0], {"c0": "0", "c1": "0", "c2": "1"})
    with pytest.raises(EntryError, match=r"整票无效.*没有评价"):
        read_paper(required, required.groups[0], {"c0": "0", "c1": "x", "c2": "1"})
    invalid = read_paper(limited, limited.groups[0], {"invalid": "yes", "c0": "0"})
    assert vote_of(limited, invalid).valid is False


def test_the_linter_refuses_counts_that_papers_cannot_give():
    limited = definition(limits='limits = [{ level = "好", at_most = 1 }]')
    required = definition('blank = "required"')
    silent = definition('wholly_blank = "invalid"')
    good, blank = (3, 0, 0, 0, 0, 0), (0, 0, 0, 0, 3, 0)

    def told(poll, *rows):
        return [str(text) for text in problems(poll, poll.groups[0], 3, Sheet(0, rows))]

    assert told(limited, good, good, blank) == [
        "“党政领导评议”的“好”共 6 个：每张票最多 1 个，3 张有效票最多 3 个。"
    ]
    assert told(limited, good, blank, blank) == []
    assert "规则要求逐项评价" in told(required, good, good, blank)[0]
    assert told(silent, blank, blank, (2, 0, 0, 0, 1, 0)) == [
        "3 张有效票一共只有 2 处评价：通篇空白的票按规则应计入整票无效。"
    ]
    assert told(silent, blank, blank, good) == []
