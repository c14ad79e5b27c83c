"""The installation's secret and what is derived from it: digests of codes, and receipts.

The secret lives in a file outside the database (see `storage/secret_file.py`). Whoever holds only
the database can neither test a guessed code nor compute a receipt.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NewType

from ballot.domain.codes import ALPHABET, Code
from ballot.errors import VotingRefusedError
from ballot.language import N_

Digest = NewType("Digest", bytes)
NonceHash = NewType("NonceHash", bytes)

RECEIPT_SYMBOLS: Final = 8
KIOSK_SYMBOLS: Final = 20
FIRST_ACCOUNT_SYMBOLS: Final = 8
NONCE_BYTES: Final = 16


class NonceError(VotingRefusedError):
    """A vote came without the nonce of its review page."""

    message = N_("请先核对再提交：重新扫码，填写后点“下一步”。")


@dataclass(frozen=True)
class Keys:
    """The keys in memory. Never printed: `repr` shows the fingerprint only.

    `codes`, `receipts` and `kiosks` are sub-keys of one secret; `sessions` is a secret of its own,
    so that it can be replaced (which signs everybody out) without touching a ballot.
    """

    codes: bytes = field(repr=False)
    receipts: bytes = field(repr=False)
    kiosks: bytes = field(repr=False)
    sessions: bytes = field(repr=False)
    fingerprint: str

    @classmethod
    def from_secrets(cls, ballots: bytes, sessions: bytes) -> "Keys":
        """Derive the sub-keys from the two secrets (32 bytes each)."""
        return cls(
            codes=hkdf(ballots, b"ballot codes"),
            receipts=hkdf(ballots, b"ballot receipts"),
            kiosks=hkdf(ballots, b"ballot kiosks"),
            sessions=sessions,
            fingerprint=hkdf(ballots, b"ballot fingerprint").hex()[:16],
        )

    def digest(self, code: Code) -> Digest:
        """Return what is stored of a code: 32 bytes, HMAC-SHA-256."""
        return Digest(_hmac(self.codes, code.encode("ascii")))

    def receipt(self, digest: Digest) -> str:
        """Return the 8 symbols that say a ballot counted, never how.

        The same on every repeat. Source: docs/anonymity.md, "Receipts".
        """
        return _symbols(_hmac(self.receipts, digest), RECEIPT_SYMBOLS)

    def kiosk(self, poll: int, serial: int) -> str:
        """Return the 20 symbols that open a poll's kiosk: 100 bits that nothing stored tells.

        `serial` counts the poll's links: a new one makes the earlier ones worthless.
        """
        return _symbols(_hmac(self.kiosks, f"{poll} {serial}".encode("ascii")), KIOSK_SYMBOLS)

    def first_account(self) -> str:
        """Return the 8 symbols with which the very first account may be made: 40 bits."""
        return _symbols(hkdf(self.sessions, b"ballot first account"), FIRST_ACCOUNT_SYMBOLS)


_PAIRS: Final = [first + second for first in ALPHABET for second in ALPHABET]


def _symbols(code: bytes, number: int) -> str:
    """Return so many symbols, an even number, of five bits each, from the left."""
    bits = int.from_bytes(code, "big") >> 8 * len(code) - 5 * number
    return "".join([_PAIRS[bits >> place & 1023] for place in range(5 * number - 10, -1, -10)])


@lru_cache(maxsize=8)
def _keyed(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod="sha256")


def _hmac(key: bytes, message: bytes) -> bytes:
    """Return HMAC-SHA-256; a key is prepared once, which is two thirds of the work."""
    mine = _keyed(key).copy()
    mine.update(message)
    return mine.digest()


def hkdf(secret: bytes, info: bytes, *, salt: bytes = b"", length: int = 32) -> bytes:
    """Return `length` bytes derived from a secret for one purpose.

    Source: RFC 5869 (HKDF) with SHA-256.
    """
    pseudorandom = hmac.digest(salt or bytes(32), secret, "sha256")
    output = block = b""
    for counter in range(1, -(-length // 32) + 1):
        block = hmac.digest(pseudorandom, block + info + bytes([counter]), "sha256")
        output += block
    return output[:length]


def new_nonce() -> str:
    """Return a fresh nonce for one review page: 128 bits in hexadecimal."""
    return secrets.token_hex(NONCE_BYTES)


_NONCE: Final = re.compile(f"[0-9a-f]{{{2 * NONCE_BYTES}}}")


def read_nonce(text: str) -> str:
    """Return a nonce that a form brought back.

    Raises: NonceError if it is none of ours (a hand-made form).
    """
    if not _NONCE.fullmatch(text):
        raise NonceError
    return text


def nonce_hash(nonce: str) -> NonceHash:
    """Return what is kept of a nonce beside its ballot until the poll is closed."""
    return NonceHash(hashlib.sha256(nonce.encode("utf-8")).digest()[:16])
