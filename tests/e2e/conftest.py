"""A real browser on the page, and a page that may talk to nobody but its own server."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import scripted

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
OFFLINE = ("--no-sandbox", "--disable-background-networking", "--disable-component-update")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=list(OFFLINE))
        yield found
        found.close()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with scripted.running(lambda q: scripted.ask(q, 0.05), lambda: scripted.CARD) as url:
        yield url


@pytest.fixture
def visit(browser: Any, server: str) -> Iterator[Callable[..., Any]]:
    """Opens the page; at the end, fails on a request to another host, a script error or a broken policy."""
    wrong: list[str] = []
    contexts = []

    def note(said: str) -> None:
        """A request that is under way when the page is left ends in one of these."""
        if "AbortError" not in said and "Connection errored out" not in said:
            wrong.append(said)

    def opened(url: str = server, width: int = 1280, height: int = 800, dark: bool = False) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("request", lambda r: r.url.startswith((url, "data:", "blob:")) or wrong.append(r.url))
        page.on("pageerror", lambda e: note(str(e)))
        page.on("console", lambda m: m.type == "error" and note(m.text))
        page.goto(url)
        page.wait_for_selector("#header h1, #header .outcome")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not wrong
