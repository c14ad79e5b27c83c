"""`ballot schemes`: list the assessment schemes, show one, check a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ballot.cli.files import text_of
from ballot.cli.reporting import _, expected_errors, format_option, words, write
from ballot.language import Text
from ballot.scoring import (
    AdjustmentRule,
    Item,
    Kind,
    PlaceGrades,
    Scheme,
    VetoRule,
    load_scheme,
    read_scheme,
    scheme_names,
)
from ballot.scoring.figures import exact


@click.group(
    invoke_without_command=True, help=_("考核方案：列出；show 查看一个；check 检查一个文件。")
)
@format_option
@click.pass_context
@expected_errors
def schemes(context: click.Context, form: str) -> None:
    """List the assessment schemes; show one; check a file that describes one."""
    if context.invoked_subcommand is None:
        _write_schemes([load_scheme(name) for name in scheme_names()], form)


def _write_schemes(listed: list[Scheme], form: str) -> None:
    rows = [_scheme_row(scheme) for scheme in listed]
    if form != "json":
        rows = [
            {**row, "kinds": [" ".join(kind.values()) for kind in row["kinds"]]} for row in rows
        ]
    write(rows, form, _scheme_columns())


def _scheme_row(scheme: Scheme) -> dict[str, Any]:
    return {
        "name": scheme.name,
        "title": scheme.title,
        "source": scheme.source,
        "kinds": [{"key": key, "title": kind.title} for key, kind in scheme.kinds.items()],
    }


def _scheme_columns() -> dict[str, str]:
    return {
        "name": _("名称"),
        "title": _("方案"),
        "kinds": _("类别"),
        "source": _("来源文件"),
    }


@schemes.command(help=_("查看一个方案：考核项、加减分、否决、等次和口径。"))
@click.argument("name")
@format_option
@expected_errors
def show(name: str, form: str) -> None:
    """Show a scheme: its components, adjustments, vetoes, grades and readings."""
    write(list(_parts(load_scheme(name))), form, _part_columns())


def _part_columns() -> dict[str, str]:
    return {
        "kind": _("类别"),
        "part": _("部分"),
        "key": _("键"),
        "title": _("名称"),
        "marks": _("分值"),
        "source": _("来源"),
        "office": _("负责考核单位"),
        "clause": _("依据"),
    }


def _parts(scheme: Scheme) -> Iterator[dict[str, Any]]:
    """Return every rule of a scheme as a row."""
    for kind in scheme.kinds.values():
        for component in kind.components:
            yield _item_row(kind, component, Text("考核项"), source=words(component.source.text))
            for item in component.below():
                yield _item_row(kind, item, Text("分项"))
        for adjustment in kind.adjustments.values():
            marks = "" if adjustment.marks is None else f"{adjustment.marks:+f}"
            yield _part_row(kind.key, Text("加减分"), adjustment, marks=marks)
        for veto in kind.vetoes.values():
            yield _part_row(kind.key, Text("否决"), veto)
        if kind.grades:
            yield _grades_row(kind.key, kind.grades)
    for reading in scheme.readings.values():
        yield _row("", Text("口径"), reading.key, reading.text, clause=reading.clause)


def _item_row(kind: Kind, item: Item, part: Text, **more: str) -> dict[str, Any]:
    title = f"{item.title}({item.includes})" if item.includes else item.title
    marks = exact(item.full_marks)
    office, clause = item.office, item.clause
    return _row(kind.key, part, item.key, title, marks=marks, office=office, clause=clause, **more)


def _part_row(
    kind: str, part: Text, rule: AdjustmentRule | VetoRule, **more: str
) -> dict[str, Any]:
    return _row(kind, part, rule.key, rule.title, clause=rule.clause, **more)


def _grades_row(kind: str, grades: PlaceGrades) -> dict[str, Any]:
    labels = "、".join((grades.first, grades.upper, grades.lower, grades.failed))
    title = Text(
        "%(labels)s；%(first)s %(places)s 个",
        labels=labels,
        first=grades.first,
        places=grades.places,
    )
    return _row(kind, Text("等次"), "grades", words(title), clause=grades.clause)


def _row(kind: str, part: Text, key: str, title: str, **more: str) -> dict[str, Any]:
    row = {"kind": kind, "part": words(part), "key": key, "title": title}
    return {**row, "marks": "", "source": "", "office": "", "clause": "", **more}


@schemes.command(help=_("检查方案文件 FILE（TOML）：每处错误都指出所在的键。"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@format_option
@expected_errors
def check(file: Path, form: str) -> None:
    """Check a scheme's FILE (TOML): every mistake is told with its key path."""
    _write_schemes([read_scheme(text_of(file), file.stem)], form)
