"""Weigh the voter's first view: bytes, requests, and the time until it can be used.

Run by `scripts/weigh`. The real server, and Chromium with an empty cache on a line of 400 kbit/s
with 400 ms of delay ("slow 3G"); beside it an empty page on the same line. Medians of several.
"""

import argparse
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

from ballot.settings import from_environment
from tests.browser.chromium import launched
from tests.browser.phones import POLL, a_hall, many

SLOW: Final = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
_EMPTY: Final = b"<!doctype html><html lang=zh><meta charset=utf-8><title>.</title><p>."


class Weight(NamedTuple):
    """One view: requests, bytes as they travel, milliseconds until its scripts have run."""

    requests: int
    size: int
    usable: float


class _Empty(BaseHTTPRequestHandler):
    """An empty page."""

    def do_GET(self) -> None:
        """Send it."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(_EMPTY)))
        self.end_headers()
        self.wfile.write(_EMPTY)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def _empty_page() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Empty)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def weigh(browser: Any, address: str) -> Weight:
    """Open a page in a browser without a memory, on a slow line."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW)
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    usable = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    context.close()
    return Weight(len(sizes), int(sum(sizes)), usable)


def main() -> int:
    """Print a line for each ballot, and one for an empty page."""
    parser = argparse.ArgumentParser(prog="scripts/weigh", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with launched() as browser:
        with _empty_page() as empty:
            bare = _of(browser, [empty] * rounds)
        print(f"{'':28}{'requests':>10}{'bytes':>10}{'usable after':>14}{'of empty':>10}")
        _tell("empty page", bare, bare)
        for title, text in (
            ("12 subjects, 1 question", POLL),
            ("40 subjects, 1 question", many(40, 1)),
            ("1 subject, 20 questions", many(1, 20)),
            ("12 subjects, and a comment", "comments = true\n" + POLL),
        ):
            with tempfile.TemporaryDirectory() as folder:
                settings = from_environment({"BALLOT_FOLDER": str(Path(folder) / "var")})
                settings = replace(settings, public_url="http://127.0.0.1:8000")
                with a_hall(settings, browser, text) as hall:
                    _tell(title, _of(browser, [hall.a_slip() for _ in range(rounds)]), bare)
    return 0


def _of(browser: Any, addresses: list[str]) -> Weight:
    views = [weigh(browser, address) for address in addresses]
    return Weight(views[0].requests, views[0].size, median(view.usable for view in views))


def _tell(title: str, view: Weight, bare: Weight) -> None:
    ratio = view.usable / bare.usable
    print(f"{title:28}{view.requests:10}{view.size:10}{view.usable:11.0f} ms{ratio:10.2f}")


if __name__ == "__main__":
    sys.exit(main())
