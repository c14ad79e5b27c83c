"""`ballot schemes`: list the assessment schemes, show one, check a file."""

import json
from pathlib import Path
from typing import Any

import click

from ballot.cli.files import scheme_of, text_of
from ballot.cli.reporting import _, expected_errors, format_option, write
from ballot.cli.scheme_parts import parts
from ballot.scoring import Scheme, load_scheme, read_scheme, scheme_names


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
    scheme = scheme_of(name)
    if form == "json":
        click.echo(json.dumps(scheme.to_json(), ensure_ascii=False, indent=2))
        return
    write(list(parts(scheme)), form, _part_columns())


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


@schemes.command(help=_("检查方案文件 FILE（TOML）：每处错误都指出所在的键。"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@format_option
@expected_errors
def check(file: Path, form: str) -> None:
    """Check a scheme's FILE (TOML): every mistake is told with its key path."""
    _write_schemes([read_scheme(text_of(file), file.stem)], form)
