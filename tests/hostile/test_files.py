"""Every file the product reads, with whatever can be in it: refused in words, nothing else."""

import resource
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from ballot.cli.main import main
from ballot.domain.pollfile import read_poll_file
from ballot.errors import BallotError
from ballot.scoring import (
    NAMED_SCALES,
    Base,
    File,
    LevelMean,
    Rule,
    convert,
    csv_lines,
    load_scheme,
    read_counts,
    read_entered,
    read_scheme,
    score,
)
from ballot.scoring.csv_table import MOST_BYTES
from ballot.scoring.table import MOST_COLUMNS, MOST_ROWS
from ballot.scoring.toml_text import MOST_CHARACTERS
from tests.builders import LEADERS_POLL, ONE_GROUP_POLL, VILLAGE_POLL
from tests.hostile.attacks import BOUNDED, NASTY
from tests.live import plain_environment

MANY = settings(BOUNDED, max_examples=150)
FOUR = NAMED_SCALES["four-level"]
VILLAGE = load_scheme("street-2023").kind("village")
PRESET = (files("ballot.scoring") / "presets" / "street-2023.toml").read_text("utf-8")
SCHEME = """
title = "方案"
[rules.peers]
scale = "four-level"
conversion = "bands"
bands = [{ at-least = "90%", score = 90 }, { at-least = "60%", score = "60" }]
otherwise = 40
[adjustments.praise]
title = "表扬"
[vetoes.fire]
title = "火灾"
effect = "bars"
[kinds.village]
title = "村"
full = 10
[[kinds.village.components]]
key = "peers"
title = "互评"
full = 10
source = "ballot"
rule = "peers"
[kinds.village.grades]
form = "places"
first = "优秀"
upper = "良好"
lower = "一般"
failed = "差"
places = 1
upper-share = "1/2"
failed-below = 60
"""
OPTIONS = """
blank = "required"
quorum = { at_least = "2/3", of = "issued" }
limits = [{ level = "好", at_most = 1 }]
questions = [{ text = "德", weight = "0.4" }, { text = "能" }]
instructions = "请如实评价。"
"""
COUNTS = (
    "对象,类别,应到,发出,收回,无效,好,较好,一般,差,弃权\n"
    "甲,a,30,30,29,1,10,9,5,3,1\n乙,a,9,9,9,0,9,0,0,0,0\n"
)
ENTRIES = (
    ",".join(["unit", *(c.key for c in VILLAGE.components)])
    + "\n甲,80.5,4.5,4,4\n乙,70,4.05,3.333,1\n"
)
ADJUSTMENTS = "unit,rule,times,marks,item,note\n甲,praise-city,2,,通报,备注\n乙,late-reply,1,,,\n"
VETOES = f"unit,rule,item,note\n甲,{next(iter(VILLAGE.vetoes))},事项,备注\n"

pieces = st.sampled_from(
    [
        *NASTY[:-5],
        '"""',
        "'''",
        "[",
        "[[",
        "{",
        "}",
        "=",
        "\n",
        "\r",
        ",",
        '"',
        ".",
        "#",
        "\\u001b",
        "\\ud800",
        "0x" + "f" * 2000,
        "1e99999",
        "9" * 30,
        "-1",
        "0.0",
        "2023-01-01T00:00:00Z",
        "nan",
        "true",
        "[[[[]]]]",
        "a.b.c.d = 1",
        "\ufeff",
    ]
)


def mutated(text: str) -> st.SearchStrategy[str]:
    """Return a text with a few pieces cut out, doubled or put in: nearly right, or not at all."""
    place = st.integers(0, len(text))
    cut = st.tuples(place, place, pieces | st.just("")).map(
        lambda c: (min(c[:2]), max(c[:2]), c[2])
    )
    near = st.tuples(place, st.integers(0, 12), pieces | st.just("")).map(
        lambda c: (c[0], c[0] + c[1], c[2])
    )

    def apply(cuts: list[tuple[int, int, str]]) -> str:
        changed = text
        for start, end, put in cuts:
            changed = changed[:start] + put + changed[end:]
        return changed

    return st.lists(near | near | cut, min_size=1, max_size=3).map(apply)


