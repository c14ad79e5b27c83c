"""The Wi-Fi's QR code: what a phone's camera reads out of what we draw."""

import re

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from ballot.output.qr_drawing import Drawing, drawing
from ballot.output.wifi import WifiNameError, WifiPasswordError, wifi_text

PLAIN = st.characters(min_codepoint=32, max_codepoint=126)


def photographed(code: Drawing) -> str:
    """Draw the path as a browser would, and read the picture."""
    scale = 4
    picture = Image.new("L", (code.side * scale, code.side * scale), 255)
    pen = ImageDraw.Draw(picture)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", code.path):
        left, top = int(x) * scale, int(y) * scale
        pen.rectangle((left, top, left + int(width) * scale - 1, top + scale - 1), fill=0)
    (found,) = zxingcpp.read_barcodes(picture)
    return found.text


def read_by_a_phone(text: str) -> dict[str, str]:
    """Take the text apart as phones do: unescaped semicolons end a field."""
    assert text.startswith("WIFI:")
    assert text.endswith(";;")
    fields = re.findall(r"([A-Z]):((?:[^\\;]|\\.)*);", text.removeprefix("WIFI:"))
    return {name: re.sub(r"\\(.)", r"\1", value) for name, value in fields}


@given(
    name=st.text(PLAIN, min_size=1, max_size=32), password=st.text(PLAIN, min_size=8, max_size=63)
)
def test_whatever_name_and_password_say_a_phone_reads_the_same(name, password):
    assert read_by_a_phone(wifi_text(name, password)) == {"T": "WPA", "S": name, "P": password}


def test_special_symbols_are_escaped():
    assert wifi_text('a;b,c:d"e\\', "12345678;") == (
        'WIFI:T:WPA;S:a\\;b\\,c\\:d\\"e\\\\;P:12345678\\;;;'
    )


def test_a_network_without_a_password_says_so():
    assert wifi_text("会场", "") == "WIFI:T:nopass;S:会场;;"


@pytest.mark.parametrize("name", ["", "会" * 11, "a" * 33, "two\nlines"])
def test_a_name_that_no_wifi_has_is_refused(name):
    with pytest.raises(WifiNameError):
        wifi_text(name, "12345678")


@pytest.mark.parametrize(
    "password", ["1234567", "a" * 65, "g" * 64, "密码密码密码密码", "1234\t5678"]
)
def test_a_password_that_no_wifi_has_is_refused_and_not_repeated(password):
    with pytest.raises(WifiPasswordError) as told:
        wifi_text("hall", password)
    assert password not in str(told.value)


def test_a_key_of_64_hexadecimal_digits_is_a_password():
    assert read_by_a_phone(wifi_text("hall", "0aF9" * 16))["P"] == "0aF9" * 16


@pytest.mark.parametrize(
    "text", ["http://192.168.1.10:8000/", wifi_text("会场 2F", 'a"b;c,d:e\\f'), "x" * 300]
)
def test_a_camera_reads_what_was_drawn(text):
    assert photographed(drawing(text)) == text
