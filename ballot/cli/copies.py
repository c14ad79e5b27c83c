"""`ballot poll copy`, `rehearse`, `wipe`: the same rules once more, for real or to practise."""

import click

from ballot.cli.main import NUMBER, Session
from ballot.cli.reporting import _, expected_errors, say
from ballot.language import Text
from ballot.services import copies


@click.command(help=_("复制为新的草稿（规则相同，票码全新），输出其编号。作废的活动由此重新测评。"))
@click.argument("poll_id", metavar="ID", type=NUMBER)
@click.pass_obj
@expected_errors
def copy(session: Session, poll_id: int) -> None:
    """Copy a poll as a draft and print its number."""
    with session.database.write() as connection:
        number = copies.copy(connection, poll_id, by=session.actor, now=session.now())
    click.echo(number)
    say(Text("已复制为测评活动 %(id)s。原来印的票对它无效，请另行印票。", id=number))


@click.command(
    help=_("为准备中的活动建一场演练，输出其编号：自有带“演练”字样的票，走完全程，不计入任何结果。")
)
@click.argument("poll_id", metavar="ID", type=NUMBER)
@click.pass_obj
@expected_errors
def rehearse(session: Session, poll_id: int) -> None:
    """Make a rehearsal of a draft and print its number."""
    with session.database.write() as connection:
        number = copies.rehearse(connection, poll_id, by=session.actor, now=session.now())
    click.echo(number)
    say(Text("演练已建好：测评活动 %(id)s。用 ballot poll ballots %(id)s 印它的票。", id=number))


@click.command(help=_("清除一场演练：票、投票、计票结果和活动本身，事件日志除外。"))
@click.argument("poll_id", metavar="ID", type=NUMBER)
@click.option(
    "--confirm",
    prompt=_("写“清除演练”确认"),
    help=_("确认的话：清除演练。"),
)
@click.pass_obj
@expected_errors
def wipe(session: Session, poll_id: int, confirm: str) -> None:
    """Wipe a rehearsal."""
    with session.database.write() as connection:
        copies.wipe(connection, poll_id, words=confirm, by=session.actor, now=session.now())
    copies.scrub_wiped(session.database, session.now())
    say(Text("演练已清除。"))
