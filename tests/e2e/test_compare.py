"""Rerankers side by side in a real browser, and judgements by a click."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eval.data import load
from tests import scripted
from tests.e2e.test_chat import BOX, overflow
from tests.scripted_bench import Bench
from ui.judgements import Judgements

pytestmark = [pytest.mark.browser, scripted.GRADIO_WARNS]
Visit = Callable[..., Any]
QUESTION = "#compare-box textarea"


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data") / "judgements"


@pytest.fixture(scope="module")
def bench(judged: Path) -> Iterator[str]:
    with scripted.running(
        scripted.ask,
        lambda: scripted.CARD,
        bench=Bench(judged.parent),
        judgements=Judgements(judged),
    ) as url:
        yield url


READY = {"Compare": "#judged .kept", "Evaluate": "#evaluate-status :is(.outcome, .working)", "Ask": BOX}


def opened(page: Any, tab: str = "Compare") -> None:
    """The tab, with what it asks for when it is opened: Gradio loses an event that comes in the instant in
    which the one before it ends."""
    page.get_by_role("tab", name=tab).click()
    page.wait_for_selector(READY[tab], state="visible")


def compared(page: Any, question: str = "How is warfarin dosed?") -> None:
    page.wait_for_selector(QUESTION, state="visible")
    page.fill(QUESTION, question)
    page.press(QUESTION, "Enter")
    page.wait_for_selector("#comparison .compared .agreement, #comparison .failed")
    page.wait_for_selector("#compare-go", state="visible")


def test_the_lists_stand_side_by_side_and_a_passage_is_followed(visit: Visit, bench: str) -> None:
    page = visit(bench)
    opened(page)
    compared(page)
    sides = page.locator("#comparison .side")
    assert sides.count() == 3
    lefts = [sides.nth(n).bounding_box()["x"] for n in range(3)]
    assert lefts == sorted(set(lefts))
    assert "▲ 11 from 12" in sides.nth(1).locator(".row").first.inner_text()
    page.hover("#comparison .side:nth-child(1) .row.p-5 summary")
    assert page.locator("#comparison .followed").count() == page.locator("#comparison .row.p-5").count() > 1
    assert page.locator("#comparison .lines path").count() == 1
    page.mouse.move(2, 2)
    page.focus("#comparison .side:nth-child(1) .row.p-7 summary")
    page.wait_for_selector("#comparison .side:nth-child(2) .row.p-7.followed")


def test_a_judgement_is_kept_shown_everywhere_and_taken_back(visit: Visit, bench: str, judged: Path) -> None:
    page = visit(bench)
    opened(page)
    compared(page)
    row = "#comparison .side:nth-child(1) .row.p-4"
    page.click(f"{row} summary")
    page.click(f"{row} .do-relevant")
    page.wait_for_selector("#comparison .side:nth-child(2) .row.p-4.judged-relevant")
    assert "✓ judged relevant" in page.inner_text(row)
    page.wait_for_selector("#judged :text('1 question, 1 judgement (1 relevant)')")
    assert str(judged) in page.inner_text("#judged")
    assert list(load(judged, "judged").qrels.values()) == [{"sample:4": 1}]
    page.click(f"{row} .do-not")
    page.wait_for_selector(f"{row}.judged-not")
    assert list(load(judged, "judged").qrels.values()) == [{"sample:4": 0}]
    assert page.get_attribute(f"{row} .do-not", "aria-pressed") == "true"
    page.click(f"{row} .do-undo")
    page.wait_for_selector("#judged :text('Nothing is judged yet')")
    assert page.query_selector("#comparison .judged-not") is None


def test_one_that_is_not_installed_is_said_beside_the_others(visit: Visit, bench: str) -> None:
    page = visit(bench)
    opened(page)
    assert page.get_by_label("medcpt").count() == 0
    page.click("summary:has-text('Not usable here')")
    page.wait_for_selector("li:has-text('assistant models pull medcpt')", state="visible")
    page.get_by_label("gone").check()
    compared(page)
    assert "assistant models pull medcpt" in page.inner_text("#comparison .failed")
    assert page.locator("#comparison .rows").count() == 3
    compared_nothing = "#compare-status :text('assistant models pull medcpt')"
    page.fill(QUESTION, "missing everything")
    page.press(QUESTION, "Enter")
    page.wait_for_selector(compared_nothing)
    page.wait_for_selector("#compare-go", state="visible")


def test_the_question_of_the_ask_tab_is_at_hand(visit: Visit, bench: str) -> None:
    page = visit(bench)
    page.fill(BOX, "How is warfarin dosed?")
    page.press(BOX, "Enter")
    page.wait_for_selector("#current .colophon")
    opened(page)
    page.wait_for_function(
        "() => document.querySelector('#compare-box textarea').value === 'How is warfarin dosed?'"
    )


@pytest.mark.parametrize("dark", [False, True])
def test_a_small_screen_stacks_them_and_markup_is_text(visit: Visit, bench: str, dark: bool) -> None:
    page = visit(bench, width=360, dark=dark)
    opened(page)
    compared(page, "hostile input")
    sides = page.locator("#comparison .side")
    assert sides.nth(0).bounding_box()["x"] == sides.nth(1).bounding_box()["x"]
    page.evaluate("document.querySelectorAll('#comparison details').forEach(d => { d.open = true })")
    assert overflow(page) <= 0
    assert page.title() == "Clinical assistant"
    assert page.query_selector("#comparison :is(img, iframe, script, code)") is None
    assert "<script>document.title" in page.inner_text("#comparison")
