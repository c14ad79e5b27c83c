"""`ballot export`, `ballot verify`: a closed poll in one file, and counting it again."""

from pathlib import Path

import click

from ballot.cli.main import NUMBER, Session
from ballot.cli.reporting import _, expected_errors, say
from ballot.language import Text
from ballot.services import archive
from ballot.storage.complete_file import write_new


@click.command(help=_("把一个已结束的测评活动写成归档文件，供任何人不依靠本系统重新计票。"))
@click.argument("poll_id", metavar="POLL", type=NUMBER)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--small-groups",
    is_flag=True,
    help=_("加权的类别不足最少票数也照写；这样的归档只供内部核查，不得公布。"),
)
@click.pass_obj
@expected_errors
def export(session: Session, poll_id: int, file: Path, small_groups: bool) -> None:
    """Write a poll's archive and print its SHA-256."""
    found = archive.export(
        session.database,
        session.keys,
        poll_id,
        file,
        smallest_group=session.settings.smallest_group,
        small_groups=small_groups,
        by=session.actor,
        now=session.now(),
    )
    say(
        Text(
            "已写好归档：%(path)s，共 %(lines)s 行，已自行核对一遍。下面是它的校验值，请一同公布：",
            path=file,
            lines=found.lines,
        )
    )
    say(Text("归档里有完整的事件日志，含工作人员的账号名；没有票码、摘要、地址和投票时间。"))
    click.echo(found.sha256)


@click.command(help=_("核对归档文件：重新计票、重算结果，逐字节比较，指出第一处不符。"))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--copy-verifier",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("另存一份第二核对程序（单个 Python 文件，可在别的电脑上单独运行）。"),
)
@expected_errors
def verify(file: Path, copy_verifier: Path | None) -> None:
    """Verify an archive; needs no database."""
    if copy_verifier is not None:
        source = archive.second_verifier_file()
        with source.open("rb") as script:
            write_new(copy_verifier, script)
    found, sha256 = archive.verify(file)
    for line in archive.findings(found):
        say(line)
    say(Text("全部相符：两个核对程序结论一致。请与公布的校验值比较："))
    click.echo(sha256)
