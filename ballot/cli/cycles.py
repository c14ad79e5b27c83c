"""`ballot cycle …`: assessment cycles and the points of their polls."""

from collections.abc import Mapping

import click

from ballot.cli.ballots import cycle_ballots
from ballot.cli.main import NUMBER, Session
from ballot.cli.reporting import (
    _,
    expected_errors,
    format_option,
    language,
    say,
    write,
    write_derivations,
)
from ballot.cli.setting_option import set_option
from ballot.cli.standings import (
    approve_command,
    entries_command,
    offices_command,
    standings_command,
    units_command,
)
from ballot.language import Text
from ballot.services import cycles, points


@click.group(help=_("考核周期：新建、列出、取得分。"))
def cycle() -> None:
    """Group the commands about cycles."""


cycle.add_command(cycle_ballots, "ballots")
cycle.add_command(units_command, "units")
cycle.add_command(offices_command, "offices")
cycle.add_command(entries_command, "entries")
cycle.add_command(standings_command, "standings")
cycle.add_command(approve_command, "approve")


@cycle.command(
    help=_("新建一个考核周期，输出其编号。--set 的设置可在页面上改，到第一场投票开始为止。")
)
@click.option("--title", required=True, help=_("名称，如“2023年度综合目标管理考核”。"))
@click.option("--scheme", required=True, help=_("考核方案，见 ballot schemes。"))
@set_option
@click.pass_obj
@expected_errors
def create(session: Session, title: str, scheme: str, settings: dict[str, str]) -> None:
    """Start a cycle and print its number."""
    with session.database.write() as connection:
        cycle_id = cycles.create(
            connection,
            title=title,
            scheme=scheme,
            settings=settings,
            by=session.actor,
            now=session.now(),
        )
    click.echo(cycle_id)


@cycle.command(name="list", help=_("列出考核周期。"))
@format_option
@click.pass_obj
@expected_errors
def list_cycles(session: Session, form: str) -> None:
    """Print the cycles."""
    with session.database.read() as connection:
        rows = [
            {
                "id": each.id,
                "title": each.title,
                "scheme": each.scheme,
                "settings": dict(each.settings) if form == "json" else _written(each.settings),
            }
            for each in cycles.every(connection)
        ]
    write(
        rows,
        form,
        {"id": _("编号"), "title": _("名称"), "scheme": _("方案"), "settings": _("另设口径")},
    )


def _written(settings: Mapping[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in settings.items())


@cycle.command(name="points", help=_("输出一个考核周期中已认定的各项得分及计算过程。"))
@click.argument("cycle_id", metavar="ID", type=NUMBER)
@format_option
@click.pass_obj
@expected_errors
def show_points(session: Session, cycle_id: int, form: str) -> None:
    """Print the points of a cycle's certified polls."""
    with session.database.read() as connection:
        smallest = session.settings.smallest_group
        rows = points.of_cycle(connection, cycle_id, smallest_group=smallest)[1]
    if not rows:
        say(Text("还没有已认定的测评活动，暂无得分。"))
    headings = {
        "kind": _("类别"),
        "component": _("考核项"),
        "unit": _("单位"),
        "ratio": _("较好以上票/基数"),
        "percent": _("比例 %"),
        "score": _("折算分"),
        "points": _("得分"),
    }
    told = [row.to_json(language()) for row in rows]
    if form != "table":
        write(told, form, {**headings, "derivation": ""})
        return
    write(told, form, headings)
    write_derivations(told, lambda row: f"{row['unit']} · {row['component']}")
