"""`ballot serve`, `ballot demo`, `ballot log`: what runs."""

import os
from pathlib import Path
from typing import Any

import click

from ballot.cli.lan import EVERY_ADDRESS, Asked, announce, find, lan_options, settings_of
from ballot.cli.main import Session
from ballot.cli.reporting import _, expected_errors, say
from ballot.errors import OperationError
from ballot.language import N_, Text
from ballot.services import first_account, start
from ballot.settings import from_environment
from ballot.storage.turn import claim_for_serving


class OneProcessError(OperationError):
    """SQLite is written to by one process."""

    message = N_(
        "SQLite 数据库只能由一个进程写入，--workers 只能是 1；要用多个进程，请改用 PostgreSQL。"
    )


@click.command(help=_("运行服务（含后台收尾进程）。按 Ctrl-C 停止。"))
@click.option("--host", default="127.0.0.1", show_default=True, help=_("监听的地址。"))
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help=_("监听的端口。")
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help=_("应答进程数；PostgreSQL 上可设为处理器核数，SQLite 上只能是 1。"),
)
@lan_options
@click.pass_obj
@expected_errors
def serve(session: Session, /, host: str, port: int, workers: int, **lan: Any) -> None:
    """Run the production server."""
    from ballot.cli.server import check_free, run

    asked = Asked(**lan)
    asked.require_sense(click.get_current_context())
    hall = find(asked, port) if asked.lan else None
    host = EVERY_ADDRESS if hall else host
    if workers > 1 and session.database.on_sqlite:
        raise OneProcessError
    if session.database.path:
        claim_for_serving(session.database.path)
    head = start.verify_log(session.database)
    session.database.require_writable()  # refused now, rather than to every voter later
    say(Text("数据库：%(database)s", database=start.describe(session.database)))
    say(Text("事件日志完整，最新校验值 %(head)s…", head=head[:16]))
    _tell_of_the_first_account(session, port)
    session.database.close()  # the serving processes open their own connections
    if hall:
        check_free(host, port)
        os.environ.update(settings_of(hall, asked))
        announce(hall)
    run(host, port, from_environment(os.environ).public_url, workers=workers)


def _tell_of_the_first_account(session: Session, port: int) -> None:
    with session.database.read() as connection:
        if not first_account.wanted(connection):
            return
    say(
        Text(
            "还没有账号：服务启动后，在这台电脑上打开 http://127.0.0.1:%(port)s/office/first，"
            "用设置码 %(code)s 建立管理员账号。",
            port=port,
            code=first_account.setup_code(session.keys),
        )
    )


@click.command(help=_("演示：按 street-2023 方案完整跑一次年终考核，从印票、投票到得分和总评。"))
@click.option("--serve/--no-serve", default=True, help=_("结束后让服务继续运行（默认）或退出。"))
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help=_("演示数据放在这里；每次演示从空开始。"),
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8008,
    show_default=True,
    help=_("演示用的服务监听的端口。"),
)
@expected_errors
def demo(serve: bool, folder: Path, port: int) -> None:
    """Play the demonstration."""
    from ballot.demo import run

    run(folder.absolute(), port, stay=serve)


@click.group(help=_("事件日志。"))
def log() -> None:
    """Group the commands about the event log."""


@log.command(help=_("核对事件日志的校验链，输出最新校验值。"))
@click.pass_obj
@expected_errors
def verify(session: Session) -> None:
    """Check the event log and print its head."""
    click.echo(start.verify_log(session.database))
