"""Which address phones in a hall can reach this machine by."""

import socket
from itertools import permutations

import pytest

from ballot.services import networks
from ballot.services.networks import Network, NoNetworkError, NotOurAddressError, choose, in_order

LOOPBACK = Network("lo", "127.0.0.1", virtual=True)
WIFI = Network("wlan0", "192.168.1.10", wireless=True)
CABLE = Network("eth0", "10.20.30.40", default_route=True)
SECOND_CABLE = Network("eth1", "172.16.0.9")
CONTAINERS = Network("docker0", "172.17.0.1", virtual=True)
TUNNEL = Network("tun0", "10.8.0.2", virtual=True)
ALONE = Network("wlan1", "169.254.7.7", wireless=True)


@pytest.mark.parametrize(
    "there",
    [
        [LOOPBACK, WIFI],
        [WIFI, CABLE, CONTAINERS, LOOPBACK],
        [CABLE, SECOND_CABLE, LOOPBACK],
        [SECOND_CABLE, CONTAINERS, TUNNEL],
        [ALONE, CONTAINERS],
    ],
)
def test_the_wireless_network_comes_first_then_the_default_route_then_what_is_real(there):
    wanted = [WIFI, CABLE, SECOND_CABLE, CONTAINERS, TUNNEL, ALONE]

    for listed in permutations(there):
        assert in_order(listed) == [each for each in wanted if each in there]
        assert choose(listed, None) == in_order(listed)[0]


def test_a_tunnel_that_everything_goes_by_is_not_before_the_halls_wifi():
    tunnel = Network("tun0", "10.8.0.2", virtual=True, default_route=True)

    assert in_order([tunnel, WIFI, CONTAINERS]) == [WIFI, tunnel, CONTAINERS]


def test_without_a_network_it_says_what_to_do():
    for there in ([], [LOOPBACK]):
        with pytest.raises(NoNetworkError) as told:
            choose(there, None)
        assert "请先让这台电脑连上会场的 Wi-Fi" in str(told.value)


def test_an_address_may_be_chosen_and_only_one_that_is_there():
    there = [LOOPBACK, WIFI, CABLE]

    assert choose(there, "10.20.30.40") == CABLE
    assert choose(there, "127.0.0.1") == LOOPBACK
    for wrong in ("10.20.30.41", "hall", "", "::1", "0.0.0.0"):
        with pytest.raises(NotOurAddressError) as told:
            choose(there, wrong)
        assert "现有的地址：192.168.1.10（wlan0）、10.20.30.40（eth0）" in str(told.value)


def test_what_is_found_are_addresses_that_this_machine_can_listen_at():
    found = networks.found()

    assert "127.0.0.1" in {each.address for each in found}
    for each in found:
        with socket.socket() as listening:
            listening.bind((each.address, 0))


def test_what_the_system_says_of_an_interface_is_read(tmp_path):
    """A machine as its files describe it; the addresses are this machine's own (loopback)."""
    (tmp_path / "lo" / "wireless").mkdir(parents=True)
    (tmp_path / "lo" / "operstate").write_text("unknown\n")
    routes = tmp_path / "route"
    head = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
    other = "eth9 00000000 0101A8C0 0003 0 0 600 00000000 0 0 0\n"
    routes.write_text(f"{head}{other}lo 00000000 0101A8C0 0003 0 0 100 00000000 0 0 0\n")

    (loopback,) = [each for each in networks.found(tmp_path, routes) if each.interface == "lo"]

    assert loopback.wireless
    assert loopback.default_route
    (tmp_path / "lo" / "operstate").write_text("down\n")
    routes.write_text(head + other)
    assert not [each for each in networks.found(tmp_path, routes) if each.interface == "lo"]
    assert not any(each.default_route for each in networks.found(tmp_path, tmp_path / "none"))


def test_the_wifis_name_is_read_from_either_tool():
    said = (
        b"Connected to 11:22:33:44:55:66 (on wlan0)\n\tSSID: \\xe4\\xbc\\x9a\\xe5\\x9c\\xba: 2F\n"
    )

    assert networks.iw_name(said) == "会场: 2F"
    assert networks.iw_name(b"Not connected.\n") is None
    assert networks.iw_name(b"\tSSID: \\xff\\xfe\n") is None
    assert networks.nmcli_name("no:别家\nyes:会场\\:2F\\\\\n".encode()) == "会场:2F\\"
    assert networks.nmcli_name(b"no:other\n") is None
    assert networks.nmcli_name(b"") is None


def test_without_such_a_tool_or_wifi_there_is_no_name(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert networks.wifi_name("wlan0") is None

    for tool in ("nmcli", "iw"):
        script = tmp_path / tool
        script.write_text("#!/bin/sh\nexit 3\n")
        script.chmod(0o755)
        assert networks.wifi_name("wlan0") is None

    script.write_text("#!/bin/sh\necho '	SSID: Hall'\n")
    assert networks.wifi_name("wlan0") == "Hall"
