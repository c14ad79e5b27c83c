"""`ballot poll close`, `ballot poll certify`: from the last vote to the final result."""

import time
from datetime import datetime, timedelta
from random import SystemRandom

import click

from ballot.cli.main import NUMBER, Session
from ballot.cli.polls import scrutineer_option
from ballot.cli.reporting import _, expected_errors, say
from ballot.errors import OperationError
from ballot.language import N_, Text
from ballot.services import closing, polls


class StillClosingError(OperationError):
    """The closing steps did not finish while this command waited."""

    message = N_("测评活动 %(id)s 还没有收尾完毕，数据没有丢失。请保持服务运行，它会继续收尾。")


@click.command(
    help=_("结束投票：立即不再出示测评表；已在提交途中的票在宽限期内仍然计入，随后计票。")
)
@click.argument("poll_id", metavar="ID", type=NUMBER)
@scrutineer_option
@click.option("--no-wait", is_flag=True, help=_("不等宽限期满，由服务在后台收尾。"))
@click.pass_obj
@expected_errors
def close(session: Session, poll_id: int, scrutineer: str, no_wait: bool) -> None:
    """Order a poll closed, and wait until its votes are counted."""
    with session.database.write() as connection:
        ends = closing.order(
            connection,
            poll_id,
            scrutineer=scrutineer or session.actor,
            by=session.actor,
            now=session.now(),
        )
    if not no_wait:
        _wait_until_closed(session, poll_id, ends)


def _wait_until_closed(session: Session, poll_id: int, ends: datetime) -> None:
    """Do the closing steps here as they fall due; a serving worker may do them first."""
    left = max(0, round((ends - session.now()).total_seconds()))
    if left > 1:
        say(Text("宽限期还有 %(seconds)s 秒，期满后计票……", seconds=left))
    deadline = time.monotonic() + left + 60
    while time.monotonic() < deadline:
        closing.go_on(session.database, session.now(), SystemRandom())
        with session.database.read() as connection:
            found = polls.get(connection, poll_id)
        if found.closing_step == closing.SCRUBBED:
            say(Text("投票已结束，计票完成。"))
            return
        if found.closing_step == closing.PARTED and session.now() > ends + timedelta(seconds=5):
            say(Text("投票已结束，计票完成；旧数据的清理将在所有投票结束后自动进行。"))
            return
        time.sleep(0.2)
    raise StillClosingError(id=poll_id)


@click.command(help=_("认定结果：票账须平，人数须够。认定后得分才提供给计分员。"))
@click.argument("poll_id", metavar="ID", type=NUMBER)
@scrutineer_option
@click.option(
    "--issued",
    multiple=True,
    metavar="GROUP=N",
    help=_("实际发出的票数（领到票的人数），可写多次；流动票箱写 GROUP@BOX=N。"),
)
@click.option("--reason", default="", help=_("未达到参加比例仍要认定的理由。"))
@click.pass_obj
@expected_errors
def certify(
    session: Session, poll_id: int, scrutineer: str, issued: tuple[str, ...], reason: str
) -> None:
    """Make a closed poll's result final."""
    with session.database.write() as connection:
        closing.certify(
            connection,
            poll_id,
            issued=dict(_issued(each) for each in issued),
            scrutineer=scrutineer or session.actor,
            reason=reason,
            by=session.actor,
            now=session.now(),
        )
    say(Text("结果已认定。"))


def _issued(written: str) -> tuple[str, int]:
    group, _, number = written.partition("=")
    if not group or not number.isascii() or not number.isdigit():
        raise click.BadParameter(written, param_hint="--issued GROUP=N")
    return group, int(number)
