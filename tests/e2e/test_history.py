"""Conversations that are kept, and answers that are saved, in a real browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import scripted
from ui.conversations import Store

pytestmark = [pytest.mark.browser, scripted.GRADIO_WARNS]
Visit = Callable[..., Any]


def answered(page: Any, question: str) -> None:
    page.fill("#box textarea", question)
    page.press("#box textarea", "Enter")
    page.wait_for_function(
        "q => document.querySelector('#current .colophon')"
        " && document.querySelector('#current .question').innerText.endsWith(q)",
        arg=question,
    )
    page.wait_for_selector("#go", state="visible")


def test_an_answer_is_saved_in_three_formats(visit: Visit) -> None:
    page = visit()
    answered(page, "How is warfarin dosed?")
    for kind, begins in (("md", b"# How is warfarin dosed?"), ("ris", b"TY  - JOUR"), ("pdf", b"%PDF-1.")):
        with page.expect_download() as download:
            page.click(f"#current .save.as-{kind}")
        assert download.value.suggested_filename == f"how-is-warfarin-dosed.{kind}"
        assert Path(download.value.path()).read_bytes().startswith(begins)
    page.wait_for_selector("#current .saved:has-text('Saved: how-is-warfarin-dosed.pdf')")
    assert not page.is_visible("#current .packed")
    assert page.locator("#t1 .save").count() == 3
    answered(page, "blocked 555")
    assert page.locator("#t2 .save").count() == 0


def test_what_is_kept_is_found_reopened_and_deleted_for_good(visit: Visit, tmp_path: Path) -> None:
    store = Store(tmp_path / "kept.sqlite")
    for n in range(2):
        store.append("older-id", scripted.abstained(f"Is oxygen used <b>here</b>, {n}?"))
    with scripted.running(scripted.ask, lambda: scripted.CARD, conversations=store) as url:
        page = visit(url)
        answered(page, "How is warfarin dosed?")
        page.click("#tab-history-button")
        page.wait_for_selector(".conversations li >> nth=1")
        about = page.inner_text("#history-about")
        assert str(store.path) in about
        assert "your words as you typed them" in about
        shown = page.locator(".conversations .reopen").all_inner_texts()
        assert shown == ["How is warfarin dosed?", "Is oxygen used <b>here</b>, 0?"]
        assert "2 answers" in page.inner_text(".conversations li >> nth=1")

        page.fill("#history-search :is(input, textarea)", "OXYGEN")
        page.wait_for_selector(".many:has-text('1 conversation')")
        page.click(".reopen")
        page.wait_for_selector("#past .turn")
        assert page.is_visible("#box textarea")
        assert page.url.endswith("#c=older-id")
        assert page.locator(".turn").count() == 2

        page.click("#tab-history-button")
        page.click(".erase >> nth=0")
        assert "Press again" in page.inner_text(".erase.armed")
        page.keyboard.press("Escape")
        assert page.locator(".erase.armed").count() == 0
        assert len(store.load("older-id")) == 2
        page.click(".erase >> nth=0")
        page.click(".erase.armed")
        page.wait_for_selector("#history-status:has-text('Deleted for good: 2 answers.')")
        assert store.load("older-id") == ()
        page.wait_for_selector("#history-rows:has-text('None holds')")
        page.wait_for_function("!document.querySelector('.turn')")
        assert "#" not in page.url, "what was deleted is not on the page any more"

        page.fill("#history-search :is(input, textarea)", "")
        page.wait_for_selector(".many:has-text('1 conversation')")
        page.focus("#erase-all")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.wait_for_selector("#history-rows:has-text('None is kept yet')")
        assert store.listing().found == 0


def test_each_log_in_name_has_a_history_of_its_own(visit: Visit, browser: Any, tmp_path: Path) -> None:
    from ui.parts import reader

    store = Store(tmp_path / "kept.sqlite", reader)
    running = scripted.running(
        scripted.ask, lambda: scripted.CARD, password="correct horse", conversations=store
    )
    with running as url:
        addresses = []
        for name in ("ann", "bob"):
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            page = context.new_page()
            page.set_default_timeout(15_000)
            page.goto(addresses[0] if addresses else url)
            page.fill("input >> nth=0", name)
            page.fill("input[type=password]", "correct horse")
            page.click("button")
            page.wait_for_selector("#header h1")
            if addresses:
                page.wait_for_selector("#status .outcome:has-text('not on this machine')")
            answered(page, f"A question of {name}?")
            page.wait_for_function("location.hash.length > 20")
            addresses.append(page.url)
            page.click("#tab-history-button")
            page.wait_for_selector(".conversations li")
            assert page.locator(".reopen").all_inner_texts() == [f"A question of {name}?"]
            context.close()
