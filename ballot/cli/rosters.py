"""`ballot poll roster`: lists of names become numbers of persons by group."""

from collections.abc import Iterator
from pathlib import Path

import click

from ballot.cli.files import content_of
from ballot.cli.main import NUMBER, Session
from ballot.cli.reporting import _, expected_errors, format_option, say, write
from ballot.language import Text
from ballot.services import rosters
from ballot.services.rosters import Counted


@click.command(
    help=_(
        "按名单 FILE（CSV 或 XLSX，列“姓名”“类别”，可有“备注”）统计各类别人数；"
        "一人列在几个类别的，只计入排在最前的类别。姓名不保存。"
    )
)
@click.argument("poll_id", metavar="ID", type=NUMBER)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--apply", "applies", is_flag=True, help=_("把人数作为各类别的应印票数和应到人数。"))
@format_option
@click.pass_obj
@expected_errors
def roster(session: Session, poll_id: int, file: Path, applies: bool, form: str) -> None:
    """Count a roster, tell what to look at, and apply the numbers if asked to."""
    rows = rosters.read_file(content_of(file), file.name)
    least = session.settings.smallest_group
    with session.database.read() as connection:
        counted = rosters.count(connection, poll_id, rows, smallest_group=least)
    for line in _warnings(counted):
        say(line)
    if not applies:
        for line in counted.obstacles:
            say(line)
    else:
        with session.database.write() as connection:
            rosters.apply(
                connection,
                poll_id,
                counted.roster.persons,
                seen=counted.seen,
                smallest_group=least,
                by=session.actor,
                now=session.now(),
            )
    _write(counted, form)
    say(
        Text("已采用：共 %(total)s 人。规则校验值随之改变。", total=counted.roster.total)
        if applies
        else Text("共 %(total)s 人。没有改动；加 --apply 采用。", total=counted.roster.total)
    )


def _warnings(counted: Counted) -> Iterator[Text]:
    found = counted.roster
    yield from (each.text for each in found.counted_once)
    yield from (each.text for each in found.repeated)
    yield from (each.text for each in found.namesakes)
    yield from counted.too_few_printed


def _write(counted: Counted, form: str) -> None:
    rows = [
        {
            "group": group.key,
            "name": group.name,
            "listed": group.listed,
            "persons": group.persons,
            "ballots_before": group.ballots,
            "eligible_before": group.eligible,
            "printed": group.printed,
        }
        for group in counted.groups
    ]
    headings = {
        "group": _("代号"),
        "name": _("类别"),
        "listed": _("名单人数"),
        "persons": _("计入人数"),
        "ballots_before": _("原定票数"),
        "eligible_before": _("原应到"),
        "printed": _("已印"),
    }
    write(rows, form, headings)
