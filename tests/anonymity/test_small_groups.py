"""Small groups: what every output tells of them, and what follows by arithmetic all the same."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from ballot.domain.people import Role, Scope
from ballot.domain.votes import NOT_ASKED
from tests.anonymity import seized
from tests.builders import (
    Place,
    a_cast,
    a_token,
    an_open_poll,
    cast,
    certify,
    close,
)
from tests.cli.test_polls import Shell
from tests.web.desk import a_desk

GOOD, FAIR, POOR, BAD = range(4)
FEW = [GOOD, FAIR, FAIR, BAD]  # the small group: 3 of 4 approve
MANY = [GOOD] * 43 + [FAIR] * 18 + [POOR] * 13 + [BAD] * 9  # the large one: 61 of 83
WEIGHTED = """
title = "白马村2023年度村述村评"
scheme = "street-2023"
kind = "village"
component = "village-peer-review"
subjects = [{ unit = "白马村" }]
groups = [
  { key = "few", name = "两委", ballots = 4, weight = "1/2" },
  { key = "many", name = "村民", ballots = 83, weight = "1/2" },
]
"""
GROUPS_FIGURES = re.compile(r"(?<![\w.])(61|43|3/4|75(\.00)?%|73\.49)(?!\w)")


def a_certified_poll(place: Place):
    poll, codes = an_open_poll(place, WEIGHTED)
    for code, level in zip(codes, [*FEW, *MANY], strict=True):
        cast(place, poll, code, level)
    close(place, poll)
    certify(place, poll)
    return poll


def every_output(place: Place, poll, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield whatever tells of a certified poll's result, by its name."""
    desk = a_desk(place, Role.ADMIN)
    for page in (f"polls/{poll.id}/results", f"polls/{poll.id}", "cycles/1/points"):
        yield page, desk.read(f"/office/{page}").text
    yield "points.csv", desk.get("/office/cycles/1/points.csv").text
    token = {"Authorization": f"Bearer {a_token(place, *Scope)}"}
    for path in ("cycles/1/points", "cycles/1/points?format=csv", f"polls/{poll.id}/turnout"):
        yield f"api {path}", desk.client.get(f"/api/v1/{path}", headers=token).text
    yield "receipts", desk.client.get(f"/receipts/{poll.id}").text
    shell = Shell(place.settings, folder)
    smallest = {"BALLOT_SMALLEST_GROUP": str(place.settings.smallest_group)}
    chart = folder / "chart.svg"
    for form in ("table", "json", "csv"):
        words = ("poll", "results", poll.id, "--format", form, "--chart", chart)
        yield f"results as {form}", shell.answer(*words, **smallest)
    yield "chart", chart.read_text("utf-8")
    yield "log", str([row[4] for row in seized.everything_stored(place)["events"]])


def test_no_output_tells_a_group_s_figures_where_any_group_is_small(sqlite_place, tmp_path):
    """The large group's either: the small one's would follow by subtraction."""
    poll = a_certified_poll(sqlite_place)

    outputs = dict(every_output(sqlite_place, poll, tmp_path))

    assert len(outputs) == 13
    assert "各类别票数不单列" in outputs[f"polls/{poll.id}/results"]
    found = {name: GROUPS_FIGURES.findall(told) for name, told in outputs.items()}
    assert {name: figures for name, figures in found.items() if figures} == {}


def test_the_same_figures_are_found_where_no_group_is_small(sqlite_place, tmp_path):
    """With k = 4 this group is large enough; so the search above could have found them."""
    sqlite_place.settings = replace(sqlite_place.settings, smallest_group=4)
    poll = a_certified_poll(sqlite_place)

    outputs = dict(every_output(sqlite_place, poll, tmp_path))

    telling = {name for name, told in outputs.items() if GROUPS_FIGURES.search(told)}
    assert telling == {
        f"polls/{poll.id}/results",
        "cycles/1/points",
        "points.csv",
        "api cycles/1/points",
        "api cycles/1/points?format=csv",
        "results as table",
        "results as json",
        "results as csv",
    }


def test_a_small_group_s_figures_follow_from_weights_and_counts_which_is_not_promised(
    sqlite_place,
):
    """The votes of all together, the weights and the weighted share leave one solution only."""
    poll = a_certified_poll(sqlite_place)
    found = sqlite_place.results(poll.id)
    converted = found.sections[0].subjects[0].converted
    few, many = (line.returned for line in found.account.lines)

    fitting = [
        approving
        for approving in range(few + 1)
        if 0 <= converted.approving - approving <= many
        and percent(approving, few, converted.approving - approving, many)
        == Decimal(converted.percent)
    ]

    assert fitting == [3]


def percent(one: int, of_one: int, other: int, of_other: int) -> Decimal:
    share = (Fraction(one, of_one) + Fraction(other, of_other)) / 2
    return Decimal(round(share * 10000)) / 100


def test_three_who_agree_have_no_secret_which_is_not_promised(sqlite_place):
    poll, codes = an_open_poll(sqlite_place)
    for code in codes[:3]:
        cast(sqlite_place, poll, code, GOOD)

    close(sqlite_place, poll)

    (result,) = sqlite_place.results(poll.id).sections[0].subjects
    assert result.converted.ratio == "3/3"


RECUSED = """
title = "2023年度党政领导评议"
scheme = "street-2023"
groups = [
  { key = "leaders", name = "党政领导", ballots = 7, excludes = ["白马村", "青龙村", "石桥社区"] },
  { key = "villagers", name = "村民代表", ballots = 30 },
]

[[sections]]
kind = "village"
component = "leaders-review"
subjects = [{ unit = "白马村" }, { unit = "青龙村" }, { unit = "石桥社区" }, { unit = "河湾村" }]
"""


def test_a_recusal_tells_the_group_of_a_vote_while_the_poll_is_open_and_of_no_row_afterwards(
    place,
):
    poll, codes = an_open_poll(place, RECUSED)
    for code in codes[:7]:
        place.queue.cast(a_cast(place, poll, code, bytes([NOT_ASKED] * 3 + [FAIR])))
    for code in codes[7:]:
        cast(place, poll, code, GOOD)
    assert Counter(not_asked(place, poll)) == {3: 7, 0: 30}

    close(place, poll)

    after = Counter(not_asked(place, poll))
    assert sum(number * rows for number, rows in after.items()) == 3 * 7
    assert after[1] + after[2] > 0, "rows of which no group can be told"
    assert after[3] < 7


def not_asked(place: Place, poll) -> list[int]:
    """Return for each stored row how many subjects it does not rate."""
    return [bytes(vote.choices).count(NOT_ASKED) for vote in seized.votes(place, poll)]


@pytest.mark.parametrize("choice", [GOOD, BAD])
def test_a_lone_voter_of_a_weighted_group_is_the_group_s_tally_which_is_not_promised(
    sqlite_place, choice
):
    """Nothing but the poll's result gives it away, and that is enough: 90 or 40 of the score."""
    poll, codes = an_open_poll(sqlite_place, WEIGHTED.replace("ballots = 4", "ballots = 1"))
    cast(sqlite_place, poll, codes[0], choice)
    for code in codes[1:11]:
        cast(sqlite_place, poll, code, GOOD)

    close(sqlite_place, poll)

    converted = sqlite_place.results(poll.id).sections[0].subjects[0].converted
    assert converted.score == (90 + (90 if choice == GOOD else 40)) / Fraction(2)
