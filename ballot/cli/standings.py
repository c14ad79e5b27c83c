"""`ballot cycle units`, `offices`, `entries`, `standings`, `approve`: the year, by commands."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from ballot.cli.files import content_of
from ballot.cli.main import NUMBER, Session
from ballot.cli.reporting import (
    _,
    expected_errors,
    format_option,
    language,
    say,
    words,
    write,
    write_derivations,
)
from ballot.cli.standing_columns import standing_columns, standing_row
from ballot.domain.assessment import Way
from ballot.language import Text
from ballot.services import (
    approvals,
    entries,
    entry_files,
    offices,
    standings,
    unit_files,
    units,
)
from ballot.services.standings import KindStanding

cycle_argument = click.argument("cycle_id", metavar="ID", type=NUMBER)
file_argument = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
kind_option = click.option("--kind", required=True, help=_("方案中的类别。"))
try_option = click.option("--dry-run", is_flag=True, help=_("只列出改动，不保存。"))


@click.command(help=_("由 FILE（CSV 或 XLSX，列“单位”及方案所问的情况）更新单位名单。"))
@cycle_argument
@file_argument
@kind_option
@try_option
@click.pass_obj
@expected_errors
def units_command(session: Session, cycle_id: int, file: Path, kind: str, dry_run: bool) -> None:
    """Add units, or set what is said about them."""
    content = content_of(file)
    with session.database.read() as connection:
        roster = units.roster(connection, cycle_id, kind)
    found = unit_files.read(content, file.name, roster)
    found.require_faultless()
    rows = found.changing
    told = [{"unit": row.name, **row.after} for row in rows]
    write(told, "table", {"unit": _("单位"), **{key: key for key in roster.assessed.kind.columns}})
    if dry_run:
        return
    with session.database.write() as connection:
        changed = units.describe(
            connection,
            cycle_id,
            kind,
            {row.name: row.after for row in rows},
            by=session.actor,
            now=session.now(),
        )
    say(Text("名单已更新：%(count)s 个单位。", count=changed))


@click.command(help=_("让线办账号 NAME 只录入这些线办 OFFICE… 负责的考核项；不写则全部取消。"))
@cycle_argument
@click.argument("name")
@click.argument("office", nargs=-1)
@click.pass_obj
@expected_errors
def offices_command(session: Session, cycle_id: int, name: str, office: tuple[str, ...]) -> None:
    """Assign offices to a line office's account."""
    with session.database.write() as connection:
        offices.assign(connection, cycle_id, name, office, by=session.actor, now=session.now())
    say(Text("线办分工已保存。"))


@click.command(
    help=_("由 FILE（CSV 或 XLSX，列“单位”，每个考核项一列）录入分数；空白的格子不改动。")
)
@cycle_argument
@file_argument
@kind_option
@try_option
@click.pass_obj
@expected_errors
def entries_command(session: Session, cycle_id: int, file: Path, kind: str, dry_run: bool) -> None:
    """Enter figures from a file, and print what they change."""
    content = content_of(file)
    with session.database.read() as connection:
        table = entries.table(connection, cycle_id, kind)
    proposal = entry_files.read(content, file.name, table, None)
    rows = [
        {
            "unit": each.unit,
            "item": each.column.path,
            "before": each.before,
            "after": each.after,
        }
        for each in proposal.changes
    ]
    headings = {
        "unit": _("单位"),
        "item": _("考核项"),
        "before": _("现有"),
        "after": _("改为"),
    }
    write(rows, "table", headings)
    if dry_run:
        return
    with session.database.write() as connection:
        saved = entries.save(
            connection,
            cycle_id,
            kind,
            seen=table.texts,
            wanted=proposal.wanted,
            offices=None,
            way=Way.FILE,
            by=session.actor,
            now=session.now(),
        )
    say(Text("已保存 %(count)s 个分数。", count=saved))


@click.command(help=_("输出一个考核周期的总评；审定以前是草案。"))
@cycle_argument
@click.option("--kind", help=_("只要这个类别。"))
@format_option
@click.pass_obj
@expected_errors
def standings_command(session: Session, cycle_id: int, kind: str | None, form: str) -> None:
    """Print the standings, each said to be a draft or approved."""
    with session.database.read() as connection:
        found = standings.of_cycle(
            connection, cycle_id, kind, smallest_group=session.settings.smallest_group
        )
    for each in found:
        _say_state(each)
    if form == "json":
        write([each.to_json(language()) for each in found], form, {})
        return
    for each in found:
        _write_kind(each, form)


def _say_state(found: KindStanding) -> None:
    title, approval = found.assessed.kind.title, found.approved
    if approval is None:
        say(Text("%(kind)s：草案，未经审定", kind=title))
    else:
        say(
            Text(
                "%(kind)s：%(date)s %(meeting)s审定",
                kind=title,
                date=approval.held_on,
                meeting=approval.meeting,
            )
        )
    if found.differs:
        say(Text("%(kind)s：注意，现在算出的数字与审定时不同", kind=title))
    for problem in found.problems:
        say(problem)


def _write_kind(found: KindStanding, form: str) -> None:
    kind = found.assessed.kind
    rows = [{"kind": kind.key, **standing_row(standing)} for standing in found.standings]
    write(rows, form, {"kind": _("类别"), **standing_columns(kind, form)})
    if form == "table":
        write_derivations(rows, lambda row: row["unit"])


@click.command(help=_("记录一个类别的总评由哪次会议审定；--withdraw 写明理由撤回审定。"))
@cycle_argument
@kind_option
@click.option("--meeting", default="", help=_("会议，如“党工委会议（2024年第3次）”。"))
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help=_("会议日期。"))
@click.option("--withdraw", "why", help=_("撤回审定的理由。"))
@click.pass_obj
@expected_errors
def approve_command(
    session: Session, cycle_id: int, kind: str, meeting: str, day: Any, why: str | None
) -> None:
    """Record the approval of a standing, or withdraw it."""
    by, now = session.actor, session.now()
    if why is not None:
        with session.database.write() as connection:
            approvals.withdraw_standing_approval(
                connection, cycle_id, kind, why=why, by=by, now=now
            )
        say(Text("审定已撤回，总评又是草案。"))
        return
    if day is None:
        raise click.UsageError(words(Text("请用 --date 写明会议日期。")))
    held_on: date = day.date()
    with session.database.write() as connection:
        found = approvals.approve(
            connection,
            cycle_id,
            kind,
            meeting=meeting,
            held_on=held_on,
            seen=None,
            smallest_group=session.settings.smallest_group,
            by=by,
            now=now,
        )
    say(Text("审定已记录。数字的校验值："))
    click.echo(found.hash)
