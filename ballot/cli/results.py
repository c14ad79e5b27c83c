"""`ballot poll results`: a closed poll's account, results and charts."""

from pathlib import Path

import click

from ballot.cli.main import Session
from ballot.cli.reporting import (
    _,
    expected_errors,
    format_option,
    language,
    say,
    write,
    write_derivations,
)
from ballot.language import Text
from ballot.services import results


@click.command(name="results", help=_("输出投票结束后的结果、票账和计算过程。"))
@click.argument("poll_id", metavar="ID", type=int)
@format_option
@click.option(
    "--chart",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("另把各等次占比画成图(.svg、.pdf 或 .png)。"),
)
@click.pass_obj
@expected_errors
def results_command(session: Session, poll_id: int, form: str, chart: Path | None) -> None:
    """Print a closed poll's results."""
    with session.database.read() as connection:
        found = results.of_poll(connection, poll_id, smallest_group=session.settings.smallest_group)
    rows = [
        {
            "kind": section.section.kind,
            "component": section.section.component,
            "unit": each.subject.unit,
            **each.converted.to_json(language()),
        }
        for section in found.sections
        for each in section.subjects
    ]
    _say_account(found)
    headings = {
        "component": _("考核项"),
        "subject": _("对象"),
        "valid": _("有效"),
        "ratio": _("较好以上票/基数"),
        "percent": _("比例 %"),
        "score": _("折算分"),
        "points": _("得分"),
    }
    if form == "table":
        write(rows, form, headings)
        write_derivations(rows, lambda row: f"{row['subject']} · {row['component']}")
    else:
        write(rows, form, {**headings, "derivation": ""})
    if chart is not None:
        from ballot.services.charts import write_charts

        for path in write_charts(found, chart):
            say(Text("图已写好:%(path)s", path=path))


def _say_account(found: results.Results) -> None:
    total = found.account.total
    say(
        Text(
            "票账:印制 %(printed)s,发出 %(issued)s,收回 %(returned)s,"
            "有效 %(valid)s,无效 %(invalid)s",
            printed=total.printed,
            issued=total.issued,
            returned=total.returned,
            valid=found.account.valid,
            invalid=found.account.invalid,
        )
    )
