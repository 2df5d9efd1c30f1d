"""The assistant stops in the middle of an answer, and comes back."""

import socket
from typing import Any

import pytest

from tests import scripted
from tests.e2e.test_chat import BOX

pytestmark = [pytest.mark.browser, scripted.GRADIO_WARNS]


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def test_the_page_explains_and_gives_the_question_back(browser: Any) -> None:
    port, page = free(), browser.new_page()
    page.set_default_timeout(60_000)
    try:
        with scripted.running(lambda q: scripted.ask(q, 5.0), lambda: scripted.CARD, port=port) as url:
            page.goto(url)
            page.wait_for_selector("#header h1")
            page.fill(BOX, "How is warfarin dosed?")
            page.press(BOX, "Enter")
            page.wait_for_selector("#halt", state="visible")
            page.wait_for_function("() => window.assistantProcess !== undefined")
        page.wait_for_selector("#restarted")
        assert "connection to the assistant is lost" in page.inner_text("#restarted")
        with scripted.running(scripted.ask, lambda: scripted.CARD, port=port):
            page.wait_for_function(
                "() => document.getElementById('restarted')?.innerText.includes('ask again')"
            )
            assert page.input_value(BOX) == "How is warfarin dosed?"
            page.press(BOX, "Enter")
            page.wait_for_selector("#current .colophon")
            assert page.inner_text("#current .question").endswith("How is warfarin dosed?")
            assert page.query_selector("#restarted") is None
    finally:
        page.close()
