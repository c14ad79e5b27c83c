"""Reading the table of a kind: its components and everything else it uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ballot.language import Text
from ballot.scoring.adjustment_file import read_adjustments, read_limits, read_vetoes
from ballot.scoring.adjustments import AdjustmentLimit, AdjustmentRule, Effect, VetoRule
from ballot.scoring.component_file import ComponentReader, check_sum
from ballot.scoring.grade_rules import CutGrades
from ballot.scoring.grades_file import read_grades
from ballot.scoring.kinds import Coefficient, Kind, StaffQuota, TwoYears
from ballot.scoring.publicity_file import read_notice, read_review
from ballot.scoring.readings import Reading
from ballot.scoring.rules import Rule
from ballot.scoring.toml_table import Table

RESERVED: Final = frozenset({"unit", "sector", "competes", "staff", "last-year"})


@dataclass(frozen=True)
class Shared:
    """What the kinds of a scheme refer to by name."""

    readings: Mapping[str, Reading]
    rules: Mapping[str, Rule | None]
    adjustments: Mapping[str, AdjustmentRule]
    vetoes: Mapping[str, VetoRule]
    limits: Mapping[str, AdjustmentLimit]


def read_kind(key: str, table: Table, shared: Shared) -> Kind:
    """Return the kind of a table."""
    rows = table.rows("components", required=True)
    components = ComponentReader(shared.readings, shared.rules).components(rows)
    adjustments = {**shared.adjustments, **read_adjustments(table, shared.readings)}
    limits = {**shared.limits, **read_limits(table, adjustments, shared.readings)}
    tables = {name: table.table(name) for name in ("grades", "coefficient", "staff", "two-years")}
    grades, factor = tables["grades"], tables["coefficient"]
    quota, years = tables["staff"], tables["two-years"]
    kind = Kind(
        key=key,
        title=table.text("title"),
        components=components,
        adjustments=adjustments,
        vetoes={**shared.vetoes, **read_vetoes(table, shared.readings)},
        grades=read_grades(grades, shared.readings) if grades else None,
        limits=limits,
        sectors=table.flag("sectors", default=False),
        competes=table.flag("competes", default=False),
        coefficient=_coefficient(factor, shared) if factor else None,
        staff=_staff(quota, shared) if quota else None,
        two_years=_two_years(years) if years else None,
        notice=read_notice(table.table("notice"), shared.readings),
        review=read_review(table.table("review"), shared.readings),
        clause=table.text("clause", ""),
        readings=table.choices("readings", shared.readings),
    )
    _check_full(table, kind)
    _check_references(table, kind)
    table.finish()
    return kind


def _check_full(table: Table, kind: Kind) -> None:
    """Note where the components do not add up to the kind's full marks (rule 14)."""
    most = [component.most for component in kind.components]
    known = [each for each in most if each is not None]
    if len(known) < len(most):
        if "full" in table:
            table.mistake("full", Text("有考核项没有满分，整个类别不能有满分"))
        return
    full = table.positive("full")
    if known:
        check_sum(table, full, known)


def _check_references(table: Table, kind: Kind) -> None:
    """Note what refers to something that the kind does not have."""
    taken = RESERVED | {item.key for item in kind.nodes()}
    for component in kind.components:
        if component.key in RESERVED:
            table.mistake("components", Text("“%(value)s”是保留的列名", value=component.key))
    if kind.coefficient and kind.coefficient.column in taken:
        table.mistake("coefficient.column", Text("“%(value)s”重复", value=kind.coefficient.column))
    for veto in kind.vetoes.values():
        problem = _veto_problem(kind, veto)
        if problem:
            table.mistake(f"vetoes.{veto.key}", problem)
    held = [rule for limit in kind.limits.values() for rule in limit.rules]
    for rule in dict.fromkeys(each for each in held if held.count(each) > 1):
        table.mistake("limits", Text("“%(value)s”重复", value=rule))
    if kind.staff and kind.grades is None:
        table.mistake("staff", Text("没有等次的类别不能按等次定名额"))
    labels = kind.grades.labels if kind.grades else ()
    if kind.two_years and kind.two_years.grade and kind.two_years.grade not in labels:
        table.mistake("two-years.grade", Text("“%(value)s”不存在", value=kind.two_years.grade))


def _veto_problem(kind: Kind, veto: VetoRule) -> Text | None:
    """Say why a veto cannot have its effect on a kind."""
    grades = kind.grades
    if veto.effect in (Effect.ZEROES, Effect.FLAGS):
        return None
    if grades is None:
        return Text("没有等次的类别不能用“%(effect)s”", effect=veto.effect.value)
    if veto.effect is Effect.FAILS and not grades.last:
        return Text("等次中没有最低等次 failed")
    if veto.effect is Effect.CAPS:
        if not isinstance(grades, CutGrades):
            return Text("“caps”只用于按分数段评定的等次")
        if veto.grade not in grades.labels[1:]:
            return Text("“%(value)s”不存在", value=veto.grade)
    return None


def _coefficient(table: Table, shared: Shared) -> Coefficient:
    coefficient = Coefficient(
        column=table.text("column"),
        title=table.text("title"),
        clause=table.text("clause", ""),
        readings=table.choices("readings", shared.readings),
    )
    table.finish()
    return coefficient


def _staff(table: Table, shared: Shared) -> StaffQuota:
    quota = StaffQuota(
        title=table.text("title"),
        first=table.share("first"),
        others=table.share("others"),
        clause=table.text("clause", ""),
        readings=table.choices("readings", shared.readings),
    )
    table.finish()
    return quota


def _two_years(table: Table) -> TwoYears:
    rule = TwoYears(
        flag=table.text("flag"),
        below=table.number("below") if "below" in table else None,
        grade=table.text("grade", ""),
        clause=table.text("clause", ""),
    )
    if (rule.below is None) == (not rule.grade):
        table.mistake("", Text("“below”与“grade”须有且只有一个"))
    table.finish()
    return rule
