"""Schemes: the rules of a yearly assessment as values. They are read by `scheme_file.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ballot.scoring.errors import UnknownKindError
from ballot.scoring.kinds import Kind
from ballot.scoring.readings import Reading
from ballot.scoring.scheme_json import kind_json, reading_json

OWN: Final = "+"
"""In the name of a cycle's own scheme, between its preset's name and the cycle's number."""


@dataclass(frozen=True)
class Scheme:
    """An assessment scheme (考核方案)."""

    name: str
    title: str
    source: str
    kinds: Mapping[str, Kind]
    readings: Mapping[str, Reading]

    @property
    def is_own(self) -> bool:
        """Tell whether this is a cycle's own scheme: presets have no “+” in their names."""
        return OWN in self.name

    def kind(self, key: str) -> Kind:
        """Return a kind.

        Raises: UnknownKindError.
        """
        if key not in self.kinds:
            raise UnknownKindError(scheme=self.name, kind=key, known="、".join(self.kinds))
        return self.kinds[key]

    def to_json(self) -> dict[str, Any]:
        """Return the whole scheme as JSON values (rule 60)."""
        return {
            "name": self.name,
            "title": self.title,
            "source": self.source,
            "kinds": [kind_json(kind) for kind in self.kinds.values()],
            "readings": [reading_json(reading) for reading in self.readings.values()],
        }
