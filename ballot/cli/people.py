"""`ballot user …`, `ballot token …`: accounts of the office and tokens of the API."""

from datetime import timedelta

import click

from ballot.cli.main import Session, now_utc
from ballot.cli.reporting import _, expected_errors, say
from ballot.domain.people import Role, Scope
from ballot.language import Text
from ballot.services import people


@click.group(help=_("后台账号。"))
def user() -> None:
    """Group the commands about accounts."""


@user.command(name="add", help=_("新建账号 NAME。"))
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.ORGANISER.value,
    show_default=True,
    help=_("角色。"),
)
@click.option(
    "--password",
    prompt=_("密码"),
    hide_input=True,
    confirmation_prompt=_("再输一次密码"),
    envvar="BALLOT_NEW_PASSWORD",
    help=_("密码(不写则询问;没有默认密码)。"),
)
@click.pass_obj
@expected_errors
def add(session: Session, name: str, role: str, password: str) -> None:
    """Make an account."""
    with session.database.write() as connection:
        people.add_user(
            connection,
            name=name,
            role=Role(role),
            password=password,
            by=session.actor,
            now=now_utc(),
        )
    say(Text("账号“%(name)s”已建立。", name=name))


@click.group(help=_("供其他系统读取数据的令牌。"))
def token() -> None:
    """Group the commands about tokens."""


@token.command(help=_("新建令牌并输出它:只显示这一次。NAME 写明给谁用。"))
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    default=[Scope.POINTS.value],
    show_default=True,
    help=_("权限,可写多次。"),
)
@click.option(
    "--days", type=click.IntRange(1, 3660), default=365, show_default=True, help=_("有效天数。")
)
@click.pass_obj
@expected_errors
def create(session: Session, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token and print it."""
    with session.database.write() as connection:
        secret = people.create_token(
            connection,
            name=name,
            scopes=[Scope(scope) for scope in scopes],
            lifetime=timedelta(days=days),
            by=session.actor,
            now=now_utc(),
        )
    say(Text("请妥善保存,令牌不会再次显示:"))
    click.echo(secret)
