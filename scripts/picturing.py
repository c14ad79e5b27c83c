"""Picture every page, so that somebody can look at all of them.

Run by `scripts/screenshots`. An installation with a poll in every phase is served; whoever signs in
follows every link, and each page is pictured once for each route and state of its poll. A voter's
visit is pictured step by step, also in the dark and with large text. Written: PNG files,
`index.html` with all of them, and on stdout the pages that are wider than their screen, the
barriers that axe-core finds, and the routes that no link leads to.
"""

import argparse
import html
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ballot.domain.people import Role
from ballot.settings import from_environment
from tests import hall
from tests.browser.chromium import barriers, launched, sign_in
from tests.browser.phones import visit
from tests.builders import a_place
from tests.live import Server, a_server

PHONE: Final = (390, 844)
LAPTOP: Final = (1366, 768)
PROJECTOR: Final = (1920, 1080)
_SMALL: Final = ("/B/", "/b/", "/receipts", "/kiosk")
_LARGE: Final = ("/screen/",)
_PAGES: Final = 400
"""More pages than this, and following links does not come to an end."""


@dataclass
class Album:
    """The pictures that were made, the routes seen, and what is wrong with some."""

    folder: Path
    server: Server
    routes: Any
    taken: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def state_of(self, path: str) -> tuple[str, str]:
        """Return a page's route, and the poll or cycle it is about, as its picture's name."""
        endpoint, values = self.routes.match(urlsplit(path).path, method="GET")
        about = [values[name] for name in ("cycle_id", "poll_id", "kind", "key") if name in values]
        return endpoint, "-".join(map(str, (endpoint, *about)))

    def picture(self, page: Any, path: str, name: str) -> None:
        """Picture a page that is open, on each screen that it is made for."""
        for width, height, mode in _screens(path):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
            switch = "add" if mode == "large" else "remove"
            page.evaluate(f"document.documentElement.classList.{switch}('large')")
            file = f"{name}-{width}{mode and '-'}{mode}.png"
            page.screenshot(path=self.folder / file, full_page=True)
            self.taken.append(file)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                self.faults.append(f"{file}: {wide} px wide ({path})")
            found = {barrier.partition(":")[0]: barrier for barrier in barriers(page)}
            self.faults += [f"{file}: {barrier} ({path})" for barrier in found.values()]


def _screens(path: str) -> list[tuple[int, int, str]]:
    if path.startswith(_LARGE):
        return [(*PROJECTOR, "")]
    if path.startswith(_SMALL) or path == "/":
        return [(*PHONE, mode) for mode in ("", "dark", "large")]
    return [(*PHONE, ""), (*LAPTOP, "")]


def main() -> int:
    """Make the pictures; 1 if a page is broken or wider than its screen."""
    parser = argparse.ArgumentParser(prog="scripts/screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("var/screenshots"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        settings = from_environment({"BALLOT_FOLDER": data})
        settings = replace(settings, public_url="http://127.0.0.1:8000", grace_seconds=1)
        with a_place(settings) as place:
            meeting = hall.every_phase(place)
            routes = place.client().application.url_map.bind("127.0.0.1")
        with a_server(settings) as server:
            album = Album(folder, server, routes)
            _take(album, meeting)
    _write_index(album)
    missing = _never_seen(album)
    print(f"{len(album.taken)} pictures in {folder}: open {folder}/index.html")
    print("\n".join([*(f"too wide or broken: {fault}" for fault in album.faults), *missing]))
    return 1 if album.faults else 0


def _take(album: Album, meeting: hall.Meeting) -> None:
    with launched() as chromium:
        phone = chromium.new_context(locale="zh-CN").new_page()
        for name in visit(phone, album.server.url, f"{album.server.url}/B/{meeting.slip}"):
            album.picture(phone, "/", f"voter-{name}")
        for name, starts in _visitors(meeting):
            page = chromium.new_context(locale="zh-CN").new_page()
            if name:
                sign_in(page, f"{album.server.url}/office/login", name)
            _follow(album, page, [*starts], prefix=name)


def _visitors(meeting: hall.Meeting) -> Iterator[tuple[str, list[str]]]:
    """Yield who looks (nobody signed in, or an account) and where they begin."""
    yield "", ["/", *meeting.public]
    for role in (Role.ADMIN, Role.OFFICE):
        yield meeting.accounts[role], ["/office/"]


def _follow(album: Album, page: Any, waiting: list[str], prefix: str) -> None:
    """Picture pages and what they link to, each route and state once."""
    done: set[str] = set()
    while waiting and len(done) < _PAGES:
        path = waiting.pop(0)
        endpoint, state = album.state_of(path)
        name = f"{prefix}-{state}".lstrip("-")
        if name in done:
            continue
        done.add(name)
        album.seen.add(endpoint)
        kind = page.request.head(f"{album.server.url}{path}").headers.get("content-type", "")
        if not kind.startswith("text/html"):
            continue
        answer = page.goto(f"{album.server.url}{path}")
        if answer.status >= 500:
            album.faults.append(f"{name}: {answer.status} ({path})")
        album.picture(page, path, name)
        waiting += _links(page, album.server.url)


def _links(page: Any, url: str) -> list[str]:
    """Return the paths on this server that a page links to."""
    found = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    paths = [urlsplit(link) for link in found if link.startswith(url)]
    return [f"{part.path}{part.query and '?'}{part.query}" for part in paths if part.path]


def _never_seen(album: Album) -> list[str]:
    every = {
        rule.endpoint
        for rule in album.routes.map.iter_rules()
        if rule.methods and "GET" in rule.methods
    }
    return [f"no link leads to: {endpoint}" for endpoint in sorted(every - album.seen)]


def _write_index(album: Album) -> None:
    """Write a page with all pictures."""
    figures = "\n".join(
        f'<figure><figcaption>{file}</figcaption><a href="{file}">'
        f'<img src="{file}" width="420" alt=""></a></figure>'
        for file in map(html.escape, album.taken)
    )
    page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Pages</title>\n{figures}\n'
    (album.folder / "index.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
