"""`ballot poll ballots`, `ballot poll void`: printing slips, and voiding a damaged one."""

import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import click

from ballot.cli.main import NUMBER, Session
from ballot.cli.reporting import _, expected_errors, say
from ballot.domain.codes import code_of
from ballot.language import Text
from ballot.services import polls, printing, slip_files, slip_orders, voiding

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_FILE = click.Path(path_type=Path, dir_okay=False)
per_page_option = click.option(
    "--per-page",
    type=click.Choice([str(number) for number in slip_orders.PER_PAGE]),
    default="10",
    show_default=True,
    help=_("PDF 每页的票数：10 张字大好认，21 张省一半纸。"),
)


@click.command(help=_("印票：生成票码，写成 PDF、CSV 或链接。票码只在这份文件里，系统不留底。"))
@click.argument("poll_id", metavar="ID", type=NUMBER)
@click.option("--group", help=_("只印一个类别（默认全部）。"))
@click.option(
    "--count", type=click.IntRange(0, 100_000), help=_("张数（默认为文件中的 ballots）。")
)
@click.option("--spares", type=click.IntRange(0, 10_000), default=0, help=_("另加的备用票张数。"))
@click.option("--box", help=_("装这些票的流动票箱的名称（须同时写 --group 和 --count）。"))
@click.option("--links", is_flag=True, help=_("逐行输出链接。"))
@click.option(
    "--pdf",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("写成可印的 PDF。"),
)
@click.option(
    "--csv", "table", type=click.Path(path_type=Path, dir_okay=False), help=_("写成 CSV。")
)
@per_page_option
@click.pass_obj
@expected_errors
def ballots(
    session: Session,
    poll_id: int,
    group: str | None,
    count: int | None,
    spares: int,
    box: str | None,
    links: bool,
    pdf: Path | None,
    table: Path | None,
    per_page: str,
) -> None:
    """Print ballots to a file, or their links to stdout."""
    if sum((links, pdf is not None, table is not None)) != 1:
        raise click.UsageError(_("--links、--pdf、--csv 须选且只选一个。"))
    warn_of_loopback(session)
    with session.database.read() as connection:
        found = polls.get(connection, poll_id)
    batches = printing.make_batches(found.definition, group, count=count, spares=spares, box=box)
    path = pdf or table
    if path is None:
        with session.database.write() as connection:
            printing.take(
                connection, session.keys, poll_id, batches, by=session.actor, now=session.now()
            )
        click.echo("\n".join(printing.links(session.settings.public_url, batches)))
        return
    write = slip_files.writer_of("pdf" if pdf else "csv", int(per_page), covered=False)
    print_to_file(session, [printing.Stack(found, batches)], path, write)


def print_to_file(
    session: Session, stacks: Sequence[printing.Stack], path: Path, write: printing.Writer
) -> None:
    """Print ballots of one poll or of several to a file, with a bar on stderr."""
    number = sum(len(batch.every) for stack in stacks for batch in stack.batches)
    with click.progressbar(length=number, label=_("印票"), file=sys.stderr) as bar:
        done = 0

        def progress(written: int) -> None:
            nonlocal done
            bar.update(written - done)
            done = written

        printing.print_to(
            session.database,
            session.keys,
            stacks,
            path,
            write=write,
            public_url=session.settings.public_url,
            by=session.actor,
            now=session.now(),
            progress=progress,
        )
    say(Text("已写好 %(number)s 张票：%(path)s（印好后请删除此文件）", number=number, path=path))


def warn_of_loopback(session: Session) -> None:
    """Say so where other machines cannot open what slips will print."""
    host = urlsplit(session.settings.public_url).hostname
    if host in _LOOPBACK:
        say(
            Text(
                "注意：票上的网址是 %(url)s，别的手机打不开。请先设置 BALLOT_PUBLIC_URL。",
                url=session.settings.public_url,
            )
        )


@click.command(
    help=_("印一个考核周期还缺的全部票，写成一个文件：按测评活动和类别排好，每个类别前有封签。")
)
@click.argument("cycle_id", metavar="ID", type=NUMBER)
@click.option(
    "--spares",
    default=slip_orders.USUAL_SPARES,
    show_default=True,
    help=_("每个类别另加的备用票：百分比或张数。"),
)
@click.option("--pdf", type=_FILE, help=_("写成可印的 PDF。"))
@click.option("--csv", "table", type=_FILE, help=_("写成 CSV。"))
@click.option("--xlsx", type=_FILE, help=_("写成 XLSX。"))
@per_page_option
@click.pass_obj
@expected_errors
def cycle_ballots(
    session: Session,
    cycle_id: int,
    spares: str,
    pdf: Path | None,
    table: Path | None,
    xlsx: Path | None,
    per_page: str,
) -> None:
    """Print what all polls of a cycle still need to one file."""
    named = {"pdf": pdf, "csv": table, "xlsx": xlsx}
    wanted = [(form, path) for form, path in named.items() if path is not None]
    if len(wanted) != 1:
        raise click.UsageError(_("--pdf、--csv、--xlsx 须选且只选一个。"))
    warn_of_loopback(session)
    ((form, path),) = wanted
    with session.database.read() as connection:
        plan = slip_orders.of_cycle(connection, cycle_id, session.now())
        typed = {**plan.proposed, "spares": spares, "per_page": per_page, "form": form}
        order = slip_orders.read(plan, typed)
        stacks = slip_files.stacks(connection, order)
    write = slip_files.writer_of(form, order.per_page, covered=True)
    print_to_file(session, stacks, path, write)


@click.command(help=_("作废一张损坏、未用的票，不能撤销。已投的票既查不到，也不能作废。"))
@click.argument("poll_id", metavar="ID", type=NUMBER)
@click.option("--code", prompt=_("票码"), hide_input=False, help=_("损坏的票的票码或链接。"))
@click.option("--not-handed-out", is_flag=True, help=_("这张票还没有发给人，不换发备用票。"))
@click.pass_obj
@expected_errors
def void(session: Session, poll_id: int, code: str, not_handed_out: bool) -> None:
    """Void a damaged ballot."""
    group = voiding.void_scanned(
        session.database,
        session.keys,
        poll_id,
        code_of(code),
        replaced=not not_handed_out,
        by=session.actor,
        now=session.now(),
    )
    if not_handed_out:
        say(Text("这张票（%(group)s）已作废。", group=group.name))
    else:
        say(Text("这张票（%(group)s）已作废，请换发一张备用票。", group=group.name))
