"""`ballot serve --lan`: a hall without internet. Finds its address, says how phones get there.

What the serving and the working process need to know they read from the environment, like every
other setting (`settings.py`). Why there is one listener: docs/decisions/0017-lan.md.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import click

from ballot.cli.reporting import _, say
from ballot.language import Text
from ballot.output import qr
from ballot.output.wifi import wifi_text
from ballot.services import networks
from ballot.services.networks import Network
from ballot.settings import Settings

EVERY_ADDRESS: Final = "0.0.0.0"  # noqa: S104 - web/wall.py keeps other machines from the office
LOOK_EVERY_SECONDS: Final = 5.0
_SLEPT_SECONDS: Final = 20.0

_OPTIONS: Final = (
    click.option("--lan", is_flag=True, help=_("会场模式：手机经会场 Wi-Fi 投票，不需要互联网。")),
    click.option(
        "--lan-address", metavar=_("地址"), help=_("会场模式用本机的哪个地址（默认自动选择）。")
    ),
    click.option(
        "--lan-console",
        is_flag=True,
        help=_("会场模式下，后台也向 Wi-Fi 开放（默认只在本机；明文传输，请谨慎）。"),
    ),
    click.option("--wifi-name", metavar=_("名称"), help=_("会场 Wi-Fi 的名称（默认自动查询）。")),
    click.option(
        "--wifi-password",
        metavar=_("密码"),
        help=_(
            "会场 Wi-Fi 的密码，用来生成 Wi-Fi 二维码；没有密码的网络写空字符串。"
            "命令行能被本机其他账号看到，最好改用环境变量 BALLOT_WIFI_PASSWORD。"
        ),
    ),
)


def lan_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give `serve` the options of a hall."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True)
class Asked:
    """What was said on the command line about the hall."""

    lan: bool
    lan_address: str | None
    lan_console: bool
    wifi_name: str | None
    wifi_password: str | None

    def require_sense(self, context: click.Context) -> None:
        """Refuse options that contradict each other.

        Raises: click.UsageError.
        """
        given = self.lan_address, self.lan_console or None, self.wifi_name, self.wifi_password
        if not self.lan and any(each is not None for each in given):
            raise click.UsageError(
                _("--lan-address、--lan-console、--wifi-name、--wifi-password 要与 --lan 一起用。")
            )
        chosen = context.get_parameter_source("host")
        if self.lan and chosen is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(_("--lan 不能与 --host 一起用；要选地址，用 --lan-address。"))


@dataclass(frozen=True)
class Hall:
    """The hall's network as it was found. `url`: what phones open there.

    `printed`: the address that slips bear by the settings, where it was set. `wifi`: the text of
    the Wi-Fi's QR code, where name and password are known.
    """

    network: Network
    others: Sequence[Network]
    url: str
    printed: str | None
    console: bool
    wifi_name: str | None
    wifi: str | None


def find(asked: Asked, port: int, environ: Mapping[str, str] = os.environ) -> Hall:
    """Look around and decide.

    Raises: NoNetworkError, NotOurAddressError, WifiNameError, WifiPasswordError.
    """
    every = networks.found()
    chosen = networks.choose(every, asked.lan_address)
    name = asked.wifi_name or environ.get("BALLOT_WIFI_NAME")
    if name is None and chosen.wireless:
        name = networks.wifi_name(chosen.interface)
    password = asked.wifi_password
    if password is None:
        password = environ.get("BALLOT_WIFI_PASSWORD")
    return Hall(
        network=chosen,
        others=[each for each in networks.in_order(every) if each != chosen],
        url=_url(chosen.address, port),
        printed=environ.get("BALLOT_PUBLIC_URL"),
        console=asked.lan_console,
        wifi_name=name,
        wifi=wifi_text(name, password) if name and password is not None else None,
    )


def settings_of(hall: Hall, asked: Asked) -> dict[str, str]:
    """Return the settings with which the other processes serve this hall."""
    wifi = {"BALLOT_WIFI_NAME": hall.wifi_name, "BALLOT_WIFI_PASSWORD": asked.wifi_password}
    return {
        "BALLOT_PUBLIC_URL": hall.printed or hall.url,
        "BALLOT_LAN_ADDRESS": hall.network.address,
        "BALLOT_CONSOLE": "anywhere" if hall.console else "here",
        **{variable: value for variable, value in wifi.items() if value is not None},
    }


def announce(hall: Hall) -> None:
    """Say how phones get here, and what to mind. The Wi-Fi's password is shown to a person only."""
    say(Text("会场地址：%(network)s", network=hall.network))
    if hall.others:
        others = "、".join(map(str, hall.others))
        say(Text("本机还有这些地址（用 --lan-address 换）：%(others)s", others=others))
    _announce_wifi(hall)
    say(Text("手机连上会场 Wi-Fi 后打开：%(url)s/", url=hall.url))
    say(qr.terminal(f"{hall.url}/"))
    _announce_slips(hall)
    if hall.console:
        say(
            Text(
                "注意：后台也向会场 Wi-Fi 开放。传输没有加密，同一 Wi-Fi 里的人可能截获后台的"
                "密码和操作；不需要时请不要加 --lan-console。"
            )
        )
    else:
        say(Text("后台和接口只在本机打开；手机只能打开投票和大屏的页面。"))


