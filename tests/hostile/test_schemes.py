"""A scheme file with something wrong anywhere: mistakes are told, nothing breaks, no sum is off."""

import re
from contextlib import suppress
from decimal import Decimal
from importlib.resources import files

from hypothesis import given, settings
from hypothesis import strategies as st

from ballot.errors import BallotError, MistakesError
from ballot.scoring import SettingError, read_scheme, scheme_names, score
from tests.scoring.examples import column
from tests.scoring.presets import assessments

TEXTS = [
    (files("ballot.scoring") / "presets" / f"{name}.toml").read_text("utf-8")
    for name in scheme_names()
]
VALUE = re.compile(r'(?<== )("[^"\n]*"|[0-9.-]+|true|false|\[[^\[\]{}\n]*\]|\{[^{}\n]*\})')
OTHERS = [
    '""', '"x"', '"50%"', '"1/3"', "0", "1", "-1", "0.5", "1e9", "nan", "inf", "999999999999999",
    "true", "false", "[]", '["x"]', "[[]]", "[{}]", "{}", "{ x = 1 }", "1979-05-27", "",
]  # fmt: skip


@st.composite
def broken(draw):
    """Return a preset with one to three of its values replaced by others."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 3))):
        places = list(VALUE.finditer(text))
        place = draw(st.sampled_from(places))
        other = draw(st.sampled_from([*OTHERS, *(each[0] for each in places[::7])]))
        text = text[: place.start()] + other + text[place.end() :]
    return text


@settings(max_examples=60)
@given(text=broken(), data=st.data())
def test_a_broken_scheme_is_refused_with_places_or_works_as_a_scheme(text, data):
    try:
        scheme = read_scheme(text, "x")
    except MistakesError:
        return

    kind = data.draw(st.sampled_from(list(scheme.kinds.values())))
    scheme.to_json()
    try:
        standings = score(kind, **data.draw(assessments(kind, most=3)))
    except BallotError:
        return
    for standing in standings:
        if standing.total is not None:
            assert sum(column(standing)) == Decimal(standing.to_json()["total"])


@settings(max_examples=40)
@given(text=broken(), reading=st.text(max_size=9), value=st.text(max_size=9))
def test_no_setting_breaks_a_scheme(text, reading, value):
    names = re.findall(r"^\[readings\.([a-z0-9-]+)\]", text, re.M)

    for key in [reading, *names[:3]]:
        with suppress(MistakesError, SettingError):
            read_scheme(text, "x", {key: value})
