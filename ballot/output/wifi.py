"""The Wi-Fi as a QR code's text: a phone that scans it joins the network.

Source of the form: the Wi-Fi Alliance's WPA3 specification, section 7 (URI scheme `WIFI:`), as
phones have read it since ZXing. Backslash, semicolon, comma, colon and the double quote are
escaped.
"""

from typing import Final

from ballot.errors import OperationError
from ballot.language import N_

_SPECIAL: Final = frozenset('\\;,:"')
_LONGEST_NAME: Final = 32  # bytes; IEEE 802.11
_HEXADECIMAL: Final = frozenset("0123456789abcdefABCDEF")


class WifiNameError(OperationError):
    """No Wi-Fi can have this name."""

    message = N_("Wi-Fi 名称应为 1 至 32 个字节（汉字每个 3 字节），不含控制字符。")


class WifiPasswordError(OperationError):
    """No Wi-Fi can have this password; what was typed is not repeated."""

    message = N_(
        "Wi-Fi 密码应为 8 至 63 个英文字符（或 64 位十六进制数）；没有密码的网络请写空字符串。"
    )


def wifi_text(name: str, password: str) -> str:
    """Return what the QR code of a Wi-Fi holds; without a password it is an open one.

    Raises: WifiNameError, WifiPasswordError.
    """
    if not 0 < len(name.encode("utf-8")) <= _LONGEST_NAME or not name.isprintable():
        raise WifiNameError
    if not password:
        return f"WIFI:T:nopass;S:{_escaped(name)};;"
    plain = password.isascii() and password.isprintable() and 8 <= len(password) <= 63
    if not plain and not (len(password) == 64 and set(password) <= _HEXADECIMAL):
        raise WifiPasswordError
    return f"WIFI:T:WPA;S:{_escaped(name)};P:{_escaped(password)};;"


def _escaped(text: str) -> str:
    return "".join(f"\\{symbol}" if symbol in _SPECIAL else symbol for symbol in text)