def _announce_wifi(hall: Hall) -> None:
    if hall.wifi_name is None:
        return
    say(Text("会场 Wi-Fi：%(name)s", name=hall.wifi_name))
    if hall.wifi is None:
        say(Text("给出 Wi-Fi 密码（BALLOT_WIFI_PASSWORD）就能显示扫码入网的二维码。"))
    elif sys.stderr.isatty():
        say(qr.terminal(hall.wifi))
        say(Text("上面的二维码含 Wi-Fi 密码，扫它连网；会场上可以投影后台的“会场网络”页。"))
    else:
        say(Text("Wi-Fi 二维码含密码，不写进日志；请打开后台的“会场网络”页。"))


def _announce_slips(hall: Hall) -> None:
    if hall.printed is None:
        say(
            Text(
                "票上的二维码要用这个网址：印票前请先设 BALLOT_PUBLIC_URL=%(url)s。"
                "以前按别的网址印的票扫码打不开，但票仍有效：请打开上面的网址，手工输入票码。",
                url=hall.url,
            )
        )
    elif _reached(hall.printed) != _reached(hall.url):
        say(
            Text(
                "注意：BALLOT_PUBLIC_URL 是 %(printed)s，而手机在会场要打开 %(url)s，两者不一致。"
                "按前者印的票扫码很可能打不开，但票仍有效：请打开 %(url)s，手工输入票码。",
                printed=hall.printed,
                url=hall.url,
            )
        )


def _url(address: str, port: int) -> str:
    return f"http://{address}" + (f":{port}" if port != 80 else "")


def _reached(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


class HallWatch:
    """Notices, every few seconds, that the hall's address is gone, is back, or that we slept."""

    def __init__(
        self,
        address: str,
        port: int,
        tell: Callable[[Text], None] = say,
        look: Callable[[], Sequence[Network]] = networks.found,
        awake: Callable[[], float] = time.monotonic,
        passed: Callable[[], float] = lambda: time.clock_gettime(time.CLOCK_BOOTTIME),
    ) -> None:
        """`awake`, `passed`: seconds without and with those that the machine slept."""
        self._address = address
        self._port = port
        self._tell = tell
        self._look = look
        self._awake = awake
        self._passed = passed
        self._next = 0.0
        self._there: tuple[bool, tuple[Network, ...]] = (True, ())
        self._slept = passed() - awake()

    def go_on(self) -> None:
        """Look if it is time to, and tell what changed."""
        if not self._address or self._awake() < self._next:
            return
        self._next = self._awake() + LOOK_EVERY_SECONDS
        self._notice_sleep()
        every = self._look()
        there = any(each.address == self._address for each in every)
        there = there or self._address.startswith("127.")
        now = there, () if there else tuple(networks.in_order(every))
        if now != self._there:
            self._tell(self._words(*now))
            self._there = now

    def _notice_sleep(self) -> None:
        slept = self._passed() - self._awake()
        if slept - self._slept > _SLEPT_SECONDS:
            seconds = round(slept - self._slept)
            self._tell(
                Text(
                    "这台电脑刚才休眠了 %(seconds)s 秒，其间手机打不开投票页面。已投的票都在。"
                    "请关掉自动休眠，也不要合盖。",
                    seconds=seconds,
                )
            )
        self._slept = slept

    def _words(self, there: bool, others: Sequence[Network]) -> Text:
        if there:
            return Text("会场地址 %(address)s 恢复了，可以继续投票。", address=self._address)
        if not others:
            return Text(
                "网络断了：本机没有会场地址 %(address)s 了，手机现在打不开投票页面。"
                "请重新连上会场的 Wi-Fi；服务会自己恢复，不用重新启动。",
                address=self._address,
            )
        return Text(
            "会场地址变了：本机没有 %(address)s 了，票上的二维码现在打不开。现有地址：%(others)s。"
            "请让路由器把原来的地址分给本机（或重新连接 Wi-Fi）；"
            "不行就请大家打开 %(now)s，手工输入票码。",
            address=self._address,
            others="、".join(map(str, others)),
            now=_url(others[0].address, self._port),
        )


def watch_of(settings: Settings) -> HallWatch:
    """Return what watches the hall of these settings; without one it watches nothing."""
    return HallWatch(settings.lan_address, urlsplit(settings.public_url).port or 80)
