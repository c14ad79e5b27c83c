"""`ballot user …`, `ballot token …`: accounts of the office and tokens of the API."""

from datetime import timedelta

import click

from ballot.cli.main import NUMBER, Session
from ballot.cli.reporting import _, expected_errors, format_option, say, write
from ballot.domain.people import Role, Scope
from ballot.language import Text
from ballot.services import people

password_option = click.option(
    "--password",
    envvar="BALLOT_NEW_PASSWORD",
    help=_("密码（不写则询问；没有默认密码）。"),
)
temporary_option = click.option(
    "--temporary",
    is_flag=True,
    help=_("生成临时密码并输出，只显示这一次；本人第一次登录时须设置自己的密码。"),
)


def _asked(password: str | None) -> str:
    """Return the password that was given, or else is asked for now."""
    if password is not None:
        return password
    typed: str = click.prompt(
        _("密码"), hide_input=True, confirmation_prompt=_("再输一次密码"), err=True
    )
    return typed


def _show(password: str, temporary: bool) -> None:
    """Print a password that was made here; it is kept as a hash only."""
    if temporary:
        say(Text("临时密码（不会再次显示）："))
        click.echo(password)


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
@click.option("--full-name", default="", help=_("姓名（默认与账号名相同）。"))
@password_option
@temporary_option
@click.pass_obj
@expected_errors
def add(
    session: Session,
    name: str,
    role: str,
    full_name: str,
    password: str | None,
    temporary: bool,
) -> None:
    """Make an account."""
    chosen = people.temporary_password() if temporary else _asked(password)
    with session.database.write() as connection:
        people.add_user(
            connection,
            name=name,
            full_name=full_name,
            role=Role(role),
            password=chosen,
            temporary=temporary,
            by=session.actor,
            now=session.now(),
        )
    say(Text("账号“%(name)s”已建立。", name=name))
    _show(chosen, temporary)


@user.command(name="password", help=_("给账号 NAME 换一个密码；它的登录随即全部失效。"))
@click.argument("name")
@password_option
@temporary_option
@click.pass_obj
@expected_errors
def change_password(session: Session, name: str, password: str | None, temporary: bool) -> None:
    """Give an account a new password."""
    chosen = people.temporary_password() if temporary else _asked(password)
    with session.database.write() as connection:
        people.change_password(
            connection,
            name=name,
            password=chosen,
            temporary=temporary,
            by=session.actor,
            now=session.now(),
        )
    say(Text("账号“%(name)s”的密码已更换。", name=name))
    _show(chosen, temporary)


@user.command(name="list", help=_("列出账号。"))
@format_option
@click.pass_obj
@expected_errors
def list_users(session: Session, form: str) -> None:
    """Print the accounts."""
    with session.database.read() as connection:
        found = people.every_user(connection)
    rows = [
        {
            "name": each.name,
            "role": each.role.value,
            "full_name": each.full_name,
            "temporary": each.temporary,
            "ended": each.ended,
        }
        for each in found
    ]
    headings = {
        "name": _("账号名"),
        "role": _("角色"),
        "full_name": _("姓名"),
        "temporary": _("临时密码"),
        "ended": _("已停用"),
    }
    if form == "table":
        for row in rows:
            row |= {key: _("是") if row[key] else _("否") for key in ("temporary", "ended")}
    write(rows, form, headings)


@click.group(help=_("供其他系统读取数据的令牌。"))
def token() -> None:
    """Group the commands about tokens."""


@token.command(help=_("新建令牌并输出它：只显示这一次。NAME 写明给谁用。"))
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    default=[Scope.POINTS.value],
    show_default=True,
    help=_("权限，可写多次。"),
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
            now=session.now(),
        )
    say(Text("请妥善保存，令牌不会再次显示："))
    click.echo(secret)


@token.command(name="list", help=_("列出有效的令牌（不含令牌本身）。"))
@format_option
@click.pass_obj
@expected_errors
def list_tokens(session: Session, form: str) -> None:
    """Print the tokens, never their secrets."""
    with session.database.read() as connection:
        found = people.every_token(connection)
    rows = [
        {
            "id": each.id,
            "name": each.name,
            "scopes": " ".join(sorted(scope.value for scope in each.scopes)),
            "expires_at": each.expires_at.isoformat(timespec="seconds"),
        }
        for each in found
    ]
    headings = {
        "id": _("编号"),
        "name": _("用途"),
        "scopes": _("权限"),
        "expires_at": _("有效期至"),
    }
    write(rows, form, headings)


@token.command(help=_("停用编号为 ID 的令牌。"))
@click.argument("token_id", metavar="ID", type=NUMBER)
@click.pass_obj
@expected_errors
def revoke(session: Session, token_id: int) -> None:
    """End a token at once."""
    with session.database.write() as connection:
        people.revoke_token(connection, token_id, by=session.actor, now=session.now())
    say(Text("令牌 %(id)s 已停用。", id=token_id))
