"""People: accounts of the office, signing in, and tokens of the API."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from ballot.domain.codes import ALPHABET
from ballot.domain.people import Role, Scope, Token, User
from ballot.domain.written import LONGEST_NAME, problems
from ballot.errors import BallotError, MistakesError, NotFoundError, RefusedError
from ballot.language import N_, Text
from ballot.scoring.plain_text import is_unseen
from ballot.storage import events, people
from ballot.storage.database import Connection, Database

SHORTEST_PASSWORD: Final = 10
TOKEN_PREFIX: Final = "ballot_"  # noqa: S105 - a prefix by which a leaked token is recognised
FIRST_VERSIONS: Final = 2**30
"""An account begins with any of them, so that no session of a removed one fits its heir."""
_hasher: Final = PasswordHasher()


@cache
def _nobody() -> str:
    """Return a hash that no password fits, so that an unknown name costs as much time."""
    return _hasher.hash(secrets.token_hex(16))


class NameTakenError(RefusedError):
    """An account of that name exists."""

    message = N_("已有名为“%(name)s”的账号。")


class NoSuchUserError(NotFoundError):
    """No account of that name."""

    message = N_("没有名为“%(name)s”的账号。")


class EndedError(RefusedError):
    """The account opens nothing any more."""

    message = N_("账号“%(name)s”已停用。")


class NoSuchTokenError(NotFoundError):
    """No token of that number, or it was revoked already."""

    message = N_("没有编号为 %(id)s 的令牌，或早已停用。")


class WrongPasswordError(BallotError):
    """No such account, or not its password; which of the two is not told."""

    message = N_("账号或密码不正确。")


class TokenError(BallotError):
    """The token is missing, unknown, revoked or expired."""

    message = N_("令牌缺失、无效或已过期。")


class ScopeError(RefusedError):
    """The token is not for this."""

    message = N_("这个令牌没有 %(scope)s 权限。")


def add_user(
    connection: Connection,
    *,
    name: str,
    role: Role,
    password: str,
    full_name: str = "",
    temporary: bool = False,
    by: str,
    now: datetime,
) -> User:
    """Make an account; without a full name its own name is taken for one.

    `temporary`: somebody else knows the password; its person has to set another one first.

    Raises: NameTakenError, also for the name of an ended account; MistakesError for a name that is
        empty, too long or cannot be read, or for a short password.
    """
    name = name.strip()
    full_name = full_name.strip() or name
    mistakes = [] if name else [Text("账号名不能为空。")]
    mistakes += problems(Text("账号名"), name, most=LONGEST_NAME)
    mistakes += problems(Text("姓名"), full_name, most=LONGEST_NAME)
    mistakes += unfit(password)
    if mistakes:
        raise MistakesError(mistakes)
    if people.user_named(connection, name):
        raise NameTakenError(name=name)
    version = secrets.randbelow(FIRST_VERSIONS) + 1
    user_id = people.add_user(
        connection,
        name=name,
        full_name=full_name,
        role=role,
        password_hash=_hasher.hash(password),
        version=version,
        temporary=temporary,
        now=now,
    )
    events.append(
        connection,
        now=now,
        actor=by,
        action="account made",
        name=name,
        full_name=full_name,
        role=role.value,
        temporary=temporary,
    )
    return User(user_id, name, role, version, full_name, temporary)


def change_password(
    connection: Connection,
    *,
    name: str,
    password: str,
    temporary: bool = False,
    by: str,
    now: datetime,
) -> None:
    """Give an account a new password and end its sessions.

    Raises: NoSuchUserError, EndedError; MistakesError for a short password, or the one before.
    """
    found = people.user_named(connection, name.strip())
    if found is None:
        raise NoSuchUserError(name=name)
    user, before = found
    if user.ended:
        raise EndedError(name=user.name)
    mistakes = unfit(password)
    if not mistakes and _fits(before, password):
        mistakes = [Text("新密码不能与原来的相同。")]
    if mistakes:
        raise MistakesError(mistakes)
    people.set_password(connection, user.id, _hasher.hash(password), temporary=temporary)
    events.append(
        connection,
        now=now,
        actor=by,
        action="password changed",
        name=user.name,
        temporary=temporary,
    )


def unfit(password: str) -> list[Text]:
    """Return why a password cannot be taken; one that no form can send would fit nobody."""
    if any(is_unseen(character) for character in password):
        return [Text("密码含有看不见的字符，登录时无法输入。")]
    if len(password) >= SHORTEST_PASSWORD:
        return []
    return [Text("密码至少 %(least)s 个字符。", least=SHORTEST_PASSWORD)]


def temporary_password() -> str:
    """Return a password to hand over on paper: three groups of four symbols, 60 random bits."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
    return "-".join(groups)


def _fits(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def every_user(connection: Connection) -> list[User]:
    """Return all accounts, ended ones too."""
    return people.every_user(connection)


def sign_in(database: Database, name: str, password: str) -> User:
    """Return the account that a name and password belong to.

    An unknown name takes as long as a wrong password. Raises: WrongPasswordError.
    """
    found = None
    if name.strip().isprintable():  # PostgreSQL refuses to look for a zero byte
        with database.read() as connection:
            found = people.user_named(connection, name.strip())
    user, stored = found or (None, _nobody())
    if not _fits(stored, password) or user is None or user.ended:
        raise WrongPasswordError
    if _hasher.check_needs_rehash(stored):
        with database.write() as connection:
            people.keep_hash(connection, user.id, _hasher.hash(password))
    return user


def signed_in(database: Database, user_id: int, version: int) -> User | None:
    """Return the account of a session, or None if its password changed or it ended since."""
    with database.read() as connection:
        user = people.user(connection, user_id)
    fits = user is not None and user.version == version and not user.ended
    return user if fits else None


def create_token(
    connection: Connection,
    *,
    name: str,
    scopes: Collection[Scope],
    lifetime: timedelta,
    by: str,
    now: datetime,
) -> str:
    """Make an API token and return it: the only time it can be seen.

    `name`: whom it is for. Raises: MistakesError for one that is empty, too long or unreadable.
    """
    name = name.strip()
    mistakes = [] if name else [Text("令牌的用途不能为空。")]
    mistakes += problems(Text("令牌的用途"), name, most=LONGEST_NAME)
    if mistakes:
        raise MistakesError(mistakes)
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    people.add_token(
        connection,
        name=name,
        digest=_digest(token),
        scopes=scopes,
        now=now,
        expires_at=now + lifetime,
    )
    events.append(
        connection,
        now=now,
        actor=by,
        action="token made",
        name=name,
        scopes=sorted(scope.value for scope in scopes),
    )
    return token


def every_token(connection: Connection) -> list[Token]:
    """Return the tokens that were not revoked."""
    return people.every_token(connection)


def revoke_token(connection: Connection, token_id: int, *, by: str, now: datetime) -> None:
    """End a token at once.

    Raises: NoSuchTokenError.
    """
    if not people.revoke_token(connection, token_id, now):
        raise NoSuchTokenError(id=token_id)
    events.append(connection, now=now, actor=by, action="token revoked", token=token_id)


def token_for(database: Database, secret: str, scope: Scope, now: datetime) -> Token:
    """Return the token that a request brings, if it is good for a scope.

    Raises: TokenError, ScopeError.
    """
    with database.read() as connection:
        token = people.token(connection, _digest(secret))
    if token is None or now >= token.expires_at:
        raise TokenError
    if scope not in token.scopes:
        raise ScopeError(scope=scope.value)
    return token


def _digest(token: str) -> bytes:
    """Return what is stored of a token: it is random, so a plain hash keeps it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
