"""Two independent verifiers: neither lets a change pass, and they agree."""

import copy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ballot import second_verifier
from ballot.domain import recount
from ballot.domain.archive import ArchiveError
from ballot.services import archive
from ballot.settings import from_environment
from tests.archive.samples import (
    POLLS,
    Record,
    a_closed_poll,
    exported,
    forged,
    leaves,
    rechained,
    records,
    rehashed,
    with_discretion,
    with_hand_outs,
)
from tests.builders import a_place
from tests.live import ballot

DATA = Path(__file__).parent / "data"
IN_WORDS = ("derivation", "note")  # the second verifier takes these sentences as they are


@pytest.fixture(scope="module")
def samples(tmp_path_factory) -> dict[str, bytes]:
    """Give true archives of every shape."""
    folder = tmp_path_factory.mktemp("archives")
    environ = {"BALLOT_FOLDER": str(folder / "var"), "BALLOT_GRACE_SECONDS": "0"}
    with a_place(from_environment(environ)) as place:
        found = {
            name: exported(place, a_closed_poll(place, text), folder / name)
            for name, text in POLLS.items()
        }
        papers = a_closed_poll(place, POLLS["village"], seed=3, papers=True)
        found["papers"] = exported(place, papers, folder / "papers")
        found["discretion"] = exported(place, with_discretion(place), folder / "discretion")
        found["hall"] = exported(place, with_hand_outs(place), folder / "hall")
        later = a_closed_poll(place, POLLS["village"], seed=2, certified=False)
        found["closed"] = exported(place, later, folder / "closed")
    return found


def refused_by_first(data: bytes) -> bool:
    try:
        recount.verify(data)
    except ArchiveError:
        return True
    return False


def refused_by_second(data: bytes) -> bool:
    try:
        second_verifier.verify(data)
    except second_verifier.Mismatch:
        return True
    return False


def both_refuse(data: bytes) -> bool:
    """Tell whether both refuse; they must agree."""
    verdicts = {refused_by_first(data), refused_by_second(data)}
    assert len(verdicts) == 1, "the verifiers disagree"
    return verdicts.pop()


@pytest.mark.parametrize("name", ["village", "marked"])
def test_both_accept_what_a_version_without_hand_outs_exported(name):
    """Its account counted slips, not persons: a voided slip stands among the issued ones."""
    data = (DATA / f"before_hand_outs_{name}.txt").read_bytes()

    assert not both_refuse(data)
    assert b"damaged" not in data


def test_both_accept_what_was_exported(samples):
    for name, data in samples.items():
        assert not both_refuse(data), name


@pytest.mark.slow
@pytest.mark.parametrize("name", [*POLLS, "papers"])
def test_every_97th_byte_flipped_is_caught_by_both(samples, name):
    data = samples[name]

    for place in range(0, len(data), 97):
        flipped = bytearray(data)
        flipped[place] ^= 1
        assert both_refuse(bytes(flipped)), place


@pytest.mark.slow
@pytest.mark.parametrize("name", ["weighted", "discretion", "leaders", "papers", "hall"])
def test_every_fact_changed_is_caught_by_both_even_with_a_fitting_hash(samples, name):
    """No other line vouches for the receipts' symbols, nor for k where no group has a weight."""
    unvouched = 0
    for place, (kind, value) in enumerate(records(samples[name])):
        if kind in {"receipt", "sha256", "event"}:
            continue
        for path, leaf in leaves(value):
            if any(word in path for word in IN_WORDS):
                continue
            lines = records(samples[name])
            lines[place] = (kind, _put(value, path, _other(leaf)))
            if not both_refuse(rehashed(lines)):
                assert path == ("smallest_group",), (kind, path)
                unvouched += 1
    assert unvouched <= 1


def _other(leaf: Any) -> Any:
    if leaf is None:
        return "1"
    if isinstance(leaf, bool):
        return not leaf
    if isinstance(leaf, int):
        return leaf + 1
    return leaf + "1" if leaf[-1:] != "1" else leaf[:-1] + "2"


def _put(value: Any, path: tuple[Any, ...], leaf: Any) -> Any:
    if not path:
        return leaf
    changed = copy.deepcopy(value)
    target = changed
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = leaf
    return changed


