"""`ballot serve --lan` before it serves: what it refuses, says, hands on, and what it notices."""

import socket

import click
import pytest

from ballot.cli import lan
from ballot.cli.lan import Asked, Hall, HallWatch
from ballot.output.wifi import WifiPasswordError
from ballot.services.networks import Network
from tests.live import a_free_port, ballot, environment

WIFI = Network("wlan0", "192.168.1.10", wireless=True)
CABLE = Network("eth0", "10.20.30.40", default_route=True)
HERE = Asked(True, "127.0.0.1", False, None, None)
PASSWORD = "secret of the hall"


def a_hall(**more: object) -> Hall:
    known = {"network": WIFI, "others": [], "url": "http://192.168.1.10:8000", "printed": None}
    return Hall(**{**known, "console": False, "wifi_name": None, "wifi": None, **more})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--lan", "--host", "0.0.0.0"], "--lan 不能与 --host 一起用"),
        (["--lan-console"], "要与 --lan 一起用"),
        (["--lan-address", "192.168.1.10"], "要与 --lan 一起用"),
        (["--wifi-password", PASSWORD], "要与 --lan 一起用"),
    ],
)
def test_options_that_make_no_sense_together_are_refused(sqlite_settings, options, words):
    done = ballot(environment(sqlite_settings), "serve", *options)

    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert PASSWORD not in done.stderr


def test_an_address_that_is_not_ours_is_told_with_those_that_are(sqlite_settings):
    done = ballot(environment(sqlite_settings), "serve", "--lan", "--lan-address", "203.0.113.77")

    assert (done.returncode, done.stdout) == (1, "")
    assert "本机没有地址 203.0.113.77。现有的地址：" in done.stderr


def test_a_port_in_use_is_told_before_any_link_is_shown(sqlite_settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", a_free_port()))
        taken.listen()
        port = str(taken.getsockname()[1])
        words = ["serve", "--lan", "--lan-address", "127.0.0.1", "--port", port]
        done = ballot(environment(sqlite_settings), *words)

    assert (done.returncode, done.stdout) == (1, "")
    assert "不能使用" in done.stderr
    assert "手机连上" not in done.stderr


def test_the_link_has_no_port_where_browsers_need_none():
    assert lan.find(HERE, 80, {}).url == "http://127.0.0.1"
    assert lan.find(HERE, 8000, {}).url == "http://127.0.0.1:8000"


def test_what_phones_open_is_printed_unless_the_settings_say_otherwise():
    hall = lan.find(HERE, 8000, {})
    other = lan.find(HERE, 8000, {"BALLOT_PUBLIC_URL": "http://192.168.1.9:8000"})

    assert lan.settings_of(hall, HERE) == {
        "BALLOT_PUBLIC_URL": "http://127.0.0.1:8000",
        "BALLOT_LAN_ADDRESS": "127.0.0.1",
        "BALLOT_CONSOLE": "here",
    }
    assert lan.settings_of(other, HERE)["BALLOT_PUBLIC_URL"] == "http://192.168.1.9:8000"


def test_wifi_name_and_password_may_come_from_the_environment():
    environ = {"BALLOT_WIFI_NAME": "会场", "BALLOT_WIFI_PASSWORD": PASSWORD}

    hall = lan.find(HERE, 8000, environ)

    assert hall.wifi == f"WIFI:T:WPA;S:会场;P:{PASSWORD};;"
    with pytest.raises(WifiPasswordError):
        lan.find(HERE, 8000, environ | {"BALLOT_WIFI_PASSWORD": "short"})


def test_options_come_before_the_environment_and_an_empty_password_is_an_open_wifi():
    asked = Asked(True, "127.0.0.1", True, "礼堂", "")

    hall = lan.find(asked, 8000, {"BALLOT_WIFI_NAME": "会场", "BALLOT_WIFI_PASSWORD": PASSWORD})

    assert hall.wifi == "WIFI:T:nopass;S:礼堂;;"
    handed = lan.settings_of(hall, asked)
    assert (handed["BALLOT_WIFI_NAME"], handed["BALLOT_WIFI_PASSWORD"]) == ("礼堂", "")
    assert handed["BALLOT_CONSOLE"] == "anywhere"


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        (None, "印票前请先设 BALLOT_PUBLIC_URL=http://192.168.1.10:8000"),
        ("http://192.168.1.11:8000", "BALLOT_PUBLIC_URL 是 http://192.168.1.11:8000"),
        ("http://192.168.1.10", "两者不一致"),
        ("https://192.168.1.10:8000", "两者不一致"),
    ],
)
def test_an_address_on_slips_that_phones_cannot_open_is_told(printed, words, capsys):
    lan.announce(a_hall(printed=printed))

    told = capsys.readouterr()
    assert words in told.err
    assert "手工输入票码" in told.err
    assert told.out == ""


