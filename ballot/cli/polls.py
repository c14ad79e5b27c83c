"""`ballot poll …`: a poll from its file on; its ballots and its closing have files of their own."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click

from ballot.cli.files import text_of
from ballot.cli.lazy import LazyGroup
from ballot.cli.main import NUMBER, Session
from ballot.cli.reporting import (
    _,
    expected_errors,
    format_option,
    language,
    say,
    write,
)
from ballot.clock import LOCAL
from ballot.domain.polls import Phase, Poll
from ballot.language import Text
from ballot.services import jobs, polls
from ballot.services.downloads import Downloads

scrutineer_option = click.option(
    "--scrutineer", default="", help=_("监票人姓名（默认为当前用户）。")
)


_WRITTEN: Final = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S")
_PLACES: Final = {
    "ballots": "ballot.cli.ballots:ballots",
    "results": "ballot.cli.results:results_command",
    "report": "ballot.cli.reports:report_command",
    "receipts": "ballot.cli.results:receipts_command",
    "discretion": "ballot.cli.results:discretion_command",
    "void": "ballot.cli.ballots:void",
    "close": "ballot.cli.closing:close",
    "certify": "ballot.cli.closing:certify",
    "copy": "ballot.cli.copies:copy",
    "rehearse": "ballot.cli.copies:rehearse",
    "wipe": "ballot.cli.copies:wipe",
    "roster": "ballot.cli.rosters:roster",
}


@click.group(
    cls=LazyGroup, places=_PLACES, help=_("测评活动：新建、印票、开始、结束、认定、结果。")
)
def poll() -> None:
    """Group the commands about polls."""


@poll.command(help=_("按 POLL.toml 新建测评活动，输出其编号。文件有错则逐条指出，什么也不建。"))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--cycle", "cycle_id", type=NUMBER, help=_("考核周期编号（同一方案只有一个时可省略）。")
)
@click.pass_obj
@expected_errors
def create(session: Session, file: Path, cycle_id: int | None) -> None:
    """Create a poll from a POLL.toml and print its number."""
    text = text_of(file)
    with session.database.write() as connection:
        poll_id = polls.create(
            connection,
            text,
            cycle_id=cycle_id,
            smallest_group=session.settings.smallest_group,
            by=session.actor,
            now=session.now(),
        )
    click.echo(poll_id)


@poll.command(name="list", help=_("列出测评活动及投票进度。"))
@format_option
@click.pass_obj
@expected_errors
def list_polls(session: Session, form: str) -> None:
    """Print the polls with their turnout."""
    with session.database.read() as connection:
        rows = [_row(each, polls.turnout(connection, each)) for each in polls.every(connection)]
    headings = {
        "id": _("编号"),
        "title": _("名称"),
        "phase": _("阶段"),
        "printed": _("印制"),
        "cast": _("已投"),
    }
    if form == "table":
        rows = [{**row, "phase": Phase(row["phase"]).text.in_(language())} for row in rows]
    write(rows, form, headings)


def _row(each: Poll, turnout: list[polls.GroupTurnout]) -> dict[str, Any]:
    return {
        "id": each.id,
        "cycle": each.cycle_id,
        "title": each.title,
        "phase": each.phase.value,
        "printed": sum(group.printed for group in turnout),
        "cast": sum(group.cast for group in turnout),
    }


@poll.command(name="open", help=_("开始投票。此后测评表和规则不能再改。"))
@click.argument("poll_id", metavar="ID", type=NUMBER)
@scrutineer_option
@click.option(
    "--closes-at",
    type=click.DateTime(_WRITTEN),
    help=_("自动结束的时间（北京时间），如 2023-12-28 11:30。"),
)
@click.pass_obj
@expected_errors
def open_command(
    session: Session, poll_id: int, scrutineer: str, closes_at: datetime | None
) -> None:
    """Open a poll."""
    with session.database.write() as connection:
        polls.open_poll(
            connection,
            poll_id,
            scrutineer=scrutineer or session.actor,
            closes_at=closes_at.replace(tzinfo=LOCAL) if closes_at else None,
            grace_seconds=session.settings.grace_seconds,
            by=session.actor,
            now=session.now(),
        )
    folder = Downloads(session.settings.folder)  # files with its codes go, served or not
    jobs.sweep_if_any(session.database, folder, session.now())
    say(Text("投票已开始。"))


@poll.command(help=_("作废测评活动：保留，不计票。进行中的须先结束。"))
@click.argument("poll_id", metavar="ID", type=NUMBER)
@click.option("--reason", default=_("未写明（命令行）"), help=_("作废的理由，记入事件日志。"))
@click.pass_obj
@expected_errors
def annul(session: Session, poll_id: int, reason: str) -> None:
    """Annul a poll."""
    with session.database.write() as connection:
        polls.annul(connection, poll_id, reason=reason, by=session.actor, now=session.now())
    say(Text("已作废。"))
