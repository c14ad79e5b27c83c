"""How a component's points are told: the lines a person would write, from figures to points."""

from collections.abc import Iterable, Iterator
from functools import reduce

from ballot.language import Text
from ballot.scoring.components import WHOLE, Component
from ballot.scoring.figures import exact, in_percent, readable
from ballot.scoring.readings import Reading, with_clause
from ballot.scoring.working import ComponentWork, How, Work


def component_lines(done: ComponentWork) -> list[Text]:
    """Return the lines on a component: its special leaves first, then its points, its readings."""
    lines: list[Text] = []
    if done.work is not None:
        lines += _leaves(done.work)
    lines.append(with_clause(_points_line(done), done.component.clause))
    readings = done.component.readings if done.work is None else _readings(done.work)
    return lines + reading_lines(readings)


def reading_lines(readings: Iterable[Reading]) -> list[Text]:
    """Return a line for each of the readings, told once."""
    return [Text("口径：%(reading)s", reading=each.text) for each in dict.fromkeys(readings)]


def _readings(work: Work) -> Iterator[Reading]:
    yield from work.readings
    for part in work.parts:
        yield from _readings(part)


def _leaves(work: Work) -> Iterator[Text]:
    """Tell each step that is more than a sum of figures: places, indicators, what a veto took."""
    if work.how is How.ZEROED:
        yield Text("%(title)s：因否决情形计 0 分", title=work.title)
        return
    if work.how is How.PLACE:
        yield _place(work)
    if work.parts and all(part.how is How.RANK for part in work.parts):
        yield from (_rank(work.title, part) for part in work.parts)
        yield Text(
            "%(title)s：%(sum)s = %(value)s",
            title=work.title,
            sum=_expression(work),
            value=readable(work.value),
        )
        return
    for part in work.parts:
        yield from _leaves(part)


def _place(work: Work) -> Text:
    """Tell how an entered place became marks (rule 44)."""
    steps, place = work.steps, work.place or 1
    if steps is None:
        raise ValueError(f"{work.key} has no steps")
    return Text(
        "%(title)s：第 %(place)s 名，%(first)s − %(step)s × %(further)s，"
        "最低 %(least)s → %(marks)s 分",
        title=work.title,
        place=place,
        first=exact(steps.first),
        step=exact(steps.step),
        further=place - 1,
        least=exact(steps.least),
        marks=exact(work.value),
    )


def _rank(name: str, work: Work) -> Text:
    """Tell how a raw figure became marks by its rank (rule 45)."""
    return Text(
        "%(name)s%(part)s %(figure)s：%(of)s 个中第 %(place)s，"
        "100 × (%(of)s − %(place)s + 1) ÷ %(of)s = %(marks)s",
        name=name,
        part=work.title,
        figure=exact(work.value if work.figure is None else work.figure),
        of=work.of,
        place=work.place,
        marks=readable(work.value),
    )


def _points_line(done: ComponentWork) -> Text:
    head, work = _head(done.component), done.work
    if work is None:
        return Text("%(head)s：空白", head=head)
    sum_ = _expression(work)
    if done.component.share != WHOLE:
        whole = len(work.parts) > 1 and work.how in (How.SUM, How.WEIGHTS)
        sum_ = Text("(%(sum)s)", sum=sum_) if whole else sum_
        sum_ = _times(sum_, in_percent(done.component.share))
    if done.points is None:
        return Text("%(head)s：%(sum)s", head=head, sum=sum_)
    return Text("%(head)s：%(sum)s → %(points)s 分", head=head, sum=sum_, points=f"{done.points:f}")


def _head(component: Component) -> Text | str:
    """Name a component with its full marks and what it counts with."""
    if component.full_marks is None:
        return component.title
    title, full = component.title, exact(component.full_marks)
    if not component.counted:
        return Text("%(title)s（满分 %(full)s，不计入总分）", title=title, full=full)
    if component.share != WHOLE:
        share = in_percent(component.share)
        return Text("%(title)s（满分 %(full)s，占 %(share)s）", title=title, full=full, share=share)
    return Text("%(title)s（满分 %(full)s）", title=title, full=full)


def _expression(work: Work) -> Text | str:
    """Write a step as arithmetic: what is added, its mean, or what each part is weighted with."""
    if not work.parts or work.how is How.ZEROED:
        return readable(work.value)
    if work.how is How.WEIGHTS:
        return _sum(_times(_named(part), in_percent(part.weight)) for part in work.parts)
    terms = _sum(_term(part) for part in work.parts)
    if work.how is How.MEAN and len(work.parts) > 1:
        return Text("(%(sum)s) ÷ %(count)s", sum=terms, count=len(work.parts))
    return terms


def _term(part: Work) -> Text | str:
    """Write a part of a sum: a sum in a sum is written out, anything else as its value."""
    if part.how is How.SUM and part.parts:
        return _sum(_term(each) for each in part.parts)
    return _named(part)


def _named(part: Work) -> Text | str:
    return Text("%(title)s %(value)s", title=part.title, value=readable(part.value))


def _sum(terms: Iterable[Text | str]) -> Text | str:
    return reduce(lambda all_, term: Text("%(all)s + %(term)s", all=all_, term=term), terms)


def _times(term: Text | str, factor: str) -> Text:
    return Text("%(term)s × %(factor)s", term=term, factor=factor)
