"""`ballot cycle …`: assessment cycles and the points of their polls."""

import click

from ballot.cli.main import Session, now_utc
from ballot.cli.reporting import (
    expected_errors,
    format_option,
    language,
    say,
    write,
    write_derivations,
)
from ballot.language import Text
from ballot.services import cycles, points


@click.group()
def cycle() -> None:
    """考核周期:新建、列出、取得分。"""


@cycle.command()
@click.option("--title", required=True, help="名称,如“2023年度综合目标管理考核”。")
@click.option("--scheme", required=True, help="考核方案,见 ballot schemes。")
@click.pass_obj
@expected_errors
def create(session: Session, title: str, scheme: str) -> None:
    """新建一个考核周期,输出其编号。"""
    with session.database.write() as connection:
        cycle_id = cycles.create(
            connection, title=title, scheme=scheme, by=session.actor, now=now_utc()
        )
    click.echo(cycle_id)


@cycle.command(name="list")
@format_option
@click.pass_obj
@expected_errors
def list_cycles(session: Session, form: str) -> None:
    """列出考核周期。"""
    with session.database.read() as connection:
        rows = [
            {"id": each.id, "title": each.title, "scheme": each.scheme}
            for each in cycles.every(connection)
        ]
    write(rows, form, {"id": "编号", "title": "名称", "scheme": "方案"})


@cycle.command(name="points")
@click.argument("cycle_id", type=int)
@format_option
@click.pass_obj
@expected_errors
def show_points(session: Session, cycle_id: int, form: str) -> None:
    """输出一个考核周期中已认定的各项得分及计算过程。"""
    with session.database.read() as connection:
        _, rows = points.of_cycle(
            connection, cycle_id, smallest_group=session.settings.smallest_group
        )
    if not rows:
        say(Text("还没有已认定的测评活动,暂无得分。"))
    headings = {
        "kind": "类别",
        "component": "考核项",
        "unit": "单位",
        "ratio": "较好以上票/基数",
        "percent": "比例 %",
        "score": "折算分",
        "points": "得分",
    }
    told = [row.to_json(language()) for row in rows]
    if form != "table":
        write(told, form, {**headings, "derivation": ""})
        return
    write(told, form, headings)
    write_derivations(told, lambda row: f"{row['unit']} · {row['component']}")
