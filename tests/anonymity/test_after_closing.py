"""After closing nothing links: all that an attacker with the copied database can find."""

import json
import re
from collections import Counter

from ballot.domain.tallies import POOLED
from ballot.domain.votes import BLANK
from ballot.storage import tallies
from ballot.storage.tables import State
from tests.anonymity import attacker
from tests.anonymity.conftest import LARGE, every_meeting, large_meetings, meetings
from tests.anonymity.meeting import SUBJECTS
from tests.anonymity.seized import columns

TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}")


@every_meeting
def test_the_counts_of_each_column_are_all_that_remains(seizure):
    sent = {kind: columns(rows) for kind, rows in seizure.meeting.together.items()}

    assert seizure.columns == sent


@every_meeting
def test_the_stored_votes_hold_no_more_than_the_tally_says(seizure):
    """With one vote the result is the vote; even then nothing is stored that is not told."""
    groups = [group.key for group in seizure.meeting.poll.definition.groups]
    with seizure.place.database.read() as connection:
        tally, _ = tallies.stored(connection, seizure.meeting.poll.id)

    for (group_index, valid), counted in seizure.columns.items():
        group = POOLED if group_index is None else groups[group_index]
        for slot, column in zip(tally.slots, counted, strict=True):
            told = slot[group]
            if valid:
                marks = dict(enumerate(told.marks)) | {BLANK: told.blank}
                assert +Counter(marks) == column
            else:
                assert column == {BLANK: told.invalid}
    assert {vote.group_index for vote in seizure.votes} <= {None, 0, 1}
    assert len(seizure.votes) == sum(tally.returned.values()) == len(seizure.meeting.said)


@every_meeting
def test_no_stored_row_is_what_any_voter_said(seizure):
    said = set(seizure.meeting.rows)
    alone = [rows[0] for rows in seizure.meeting.together.values() if len(rows) == 1]

    stored = {bytes(vote.choices) for vote in seizure.votes if vote.valid}

    assert stored & said == set(alone)  # whoever is alone in a group is the group's tally


@every_meeting
def test_no_file_holds_an_old_number_or_a_nonce_or_a_part_of_what_one_voter_said(seizure):
    """Not in a table or an index, a free page, unused space, a log or a catalogue."""
    assert seizure.held_before, "while the poll was open, the search found each kind"

    found = seizure.traces.found_in(seizure.files)

    if len(seizure.meeting.said) <= 2:
        found.pop("rows", None)
    assert found == {}


@every_meeting
def test_used_unused_and_voided_slips_differ_in_their_state_alone(seizure):
    cast = {said.digest for said in seizure.meeting.said}
    voided = {seizure.meeting.voided}
    unused = set(seizure.meeting.slips) - cast - voided

    by_state = {
        state: {bytes(each.digest) for each in seizure.ballots if each.state == state}
        for state in State
    }

    assert by_state == {
        State.CAST: cast,
        State.VOIDED: voided,
        State.UNUSED: unused,
        State.PAPER: set(),
    }
    assert {each.nonce for each in seizure.ballots} == {None}


@every_meeting
def test_no_vote_number_has_to_do_with_a_digest(seizure):
    """New numbers are random: none is an old one, a digest or a part of one."""
    new = {bytes(vote.id) for vote in seizure.votes}

    assert len(new) == len(seizure.votes)
    assert new & {bytes(vote.id) for vote in seizure.votes_before} == set()
    assert new & attacker.pieces(seizure.meeting.slips, 16) == set()


@every_meeting
def test_no_stored_time_is_the_time_of_a_vote(seizure):
    """The clock went on between all that was done, so the time of a vote would be found."""
    moments = {f"{said.moment:%Y-%m-%d %H:%M:%S}" for said in seizure.meeting.said}

    cells = " ".join(str(cell) for rows in seizure.stored.values() for row in rows for cell in row)
    told = {time.replace("T", " ") for time in TIME.findall(cells)}

    assert len(told) > 3
    assert told & moments == set()


@every_meeting
def test_the_event_log_is_as_long_for_one_vote_as_for_five_thousand(seizure):
    log = [(row[3], json.loads(row[4])) for row in seizure.stored["events"]]

    own = [(action, told) for action, told in log if told.get("poll") == seizure.meeting.poll.id]

    assert [action for action, _ in own] == [
        "poll created",
        *["ballots printed"] * 2,
        "poll opened",
        "ballot voided",
        *["ballots printed"] * 2,
        "closing begun",
        "poll closed",
        "traces scrubbed",
    ]
    assert not any(digest.hex() in str(own) for digest in seizure.meeting.slips)


@large_meetings
def test_where_a_slip_lies_says_nothing_about_when_it_was_printed_or_cast(seizure):
    """In any file, table or index: neither its place in the print nor its batch nor its turn.

    The index of the turnout holds the used slips only, those of a group and a state together.
    """
    meeting = seizure.meeting
    printed = {digest: (batch, n) for n, (digest, batch) in enumerate(meeting.printed)}
    turn = {said.digest: n for n, said in enumerate(meeting.said)}
    in_table = [bytes(ballot.digest) for ballot in seizure.ballots]

    lying = [in_table, *attacker.Search(turn).orders(seizure.files)]

    assert len(lying) >= 3, "the table and its index"
    for order in lying:
        for group in range(2):
            members = {said.digest for said in meeting.said if said.group_index == group}
            used = [each for each in order if each in members]
            assert len(used) == LARGE // 2
            for known in (
                [printed[each][0] for each in used],
                [printed[each][1] for each in used],
                [turn[each] for each in used],
            ):
                assert not attacker.related(range(len(used)), known)


@large_meetings
def test_where_a_vote_lies_says_nothing_about_when_it_was_cast(seizure):
    """The first column tells the quarter of the meeting; it lies in every order the same."""
    choices = {bytes(vote.id): vote.choices[0] for vote in seizure.votes if vote.valid}
    lying = [list(choices), *attacker.Search(choices.keys()).orders(seizure.files)]

    assert len(lying) >= 2
    for order in lying:
        assert not attacker.related(range(len(order)), [choices[each] for each in order])


@large_meetings
def test_the_votes_do_not_lie_in_the_order_of_the_slips(seizure):
    """The n-th vote has nothing to do with the n-th slip, in no order in which either lies."""
    quarters = [vote.choices[0] for vote in seizure.votes if vote.valid]
    turn = {said.digest: n for n, said in enumerate(seizure.meeting.said)}
    orders = [
        [bytes(ballot.digest) for ballot in seizure.ballots],
        *attacker.Search(seizure.meeting.slips).orders(seizure.files),
        seizure.meeting.slips,
    ]

    for order in orders:
        turns = [turn[each] for each in order if each in turn]
        assert not attacker.related(turns[: len(quarters)], quarters)


@meetings([LARGE], ["postgresql"])
def test_the_attacker_would_see_an_order_if_there_were_one(seizure):
    """On PostgreSQL the open poll's votes lie as they were cast."""
    before = [vote.choices[0] for vote in seizure.votes_before if vote.valid]

    assert attacker.related(range(len(before)), before)


@every_meeting
def test_the_last_vote_follows_by_subtraction_which_is_not_promised(seizure):
    """Whoever knows how all others voted needs no file: the published counts are enough."""
    together = {kind: rows for kind, rows in seizure.meeting.together.items() if kind[1]}

    for kind, rows in together.items():
        *others, last = rows
        counted = seizure.columns[kind]
        for slot in range(SUBJECTS):
            left = counted[slot] - Counter(row[slot] for row in others)
            assert list(left.elements()) == [last[slot]]