def test_a_forged_sentence_of_a_derivation_is_caught_by_the_first(samples):
    def change(lines: list[Record]) -> None:
        result = next(value for kind, value in lines if kind == "result")
        result["derivation"][1] = "好 60 = 60 票"

    data = forged(samples["village"], change)

    assert refused_by_first(data)
    assert not refused_by_second(data), "it says that it takes the sentences as they are"


def _drop_a_vote(lines: list[Record]) -> None:
    lines.remove(next(line for line in lines if line[0] == "vote"))


def _add_a_vote(lines: list[Record]) -> None:
    place = next(i for i, line in enumerate(lines) if line[0] == "vote")
    lines.insert(place, copy.deepcopy(lines[place]))


def _drop_a_receipt(lines: list[Record]) -> None:
    lines.remove(next(line for line in lines if line[0] == "receipt"))


def _swap_receipts(lines: list[Record]) -> None:
    place = next(i for i, line in enumerate(lines) if line[0] == "receipt")
    lines[place], lines[place + 1] = lines[place + 1], lines[place]


def _drop_an_event(lines: list[Record]) -> None:
    lines.remove(next(line for line in lines if line[0] == "event" and line[1]["number"] == 2))


def _cut_the_log(lines: list[Record]) -> None:
    place = max(i for i, line in enumerate(lines) if line[0] == "event")
    del lines[place]
    lines[:] = [(k, lines[place - 1][1]["hash"] if k == "log_head" else v) for k, v in lines]


def _votes_in_another_order(lines: list[Record]) -> None:
    places = [i for i, line in enumerate(lines) if line[0] == "vote"]
    lines[places[0]], lines[places[-1]] = lines[places[-1]], lines[places[0]]


def _a_line_more(lines: list[Record]) -> None:
    lines.insert(3, ("comment", "…"))


def _rules_twice(lines: list[Record]) -> None:
    lines.insert(2, copy.deepcopy(lines[1]))


@pytest.mark.parametrize(
    "change",
    [
        _drop_a_vote,
        _add_a_vote,
        _drop_a_receipt,
        _swap_receipts,
        _drop_an_event,
        _cut_the_log,
        _votes_in_another_order,
        _a_line_more,
        _rules_twice,
    ],
)
def test_lines_taken_added_or_moved_are_caught_by_both(samples, change):
    assert both_refuse(forged(samples["village"], change))


def _log_says(action: str, name: str, value: object) -> Callable[[list[Record]], None]:
    def change(lines: list[Record]) -> None:
        last = [v for k, v in lines if k == "event" and v["action"] == action][-1]
        last["details"][name] = value
        lines[:] = rechained(lines)

    return change


@pytest.mark.parametrize(
    ("action", "name", "value"),
    [
        ("poll opened", "rules_hash", "0" * 64),
        ("poll closed", "returned", 1),
        ("poll closed", "invalid", 1),
        ("result certified", "issued", 99),
        ("result certified", "poll", 999),
        ("ballots printed", "printed", 99),
        ("ballots printed", "printed", "…"),
        ("ballots printed", "spares", None),
        ("ballot voided", "poll", 999),
    ],
)
def test_a_log_chained_anew_that_tells_another_story_is_caught_by_both(
    samples, action, name, value
):
    assert both_refuse(forged(samples["village"], _log_says(action, name, value)))


@pytest.mark.parametrize(
    ("action", "name", "value"),
    [
        ("slips handed out", "slips", 7),
        ("slips handed out", "what", "lost"),
        ("slips handed out", "group", "leaders"),
        ("hand-out withdrawn", "slips", 8),
        ("ballot voided", "replaced", True),
        ("ballots printed", "box", "三号箱"),
        ("batch voided", "poll", 999),
        ("poll closed", "voided", {}),
        ("poll closed", "boxes", {}),
        ("result certified", "boxes", {"party@一号箱": 4, "party@二号箱": 0}),
    ],
)
def test_a_log_chained_anew_that_tells_other_hand_outs_is_caught_by_both(
    samples, action, name, value
):
    assert both_refuse(forged(samples["hall"], _log_says(action, name, value)))


