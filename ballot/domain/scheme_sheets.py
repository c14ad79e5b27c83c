"""What of a scheme an organisation changes in forms: small sheets of fields, each at its place.

A sheet follows from the scheme's values alone. What it does not offer (conversions, indicators,
conditions) is changed in the scheme's file.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ballot.domain.scheme_columns import (
    BASES,
    CLAUSE,
    EFFECTS,
    OFFICE,
    TITLE,
    YES_NO,
    Block,
    Column,
    Line,
    Sheet,
    Sort,
)
from ballot.domain.scheme_paths import at
from ballot.language import N_, Text
from ballot.scoring.components import Combine

Values = Mapping[str, Any]


def sheets(values: Values) -> list[Sheet]:
    """Return every sheet that a scheme has, in the order in which a document is read."""
    kinds = values["kinds"]
    return [
        _titles(values),
        *(_components(key, kind, values) for key, kind in kinds.items()),
        *([_rules(values)] if values.get("rules") else []),
        _adjustments(values),
        _vetoes(values),
        *(_grades(key, kind) for key, kind in kinds.items() if "grades" in kind),
    ]


def sheet(values: Values, part: str, kind: str = "") -> Sheet | None:
    """Return one sheet, None where the scheme has none such."""
    found = (each for each in sheets(values) if (each.part, each.kind) == (part, kind))
    return next(found, None)


def _titles(values: Values) -> Sheet:
    source = Column("source", N_("依据的文件"), required=False, wide=True)
    whole = Block(Text("方案"), (TITLE, source), (Line("", ("title", "source")),))
    kinds = Block(
        Text("考核哪些类别"),
        (TITLE, CLAUSE),
        tuple(Line(f"kinds.{key}", ("title", "clause")) for key in values["kinds"]),
    )
    return Sheet("titles", "", Text("名称和依据"), (whole, kinds))


def _components(key: str, kind: Values, values: Values) -> Sheet:
    place = f"kinds.{key}"
    lines = [
        Line(place, ("full",), heading=Text("总分"))
        if "full" in kind
        else Line(place, (), heading=Text("总分（有考核项没有满分，不设总分）"))
    ]
    for row in kind["components"]:
        lines += _items(row, f"{place}.components.{row['key']}", 0)
    nodes = [at({"kinds": {key: kind}}, line.path) for line in lines[1:]]
    extra = [
        column
        for column in (
            Column("share", N_("折算比例"), Sort.SHARE, required=False),
            Column("weight", N_("权重"), Sort.SHARE, required=False),
        )
        if any(column.name in node for node in nodes)
    ]
    full = Column("full", N_("满分"), Sort.NUMBER, required=False)
    columns = (TITLE, full, *extra, OFFICE, CLAUSE)
    how = Column("source", N_("分数怎么来"), Sort.CHOICE, options=_sources(values))
    into = [(f"{place}.components", Text("考核项（不属于别的项）"))]
    for line, node in zip(lines[1:], nodes, strict=True):
        if node.get("source") != "ballot" and not node.get("rule") and not node.get("indicators"):
            into.append((f"{line.path}.items", Text("“%(title)s”的分项", title=node["title"])))
    title = Text("“%(kind)s”的考核项", kind=kind["title"])
    block = Block(title, columns, tuple(lines), tuple(into), (TITLE, full, how, OFFICE, CLAUSE))
    return Sheet("components", key, title, (block,))


def _sources(values: Values) -> dict[str, Text]:
    """Return how a new component may get its marks: entered, or polled by one of the rules."""
    kinds = values["kinds"].values()
    found = {"entry": Text("录入分数")}
    for key in values.get("rules", {}):
        like = next(_rested_on(key, kinds), key)
        found[f"{POLLED}{key}"] = Text("投票，折算与“%(like)s”相同", like=like)
    return found


POLLED: Final = "ballot "
"""Before the rule's key, in what is chosen for a new component that is polled."""


