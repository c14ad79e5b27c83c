"""Closed polls of every shape an archive can have, and their archives."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

from ballot.domain.codes import Code
from ballot.domain.definition import Slot
from ballot.domain.hand_outs import Handed
from ballot.domain.polls import Poll
from ballot.domain.votes import BLANK, NOT_ASKED
from ballot.services import archive, handing_out, polls, results, voiding
from ballot.storage import ballots
from tests.builders import (
    LEADERS_POLL,
    VILLAGE_POLL,
    Place,
    a_cast,
    a_poll,
    an_open_poll,
    certify,
    close,
    open_poll,
    print_ballots,
)
from tests.papers import count_on_paper

WEIGHTED: Final = """
title = "2023年度站办所测评（甲、乙票）"
scheme = "street-2023"
kind = "station"
component = "leaders-review"
subjects = [{ unit = "财政所" }, { unit = "司法所", duty = "所长" }]
questions = [{ text = "履职", weight = "0.6" }, { text = "作风", weight = "0.4" }]
scale = { levels = [
  { label = "优", value = 100, approves = true },
  { label = "良", value = "82.5", approves = true },
  { label = "差", value = 0 },
] }
base = "issued"
wholly_blank = "invalid"
groups = [
  { key = "a", name = "甲票", ballots = 9, weight = "1/3" },
  { key = "b", name = "乙票", ballots = 24, weight = "2/3", excludes = ["司法所"] },
]
"""

MARKED: Final = """
title = "2023年度干部评议（打分）"
scheme = "street-2023"
wholly_blank = "invalid"
groups = [
  { key = "a", name = "甲票", ballots = 12, weight = "0.6" },
  { key = "b", name = "乙票", ballots = 23, weight = "0.4", excludes = ["司法所"] },
]

[[sections]]
kind = "station"
component = "leaders-review"
subjects = [{ unit = "财政所" }, { unit = "司法所" }]
questions = [{ text = "履职", weight = "0.6" }, { text = "作风", weight = "0.4" }]
scale = { marks = { drop_top = "10%", drop_bottom = 1, only_above = 5 } }

[[sections]]
kind = "village"
component = "leaders-review"
subjects = [{ unit = "白马村" }]