@pytest.mark.parametrize("name", ["damaged", "lost", "handed_out", "boxes"])
def test_what_an_account_counted_cannot_be_left_out_of_it(samples, name):
    def change(lines: list[Record]) -> None:
        account = next(value for kind, value in lines if kind == "account")
        for value in (account, *account["lines"], *account.get("boxes", [])):
            value.pop(name, None)

    assert both_refuse(forged(samples["hall"], change))


def test_a_log_chained_anew_with_another_discretion_is_caught_by_both(samples):
    change = _log_says("discretion recorded", "value", "39")

    assert both_refuse(forged(samples["discretion"], change))


def test_a_value_that_was_set_and_is_left_out_of_the_archive_is_caught_by_both(samples):
    def change(lines: list[Record]) -> None:
        lines.remove(next(line for line in lines if line[0] == "discretion"))
        result = next(value for kind, value in lines if kind == "result")
        result |= {"score": "40", "points": "2.00"}

    assert both_refuse(forged(samples["discretion"], change))


def test_the_first_thing_that_does_not_fit_is_named(samples):
    def change(lines: list[Record]) -> None:
        tally = next(value for kind, value in lines if kind == "tally")
        tally["slots"][0][""]["marks"][0] += 1

    with pytest.raises(ArchiveError) as problem:
        recount.verify(forged(samples["village"], change))

    assert str(problem.value) == "归档不符：第 5 行（计票结果）与其余内容不符"


@given(st.binary(max_size=300))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_no_bytes_whatsoever_make_a_verifier_stumble(data):
    assert both_refuse(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


@pytest.mark.slow
@given(data=st.data())
@settings(
    derandomize=True,
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_value_in_any_place_makes_a_verifier_stumble(samples, data):
    name = data.draw(st.sampled_from(sorted(samples)))
    lines = records(samples[name])
    place = data.draw(st.integers(0, len(lines) - 1))
    kind, value = lines[place]
    path, _ = data.draw(st.sampled_from([*leaves(value), ((), None)]))
    stem = path[: data.draw(st.integers(0, len(path)))]
    lines[place] = (kind, _put(value, stem, data.draw(json_values)))
    try:
        forgery = rehashed(rechained(lines) if kind == "event" else lines)
    except (KeyError, TypeError, UnicodeEncodeError):
        return
    refused_by_first(forgery)
    refused_by_second(forgery)


@pytest.mark.parametrize(
    "data",
    [b"[" * 100_000, b'{"archive":' * 50_000, b'{"archive":' + b"9" * 10_000 + b"}\n", b"\n", b""],
)
def test_nesting_and_huge_numbers_are_refused(data):
    assert both_refuse(data)


def test_the_second_verifier_runs_alone_on_another_machine(samples, tmp_path):
    done = ballot({"PATH": ""}, "verify", "missing", "--copy-verifier", str(tmp_path / "v.py"))
    assert done.returncode == 1
    archives = {"true": samples["village"], "false": samples["village"][:-10] + b"0123456789"}

    told = {}
    for name, data in archives.items():
        path = tmp_path / name
        path.write_bytes(data)
        told[name] = subprocess.run(
            [sys.executable, "-I", "-S", "v.py", str(path)],
            cwd=tmp_path,
            env={},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    assert told["true"].returncode == 0, told["true"].stderr
    assert told["false"].returncode == 1
    assert told["true"].stdout
    assert told["false"].stdout
    assert told["true"].stderr == told["false"].stderr == ""


def test_the_second_verifier_shares_no_code_with_the_package():
    source = Path(second_verifier.__file__).read_text("utf-8")

    imported = [line.split()[1] for line in source.splitlines() if line[:5] in {"from ", "impor"}]
    assert imported
    assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names)


def test_a_disagreement_of_the_two_is_told(samples, tmp_path):
    """Only sentences can make them disagree: the first refuses, so the second is not asked."""

    def change(lines: list[Record]) -> None:
        next(value for kind, value in lines if kind == "result")["note"] = "…"

    path = tmp_path / "archive"
    path.write_bytes(forged(samples["village"], change))

    with pytest.raises(ArchiveError):
        archive.verify(path)
    assert archive.run_second_verifier(path).returncode == 0
