"""Whom to turn to in a cycle: on notices, and where requests for review go."""

from ballot.domain.notices import Contact
from ballot.errors import MistakesError
from ballot.storage import cycles, publication
from ballot.storage.database import Connection


def of(connection: Connection, cycle_id: int) -> Contact:
    """Return whom to turn to in a cycle.

    Raises: NoSuchCycleError.
    """
    return publication.contact_of(connection, cycles.get(connection, cycle_id).id)


def keep(connection: Connection, cycle_id: int, contact: Contact) -> None:
    """Keep whom to turn to in a cycle.

    Raises: NoSuchCycleError, MistakesError.
    """
    cycles.get(connection, cycle_id)
    mistakes = list(contact.mistakes())
    if mistakes:
        raise MistakesError(mistakes)
    publication.set_contact(connection, cycle_id, contact)