[[sections]]
kind = "station"
component = "report-review"
subjects = [{ unit = "财政所" }]
scale = "marks"
"""

POLLS: Final = {
    "village": VILLAGE_POLL,
    "leaders": LEADERS_POLL,
    "weighted": WEIGHTED,
    "marked": MARKED,
}


def a_closed_poll(
    place: Place, text: str, *, seed: int = 1, certified: bool = True, papers: bool = False
) -> Poll:
    """Return a poll with every kind of vote, a spare, a void and a batch in the middle."""
    random = Random(seed)
    poll = a_poll(place, text)
    codes = print_ballots(place, poll, spares=1)
    open_poll(place, poll)
    poll = place.poll(poll.id)
    with place.database.write() as connection:
        polls.void_ballot(
            connection, place.keys, poll.id, codes.pop(0), by="test", now=place.clock()
        )
    codes += print_ballots(place, poll, count=2, group=poll.definition.groups[0].key)
    in_box = print_ballots(place, poll, 3, group="party", box="一号箱") if papers else []
    for place_in_line, code in enumerate((*codes[:-2], *in_box[:1])):
        _vote(place, poll, code, random, blank=place_in_line == 3)
    close(place, poll)
    if papers:
        said = ("1",), ("invalid",), ("-",), ("x",)
        count_on_paper(place, poll, [codes[0], *codes[-2:], *in_box[1:]], *said)
    if certified:
        issued = {group.key: group.ballots + 2 for group in poll.definition.groups[:1]}
        issued |= {group.key: group.ballots + 1 for group in poll.definition.groups[1:]}
        if in_box:
            issued["party"] += len(in_box)
        certify(place, poll, issued)
    return place.poll(poll.id)


def with_hand_outs(place: Place) -> Poll:
    """Return a certified poll with hand-outs, exchanges, a mobile box and a batch voided whole."""
    poll = a_poll(place, POLLS["village"])
    codes = print_ballots(place, poll, spares=2)
    in_box = print_ballots(place, poll, 4, group="party", spares=2, box="一号箱")
    print_ballots(place, poll, 3, group="party", box="二号箱")
    open_poll(place, poll)
    said = {"by": "李发票", "now": place.clock()}
    with place.database.write() as connection:
        for part in handing_out.hall(connection, poll.id).parts:
            if part.box == "二号箱":
                continue
            handing_out.hand_out(connection, poll.id, part.key, None, **said)
        batch = ballots.batches_of(connection, poll.id)[-1].id
        voiding.void_batch(connection, poll.id, batch, reason="丢失", **said)
        for part in ("party@一号箱", "leaders@"):
            handing_out.hand_out(connection, poll.id, part, 1, what=Handed.LOST, **said)
        polls.void_ballot(connection, place.keys, poll.id, in_box[0], **said)
        polls.void_ballot(connection, place.keys, poll.id, codes[-1], replaced=False, **said)
        row = handing_out.hall(connection, poll.id).rows[0].recorded.id
        handing_out.withdraw(connection, poll.id, row, why="数错", **said)
        handing_out.hand_out(connection, poll.id, "committee@", 6, **said)
    random = Random(1)
    for code in codes[:5] + codes[10:16] + in_box[1:4]:
        _vote(place, poll, code, random, blank=False)
    close(place, poll)
    certify(place, poll, {"party": 14, "party@一号箱": 3})
    return place.poll(poll.id)


def _vote(place: Place, poll: Poll, code: Code, random: Random, *, blank: bool) -> None:
    from ballot.services import voting

    admission = voting.find(place.database, place.keys, code)
    choices = bytes(
        NOT_ASKED
        if not admission.group.rates(slot.subject)
        else BLANK
        if blank
        else random.choice(_answers(slot))
        for slot in poll.definition.slots
    )
    place.queue.cast(a_cast(place, poll, code, choices))


def _answers(slot: Slot) -> list[int]:
    if slot.section.on_marks:
        return [0, 60, 85, 85, 92, 99, 100, BLANK]
    return [0, 0, 0, 1, slot.section.rule.scale.answers - 1, BLANK]


def exported(place: Place, poll: Poll, path: Path, *, small_groups: bool = False) -> bytes:
    """Export a poll's archive and return its bytes."""
    archive.export(
        place.database,
        place.keys,
        poll.id,
        path,
        smallest_group=place.settings.smallest_group,
        small_groups=small_groups,
        by="test",
        now=place.clock(),
    )
    return path.read_bytes()


def with_discretion(place: Place) -> Poll:
    """Return a certified poll whose subject fell into the lowest band and got another value."""
    poll, codes = an_open_poll(place, count=10)
    for code in codes:
        place.queue.cast(a_cast(place, poll, code, bytes([3])))
    close(place, poll)
    with place.database.write() as connection:
        results.set_discretion(
            connection,
            poll.id,
            unit="白马村",
            value="35.5",
            reason="当年受灾",
            by="王计分",
            now=place.clock(),
        )
    certify(place, poll)
    return place.poll(poll.id)


Record = tuple[str, Any]


def records(data: bytes) -> list[Record]:
    """Return an archive's lines as kind and value."""
    found = [json.loads(line) for line in data.decode("utf-8").splitlines()]
    return [next(iter(each.items())) for each in found]


def rehashed(lines: list[Record]) -> bytes:
    """Write lines as an archive with a hash that fits them, as a forger would."""
    body = "".join(f"{_canonical({kind: value})}\n" for kind, value in lines if kind != "sha256")
    digest = hashlib.sha256(body.encode("utf-8")).hexdigest()
    return f"{body}{_canonical({'sha256': digest})}\n".encode()


def rechained(lines: list[Record]) -> list[Record]:
    """Chain the log's entries anew, as a forger of the log would."""
    previous = "0" * 64
    for kind, value in lines:
        if kind == "event":
            value["previous"] = previous
            names = ("number", "at", "actor", "action", "details", "previous")
            entry = _canonical([value[name] for name in names])
            previous = value["hash"] = hashlib.sha256(entry.encode("utf-8")).hexdigest()
    return [(kind, previous if kind == "log_head" else value) for kind, value in lines]


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def forged(data: bytes, change: Callable[[list[Record]], None]) -> bytes:
    """Return an archive with changed records and a fitting hash."""
    lines = records(data)
    change(lines)
    return rehashed(lines)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield each plain value inside a record, with where it is."""
    if isinstance(value, dict):
        for key in value:
            yield from leaves(value[key], (*path, key))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from leaves(each, (*path, place))
    else:
        yield path, value
