"""The QR code of a ballot's link: one fixed version and mask per address, made by combination.

With version, mask, mode and length fixed, every module of a QR code is an affine function over
GF(2) of the data bits: error correction is linear (ISO/IEC 18004, 7.5), masking adds a constant
(7.8). So `qrcode` draws one matrix for the address alone and one for each data bit of the code,
and the matrix of a link is the XOR of a few of them. Bits, not symbols, are combined: in
alphanumeric mode two symbols share 11 bits as 45 * first + second (7.4.4), so the table below has
one entry for each pair of symbols.
"""

import io
from itertools import product
from typing import Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from qrcode import constants, util
from qrcode.main import QRCode

from ballot.domain.codes import ALPHABET, LENGTH
from ballot.errors import BallotError
from ballot.language import N_

QUIET_ZONE: Final = 4
"""Modules of white that a reader needs on every side (ISO/IEC 18004, 9.1)."""

MASK: Final = 2
SMALLEST_VERSION: Final = 2
LARGEST_VERSION: Final = 5
"""37 modules a side: on a slip, the smallest module still is 0.8 mm."""

_CORRECTION: Final = constants.ERROR_CORRECT_M
_SYMBOLS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES: Final = {symbol: value for value, symbol in enumerate(_SYMBOLS)}
_PAIR_BITS: Final = 11
_SINGLE_BITS: Final = 6
_MODE_BITS: Final = 4
_COUNT_BITS: Final = 9
_PATH: Final = "/B/"


class PublicUrlError(BallotError):
    """The public address cannot stand in a ballot's QR code."""

    message = N_(
        "公开网址 %(url)s 不能印成二维码：应为 http(s)://主机[:端口]，只用字母、数字、“-”和“.”，"
        "不带路径；中文域名请写成 xn-- 开头的形式。"
    )


class LongPublicUrlError(PublicUrlError):
    """The public address is longer than the largest QR code of a slip can hold."""

    message = N_("公开网址 %(url)s 太长：最多 %(most)s 个字符才能印成清晰的二维码。")


def ballot_link(public_url: str, code: str) -> str:
    """Return the link of a ballot, in upper case so that it fits alphanumeric mode.

    `code` is written without dashes.

    Raises: PublicUrlError if the address holds a path or a symbol that the mode lacks.
    """
    return (_origin(public_url) + _PATH + code).upper()


def typed_address(public_url: str) -> str:
    """Return the shortest form of the address that a person can type into a browser.

    The scheme is left out where browsers find it by themselves: not for https on another port.

    Raises: PublicUrlError.
    """
    address = _origin(public_url).lower()
    parts = urlsplit(address)
    return address if parts.scheme == "https" and parts.port else parts.netloc


def terminal(link: str) -> str:
    """Return the QR code of any link drawn with half blocks, quiet zone included.

    For a dark terminal: the light modules are drawn, the dark ones are left empty.
    """
    qr = QRCode(error_correction=_CORRECTION, border=QUIET_ZONE)
    qr.add_data(link)
    drawing = io.StringIO()
    qr.print_ascii(out=drawing, invert=True)
    return drawing.getvalue()


class Matrices:
    """The QR codes of all ballots under one public address.

    A matrix is one `int`: rows from the top, each padded with light modules to whole bytes
    (`row_bytes`), leftmost module in the highest bit, 1 is dark. `version` is the smallest that
    holds the links; `modules` is the length of a side without the quiet zone.
    """

    def __init__(self, public_url: str) -> None:
        """Prepare the combinations (about 0.15 s).

        Raises: PublicUrlError, LongPublicUrlError.
        """
        self._link = _Link(ballot_link(public_url, ""))
        self.version = _smallest_version(self._link, public_url)
        self.modules = 17 + 4 * self.version
        self.row_bytes = (self.modules + 7) // 8
        self._address = self._drawn(self._link.address_bits())
        self._tables = [self._table(chunk) for chunk in self._link.chunks()]

    def matrix(self, code: str) -> int:
        """Return the matrix of a code, written without dashes.

        Raises: ValueError if it is not 16 symbols of the code alphabet.
        """
        if len(code) != LENGTH:
            raise ValueError("a code has 16 symbols")
        result = self._address
        try:
            for part, table in self._tables:
                result ^= table[code[part]]
        except KeyError:
            raise ValueError("a symbol that no code holds") from None
        return result

    def rows(self, code: str) -> tuple[str, ...]:
        """Return the matrix as strings of `0` (light) and `1` (dark), from the top."""
        width = 8 * self.row_bytes
        bits = format(self.matrix(code), f"0{width * self.modules}b")
        return tuple(bits[row * width : row * width + self.modules] for row in range(self.modules))

    def _table(self, chunk: "_Chunk") -> tuple[slice, dict[str, int]]:
        """Return what each spelling of a chunk adds to the address's matrix."""
        basis = [
            self._drawn(self._link.address_bits() ^ (1 << chunk.shift + bit)) ^ self._address
            for bit in range(chunk.bits)
        ]
        spellings = product(ALPHABET, repeat=chunk.part.stop - chunk.part.start)
        return chunk.part, {
            "".join(symbols): _combined(basis, chunk.value("".join(symbols)))
            for symbols in spellings
        }

    def _drawn(self, bits: int) -> int:
        """Let `qrcode` draw any data bits of the link's length."""
        qr = QRCode(version=self.version, error_correction=_CORRECTION, mask_pattern=MASK)
        qr.add_data(_Bits(bits, self._link.bits, self._link.length))
        qr.make(fit=False)
        padding = [False] * (8 * self.row_bytes - self.modules)
        modules = (module for row in qr.modules for module in (*row, *padding))
        return int("".join("1" if module else "0" for module in modules), 2)