def test_where_slips_and_hall_fit_there_is_no_warning(capsys):
    lan.announce(a_hall(printed="http://192.168.1.10:8000", others=[CABLE]))

    told = capsys.readouterr().err
    assert "票码" not in told
    assert "（用 --lan-address 换）：10.20.30.40（eth0）" in told
    assert "后台和接口只在本机打开" in told


def test_the_wifis_password_is_not_written_where_nobody_sits(capsys):
    lan.announce(a_hall(wifi_name="会场", wifi=f"WIFI:T:WPA;S:会场;P:{PASSWORD};;"))

    told = capsys.readouterr().err
    assert told.count("█") == lan.qr.terminal("http://192.168.1.10:8000/").count("█")
    assert PASSWORD not in told
    assert "不写进日志" in told


def test_an_open_office_is_warned_about(capsys):
    lan.announce(a_hall(console=True))

    assert "可能截获后台的密码和操作" in capsys.readouterr().err


class Machine:
    """A machine whose networks and sleep a test decides on."""

    def __init__(self) -> None:
        self.networks: list[Network] = [WIFI]
        self.awake = 100.0
        self.slept = 0.0
        self.told: list[str] = []
        self.looks = 0

    def watch(self) -> HallWatch:
        return HallWatch(
            "192.168.1.10",
            8000,
            tell=lambda text: self.told.append(str(text)),
            look=self.look,
            awake=lambda: self.awake,
            passed=lambda: self.awake + self.slept,
        )

    def look(self) -> list[Network]:
        self.looks += 1
        return self.networks

    def go(self, watch: HallWatch, seconds: float = lan.LOOK_EVERY_SECONDS) -> list[str]:
        """Let time pass, and return what was told since."""
        self.told.clear()
        self.awake += seconds
        watch.go_on()
        return list(self.told)


def test_a_hall_that_stays_is_not_talked_about_and_looked_at_every_few_seconds_only():
    machine = Machine()
    watch = machine.watch()

    assert [machine.go(watch, 0.5) for _ in range(100)] == [[]] * 100
    assert machine.looks == 10


def test_an_address_that_goes_comes_back_or_changes_is_told_once_each_time():
    machine = Machine()
    watch = machine.watch()
    assert machine.go(watch) == []

    machine.networks = []
    (gone,) = machine.go(watch)
    assert "本机没有会场地址 192.168.1.10 了" in gone
    assert machine.go(watch) == []

    machine.networks = [Network("wlan0", "192.168.1.23", wireless=True)]
    (changed,) = machine.go(watch)
    assert "票上的二维码现在打不开" in changed
    assert "192.168.1.23（wlan0）" in changed
    assert "请大家打开 http://192.168.1.23:8000，手工输入票码" in changed
    assert machine.go(watch) == []

    machine.networks = [CABLE, WIFI]
    (back,) = machine.go(watch)
    assert "会场地址 192.168.1.10 恢复了" in back
    assert machine.go(watch) == []


def test_a_laptop_that_slept_is_told_so_once():
    machine = Machine()
    watch = machine.watch()
    machine.go(watch)

    machine.slept += 600
    (told,) = machine.go(watch)

    assert "休眠了 600 秒" in told
    assert machine.go(watch) == []


def test_without_a_hall_nobody_looks():
    machine = Machine()
    watch = machine.watch()
    watch._address = ""

    machine.go(watch)

    assert machine.looks == 0


def test_the_help_tells_every_option():
    from ballot.cli import main

    told = ballot({}, "serve", "--help").stdout
    command = main.get_command(click.Context(main), "serve")
    for option in command.params:
        assert option.opts[0] in told
