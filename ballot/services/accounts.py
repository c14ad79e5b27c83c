"""Accounts in the hands of an administrator, and the own password of everybody."""

from datetime import datetime

from ballot.domain.people import Role, User
from ballot.domain.written import LONGEST_NAME, problems
from ballot.errors import MistakesError, NotFoundError, RefusedError
from ballot.language import N_, Text
from ballot.services import people as passwords
from ballot.services.people import EndedError
from ballot.storage import events, people
from ballot.storage.database import Connection


class NoSuchAccountError(NotFoundError):
    """No account of that number."""

    message = N_("没有编号为 %(id)s 的账号。")


class LastAdminError(RefusedError):
    """Without it nobody could make, change or end accounts."""

    message = N_("“%(name)s”是唯一的管理员，不能停用，也不能改为其他角色。请先另设一名管理员。")


def get(connection: Connection, user_id: int) -> User:
    """Return an account, ended or not.

    Raises: NoSuchAccountError.
    """
    found = people.user(connection, user_id)
    if found is None:
        raise NoSuchAccountError(id=user_id)
    return found


def invite(
    connection: Connection, *, name: str, full_name: str, role: Role, by: str, now: datetime
) -> tuple[User, str]:
    """Make an account and return it with its temporary password: the only time it can be seen.

    Raises: as `people.add_user`.
    """
    password = passwords.temporary_password()
    user = passwords.add_user(
        connection,
        name=name,
        full_name=full_name,
        role=role,
        password=password,
        temporary=True,
        by=by,
        now=now,
    )
    return user, password


def reset(connection: Connection, user_id: int, *, by: str, now: datetime) -> tuple[User, str]:
    """Give an account a temporary password and return both; its sessions end.

    Raises: NoSuchAccountError, EndedError.
    """
    user = get(connection, user_id)
    password = passwords.temporary_password()
    passwords.change_password(
        connection, name=user.name, password=password, temporary=True, by=by, now=now
    )
    return user, password


def change(
    connection: Connection, user_id: int, *, full_name: str, role: Role, by: str, now: datetime
) -> None:
    """Change whose account it is and what it may do; its pages know from the next one on.

    Raises: NoSuchAccountError, EndedError, LastAdminError; MistakesError for an empty, long or
        unreadable name.
    """
    admins = people.held_admins(connection)
    user = _living(connection, user_id)
    full_name = full_name.strip() or user.name
    mistakes = problems(Text("姓名"), full_name, most=LONGEST_NAME)
    if mistakes:
        raise MistakesError(mistakes)
    if role is not Role.ADMIN and admins == {user.id}:
        raise LastAdminError(name=user.name)
    people.set_person(connection, user.id, full_name=full_name, role=role)
    events.append(
        connection,
        now=now,
        actor=by,
        action="account changed",
        name=user.name,
        full_name=full_name,
        role=role.value,
    )


def end(connection: Connection, user_id: int, *, by: str, now: datetime) -> None:
    """End an account: its sessions end at once, its name stays in the log and is not given again.

    Raises: NoSuchAccountError, EndedError, LastAdminError.
    """
    admins = people.held_admins(connection)
    user = _living(connection, user_id)
    if admins == {user.id}:
        raise LastAdminError(name=user.name)
    people.end_user(connection, user.id, now)
    events.append(connection, now=now, actor=by, action="account ended", name=user.name)


def _living(connection: Connection, user_id: int) -> User:
    user = get(connection, user_id)
    if user.ended:
        raise EndedError(name=user.name)
    return user


def set_own_password(
    connection: Connection, user: User, *, password: str, again: str, now: datetime
) -> User:
    """Set an own password, typed twice, and return the account anew: its other sessions end.

    Whether the password before is known was checked where it had to be.
    Raises: NoSuchUserError, EndedError; MistakesError for passwords that differ or are no good.
    """
    if password != again:
        raise MistakesError([Text("两次输入的新密码不一样。")])
    passwords.change_password(connection, name=user.name, password=password, by=user.name, now=now)
    return get(connection, user.id)
