"""One text for one value, fit for hashing, and its hash."""

import hashlib
import json


def canonical(value: object) -> str:
    """Return JSON with sorted keys and no spaces."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(value: object) -> str:
    """Return the SHA-256, in hexadecimal, of a value's canonical JSON.

    By it the log vouches for a row without telling it: the log goes into every poll's archive,
    which is published, and what units were given stays secret until the meeting has fixed the
    result.
    """
    return hashlib.sha256(canonical(value).encode("utf-8")).hexdigest()