def counted(content: bytes) -> list[object]:
    tallies = read_counts(csv_lines(content, "counts.csv"), FOUR, Base.VALID)
    rule = Rule(FOUR, LevelMean(), Base.VALID, Decimal(100))
    return [convert(subject, [tally], rule).to_json() for subject, tally in tallies]


def standing(
    entries: str = ENTRIES, adjustments: str = ADJUSTMENTS, vetoes: str = VETOES
) -> list[object]:
    given_files = [
        File(name, text.encode("utf-8", "surrogatepass"))
        for name, text in (("e.csv", entries), ("a.csv", adjustments), ("v.csv", vetoes))
    ]
    entered = read_entered(VILLAGE, *given_files)
    standings = score(VILLAGE, entered.entries, entered.adjustments, entered.vetoes)
    return [each.to_json("en") for each in standings]


def _scheme(text: str) -> object:
    return read_scheme(text, "scheme")


READERS: dict[str, tuple[Callable[[str], object], tuple[str, ...]]] = {
    "POLL.toml": (
        read_poll_file,
        (VILLAGE_POLL, LEADERS_POLL, ONE_GROUP_POLL.replace("subjects", OPTIONS + "subjects", 1)),
    ),
    "SCHEME.toml": (_scheme, (SCHEME, PRESET)),
    "COUNTS.csv": (lambda text: counted(text.encode("utf-8", "surrogatepass")), (COUNTS,)),
    "ENTRIES.csv": (lambda text: standing(entries=text), (ENTRIES,)),
    "adjustments": (lambda text: standing(adjustments=text), (ADJUSTMENTS,)),
    "vetoes": (lambda text: standing(vetoes=text), (VETOES,)),
}


def read(reader: Callable[[str], object], text: str) -> None:
    """Read a text: what comes is a value, or an error whose sentences can be told."""
    try:
        reader(text)
    except BallotError as error:
        for told in error.texts():
            for language in ("zh-CN", "en"):
                assert told.in_(language).strip()


@pytest.mark.parametrize("name", READERS)
def test_the_samples_that_are_spoilt_below_are_sound(name):
    reader, samples = READERS[name]

    for sample in samples:
        reader(sample)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_a_file_that_is_nearly_right_is_read_or_refused_in_words(name):
    reader, samples = READERS[name]

    @given(st.sampled_from(samples).flatmap(mutated))
    @MANY
    def spoilt(text: str) -> None:
        read(reader, text)

    spoilt()


@pytest.mark.parametrize("name", READERS)
def test_no_text_at_all_breaks_a_reader(name):
    reader, _ = READERS[name]

    @given(st.lists(pieces | st.text(max_size=20), max_size=12).map("".join))
    @BOUNDED
    def strange(text: str) -> None:
        read(reader, text)

    strange()


@pytest.mark.parametrize("marks", ["9" * 1990, "-" + "9" * 1990, "0." + "9" * 1990, "-0", "1e9"])
@pytest.mark.parametrize("times", ["999999999", "1"])
def test_figures_beyond_all_use_are_reckoned_with_or_refused(marks, times):
    kind = read_scheme(SCHEME, "scheme").kind("village")
    added = f"unit,rule,times,marks\n甲,praise,{times},{marks}\n"

    def reckon(_: str) -> None:
        entered = read_entered(
            kind, File("e.csv", b"unit,peers\n\xe7\x94\xb2,9.5\n"), File("a.csv", added.encode())
        )
        for each in score(kind, entered.entries, entered.adjustments, entered.vetoes):
            assert each.to_json()["total"]

    read(reckon, "")


