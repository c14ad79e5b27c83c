from functools import cache

import pytest
import qrcode
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ballot.domain.codes import ALPHABET, LENGTH, new_code
from ballot.errors import BallotError
from ballot.output.qr import (
    MASK,
    QUIET_ZONE,
    LongPublicUrlError,
    Matrices,
    PublicUrlError,
    ballot_link,
    terminal,
    typed_address,
)

any_code = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)
HOSTS = {
    2: "http://1.cn",
    3: "https://ballot.example.cn",
    4: "http://minpingtong.baima.example.gov.cn:8080",
    5: "https://" + "village." * 8 + "example.gov.cn:8443",
}
URLS = sorted(  # of odd and of even length
    url for host in HOSTS.values() for url in (host, host.replace("//", "//1"))
)


@cache
def matrices_of(url):
    return Matrices(url)


def drawn_directly(link, version):
    qr = qrcode.QRCode(version=version, error_correction=qrcode.ERROR_CORRECT_M, mask_pattern=MASK)
    qr.add_data(link, optimize=0)
    qr.make(fit=False)
    return tuple("".join("1" if dark else "0" for dark in row) for row in qr.modules)


@given(code=any_code, url=st.sampled_from(URLS))
def test_a_combined_matrix_is_the_one_that_qrcode_draws(code, url):
    matrices = matrices_of(url)

    assert matrices.rows(code) == drawn_directly(ballot_link(url, code), matrices.version)


@pytest.mark.parametrize(("version", "url"), HOSTS.items())
def test_a_camera_reads_each_version(version, url):
    matrices, code = matrices_of(url), new_code()

    assert matrices.version == version
    assert scanned(matrices.rows(code)) == ballot_link(url, code)


@pytest.mark.parametrize("url", URLS)
def test_the_version_is_the_smallest_that_holds_the_link(url):
    qr = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M)
    qr.add_data(ballot_link(url, new_code()), optimize=0)

    assert matrices_of(url).version == qr.best_fit()


def test_the_longest_address_fits_and_one_symbol_more_is_refused_with_the_limit():
    longest = "https://" + "a" * 95

    assert Matrices(longest).version == 5
    with pytest.raises(LongPublicUrlError, match="103"):
        Matrices(longest + "a")
    assert issubclass(LongPublicUrlError, BallotError)


@pytest.mark.parametrize(
    "url",
    [
        "https://投票.cn",
        "https://a.cn/vote",
        "https://a.cn?x=1",
        "https://user@a.cn",
        "http://[::1]:8000",
        "http://a_b.cn",
        "http://a.cn:port",
        "ftp://a.cn",
        "https://",
        "ballot.example.cn",
        "",
    ],
)
def test_an_address_that_no_slip_can_carry_is_refused(url):
    with pytest.raises(PublicUrlError):
        ballot_link(url, new_code())


def test_a_link_is_upper_case_without_a_doubled_slash():
    link = ballot_link("https://Ballot.example.cn:8443/", "ABCDEFGHJKMNPQRS")

    assert link == "HTTPS://BALLOT.EXAMPLE.CN:8443/B/ABCDEFGHJKMNPQRS"


@pytest.mark.parametrize(
    ("url", "typed"),
    [
        ("https://Ballot.example.cn/", "ballot.example.cn"),
        ("http://192.168.1.10:8000", "192.168.1.10:8000"),
        ("https://ballot.example.cn:8443", "https://ballot.example.cn:8443"),
    ],
)
def test_the_address_to_type_leaves_out_what_a_browser_adds(url, typed):
    assert typed_address(url) == typed


@pytest.mark.parametrize("wrong", ["", "ABC", "ABCD-EFGH-JKMN-PQRS", "abcdefghjkmnpqrs", "U" * 16])
def test_what_is_no_code_has_no_matrix(wrong):
    with pytest.raises(ValueError, match="code"):
        matrices_of(HOSTS[2]).matrix(wrong)


def test_a_drawing_for_a_terminal_can_be_scanned():
    link = ballot_link("http://192.168.1.10:8000", new_code())

    lines = terminal(link).splitlines()

    halves = {"█": "00", "▀": "01", "▄": "10", "\xa0": "11", " ": "11"}
    rows = ["".join(halves[c][half] for c in line) for line in lines for half in (0, 1)]
    assert scanned(rows, border=0) == link
    assert set(lines[0]) == {"█"}


def scanned(rows, border=QUIET_ZONE, scale=4):
    picture = Image.new("L", [len(rows[0]) + 2 * border, len(rows) + 2 * border], 255)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark == "1":
                picture.putpixel((x + border, y + border), 0)
    size = (picture.width * scale, picture.height * scale)
    (found,) = zxingcpp.read_barcodes(picture.resize(size, Image.Resampling.NEAREST))
    return found.text
