"""`ballot poll results`, `receipts`, `discretion`: what a closed poll gives."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

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
from ballot.domain.account import AccountLine
from ballot.language import Text
from ballot.services import receipts, results


@click.command(name="results", help=_("输出投票结束后的结果、票账和计算过程。"))
@click.argument("poll_id", metavar="ID", type=NUMBER)
@format_option
@click.option(
    "--chart",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("另把各等次占比画成图（.svg、.pdf 或 .png）。"),
)
@click.pass_obj
@expected_errors
def results_command(session: Session, poll_id: int, form: str, chart: Path | None) -> None:
    """Print a closed poll's results."""
    with session.database.read() as connection:
        found = results.of_poll(connection, poll_id, smallest_group=session.settings.smallest_group)
    rows = [row for section in found.sections for row in section.rows(language())]
    _say_account(found)
    headings = _headings(found)
    if form != "json":
        rows = [{**row, **_spread(row.get("marks"))} for row in rows]
    if form == "table":
        write(rows, form, headings)
        write_derivations(rows, lambda row: f"{row['subject']} · {row['component']}")
    else:
        write(rows, form, {**headings, "derivation": ""})
    if chart is not None:
        from ballot.services.charts import write_charts

        for path in write_charts(found, chart):
            say(Text("图已写好：%(path)s", path=path))


def _headings(found: results.Results) -> dict[str, str]:
    """Return the columns of levels, of marks, or of both where a poll has both."""
    kinds = {section.section.on_marks for section in found.sections}
    levels = {"ratio": _("较好以上票/基数"), "percent": _("比例 %")}
    marks = {"opinions": _("表态票"), "lowest": _("最低分"), "highest": _("最高分")}
    return {
        "component": _("考核项"),
        "subject": _("对象"),
        "valid": _("有效"),
        **(levels if False in kinds else {}),
        **(marks if True in kinds else {}),
        "score": _("折算分"),
        "points": _("得分"),
    }


def _spread(marks: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a line tells of the marks of its subject."""
    return {key: (marks or {}).get(key) for key in ("opinions", "lowest", "highest")}


def _say_account(found: results.Results) -> None:
    account = found.account
    total = account.total
    say(
        Text(
            "票账：印制 %(printed)s，发出 %(issued)s，收回 %(returned)s，"
            "有效 %(valid)s，无效 %(invalid)s",
            printed=total.printed,
            issued=total.issued,
            returned=total.returned,
            valid=account.valid,
            invalid=account.invalid,
        )
    )
    for line in account.lines:
        if total.replaced or account.boxes:
            _say_line(line, line.name)
        for box in account.boxes_of(line.group):
            _say_line(box, Text("其中流动票箱“%(box)s”", box=box.name))
    for remark in account.remarks():
        say(remark)
    if found.poll.rehearsal:
        say(Text("这是演练，不计入任何结果。"))
    say(Text("规则校验值 %(hash)s", hash=found.rules_hash))
    say(
        Text(
            "事件日志至第 %(number)s 条的校验值 %(hash)s",
            number=found.sealed_by.number,
            hash=found.sealed_by.hash,
        )
    )


def _say_line(line: AccountLine, name: str | Text) -> None:
    say(
        Text(
            "%(name)s：印制 %(printed)s，发出 %(issued)s（%(source)s），损坏换发 %(damaged)s，"
            "遗失换发 %(lost)s，作废 %(voided)s，剩余 %(left)s，收回 %(returned)s",
            name=name,
            printed=line.printed,
            issued=line.issued,
            source=line.source,
            damaged=line.damaged or 0,
            lost=line.lost or 0,
            voided=line.voided,
            left=line.left_over,
            returned=line.returned,
        )
    )


@click.command(help=_("输出投票结束后公布的全部回执，每行一个。"))
@click.argument("poll_id", metavar="ID", type=NUMBER)
@click.pass_obj
@expected_errors
def receipts_command(session: Session, poll_id: int) -> None:
    """Print a closed poll's receipts, sorted."""
    with session.database.read() as connection:
        found = receipts.of_poll(connection, session.keys, poll_id)
    click.echo("\n".join(found.receipts))


@click.command(help=_("给落在最低档的对象 UNIT 另定酌情分 VALUE（认定之前）。"))
@click.argument("poll_id", metavar="ID", type=NUMBER)
@click.argument("unit")
@click.argument("value")
@click.option("--reason", required=True, help=_("理由，写入计算过程和事件日志。"))
@click.option("--by", default="", help=_("决定人（默认为当前用户）。"))
@click.option("--component", help=_("考核项（单位出现在几个部分时须写）。"))
@click.pass_obj
@expected_errors
def discretion_command(
    session: Session,
    poll_id: int,
    unit: str,
    value: str,
    reason: str,
    by: str,
    component: str | None,
) -> None:
    """Record another value for a subject in the discretionary lowest band."""
    with session.database.write() as connection:
        results.set_discretion(
            connection,
            poll_id,
            unit=unit,
            value=value,
            reason=reason,
            by=by or session.actor,
            component=component,
            now=session.now(),
        )
    say(Text("已记录酌情分。"))
