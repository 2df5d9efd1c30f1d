"""What a clinician does on the page, in a real browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import IndexDamaged, StoreError
from tests import scripted
from ui.conversations import Store
from ui.render import LibraryCard
from ui.tabs.ask import EXAMPLES

pytestmark = [pytest.mark.browser, scripted.GRADIO_WARNS]
Visit = Callable[..., Any]
BOX = "#box textarea"


def ask(page: Any, question: str) -> None:
    page.fill(BOX, question)
    page.press(BOX, "Enter")


def answered(page: Any, question: str = "How is warfarin dosed?") -> None:
    ask(page, question)
    page.wait_for_function(
        "q => document.querySelector('#current .colophon')"
        " && document.querySelector('#current .question').innerText.endsWith(q)",
        arg=question,
    )
    page.wait_for_selector("#go", state="visible")


def overflow(page: Any) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return width


STREAMED = """() => { window.streamed = false;
    const seen = selector => document.querySelector('#current ' + selector);
    new MutationObserver(() => { window.streamed ||= !!seen('.sentence') && !seen('.evidence'); })
        .observe(document.body, {childList: true, subtree: true, characterData: true}); }"""


def test_sentences_are_on_the_page_before_the_answer_ends(visit: Visit) -> None:
    with scripted.running(lambda q: scripted.ask(q, 0.5), lambda: scripted.CARD) as slow:
        page = visit(slow)
        page.evaluate(STREAMED)
        answered(page)
        assert page.evaluate("window.streamed")


def test_a_citation_opens_the_quoted_words(visit: Visit) -> None:
    page = visit()
    answered(page)
    page.wait_for_selector("#current .evidence")
    assert page.query_selector("details.card[open]") is None
    page.click("#t1-s2 a.cite >> nth=1")
    card = page.wait_for_selector("#t1-e2[open]")
    assert card.query_selector("mark").inner_text() == scripted.SECOND
    assert page.evaluate("document.activeElement.id") == "t1-e2-s2"
    assert page.query_selector("#t1-e2-s2").is_visible()
    page.click("#t1-e2 .back")
    assert page.evaluate("document.activeElement.id") == "t1-s2"
    assert page.url.endswith("/"), "no address is left behind"


def test_two_questions_stay_on_the_page_and_keep_their_own_citations(visit: Visit) -> None:
    page = visit()
    answered(page)
    answered(page, "And how is the INR followed?")
    assert page.inner_text("#past .question").endswith("How is warfarin dosed?")
    assert page.inner_text("#current .question").endswith("And how is the INR followed?")
    page.click("#past a.cite >> nth=0")
    page.wait_for_selector("#t1-e1[open]")
    assert page.query_selector("#t2-e1[open]") is None
    ids = page.evaluate("[...document.querySelectorAll('.turn [id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_a_citation_shows_its_words_on_hover_and_escape_closes_them(visit: Visit) -> None:
    page = visit()
    answered(page)
    page.hover("#t1-s1 a.cite")
    note = page.wait_for_selector("#note:not([hidden])")
    for words in (
        "[1] Warfarin and reduced-function",
        "2021",
        "randomised trial",
        "Quoted words",
        scripted.FIRST,
    ):
        assert words in note.inner_text()
    assert page.get_attribute("#t1-s1 a.cite", "aria-describedby") == "note"
    page.keyboard.press("Escape")
    page.wait_for_selector("#note", state="hidden")
    page.hover("#t1-s2 a.cite >> nth=1")
    page.wait_for_selector("#note:has-text('Monitoring the INR')")
    page.mouse.move(2, 2)
    page.wait_for_selector("#note", state="hidden")
    assert page.query_selector("details.card[open]") is None


def test_a_citation_shows_its_words_by_keyboard(visit: Visit) -> None:
    page = visit()
    answered(page)
    page.focus("#box textarea")
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('a.cite')"):
            break
    assert scripted.SECOND in page.wait_for_selector("#note:not([hidden])").inner_text()
    page.keyboard.press("Escape")
    page.wait_for_selector("#note", state="hidden")
    assert page.evaluate("document.activeElement.matches('a.cite')"), "Escape leaves the focus where it is"


def test_a_tap_shows_the_words_and_the_second_opens_the_passage(browser: Any, server: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = context.new_page()
    page.goto(server)
    answered(page)
    page.tap("#t1-s1 a.cite")
    assert "Tap again" in page.wait_for_selector("#note:not([hidden])").inner_text()
    assert page.query_selector("details.card[open]") is None
    assert overflow(page) <= 0
    page.tap("#t1-s1 a.cite")
    page.wait_for_selector("#t1-e1[open]")
    assert not page.is_visible("#note")
    context.close()


def test_a_follow_up_says_how_it_was_understood(visit: Visit) -> None:
    page = visit()
    answered(page)
    answered(page, "And how is the INR followed?")
    told = page.inner_text("#current .understood")
    assert "Understood as: And how is the INR followed? (How is warfarin dosed?)" in told
    page.click("#current .understood .act")
    page.wait_for_selector("#t3 .colophon")
    assert page.query_selector("#t3 .understood") is None
    assert page.inner_text("#t3 .question").endswith("And how is the INR followed?")


def test_a_source_is_left_out_and_the_whole_library_asked_again(visit: Visit) -> None:
    page = visit()
    answered(page)
    page.click("#t1-e1 summary")
    page.click("#t1-e1 .do-without")
    page.wait_for_selector("#t2 .colophon")
    assert "Narrowed by you: without sample:1" in page.inner_text("#t2 .narrowed")
    assert "Warfarin and reduced-function" not in page.inner_text("#t2 .evidence")
    assert scripted.FIRST not in page.inner_text("#t2 .text")
    assert not page.is_visible("#t1 .acts"), "an earlier answer is a record"
    page.click("#t2 .narrowed .act")
    page.wait_for_selector("#t3 .colophon")
    assert page.query_selector("#t3 .narrowed") is None


def test_a_pinned_passage_stays_when_the_filters_ask_again(visit: Visit) -> None:
    page = visit()
    answered(page)
    page.click("#t1-e2 summary")
    page.click("#t1-e2 .do-pin")
    assert "pinned" in page.inner_text("#t1-e2 .meta")
    page.click("#narrow button >> nth=0")
    page.check("#designs label:has-text('randomised trial') input")
    page.fill("#narrow input[type=number] >> nth=0", "2020")
    page.click("#renew")
    page.wait_for_selector("#t2 .colophon")
    assert "randomised trial; published 2020 or later" in page.inner_text("#t2 .narrowed")
    titles = page.locator("#t2 .card .title").all_inner_texts()
    assert titles == [scripted.EVIDENCE[1].hit.metadata.title, scripted.EVIDENCE[0].hit.metadata.title]
    assert "◆ pinned" in page.inner_text("#t2-e1 .meta")


def test_the_evidence_is_sorted(visit: Visit) -> None:
    page = visit()
    answered(page)

    def order(by: str) -> str:
        page.click(f"#t1 .by-{by}")
        return "".join(page.locator("#t1 .card .n").all_inner_texts())

    assert order("year") == "[1][2][3]"
    assert order("design") == "[1][2][3]"
    page.evaluate("document.querySelector('#t1-e2').classList.replace('year-2019', 'year-2024')")
    assert order("year") == "[2][1][3]"
    assert page.get_attribute("#t1 .by-year", "aria-pressed") == "true"
    assert order("rank") == "[1][2][3]"


LOST = """addEventListener('click', (event) => {
    if (event.target.id !== 'say-set' || window.lost) return;
    window.lost = true;
    event.stopImmediatePropagation();
}, true)"""


def test_a_conversation_is_reopened_by_its_address(visit: Visit, tmp_path: Path) -> None:
    kept = Store(tmp_path / "kept")
    with scripted.running(scripted.ask, lambda: scripted.CARD, conversations=kept) as url:
        page = visit(url)
        answered(page)
        page.wait_for_function("location.hash.startsWith('#c=')")
        name = page.url.partition("#c=")[2]
        answered(page, "blocked 555")
        answered(page, "And how is the INR followed?")
        page.add_init_script(LOST)
        page.reload()
        page.wait_for_selector("#past .turn")
        assert page.evaluate("window.lost"), "the first press came before Gradio listened"
        assert page.locator(".turn").count() == 2, "what was blocked is not kept"
        assert page.inner_text("#past .question").endswith("How is warfarin dosed?")
        assert "Understood as" in page.inner_text("#current")
        assert not page.is_visible("#welcome")
        answered(page, "A third question?")
        assert [a.asked for a in kept.load(name)][-1] == "A third question?"
        page.click("#afresh")
        page.wait_for_selector("#examples button")
        assert page.query_selector(".turn") is None
        assert "#" not in page.url
        page.evaluate(f"location.hash = '#c={name}'")
        page.wait_for_selector("#past .turn")
        page.evaluate("location.hash = '#c=unknown'")
        page.wait_for_selector("#status .outcome:has-text('not on this machine any more')")
        assert page.query_selector(".turn") is None


def test_a_store_that_fails_is_said_and_the_answer_stays(visit: Visit, tmp_path: Path) -> None:
    class Full(Store):
        def append(self, conversation_id: str, answer: Any) -> None:
            raise StoreError("the disk is full; free some space")

    with scripted.running(scripted.ask, lambda: scripted.CARD, conversations=Full(tmp_path / "kept")) as url:
        page = visit(url)
        answered(page)
        page.wait_for_selector("#status .outcome:has-text('not kept: the disk is full')")
        assert page.is_visible("#current .text")


NAMELESS = """() => [...document.querySelectorAll('button, a[href], input, textarea, select')]
    .filter(e => e.offsetParent && !(e.innerText || e.ariaLabel || e.labels?.[0]?.innerText || '').trim())
    .map(e => e.outerHTML.slice(0, 200))"""
COLOURS = """() => {
    const rgb = c => c.match(/[0-9.]+/g).map(Number);
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const words = walker.currentNode.data.trim(), e = walker.currentNode.parentElement;
        if (!words || e.closest('.heard, script, style')) continue;
        if (!e.checkVisibility({visibilityProperty: true}) || e.offsetWidth === 1) continue;
        const paper = e => rgb(getComputedStyle(e).backgroundColor);
        let under = e;
        while (under && (paper(under)[3] ?? 1) < 1) under = under.parentElement;
        const ink = rgb(getComputedStyle(e).color).slice(0, 3);
        if (under) found.push([words.slice(0, 60), ink, paper(under).slice(0, 3)]);
    }
    return found; }"""


@pytest.mark.parametrize("dark", [False, True])
def test_everything_has_a_name_a_place_and_enough_contrast(visit: Visit, dark: bool) -> None:
    page = visit(dark=dark)
    answered(page)
    answered(page, "abstain here")
    page.click("#narrow button >> nth=0")
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    page.hover("#current .card a")
    assert page.evaluate(NAMELESS) == []
    for place in ("main", "header", "[role=search]", "#status[role=status]", "article", "h1", "h2", "h3"):
        assert page.query_selector(place) is not None, place
    assert page.evaluate("document.documentElement.lang") == "en"
    weak = [
        (words, round(contrast(*pair), 1)) for words, *pair in page.evaluate(COLOURS) if contrast(*pair) < 4.5
    ]
    assert weak == []


def test_first_use_says_whom_it_is_for_and_examples_ask(visit: Visit) -> None:
    page = visit()
    assert "For health professionals" in page.inner_text("#welcome")
    assert "62 documents" in page.inner_text("#header")
    page.click("#examples button >> nth=0")
    page.wait_for_selector("#current .evidence")
    assert page.inner_text("#current .question").endswith(EXAMPLES[0])
    assert not page.is_visible("#examples")
    assert not page.is_visible("#welcome")


def test_abstained_and_blocked(visit: Visit) -> None:
    page = visit()
    answered(page, "abstain here")
    assert "The library does not answer this" in page.inner_text("#current")
    assert "What was found nearest" in page.inner_text("#current")
    answered(page, "blocked 555")
    assert "This question was not processed" in page.inner_text("#current")
    assert page.input_value(BOX) == "blocked 555", "it can be mended in the box"


def test_markup_in_a_source_is_text(visit: Visit) -> None:
    page = visit()
    answered(page, "hostile input")
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    page.wait_for_timeout(300)
    assert page.title() == "Clinical assistant"
    shown = page.inner_text("#current")
    for words in ("<script>document.title", "![track](http://evil.example/pixel.png)", "**bold**", "$$x^2$$"):
        assert words in shown
    for tag in ("img", "iframe", "script", "code", ".katex", "h1", "a:not([href^='#'])"):
        assert page.query_selector(f"#current {tag}") is None, tag
    assert overflow(page) <= 0


def test_markup_in_a_question_is_text(visit: Visit) -> None:
    page = visit()
    answered(page, "<img src=x onerror=alert(1)> ![i](http://evil.example/i.png)")
    assert "<img src=x onerror=alert(1)> ![i](http://evil.example/i.png)" in page.inner_text("#current h2")
    assert page.query_selector("#current img") is None


@pytest.mark.parametrize(("width", "dark"), [(360, False), (360, True), (1440, False), (1440, True)])
def test_every_width_in_light_and_dark(visit: Visit, width: int, dark: bool) -> None:
    page = visit(width=width, dark=dark)
    assert overflow(page) <= 0
    answered(page)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert overflow(page) <= 0
    assert page.is_visible(BOX)
    ink, ground = page.evaluate(
        """() => [getComputedStyle(document.querySelector('#current .text')).color,
                  getComputedStyle(document.querySelector('.gradio-container')).backgroundColor]
                 .map(c => c.match(/[0-9.]+/g).slice(0, 3).map(Number))"""
    )
    assert contrast(ink, ground) > 7
    assert (sum(ground) < 200) == dark
    beside = page.evaluate(
        "document.querySelector('#current .evidence').getBoundingClientRect().left"
        " > document.querySelector('#current .main').getBoundingClientRect().right"
    )
    assert beside == (width == 1440)


def contrast(one: list[float], other: list[float]) -> float:
    """The WCAG contrast ratio of two sRGB colours (0 to 255)."""

    def luminance(colour: list[float]) -> float:
        linear = [
            (c / 255 / 12.92) if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_keyboard_is_enough(visit: Visit) -> None:
    page = visit()
    page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
    page.keyboard.type("How is warfarin dosed?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#current .evidence")
    page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == "#t1-e1-s1":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("#t1-e1[open]")
    assert page.evaluate("document.activeElement.id") == "t1-e1-s1"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Enter")
    page.wait_for_selector("#t1-e1:not([open])")


def test_stop_works_and_gives_the_question_back(visit: Visit) -> None:
    page = visit()
    ask(page, "slow question")
    page.wait_for_selector("#halt", state="visible")
    assert page.is_disabled(BOX)
    page.click("#halt")
    page.wait_for_selector("#go", state="visible")
    assert "Stopped" in page.inner_text("#current")
    assert page.input_value(BOX) == "slow question"
    answered(page)
    assert "Stopped" in page.inner_text("#past")
    assert "slow question" not in page.inner_text("#current")


def test_failures_are_calm_and_keep_the_question(visit: Visit) -> None:
    page = visit()
    for question, words in [
        ("missing model", "assistant models pull medcpt"),
        ("broken thing", "Something failed"),
    ]:
        ask(page, question)
        page.wait_for_selector(f"#current .outcome.problem:has-text('{words}')")
        page.wait_for_selector("#go", state="visible")
        assert page.input_value(BOX) == question
        assert page.query_selector(".toast-wrap .error") is None
    answered(page)


def test_an_empty_question_does_nothing(visit: Visit) -> None:
    page = visit()
    ask(page, "   ")
    page.wait_for_timeout(400)
    assert page.query_selector(".turn") is None
    assert page.is_visible("#welcome")


def test_reload_gives_a_fresh_page_that_works(visit: Visit) -> None:
    page = visit()
    answered(page)
    page.reload()
    page.wait_for_selector("#examples button")
    assert page.query_selector(".turn") is None
    answered(page)


def test_the_answer_can_be_copied(visit: Visit) -> None:
    page = visit()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    answered(page)
    page.click("#current .copy")
    page.wait_for_selector("#current .copy:has-text('Copied')")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "[1]" in copied
    assert "https://pubmed.ncbi.nlm.nih.gov/12345678/" in copied
    assert "Ranked by bundled" in copied


def test_an_empty_library_explains_itself(visit: Visit) -> None:
    with scripted.running(scripted.ask, lambda: scripted.EMPTY) as url:
        page = visit(url)
        page.wait_for_selector("#welcome .empty")
        assert "assistant ingest" in page.inner_text("#welcome")
        assert not page.is_visible("#examples")


def test_an_unreadable_library_is_one_line(visit: Visit) -> None:
    def damaged() -> LibraryCard:
        raise IndexDamaged("the index misses a file; ingest again")

    with scripted.running(scripted.ask, damaged) as url:
        page = visit(url)
        assert "the index misses a file" in page.inner_text("#header")
        assert "For health professionals" in page.inner_text("#welcome")


def test_the_password_page(visit: Visit, browser: Any) -> None:
    with scripted.running(scripted.ask, lambda: scripted.CARD, password="a long password") as url:
        context = browser.new_context()
        page = context.new_page()
        page.goto(url)
        page.fill("input >> nth=0", "anna")
        page.fill("input[type=password]", "a long password")
        page.click("button")
        page.wait_for_selector("#examples button")
        answered(page)
        context.close()
