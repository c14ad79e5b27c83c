"""`ballot poll report`: the count report of a closed poll, as a PDF to print and sign."""

from pathlib import Path

import click

from ballot.cli.files import FileUnwritableError
from ballot.cli.main import NUMBER, Session
from ballot.cli.reporting import _, expected_errors, language, say
from ballot.language import Text
from ballot.services import count_reports


@click.command(
    name="report", help=_("把投票结束后的计票报告单写成 PDF。未认定的，每页都标明“未认定”。")
)
@click.argument("poll_id", metavar="ID", type=NUMBER)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
@expected_errors
def report_command(session: Session, poll_id: int, file: Path) -> None:
    """Write a closed poll's count report."""
    with session.database.read() as connection:
        report = count_reports.of_poll(
            connection, poll_id, smallest_group=session.settings.smallest_group
        )
    content = count_reports.pdf(report, language=language())
    try:
        file.write_bytes(content)
    except OSError as error:
        raise FileUnwritableError(path=file, reason=error.strerror or error) from None
    say(Text("计票报告单已写好：%(path)s", path=file))
