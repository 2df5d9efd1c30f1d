"""The Status tab in a browser: what is degraded, with a command to copy, and no key."""

from collections.abc import Callable
from typing import Any

from tests import scripted
from tests.test_ui_library import REPORT

pytestmark = scripted.GRADIO_WARNS


def test_what_is_degraded_stands_first_and_its_remedy_is_copied(visit: Callable[..., Any]) -> None:
    report = {**REPORT, "settings": {"reranker": {"value": "medcpt", "from": "option"}}}
    with scripted.running(scripted.ask, lambda: scripted.CARD, status=lambda: report) as url:
        page = visit(url, width=360)
        page.get_by_role("tab", name="Status").click()
        page.get_by_text("1 thing is not as it should be").wait_for()
        assert page.locator(".mend code").first.inner_text() == "assistant models pull medcpt"
        page.locator(".mend .copy").first.click()
        page.get_by_text("Copied").or_(page.get_by_text("Not copied")).first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        report["settings"] = REPORT["settings"]
        page.get_by_role("button", name="Look again").click()
        page.get_by_text("Nothing is degraded").wait_for()