def _items(row: Values, path: str, depth: int) -> Iterator[Line]:
    sums = is_sum(row)
    named = ["title", *([] if sums else ["full"])]
    named += [name for name in ("share", "weight") if name in row]
    yield Line(path, (*named, "office", "clause"), depth=depth, removable=True, sums=sums)
    for part in row.get("items", ()):
        yield from _items(part, f"{path}.items.{part['key']}", depth + 1)


def is_sum(row: Values) -> bool:
    """Tell whether an item's full marks are the sum of its parts'."""
    parts = row.get("items", ())
    summed = row.get("combine", Combine.SUM.value) == Combine.SUM.value
    return bool(parts) and summed and all("full" in part for part in parts)


def _rules(values: Values) -> Sheet:
    blocks = [_rule(key, rule, values) for key, rule in values["rules"].items()]
    return Sheet("rules", "", Text("投票怎样折算"), tuple(blocks))


def _rule(key: str, rule: Values, values: Values) -> Block:
    path = f"rules.{key}"
    lines: list[Line] = []
    for number, _ in enumerate(rule.get("levels", ()), start=1):
        lines.append(
            Line(
                f"{path}.levels[{number}]",
                ("label", "value"),
                heading=Text("量表等次"),
                removable=True,
            )
        )
    bands = rule.get("conversion") == "bands"
    for number, _ in enumerate(rule.get("bands", ()) if bands else (), start=1):
        heading = Text("第 %(number)s 档", number=number)
        lines.append(
            Line(f"{path}.bands[{number}]", ("at-least", "score"), heading=heading, removable=True)
        )
    if bands:
        lines.append(Line(path, ("otherwise",), heading=Text("都够不上的")))
    if "base" in rule:
        lines.append(Line(path, ("base",), heading=Text("按什么票数计算")))
    columns = [
        Column("label", N_("等次名称")),
        Column("value", N_("分值"), Sort.NUMBER),
        Column("at-least", N_("赞成比例至少"), Sort.SHARE, hint=N_("如 90%%")),
        Column("score", N_("折算分"), Sort.NUMBER),
        Column("otherwise", N_("都够不上的折算分"), Sort.NUMBER),
        Column("base", N_("基数"), Sort.CHOICE, options=BASES),
    ]
    used = {name for line in lines for name in line.columns}
    titles = dict.fromkeys(_rested_on(key, values["kinds"].values()))
    return Block(
        Text("用于：%(titles)s", titles="、".join(titles) or "–"),
        tuple(column for column in columns if column.name in used),
        tuple(lines),
        into=((f"{path}.bands", Text("档位")),) if bands else (),
        fresh=(columns[2], columns[3]) if bands else (),
        hint=Text("折算分是百分制的分；乘以该项满分的百分之一，就是得分。") if bands else None,
    )


def _rested_on(rule: str, rows: Sequence[Values] | Any) -> Iterator[str]:
    """Yield the titles of whatever is polled by a rule."""
    for row in rows:
        if row.get("rule") == rule:
            yield row["title"]
        yield from _rested_on(rule, [*row.get("components", ()), *row.get("items", ())])


def _places(values: Values, name: str) -> Iterator[tuple[str, Text, Values]]:
    """Yield where rules of a name stand: for all kinds, and for each; with what stands there."""
    kinds = values["kinds"]
    if len(kinds) > 1 or name in values:
        yield name, Text("适用于所有类别"), values.get(name, {})
    for key, kind in kinds.items():
        title = Text("只适用于“%(kind)s”", kind=kind["title"])
        yield f"kinds.{key}.{name}", title, kind.get(name, {})