class _Chunk(NamedTuple):
    """Symbols of the code that share data bits.

    `part` is their place in the code, `prefix` the address's last symbol where it shares these
    bits, `bits` and `shift` say where they lie in the data (`shift` counted from the end).
    """

    part: slice
    prefix: str
    bits: int
    shift: int

    def value(self, symbols: str) -> int:
        """Return the data bits of a spelling."""
        return _value(self.prefix + symbols)


class _Link:
    """Where the bits of the code lie in the data bits of a link with this address."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.length = len(address) + LENGTH
        self.bits = self.length // 2 * _PAIR_BITS + self.length % 2 * _SINGLE_BITS

    def address_bits(self) -> int:
        """Return the data bits with every bit that a symbol of the code touches left at zero."""
        whole = len(self.address) // 2 * 2
        bits = 0
        for start in range(0, whole, 2):
            bits = bits << _PAIR_BITS | _value(self.address[start : start + 2])
        return bits << self.bits - whole // 2 * _PAIR_BITS

    def chunks(self) -> list[_Chunk]:
        """Return the chunks of the code, from the left."""
        odd = len(self.address) % 2
        chunks = []
        shift = self.bits - len(self.address) // 2 * _PAIR_BITS
        start = 0
        while start < LENGTH:
            prefix = self.address[-1] if odd and start == 0 else ""
            stop = min(LENGTH, start + 2 - len(prefix))
            bits = _PAIR_BITS if len(prefix) + stop - start == 2 else _SINGLE_BITS
            shift -= bits
            chunks.append(_Chunk(slice(start, stop), prefix, bits, shift))
            start = stop
        return chunks


class _Bits(util.QRData):  # type: ignore[misc]  # qrcode has no types
    """Data for `qrcode` given as bits, in alphanumeric mode."""

    def __init__(self, bits: int, width: int, length: int) -> None:
        super().__init__(b"0" * length, mode=util.MODE_ALPHA_NUM)
        self._bits = bits
        self._width = width

    def write(self, buffer: util.BitBuffer) -> None:
        """Put the bits, where `QRData` would put the symbols'."""
        buffer.put(self._bits, self._width)


def _value(symbols: str) -> int:
    """Return the bits of one or two symbols (ISO/IEC 18004, 7.4.4)."""
    value = 0
    for symbol in symbols:
        value = value * len(_SYMBOLS) + _VALUES[symbol]
    return value


def _combined(basis: list[int], value: int) -> int:
    result = 0
    for bit, matrix in enumerate(basis):
        if value >> bit & 1:
            result ^= matrix
    return result


def _smallest_version(link: _Link, public_url: str) -> int:
    for version in range(SMALLEST_VERSION, LARGEST_VERSION + 1):
        if _MODE_BITS + _COUNT_BITS + link.bits <= _capacity(version):
            return version
    symbols = (_capacity(LARGEST_VERSION) - _MODE_BITS - _COUNT_BITS) * 2 // _PAIR_BITS
    raise LongPublicUrlError(url=public_url, most=symbols - LENGTH - len(_PATH))


def _capacity(version: int) -> int:
    """Return the data bits that a version holds at this error correction."""
    return int(util.BIT_LIMIT_TABLE[_CORRECTION][version])


def _origin(public_url: str) -> str:
    """Return the address without its closing slash, checked.

    Raises: PublicUrlError.
    """
    origin = public_url.removesuffix("/")
    try:
        parts = urlsplit(origin)
        _ = parts.port
    except ValueError:
        raise PublicUrlError(url=public_url) from None
    if not (_is_plain(parts) and origin.upper().isascii() and set(origin.upper()) <= set(_VALUES)):
        raise PublicUrlError(url=public_url)
    return origin


def _is_plain(parts: SplitResult) -> bool:
    """Tell whether an address is a scheme of the web and a host, and nothing else."""
    beyond = parts.path or parts.query or parts.fragment or parts.username
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not beyond
