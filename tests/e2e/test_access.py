"""Every tab against axe-core's rules, in light and dark, small and wide, and at 200 % zoom."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from assistant.config import Settings
from assistant.encoders import HashEncoder
from assistant.index.store import open_index
from assistant.shelf import Shelf
from tests import scripted
from tests.e2e.test_chat import answered, overflow
from tests.scripted_bench import Bench
from tests.test_ui_library import REPORT
from ui.conversations import Store
from ui.judgements import Judgements
from ui.uploads import Uploads

pytestmark = [pytest.mark.browser, scripted.GRADIO_WARNS]
READY = {
    "Compare": "#judged .kept",
    "Library": "#shelf-titles .entry",
    "Evaluate": "#evaluate-go",
    "History": ".conversations li",
    "Status": "text=/not as (it|they) should be/",
}
RULES = {"resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page with all of its tabs, each with something in it."""
    folder = tmp_path_factory.mktemp("all")
    (folder / "note.md").write_text("# Aspirin\n\nWords.\n", "utf-8")
    status = {**REPORT, "settings": {"reranker": {"value": "medcpt", "from": "option"}}}
    with open_index(Settings(index=folder / "index"), HashEncoder(16), create=True) as index:
        shelf = Shelf(index, HashEncoder(16))
        shelf.add([folder / "note.md"], "Adding")
        with scripted.running(
            scripted.ask,
            lambda: scripted.CARD,
            conversations=Store(folder / "kept"),
            bench=Bench(folder),
            judgements=Judgements(folder / "judgements"),
            shelf=shelf,
            uploads=Uploads(folder / "uploads"),
            local=True,
            status=lambda: status,
        ) as url:
            yield url
        shelf.close()


def opened(page: Any, name: str, ready: str) -> None:
    """On a small screen the last tabs are behind "…"."""
    if page.query_selector(f"#tab-{name.lower()}-button") is None:
        page.click(".overflow-menu > button")
        page.click(f".overflow-dropdown button:has-text('{name}')")
    else:
        page.click(f"#tab-{name.lower()}-button")
    page.wait_for_selector(ready, state="visible")


def unfolded(page: Any) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")


def findings(page: Any, tab: str) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{tab}: {one['id']} {node['target']} {node['failureSummary'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:4]
    ]


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1920, True), (360, True), (1920, False)])
def test_no_tab_has_a_serious_finding(
    visit: Callable[..., Any], everything: str, width: int, dark: bool
) -> None:
    page = visit(everything, width=width, dark=dark)
    wrong = findings(page, "Welcome")
    answered(page)
    unfolded(page)
    wrong += findings(page, "Ask")
    for name, ready in READY.items():
        opened(page, name, ready)
        if name == "Compare":
            page.fill("#compare-box textarea", "How is warfarin dosed?")
            page.press("#compare-box textarea", "Enter")
            page.wait_for_selector("#comparison .agreement")
            page.wait_for_selector("#compare-go", state="visible")
        unfolded(page)
        assert overflow(page) <= 0, name
        wrong += findings(page, name)
    assert not wrong, "\n".join(wrong)


def test_at_200_percent_nothing_scrolls_sideways(browser: Any, everything: str) -> None:
    context = browser.new_context(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(everything)
    page.wait_for_selector("#header h1")
    answered(page)
    for name, ready in READY.items():
        assert overflow(page) <= 0, name
        opened(page, name, ready)
    assert overflow(page) <= 0
    context.close()
