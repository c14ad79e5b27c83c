"""Keys: sub-keys by RFC 5869, digests, receipts."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.domain.codes import ALPHABET, Code, new_code
from ballot.domain.keys import Keys, NonceError, hkdf, new_nonce, nonce_hash, read_nonce

KEYS = Keys.from_secrets(bytes(32), bytes(range(32)))


def test_hkdf_gives_the_values_of_rfc_5869_appendix_a_1():
    derived = hkdf(
        bytes([0x0B] * 22),
        bytes.fromhex("f0f1f2f3f4f5f6f7f8f9"),
        salt=bytes.fromhex("000102030405060708090a0b0c"),
        length=42,
    )

    assert derived.hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )


def test_hkdf_gives_the_values_of_rfc_5869_appendix_a_3_without_salt_and_info():
    derived = hkdf(bytes([0x0B] * 22), b"", length=42)

    assert derived.hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )


def test_a_receipt_is_eight_symbols_the_same_on_every_repeat_and_no_part_of_the_digest():
    digest = KEYS.digest(new_code())

    assert KEYS.receipt(digest) == KEYS.receipt(digest)
    assert len(KEYS.receipt(digest)) == 8
    assert set(KEYS.receipt(digest)) <= set(ALPHABET)


def test_a_receipt_is_the_first_40_bits_of_the_digests_hmac_five_to_a_symbol():
    digest = KEYS.digest(Code("0" * 16))
    bits = int.from_bytes(hmac.digest(KEYS.receipts, digest, "sha256")[:5], "big")

    assert KEYS.receipt(digest) == "".join(
        ALPHABET[bits // 32**place % 32] for place in reversed(range(8))
    )


@pytest.mark.parametrize("typed", ["", "0" * 31, "0" * 33, "A" * 32, "g" * 32, "0" * 32 + "\n"])
def test_what_is_no_nonce_of_ours_is_refused(typed):
    with pytest.raises(NonceError):
        read_nonce(typed)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_other_secrets_give_other_digests_and_fingerprints(one, other):
    code = new_code()
    first, second = Keys.from_secrets(one, one), Keys.from_secrets(other, one)

    assert (first.digest(code) == second.digest(code)) == (one == other)
    assert (first.fingerprint == second.fingerprint) == (one == other)


def test_keys_never_show_themselves():
    assert repr(KEYS) == f"Keys(fingerprint='{KEYS.fingerprint}')"


def test_nonces_are_128_bits_and_kept_as_a_hash():
    nonce = new_nonce()

    assert len(bytes.fromhex(nonce)) == 16
    assert nonce.encode() not in nonce_hash(nonce)
    assert len({new_nonce() for _ in range(1000)}) == 1000