def _adjustments(values: Values) -> Sheet:
    marks = Column(
        "marks", N_("每次加减多少分"), Sort.NUMBER, required=False, hint=N_("空白：记录时再写")
    )
    blocks = [
        Block(
            title,
            (TITLE, marks, CLAUSE),
            tuple(
                Line(f"{path}.{key}", ("title", "marks", "clause"), removable=True) for key in rules
            ),
            into=((path, title),),
            fresh=(TITLE, marks, CLAUSE),
        )
        for path, title, rules in _places(values, "adjustments")
    ]
    most = Column("at-most", N_("合计最多"), Sort.NUMBER, required=False)
    for path, title, limits in _places(values, "limits"):
        lines = tuple(Line(f"{path}.{key}", ("title", "at-most", "clause")) for key in limits)
        if lines:
            heading = Text("加分上限，%(where)s", where=title)
            blocks.append(Block(heading, (TITLE, most, CLAUSE), lines))
    return Sheet("adjustments", "", Text("加减分规则"), tuple(blocks))


def _vetoes(values: Values) -> Sheet:
    columns = (
        TITLE,
        Column("effect", N_("效果"), Sort.CHOICE, options=EFFECTS),
        Column("grade", N_("最高评哪一等"), required=False),
        Column("flag", N_("提示的文字"), required=False),
        CLAUSE,
    )
    names = tuple(column.name for column in columns)
    blocks = [
        Block(
            title,
            columns,
            tuple(Line(f"{path}.{key}", names, removable=True) for key in rules),
            into=((path, title),),
            fresh=columns,
        )
        for path, title, rules in _places(values, "vetoes")
    ]
    return Sheet("vetoes", "", Text("否决情形"), tuple(blocks))


_BY_PLACE: Final = (
    Column("first", N_("最好的等次")),
    Column("places", N_("名额（个）"), Sort.WHOLE),
    Column("share", N_("名额（占参评单位的比例）"), Sort.SHARE),
    Column("at-least", N_("至少（个）"), Sort.WHOLE, required=False),
    Column("fill-vacancies", N_("被取消资格的名额由后面的单位递补"), Sort.CHOICE, options=YES_NO),
    Column("floor", N_("低于多少分不得评最好的等次"), Sort.NUMBER, required=False),
    Column("upper", N_("其余单位中靠前的等次")),
    Column("upper-share", N_("靠前的占其余单位的比例"), Sort.SHARE),
    Column("lower", N_("其余单位中靠后的等次")),
    Column("failed", N_("最低等次"), required=False),
    Column("failed-below", N_("低于多少分为最低等次"), Sort.NUMBER, required=False),
)
_BY_CUT: Final = (
    Column("otherwise", N_("低于所有分数线的等次")),
    Column("limit", N_("最好的等次最多占"), Sort.SHARE, required=False),
    Column("distinction.title", N_("表彰的名称")),
    Column("distinction.share", N_("表彰的比例"), Sort.SHARE),
)
_OFFERED: Final = frozenset({"floor", "failed", "failed-below", "limit"})
"""Fields that are offered where the scheme has nothing there yet."""


def _grades(key: str, kind: Values) -> Sheet:
    path, rule = f"kinds.{key}.grades", kind["grades"]
    title = Text("“%(kind)s”的等次", kind=kind["title"])
    blocks = []
    if rule.get("form") == "cuts":
        columns = (Column("grade", N_("等次")), Column("at-least", N_("至少多少分"), Sort.NUMBER))
        lines = tuple(
            Line(f"{path}.cuts[{number}]", ("grade", "at-least"), removable=True)
            for number, _ in enumerate(rule["cuts"], start=1)
        )
        into = ((f"{path}.cuts", Text("分数线")),)
        blocks.append(Block(Text("分数线，从高到低"), columns, lines, into, columns))
    known = _BY_CUT if rule.get("form") == "cuts" else _BY_PLACE
    shown = [each for each in known if each.name in _OFFERED or at(rule, each.name) is not None]
    blocks.append(
        Block(
            Text("名额和最低等次") if known is _BY_PLACE else Text("其他"),
            tuple(shown),
            tuple(Line(path, (each.name,), heading=Text(each.label)) for each in shown),
        )
    )
    return Sheet("grades", key, title, tuple(blocks))
