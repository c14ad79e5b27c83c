"""Stored results: the tally and the ballot account, fixed at closing."""

import json
from dataclasses import asdict

from sqlalchemy import Connection, delete, insert, select, update

from ballot.domain.account import Account
from ballot.domain.polls import PollId
from ballot.domain.results import RecordedDiscretion
from ballot.domain.tallies import Tally
from ballot.storage.tables import discretions, tallies


def store(connection: Connection, poll_id: PollId, tally: Tally, account: Account) -> None:
    """Keep a poll's tally and account."""
    connection.execute(
        insert(tallies).values(
            poll_id=poll_id, tally=json.dumps(tally.to_json()), account=_account_text(account)
        )
    )


def replace(connection: Connection, poll_id: PollId, tally: Tally, account: Account) -> None:
    """Keep a tally and account in the place of those that were stored at closing."""
    connection.execute(delete(tallies).where(tallies.c.poll_id == poll_id))
    store(connection, poll_id, tally, account)


def stored(connection: Connection, poll_id: PollId) -> tuple[Tally, Account]:
    """Return a closed poll's tally and account."""
    row = connection.execute(select(tallies).where(tallies.c.poll_id == poll_id)).one()
    account = Account.from_json(json.loads(row.account))
    return Tally.from_json(json.loads(row.tally)), account


def set_account(connection: Connection, poll_id: PollId, account: Account) -> None:
    """Keep the account with the numbers that were declared at certification."""
    statement = update(tallies).where(tallies.c.poll_id == poll_id)
    connection.execute(statement.values(account=_account_text(account)))


def _account_text(account: Account) -> str:
    return json.dumps(account.to_json(), ensure_ascii=False)


def set_discretion(connection: Connection, poll_id: PollId, recorded: RecordedDiscretion) -> None:
    """Keep a scorer's value for a subject, replacing an earlier one."""
    mine = (
        (discretions.c.poll_id == poll_id)
        & (discretions.c.section == recorded.section)
        & (discretions.c.unit == recorded.unit)
    )
    connection.execute(delete(discretions).where(mine))
    connection.execute(insert(discretions).values(poll_id=poll_id, **asdict(recorded)))


def discretions_of(connection: Connection, poll_id: PollId) -> list[RecordedDiscretion]:
    """Return a poll's recorded values, in the order of sections and units."""
    rows = connection.execute(select(discretions).where(discretions.c.poll_id == poll_id))
    return sorted(
        RecordedDiscretion(row.section, row.unit, row.value, row.reason, row.by) for row in rows
    )
