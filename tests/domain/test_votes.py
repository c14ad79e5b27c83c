"""Votes: read, packed, checked, tallied, parted."""

from collections import Counter
from random import Random
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.domain.pollfile import read_poll_file
from ballot.domain.tallies import StoredVote, Tally, tally
from ballot.domain.votes import (
    BLANK,
    NOT_ASKED,
    ChoicesError,
    MarksError,
    accept,
    part,
    read_carefully,
    read_choices,
)
from tests.builders import LEADERS_POLL, ONE_GROUP_POLL
from tests.web.test_marks import MARKS_POLL

DEFINITION = read_poll_file(LEADERS_POLL)
(LEADERS,) = DEFINITION.groups
WITH_RULES = read_poll_file(
    'blank = "required"\n'
    + LEADERS_POLL.replace(
        'component = "leaders-review"\nsubjects = [{ unit = "白马村" }',
        'component = "leaders-review"\nlimits = [{ level = "好", at_most = 2 }]\n'
        'subjects = [{ unit = "白马村" }',
    )
)
rows = st.lists(st.binary(min_size=5, max_size=5), max_size=30)


RECUSED = read_poll_file(
    LEADERS_POLL.replace(
        "ballots = 11 }",
        'ballots = 11, excludes = ["财政所"] }, { key = "others", name = "其他", ballots = 20 }',
    )
)
ON_MARKS = read_poll_file(MARKS_POLL)
typed = st.one_of(
    st.sampled_from(
        ["", "0", "1", "3", "4", "9", "10", "99", "100", "101", "007", "00", " 1", "１"]
    ),
    st.sampled_from(["1 ", "95分", "-1", "+1", "1_0", "٣", "²", "on", "\0", "1\n"]),
    st.integers(0, 120).map(str),
    st.text(max_size=14),
)
forms = st.dictionaries(
    st.one_of(st.integers(0, 8).map(lambda number: f"c{number}"), st.text(max_size=3)), typed
)


@pytest.mark.parametrize("definition", [DEFINITION, WITH_RULES, RECUSED, ON_MARKS])
@given(form=forms)
def test_what_is_written_plainly_is_read_as_it_is_with_care(definition, form):
    for group in definition.groups:
        assert outcome(read_choices, definition, group, form) == outcome(
            read_carefully, definition, group, form
        )


def outcome(read, *given):
    """Return what a reader made of a form, or what it said was wrong with it."""
    try:
        return read(*given)
    except ChoicesError as problem:
        choices, typed = getattr(problem, "choices", None), getattr(problem, "typed", None)
        return type(problem), str(problem), problem.slots, choices, typed


def test_choices_are_packed_in_ballot_order_and_a_missing_field_is_blank():
    assert read_choices(DEFINITION, LEADERS, {"c0": "0", "c1": "3", "c4": "2"}) == bytes(
        [0, 3, BLANK, BLANK, 2]
    )


@pytest.mark.parametrize("value", ["4", "-1", "00", "٣", "x", "0 ", "1e0", "²"])
def test_a_value_that_is_no_level_is_refused(value):
    with pytest.raises(ChoicesError, match="与测评表不符"):
        read_choices(DEFINITION, LEADERS, {"c0": value})


def test_a_recused_group_is_not_asked_and_cannot_answer():
    definition = read_poll_file(
        LEADERS_POLL.replace(
            "ballots = 11 }",
            'ballots = 11, excludes = ["财政所"] },'
            ' { key = "others", name = "其他", ballots = 20 }',
        )
    )
    recused = definition.groups[0]

    assert read_choices(definition, recused, {"c0": "1"})[3] == NOT_ASKED
    with pytest.raises(ChoicesError):
        read_choices(definition, recused, {"c3": "1"})


def test_required_answers_and_limits_are_told_with_their_places():
    with pytest.raises(ChoicesError) as caught:
        accept(WITH_RULES, bytes([0, 0, 0, BLANK, 1]))

    assert [str(text) for text in caught.value.mistakes] == [
        "还有 1 项没有评价，请补全后再提交。",
        "“党政领导评议”中“好”最多选 2 个，现在选了 3 个。",
    ]
    assert caught.value.slots == {0, 1, 2, 3}


@pytest.mark.parametrize(("rule", "valid"), [("abstain", True), ("invalid", False)])
def test_a_wholly_blank_vote_counts_as_returned_and_is_what_the_poll_says(rule, valid):
    definition = read_poll_file(f'wholly_blank = "{rule}"\n' + LEADERS_POLL)

    vote = accept(definition, bytes([BLANK] * 5))
    counted = tally(definition, [StoredVote("", vote.valid, vote.choices)])

    assert vote.valid is valid
    assert (counted.returned[""], counted.invalid[""]) == (1, 0 if valid else 1)
    assert counted.slots[0][""].blank == (1 if valid else 0)
    assert counted.slots[0][""].invalid == (0 if valid else 1)


choices = st.lists(st.sampled_from([0, 1, 2, 3, BLANK]), min_size=5, max_size=5).map(bytes)


@given(st.lists(choices, max_size=40), st.randoms())
def test_the_tally_counts_each_choice_once_whatever_the_order(votes, random):
    stored = [StoredVote("", True, vote) for vote in votes]
    shuffled = stored.copy()
    random.shuffle(shuffled)

    counted = tally(DEFINITION, stored)

    assert tally(DEFINITION, shuffled) == counted
    assert Tally.from_json(counted.to_json()) == counted
    for slot in range(5):
        expected = Counter(vote[slot] for vote in votes)
        assert counted.slots[slot][""].marks == tuple(expected[level] for level in range(4))
        assert counted.slots[slot][""].blank == expected[BLANK]


@given(rows, st.integers())
def test_parting_keeps_every_column_and_the_number_of_rows(votes, seed):
    parted = part(votes, Random(seed))

    assert len(parted) == len(votes)
    for place in range(5):
        assert Counter(row[place] for row in parted) == Counter(row[place] for row in votes)


def test_parting_takes_apart_what_one_voter_said():
    votes = [bytes([n] * 5) for n in range(100)]

    whole = [row for row in part(votes, Random(1)) if len(set(row)) == 1]

    assert len(whole) <= 1


MARKED = read_poll_file('scale = "marks"\n' + ONE_GROUP_POLL)
(VILLAGERS,) = MARKED.groups


def typed_as(text):
    """Return the choice that a typed text is, and what is told to be wrong."""
    try:
        return read_choices(MARKED, VILLAGERS, {"c0": text}), None
    except MarksError as error:
        return error.choices, error


@given(st.text())
def test_whatever_is_typed_for_a_mark_is_one_a_blank_or_told_in_its_place(text):
    (choice,), problem = typed_as(text)

    nothing = normalize("NFKC", text).strip().removesuffix("分").strip() == ""
    assert choice == BLANK if nothing or problem else choice <= 100
    if problem:
        assert problem.slots == {0}
        assert not problem.typed[0] or problem.typed[0].isprintable()


@given(st.lists(st.sampled_from([*range(101), BLANK]), max_size=40))
def test_marks_are_tallied_as_a_histogram(marks):
    counted = tally(MARKED, [StoredVote("", True, bytes([mark])) for mark in marks])

    kept = counted.slots[0][""]
    assert kept.marks == tuple(marks.count(mark) for mark in range(101))
    assert kept.blank == marks.count(BLANK)
    assert Tally.from_json(counted.to_json()) == counted
