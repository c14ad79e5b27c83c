"""`ballot convert` and `ballot score` (and `schemes`): scoring at the command line."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from ballot.cli.files import content_of, scheme_of
from ballot.cli.reporting import (
    _,
    expected_errors,
    format_option,
    language,
    words,
    write,
    write_derivations,
)
from ballot.cli.rule_options import Dropped, Marks, chosen_rule, chosen_weights
from ballot.cli.schemes import schemes
from ballot.cli.setting_option import set_option
from ballot.cli.sheets import sheet_option, write_conversion, write_standing
from ballot.cli.standing_columns import standing_columns, standing_row
from ballot.language import Text
from ballot.scoring import (
    CONVERSIONS,
    MEASURES,
    SCALES,
    Base,
    Counted,
    Lines,
    MarksScale,
    RankMarks,
    Rule,
    convert_all,
    read_counts,
    read_entered,
)
from ballot.scoring import score as make_standing
from ballot.scoring.counts_file import require_weights
from ballot.services.table_files import read_table_file

__all__ = ["convert", "schemes", "score"]

TABLE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    help=_(
        "把票数统计表 COUNTS（CSV 或 XLSX）折算为得分，每一步都写明。\n"
        "\n"
        "按方案折算：--scheme、--kind、--component；不用方案：--scale、--conversion。"
    )
)
@click.argument("counts", type=TABLE)
@click.option("--scheme", help=_("考核方案的名称或 .toml 文件，须同时给出 --kind 和 --component。"))
@click.option("--kind", help=_("方案中的类别。"))
@click.option("--component", help=_("类别中的考核项。"))
@click.option("--scale", type=click.Choice(list(SCALES)), help=_("不用方案时的量表。"))
@click.option(
    "--conversion",
    type=click.Choice([*CONVERSIONS, RankMarks.name]),
    help=_("不用方案时的折算办法。"),
)
@click.option("--by", type=click.Choice(list(MEASURES)), help=_("rank-marks 按什么排名次。"))
@click.option("--drop-top", type=Dropped(), help=_("mean-mark 去掉的最高分：票数，或如 10%。"))
@click.option("--drop-bottom", type=Dropped(), help=_("mean-mark 去掉的最低分：票数，或如 10%。"))
@click.option("--only-above", type=click.IntRange(0), help=_("表态票多于几票时才去掉高低分。"))
@click.option("--full-marks", type=Marks(), help=_("不用方案时的满分，默认 100。"))
@click.option("--base", type=click.Choice([base.value for base in Base]), help=_("得票率的基数。"))
@sheet_option
@format_option
@expected_errors
def convert(counts: Path, base: str | None, form: str, sheet: Path | None, **chosen: Any) -> None:
    """Convert the votes in COUNTS (CSV or XLSX) into points, with every step."""
    rule = chosen_rule(**chosen)
    if base:
        wanted = Base(base)
        rule = rule.counted_on(wanted) if chosen["scheme"] else replace(rule, base=wanted)
    tallies = read_counts(_lines(counts), rule.scale, rule.base)
    weights = chosen_weights(**chosen)
    require_weights(counts.name, tallies, weights)
    section = [Counted(subject, [tally], weights) for subject, tally in tallies]
    converted = convert_all(section, rule)
    if sheet is not None:
        write_conversion(sheet, counts.name, rule, section)
    rows = [each.to_json(language()) for each in converted]
    if form == "json":
        write(rows, form, {})
        return
    write([_flat(row) for row in rows], form, _converted_columns(rule, form))
    if form == "table":
        write_derivations(rows, lambda row: row["subject"])


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a converted row with its levels, or the spread of its marks, as columns."""
    levels = {label: level["count"] for label, level in row["levels"].items()}
    marks = row.get("marks") or {}
    return {**levels, **{key: marks.get(key) for key in ("opinions", "lowest", "highest")}, **row}


def _converted_columns(rule: Rule, form: str) -> dict[str, str]:
    base = rule.base.text
    if isinstance(rule.scale, MarksScale):
        shares = {
            "valid": words(Base.VALID.text),
            "opinions": words(Base.OPINIONS.text),
            "lowest": _("最低分"),
            "highest": _("最高分"),
        }
    else:
        shares = {
            **{label: label for label in rule.scale.labels},
            "valid": words(Base.VALID.text),
            "approving": _("认可票"),
            "ratio": words(Text("认可票/%(base)s", base=base)),
            "percent": words(Text("占%(base)s%%", base=base)),
        }
    columns = {
        "subject": _("对象"),
        **shares,
        "score": _("折算分"),
        "points": _("得分"),
        "note": _("备注"),
    }
    return columns if form == "table" else {**columns, "base": "", "derivation": ""}


@click.command(help=_("由 ENTRIES（CSV 或 XLSX）算出年度总评：每个单位一行，每个考核项一列。"))
@click.argument("entries", type=TABLE)
@click.option("--scheme", required=True, help=_("考核方案的名称或 .toml 文件。"))
@click.option("--kind", required=True, help=_("方案中的类别。"))
@click.option("--adjustments", type=TABLE, help=_("加减分（CSV 或 XLSX）。"))
@click.option("--vetoes", type=TABLE, help=_("否决情形（CSV 或 XLSX）。"))
@set_option
@click.option("--working", is_flag=True, help=_("JSON 中另给出每个考核项的计算过程（working）。"))
@sheet_option
@format_option
@expected_errors
def score(
    entries: Path,
    scheme: str,
    kind: str,
    adjustments: Path | None,
    vetoes: Path | None,
    settings: dict[str, str],
    working: bool,
    sheet: Path | None,
    form: str,
) -> None:
    """Make the yearly standing from ENTRIES: one row per unit, a column per component."""
    whole = scheme_of(scheme, settings)
    rules = whole.kind(kind)
    files = [_lines(each) if each else None for each in (adjustments, vetoes)]
    entered = read_entered(rules, _lines(entries), *files)
    standings = make_standing(rules, entered.entries, entered.adjustments, entered.vetoes)
    if sheet is not None:
        write_standing(sheet, whole, rules, standings)
    rows = [each.to_json(language()) for each in standings]
    if form == "json":
        told = [{"working": each.working_json()} if working else {} for each in standings]
        write([{**row, **more} for row, more in zip(rows, told, strict=True)], form, {})
        return
    write([standing_row(each) for each in standings], form, standing_columns(rules, form))
    if form == "table":
        write_derivations(rows, lambda row: row["unit"])


def _lines(path: Path) -> Lines:
    return read_table_file(content_of(path), path.name)