COMMANDS = {
    "poll create": ["poll", "create", "FILE"],
    "schemes check": ["schemes", "check", "FILE"],
    "convert": ["convert", "FILE", "--scale", "four-level", "--conversion", "bands"],
    "score": ["score", "FILE", "--scheme", "street-2023", "--kind", "village"],
    "verify": ["verify", "FILE"],
    "restore": ["restore", "FILE"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_bytes_in_a_file_break_the_command_that_reads_it(command, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLOT_FOLDER", str(tmp_path / "var"))
    file = tmp_path / "file"
    words = [str(file) if word == "FILE" else word for word in COMMANDS[command]]

    @given(st.binary(max_size=200) | st.sampled_from(NASTY).map(lambda text: text.encode()))
    @settings(BOUNDED, max_examples=15)
    def strange(content: bytes) -> None:
        file.write_bytes(content)
        done = CliRunner().invoke(main, words)
        assert (done.exit_code, done.stdout) == (1, ""), done.exception
        assert done.stderr.strip()
        assert isinstance(done.exception, SystemExit)

    strange()


def _huge(text: str, size: int) -> bytes:
    return (text * (size // len(text.encode()) + 1)).encode()


HUGE = {
    "50 MB of rows": ("convert", _huge("甲,1,2,3,4\n", 50_000_000)),
    "a line of 10 MB": ("convert", _huge("a", 10_000_000)),
    "a line of nearly 2 MB": ("convert", b"a" * (MOST_BYTES - 1)),
    "100,000 columns": ("convert", b"a," * 100_000 + b"\n"),
    "1,000,000 empty rows": ("convert", b"subject\n" + b"\n" * 1_000_000),
    "nothing but quotation marks": ("convert", b'"' * 1_000_000),
    "cells under no heading": ("convert", b"subject\n" + (b"," * 400 + b"a\n") * 4_000),
    "wrong cells everywhere": ("score", ENTRIES.encode() + b"a,b,c,d,e\n" * 19_000),
    "50 MB of TOML": ("poll create", _huge("a = 1\n", 50_000_000)),
    "a TOML line of 10 MB": ("schemes check", b"a = '" + b"x" * 10_000_000 + b"'"),
    "lists in lists": ("poll create", b"a = " + b"[" * 90_000 + b"]" * 90_000),
    "tables in tables": ("schemes check", b"a = " + b"{a=" * 60_000),
    "a key of 90,000 parts": ("poll create", b".".join([b"a"] * 90_000) + b" = 1"),
    "a thousand keys of 90 parts": ("schemes check", (b".".join([b"a"] * 90) + b"\n") * 1000),
    "a header of 90,000 parts": ("schemes check", b"[" + b".".join([b"a"] * 90_000) + b"]"),
    "60,000 subjects": ("poll create", b"subjects = [" + b"{}," * 60_000 + b"]"),
    "20,000 tables": ("schemes check", b"".join(b"[a%d]\n" % n for n in range(20_000))),
    "a number of 50,000 digits": ("schemes check", b"a = 0x" + b"f" * 50_000),
}
"""What no person writes: it would fill memory, or keep a reader busy without end."""


def _in_little_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (700_000_000, 700_000_000))


@pytest.mark.slow
@pytest.mark.parametrize("what", HUGE)
def test_a_file_that_nobody_wrote_by_hand_is_refused_at_once_and_in_little_memory(what, tmp_path):
    command, content = HUGE[what]
    file = tmp_path / "huge"
    file.write_bytes(content)

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "ballot",
            *(str(file) if w == "FILE" else w for w in COMMANDS[command]),
        ],
        env={**plain_environment(), "BALLOT_FOLDER": str(tmp_path / "var")},
        preexec_fn=_in_little_memory,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, ""), done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert 0 < len(done.stderr.splitlines()) <= 101


@pytest.mark.slow
def test_the_limits_are_far_from_what_people_write():
    largest = "\n".join(
        [
            'title = "测评"',
            'scheme = "street-2023"',
            'kind = "village"',
            'component = "village-peer-review"',
            "subjects = [",
            *(f'{{ unit = "{n:040}", name = "{n:040}", duty = "{n:040}" }},' for n in range(200)),
            "]",
            *(f'[[groups]]\nkey = "g{n}"\nname = "{n:020}"\nballots = 1000' for n in range(100)),
        ]
    )
    rows = "".join(f"{n:040},100,100,100,100\n" for n in range(5_000))

    assert len(read_poll_file(largest).slots) == 200
    assert len(largest) < MOST_CHARACTERS / 3
    assert len(counted(f"subject,好,较好,一般,差\n{rows}".encode())) == 5_000
    assert len(rows) < MOST_BYTES / 5
    assert min(MOST_ROWS, 20 * MOST_COLUMNS) >= 10_000


def test_a_file_that_is_no_file_is_told(tmp_path):
    for path in (Path("/dev/zero"), tmp_path, tmp_path / "missing"):
        done = CliRunner().invoke(main, ["schemes", "check", str(path)])

        assert done.exit_code in {1, 2}
        assert isinstance(done.exception, SystemExit)
