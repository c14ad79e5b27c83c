"""The very first account, made on a page by whoever started the server.

The server tells a set-up code at its start as long as nobody has an account. The code is derived
from the installation's secret, so that nothing need be kept of it, and opens nothing any more once
an account is there.
"""

import hmac
from datetime import datetime
from typing import Final

from ballot.domain.codes import plain
from ballot.domain.keys import Keys
from ballot.domain.people import Role, User
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.services import people
from ballot.storage import people as stored
from ballot.storage.database import Connection

_GROUP: Final = 4


class NoLongerFirstError(RefusedError):
    """Somebody has an account already."""

    message = N_(
        "已经有账号了，请登录。忘了密码，请管理员重设；"
        "管理员忘了，在服务器上运行 ballot user password。"
    )


def setup_code(keys: Keys) -> str:
    """Return the code in groups, as it is shown."""
    symbols = keys.first_account()
    return "-".join(symbols[at : at + _GROUP] for at in range(0, len(symbols), _GROUP))


def wanted(connection: Connection) -> bool:
    """Tell whether nobody has an account."""
    return not stored.any_user(connection)


def make(
    connection: Connection,
    keys: Keys,
    *,
    code: str,
    name: str,
    full_name: str,
    password: str,
    again: str,
    now: datetime,
) -> User:
    """Make the first account, an administrator's.

    `code` as it was typed: case, spaces and dashes are forgiven.
    Raises: NoLongerFirstError; MistakesError for a wrong code, passwords that differ, and all that
        an account cannot be.
    """
    if not wanted(connection):
        raise NoLongerFirstError
    if not hmac.compare_digest(plain(code).encode(), keys.first_account().encode()):
        raise MistakesError([Text("设置码不对：它显示在启动服务的窗口里，形如 ABCD-EFGH。")])
    if password != again:
        raise MistakesError([Text("两次输入的密码不一样。")])
    return people.add_user(
        connection,
        name=name,
        full_name=full_name,
        role=Role.ADMIN,
        password=password,
        by=name.strip(),
        now=now,
    )
