"""The browser of stories, pictures and measurements, and its way into the office."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.builders import PASSWORD

CHROMIUM: Final = Path("/usr/bin/chromium")
_RULES: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
}


@contextmanager
def launched() -> Iterator[Any]:
    """Run one headless Chromium that talks to nobody but the pages it is sent to."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
            ],
        )
        yield chromium
        chromium.close()


def sign_in(page: Any, address: str, name: str, password: str = PASSWORD) -> None:
    """Open a page of the office that asks who is there, and say so."""
    page.goto(address)
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def barriers(page: Any) -> list[str]:
    """Return what keeps some people from using a page that is open, as axe-core finds it."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=_RULES).response["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]
