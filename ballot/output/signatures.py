"""The lines of a count report that are signed by hand, with the names that the log recorded.

Lengths are millimetres.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from ballot.domain.count_report import Act, CountReport
from ballot.domain.events import CLOCK
from ballot.language import Text
from ballot.output.flow import Align, Flow, Style, put
from ballot.output.pages import GREY, Ink
from ballot.output.pdf import POINTS_PER_MM

_BEFORE: Final = 3.0
_LINE: Final = 11.0
_INK: Final = Ink(11)
_BENEATH: Final = Style(Ink(8, GREY), Align.LEFT, leading=1.35)
_GAP: Final = 6.0

Words = Callable[[Text], str]


class _Place(NamedTuple):
    """One line to sign on: who signs, and what the log recorded beneath it."""

    who: Text
    recorded: Sequence[Text]


def signatures_height(report: CountReport) -> float:
    """Return how much paper the lines take."""
    most = max(len(place.recorded) for place in _places(report))
    return _BEFORE + _LINE + 2 * most * _BENEATH.step


def draw_signatures(report: CountReport, flow: Flow, words: Words) -> None:
    """Draw the lines beside each other: scrutineer, teller, organiser, date."""
    flow.need(signatures_height(report))
    flow.y += _BEFORE
    places = _places(report)
    width = (flow.width - _GAP * (len(places) - 1)) / len(places)
    lowest = baseline = flow.y + _LINE
    for number, place in enumerate(places):
        x = flow.left + number * (width + _GAP)
        lowest = max(lowest, _draw(flow, place, (x, baseline, width), words))
    flow.y = lowest


def _draw(flow: Flow, place: _Place, at: tuple[float, float, float], words: Words) -> float:
    """Draw one line with what is recorded beneath it, and return how far down it reaches."""
    x, baseline, width = at
    label = words(Text("%(who)s：", who=place.who))
    who = flow.pages.printable(label[:1].upper() + label[1:])
    flow.pages.text(x, baseline - 1, who, _INK)
    start = x + flow.pages.width(who, _INK.size)
    flow.pages.line(start, baseline, x + width, baseline, width=0.6)
    y = baseline + 1.5
    for text in place.recorded:
        for line in flow.lines(words(text), _BENEATH, width):
            put(flow.pages, line, _BENEATH, (x, y + _BENEATH.ink.size / POINTS_PER_MM, width))
            y += _BENEATH.step
    return y


def _places(report: CountReport) -> list[_Place]:
    acts = report.acts
    return [
        _Place(Text("监票人"), _by_name((act.scrutineer, act) for act in acts)),
        _Place(Text("计票人"), _by_name((name, act) for act in acts for name in act.tellers)),
        _Place(Text("组织者"), _by_name((act.actor, act) for act in acts)),
        _Place(Text("日期"), ()),
    ]


def _by_name(acts: Iterable[tuple[str, Act]]) -> list[Text]:
    """Return each recorded name once, with the acts that it stands beside."""
    beside: dict[str, list[Act]] = {}
    for name, act in acts:
        if name and name != CLOCK:
            beside.setdefault(name, []).append(act)
    return [
        Text("%(name)s（%(acts)s）", name=name, acts=_listed(mine)) for name, mine in beside.items()
    ]


def _listed(acts: Sequence[Act]) -> Text:
    told = acts[0].stage
    for act in acts[1:]:
        told = Text("%(first)s、%(second)s", first=told, second=act.stage)
    return told
