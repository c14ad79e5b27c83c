"""Accounts of the office and tokens of the API."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ballot.domain.people import Role, Scope, Token, User
from ballot.storage.tables import tokens, users


def add_user(
    connection: Connection,
    *,
    name: str,
    full_name: str,
    role: Role,
    password_hash: str,
    version: int,
    temporary: bool,
    now: datetime,
) -> int:
    """Keep a new account and return its number, which may be that of one removed before."""
    statement = insert(users).values(
        name=name,
        full_name=full_name,
        role=role.value,
        password_hash=password_hash,
        version=version,
        temporary=temporary,
        created_at=now,
    )
    return int(connection.execute(statement.returning(users.c.id)).scalar_one())


def user_named(connection: Connection, name: str) -> tuple[User, str] | None:
    """Return an account, ended or not, and its password's hash."""
    row = connection.execute(select(users).where(users.c.name == name)).one_or_none()
    return None if row is None else (_user(row), row.password_hash)


def user(connection: Connection, user_id: int) -> User | None:
    """Return an account, ended or not."""
    row = connection.execute(select(users).where(users.c.id == user_id)).one_or_none()
    return None if row is None else _user(row)


def password_hash(connection: Connection, user_id: int) -> str:
    """Return the hash of an account's password."""
    statement = select(users.c.password_hash).where(users.c.id == user_id)
    return str(connection.execute(statement).scalar_one())


def set_password(
    connection: Connection, user_id: int, password_hash: str, *, temporary: bool = False
) -> None:
    """Keep a new password's hash and end the account's sessions."""
    _change(
        connection,
        user_id,
        password_hash=password_hash,
        temporary=temporary,
        version=users.c.version + 1,
    )


def keep_hash(connection: Connection, user_id: int, password_hash: str) -> None:
    """Keep the same password's hash under newer parameters; sessions go on."""
    _change(connection, user_id, password_hash=password_hash)


def set_person(connection: Connection, user_id: int, *, full_name: str, role: Role) -> None:
    """Keep whose account it is and what it may do."""
    _change(connection, user_id, full_name=full_name, role=role.value)


def end_user(connection: Connection, user_id: int, now: datetime) -> None:
    """End an account and its sessions."""
    _change(connection, user_id, ended_at=now, version=users.c.version + 1)


def _change(connection: Connection, user_id: int, **values: Any) -> None:
    connection.execute(update(users).where(users.c.id == user_id).values(**values))


def held_admins(connection: Connection) -> set[int]:
    """Return the accounts that may do everything, and keep them as they are until the commit."""
    statement = (
        select(users.c.id)
        .where(users.c.role == Role.ADMIN.value, users.c.ended_at.is_(None))
        .order_by(users.c.id)
        .with_for_update()  # SQLite: the writer's turn holds everything
    )
    return set(connection.execute(statement).scalars())


def every_user(connection: Connection) -> list[User]:
    """Return all accounts by name, ended ones too."""
    return [_user(row) for row in connection.execute(select(users).order_by(users.c.name))]


def any_user(connection: Connection) -> bool:
    """Tell whether there is any account, ended or not."""
    return connection.execute(select(users.c.id).limit(1)).first() is not None


def _user(row: Row[Any]) -> User:
    return User(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        version=row.version,
        full_name=row.full_name,
        temporary=row.temporary,
        ended=row.ended_at is not None,
    )


def add_token(
    connection: Connection,
    *,
    name: str,
    digest: bytes,
    scopes: Collection[Scope],
    now: datetime,
    expires_at: datetime,
) -> int:
    """Keep a new token's hash and return its number."""
    statement = insert(tokens).values(
        name=name,
        hash=digest,
        scopes=" ".join(sorted(scope.value for scope in scopes)),
        created_at=now,
        expires_at=expires_at,
    )
    return int(connection.execute(statement.returning(tokens.c.id)).scalar_one())


def token(connection: Connection, digest: bytes) -> Token | None:
    """Return a token that was not revoked, by its hash."""
    statement = select(tokens).where(tokens.c.hash == digest, tokens.c.revoked_at.is_(None))
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    return _token(row)


def every_token(connection: Connection) -> list[Token]:
    """Return the tokens that were not revoked, oldest first."""
    statement = select(tokens).where(tokens.c.revoked_at.is_(None)).order_by(tokens.c.id)
    return [_token(row) for row in connection.execute(statement)]


def _token(row: Row[Any]) -> Token:
    scopes = frozenset(Scope(scope) for scope in row.scopes.split())
    return Token(row.id, row.name, scopes, row.expires_at)


def revoke_token(connection: Connection, token_id: int, now: datetime) -> bool:
    """End a token and say whether this call did it."""
    statement = update(tokens).where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
    return connection.execute(statement.values(revoked_at=now)).rowcount == 1
