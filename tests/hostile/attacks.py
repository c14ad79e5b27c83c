"""What attackers send: texts, fields and bodies, bounded and the same in every run."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

BOUNDED = settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

NASTY = (
    "",
    " ",
    "\0",
    "\x1b[2J",
    "\r\nSet-Cookie: a=1",
    "\u202e",
    "\u200b",
    "\ufeff",
    "\u2028",
    "é" * 300,
    "票" * 5000,
    "<script>alert(1)</script>",
    "\"'><x-evil>",
    "{{7*7}}",
    "{% include 'x' %}",
    "%(title)s",
    "%s%n",
    "' OR 1=1 --",
    "=1+1",
    "../../etc/passwd",
    "//evil.example/",
    "javascript:alert(1)",
    "$\\frac$",
    "9" * 5000,
    "-1",
    "1e999",
    "NaN",
    "٣",
    "１２",
    "9999-12-31T23:59",
    "0001-01-01T00:00",
    "2023-12-28T11:30+23:59",
    "yes",
    "0",
    "1",
    "3",
    "null",
)

texts = st.sampled_from(NASTY) | st.text(max_size=60)
"""What can be typed: no halves of characters, which no form can send."""

types = st.sampled_from(
    [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/x-www-form-urlencoded; charset=zlib",
        "application/x-www-form-urlencoded;" + ";" * 100,
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "multipart/form-data; boundary=" + "x" * 300,
        "application/json",
        "text/plain",
        "text/xml",
        "",
        "a",
        "\x7f/\xff",
    ]
)

_FRAGMENTS = (
    b"step=cast&nonce=" + b"0" * 32,
    b"&c0=1",
    b"&c0=1&c0=2",
    b"&=&=&",
    b"%",
    b"%00",
    b"%ff%fe",
    b"%u0041",
    b"code=" + b"A" * 16,
    b"\xff\xfe\x00",
    b"confirm=yes&scrutineer=a&issued-voters=60",
    b'--x\r\nContent-Disposition: form-data; name="step"\r\n\r\ncast\r\n',
    b'--x\r\nContent-Disposition: form-data; name="c0"; filename="a.zip"\r\n\r\nPK\x03\x04\r\n',
    b"--x\r\nContent-Disposition: form-data\r\n\r\n",
    b"--x\r\n" + b"X: " + b"a" * 5000 + b"\r\n\r\n",
    b"--x--\r\n",
    b"\x1f\x8b\x08\x00",
)
bodies = st.lists(st.sampled_from(_FRAGMENTS) | st.binary(max_size=40), max_size=6).map(b"".join)


def forms(names: list[str]) -> st.SearchStrategy[dict[str, str | list[str]]]:
    """Return forms with some of these fields and some strange ones, some of them twice."""
    known = st.sampled_from(names) if names else st.just("step")
    values = texts | st.lists(texts, min_size=2, max_size=3)
    return st.dictionaries(known | st.text(max_size=8), values, max_size=8)
