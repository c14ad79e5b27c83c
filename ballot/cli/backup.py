"""`ballot backup`, `ballot restore`: carrying an installation away, and bringing it back."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from ballot.cli.main import Session
from ballot.cli.reporting import _, expected_errors, say
from ballot.clock import now_utc
from ballot.language import Text
from ballot.services.backup import back_up
from ballot.services.backup_form import Header
from ballot.services.restoring import restore as restore_from

QUIET_SECONDS: Final = 2.0


class Pace:
    """Tells on stderr how far the work is, every two seconds that it lasts."""

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._elapsed = elapsed
        self._told = elapsed()

    def __call__(self, done: int, total: int) -> None:
        """Hear that so many rows of so many are done."""
        moment = self._elapsed()
        if moment - self._told >= QUIET_SECONDS:
            self._told = moment
            say(Text("已完成 %(done)s / %(total)s 行……", done=done, total=total))


@click.command(
    help=_(
        "把全部数据备份成一个文件 FILE，服务不必停。\n"
        "\n"
        "文件写全了才出现，只有本人可读。密钥不在其中，除非加 --with-secret。"
    )
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-secret", is_flag=True, help=_("把密钥也放进备份（搬到另一台机器时用）。"))
@click.option("--replace", is_flag=True, help=_("FILE 已存在时覆盖它。"))
@click.pass_obj
@expected_errors
def backup(session: Session, file: Path, with_secret: bool, replace: bool) -> None:
    """Write everything into one file."""
    header, noted = back_up(
        session.settings,
        file,
        with_secret=with_secret,
        replace=replace,
        by=session.actor,
        now=now_utc(),
        progress=Pace(),
    )
    say(Text("备份已写好：%(path)s（%(content)s）", path=file, content=_content(header)))
    if not noted:
        say(Text("注意：数据库写不进去，事件日志没有记下这次备份。请检查磁盘。"))
    if header.open_polls:
        say(
            Text(
                "此后投的票不在备份里。要换一台机器继续投票，须先停止这里的服务再备份，"
                "此后不再启动它。"
            )
        )
    for notice in header.notices():
        say(notice)
    if header.secret is None:
        say(Text("密钥文件在 %(path)s。", path=session.settings.secret_file))


@click.command(help=_("把备份 FILE 恢复到空的地方：全部恢复并核对无误，或者什么也不留下。"))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
@expected_errors
def restore(session: Session, file: Path) -> None:
    """Bring an installation back."""
    settings = session.settings
    header = restore_from(settings, file, by=session.actor, now=now_utc(), progress=Pace())
    place = settings.sqlite_file or "PostgreSQL"
    say(
        Text("已恢复到 %(place)s（%(content)s），校验无误。", place=place, content=_content(header))
    )
    if header.public_url != settings.public_url:
        say(
            Text(
                "注意：备份时的网址是 %(then)s，现在设的是 %(now)s。已印的票打开的是前者，"
                "请相应设置 BALLOT_PUBLIC_URL。",
                then=header.public_url,
                now=settings.public_url,
            )
        )
    for warning in header.warnings():
        say(warning)


def _content(header: Header) -> Text:
    return Text(
        "测评活动 %(polls)s 个，票 %(ballots)s 张，已投 %(votes)s 张",
        polls=header.number("polls"),
        ballots=header.number("ballots"),
        votes=header.number("votes"),
    )
