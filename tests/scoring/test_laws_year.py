"""Laws that hold for every kind of every preset, whatever is entered."""

import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballot.language import LANGUAGES
from ballot.scoring import How, Work, half_up, load_scheme, score
from tests.live import ROOT
from tests.scoring.examples import column
from tests.scoring.presets import KINDS, a_kind, assessments

every_kind = pytest.mark.parametrize(
    "kind", [a_kind(pair) for pair in KINDS], ids=["/".join(pair) for pair in KINDS]
)


def schema(name):
    text = (ROOT / f"docs/schemas/{name}.schema.json").read_text("utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text))


STANDING, WORKING, SCHEME = schema("standing"), schema("working"), schema("scheme")


@every_kind
@settings(max_examples=12)
@given(data=st.data())
def test_the_printed_column_adds_up_to_the_printed_total_rule_16(kind, data):
    for standing in score(kind, **data.draw(assessments(kind))):
        if standing.total is None:
            assert None in standing.components.values()
        else:
            assert sum(column(standing)) == Decimal(standing.to_json()["total"])


@every_kind
@settings(max_examples=12)
@given(data=st.data())
def test_the_order_of_units_changes_nothing_rule_17(kind, data):
    entered = data.draw(assessments(kind))
    mixed = data.draw(st.permutations(entered["entries"]))

    one = [standing.to_json() for standing in score(kind, **entered)]
    other = [standing.to_json() for standing in score(kind, **{**entered, "entries": mixed})]

    assert one == other


@every_kind
@settings(max_examples=12)
@given(data=st.data())
def test_more_marks_never_lower_the_rank_rule_17(kind, data):
    entered = data.draw(assessments(kind))
    first = entered["entries"][0]
    ranked = {standing.unit: standing for standing in score(kind, **entered)}
    better = {key: more(kind, key, figure) for key, figure in first.figures.items()}

    entries = [replace(first, figures=better), *entered["entries"][1:]]
    after = {each.unit: each for each in score(kind, **{**entered, "entries": entries})}

    before = ranked[first.unit]
    if before.rank is not None:
        assert after[first.unit].total >= before.total
        assert after[first.unit].rank <= before.rank


def more(kind, key, figure):
    """Return a better figure than this one, as far as its full marks allow."""
    items = {item.key: item for item in kind.nodes()}
    if key not in items:
        return figure + 1
    if items[key].steps:
        return max(Decimal(1), figure - 1)
    full = items[key].full_marks
    return figure + 1 if full is None else min(full, figure + Decimal("0.5"))


@every_kind
@settings(max_examples=12)
@given(data=st.data())
def test_the_working_gives_every_point_again_rule_58(kind, data):
    for standing in score(kind, **data.draw(assessments(kind))):
        for done in standing.working:
            if done.points is not None:
                again = half_up(redone(done.work) * done.component.share, 2)
                assert again == done.points == standing.components[done.component.key]
        WORKING.validate(standing.working_json())


def redone(work: Work) -> Fraction:
    """Return a step's value, from its parts alone."""
    if work.how is How.FIGURE:
        return Fraction(work.figure)
    if work.how is How.PLACE:
        return work.steps.marks(work.place)
    if work.how is How.RANK:
        return Fraction(100 * (work.of - work.place + 1), work.of)
    values = [redone(part) * part.weight for part in work.parts]
    if work.how is How.ZEROED:
        return Fraction(0)
    return sum(values, Fraction(0)) / (len(values) if work.how is How.MEAN else 1)


@every_kind
@settings(max_examples=12)
@given(data=st.data())
def test_what_is_printed_is_what_the_schema_says_in_every_language(kind, data):
    standings = score(kind, **data.draw(assessments(kind)))

    for language in LANGUAGES:
        rows = [standing.to_json(language) for standing in standings]
        STANDING.validate(json.loads(json.dumps(rows)))
        assert all(len(row["derivation"]) > len(kind.components) for row in rows)


@pytest.mark.parametrize("name", sorted({name for name, _ in KINDS}))
def test_every_preset_is_what_the_schema_says_rule_60(name):
    SCHEME.validate(json.loads(json.dumps(load_scheme(name).to_json())))


def test_the_schema_of_schemes_refuses_what_is_none_rule_60():
    written = load_scheme("municipal").to_json()
    written["kinds"][0]["vetoes"][0]["effect"] = "kills"

    assert not SCHEME.is_valid(written)
