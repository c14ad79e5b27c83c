"""The machine's networks: which address phones in the hall reach it at. Nothing is sent anywhere.

A wireless network comes first (the hall's, or a hotspot that this machine gives), then the one
with the default route, then other real ones, then those of containers and tunnels.
"""

import array
import fcntl
import re
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from ballot.errors import OperationError
from ballot.language import N_

SYS: Final = Path("/sys/class/net")
ROUTES: Final = Path("/proc/net/route")
_LIST_ADDRESSES: Final = 0x8912  # SIOCGIFCONF; source: Linux, netdevice(7)
_ENTRY: Final = 40 if struct.calcsize("P") == 8 else 32
_MOST_ADDRESSES: Final = 256
_SECONDS: Final = 3
_ESCAPED: Final = re.compile(rb"\\x([0-9a-fA-F]{2})")


class NoNetworkError(OperationError):
    """There is nothing that a phone could reach this machine by."""

    message = N_(
        "没有找到可用的网络：请先让这台电脑连上会场的 Wi-Fi（或打开本机的移动热点），再启动。"
        "不需要互联网，只要手机和电脑在同一个网络里。"
    )


class NotOurAddressError(OperationError):
    """The address that was asked for is none of this machine's."""

    message = N_("本机没有地址 %(address)s。现有的地址：%(found)s。")


@dataclass(frozen=True)
class Network:
    """An address of this machine (IPv4) and the interface that has it."""

    interface: str
    address: str
    wireless: bool = False
    default_route: bool = False
    virtual: bool = False

    def __str__(self) -> str:
        return f"{self.address}（{self.interface}）"


def in_order(networks: Iterable[Network]) -> list[Network]:
    """Return those that phones may reach this machine by, the likeliest first.

    Loopback is none of them. An address that a machine gave itself for want of another (169.254)
    comes last.
    """
    usable = [each for each in networks if not IPv4Address(each.address).is_loopback]
    return sorted(usable, key=_likelihood)


def _likelihood(network: Network) -> tuple[bool, bool, bool, bool, str, IPv4Address]:
    address = IPv4Address(network.address)
    real_or_routed = not network.virtual or network.default_route
    return (
        address.is_link_local,
        not network.wireless,
        not network.default_route,
        not real_or_routed,
        network.interface,
        address,
    )


def choose(networks: Sequence[Network], wanted: str | None) -> Network:
    """Return the wanted network, or the likeliest.

    A loopback address may be asked for: then only this machine's own browser is served.

    Raises: NoNetworkError, NotOurAddressError.
    """
    usable = in_order(networks)
    if wanted is None:
        if not usable:
            raise NoNetworkError
        return usable[0]
    for network in networks:
        if network.address == wanted:
            return network
    if _is_loopback(wanted):
        return Network("lo", wanted)
    raise NotOurAddressError(address=wanted, found="、".join(map(str, usable)) or "–")


def _is_loopback(address: str) -> bool:
    try:
        return IPv4Address(address).is_loopback
    except ValueError:
        return False


def found(sys: Path = SYS, routes: Path = ROUTES) -> list[Network]:
    """Return every address of this machine whose interface is connected."""
    default = _default_interface(routes)
    return [
        Network(
            interface=name,
            address=address,
            wireless=(sys / name / "wireless").exists() or (sys / name / "phy80211").exists(),
            default_route=name == default,
            virtual="virtual" in (sys / name).resolve().parts,
        )
        for name, address in _addresses()
        if _connected(sys / name)
    ]


def _addresses() -> list[tuple[str, str]]:
    """Return interfaces with their IPv4 addresses, one pair for each address."""
    space = array.array("B", bytes(_ENTRY * _MOST_ADDRESSES))
    at, size = space.buffer_info()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        answer = fcntl.ioctl(asking, _LIST_ADDRESSES, struct.pack("iP", size, at))
    (used,) = struct.unpack_from("i", answer)
    entries = space.tobytes()[:used]
    return [
        (
            entries[start : start + 16].split(b"\0")[0].split(b":")[0].decode("ascii", "replace"),
            socket.inet_ntoa(entries[start + 20 : start + 24]),
        )
        for start in range(0, used, _ENTRY)
    ]


def _connected(interface: Path) -> bool:
    """Tell whether an interface is in use; one that does not say is taken to be."""
    try:
        return (interface / "operstate").read_text("ascii").strip() not in {"down", "dormant"}
    except OSError:
        return True


def _default_interface(routes: Path) -> str | None:
    """Return the interface that the default route goes by: of several, the cheapest."""
    try:
        rows = [line.split() for line in routes.read_text("ascii").splitlines()[1:]]
    except OSError:
        return None
    default = [
        (int(row[6]), row[0]) for row in rows if len(row) > 7 and row[1] == row[7] == "0" * 8
    ]
    return min(default)[1] if default else None


def wifi_name(interface: str) -> str | None:
    """Return the name of the Wi-Fi that an interface is in, where a tool for it is installed."""
    tool = shutil.which("iw")
    if tool is not None:
        return iw_name(_said([tool, "dev", interface, "link"]))
    tool = shutil.which("nmcli")
    if tool is not None:
        asked = [tool, "-t", "-f", "ACTIVE,SSID", "dev", "wifi", "list", "--rescan", "no"]
        return nmcli_name(_said([*asked, "ifname", interface]))
    return None


def _said(command: Sequence[str]) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 - our own words and the kernel's name of an interface
            command, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 else b""


def iw_name(said: bytes) -> str | None:
    """Return the Wi-Fi's name out of what `iw dev … link` says, where bytes are in hexadecimal."""
    for line in said.splitlines():
        name, _, value = line.strip().partition(b": ")
        if name == b"SSID" and value:
            return _text(_ESCAPED.sub(lambda x: bytes([int(x[1], 16)]), value))
    return None


def nmcli_name(said: bytes) -> str | None:
    """Return the active Wi-Fi's name out of nmcli's terse list, where colons are escaped."""
    for line in said.splitlines():
        active, _, value = line.partition(b":")
        if active == b"yes" and value:
            return _text(re.sub(rb"\\(.)", rb"\1", value))
    return None


def _text(name: bytes) -> str | None:
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return None
