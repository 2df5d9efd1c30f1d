"""Whatever a document, a model or a user says is shown as text; only render's own tags come out."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.text import clean
from assistant.types import Answer, Egress, Evidence, Notice, Ranks, Scores, Sentence, Usage
from tests import scripted
from ui import evidence, render

ALLOWED = {
    "a": {"class", "href", "target", "rel"},
    "article": {"class", "id"},
    "button": {"class", "type"},
    "code": set(),
    "details": {"class", "id"},
    "div": {"class"},
    "h1": set(),
    "h2": {"class"},
    "h3": set(),
    "header": {"class"},
    "li": set(),
    "mark": {"class", "id", "tabindex"},
    "p": {"class"},
    "pre": {"class"},
    "section": {"class"},
    "span": {"class", "id", "tabindex"},
    "strong": set(),
    "summary": set(),
    "ul": set(),
}
PIECES = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![i](http://evil.example/i.png)",
    "[l](javascript:alert(1))",
    "</div></article>",
    '" onclick="x',
    "'",
    "&lt;b&gt;",
    "&#60;",
    "<!--",
    "]]>",
    "\u202e",
    "\u200b",
    "\x00",
    "\n\n",
    "\r\n# h\n",
    "\u2028",
    "$$x$$",
    "`",
    "```\n",
    "<",
    "word ",
    "é",
)
hostile = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=12).map("".join)


class Seen(HTMLParser):
    """The tags, attributes, ids, addresses and text of a page; raises on anything outside the whitelist."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open, f"left open: {self.open}"
        assert "\n" not in page
        assert "\r" not in page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, f"a tag that render does not write: {tag}"
        for name, value in attrs:
            assert name in ALLOWED[tag], f"<{tag} {name}={value!r}>"
            assert value is not None
            if name == "id":
                self.ids.append(value)
            if name == "href":
                self.links.append(value)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    handle_decl = handle_pi = unknown_decl = handle_comment

    @property
    def text(self) -> str:
        return "".join(self.words)


def everywhere(words: str) -> Answer:
    """An answer with the same words in each of its fields."""
    known = {"journal": words, "url": words, "pmid": words, "doi": words, "pmcid": words}
    item = scripted.source(1, f"before {words} after", title=words, heading=words, **known)
    meta = replace(item.hit.metadata, notices=(Notice(kind="concern", reference=words),), retracted=True)
    item = Evidence(n=1, hit=replace(item.hit, metadata=meta))
    said = Sentence(text=words, citations=(1, 9), verdict="unsupported", reasons=(words,))
    return Answer(
        question=words,
        status="answered",
        sentences=(said,),
        evidence=(item,),
        ranked_by=words,
        asked=f"asked {words}",
        narrowed=words,
        note=words,
        degraded=(words,),
        notes=(words,),
        usage=Usage(calls=1, money=0.5, currency=words, prices_dated=words),
        egress=(Egress(service=words, what=words),),
    )


@given(words=hostile)
@settings(max_examples=120, deadline=None)
def test_no_text_becomes_markup(words: str) -> None:
    said = everywhere(words)
    card = replace(scripted.CARD, encoder=words, reranker=words, updated=words, gaps=(words,))
    answered = Seen(render.answer("t1", said, card))
    assert clean(words) in answered.text
    assert not [link for link in answered.links if not link.startswith("#")]
    for page in (
        render.answer("t1", replace(said, status="abstained", sentences=()), card),
        render.writing("t1", words, said.sentences),
        render.header(card),
        render.welcome(card),
        render.line(words),
        render.progress("reading", words),
    ):
        assert not Seen(page).links


@given(words=hostile)
@settings(max_examples=60, deadline=None)
def test_nothing_unseen_is_shown(words: str) -> None:
    page = render.answer("t1", everywhere(words), scripted.CARD)
    assert not set(page) & set("\u202e\u202d\u2066\u200b\x00\ufeff\u2028")


def test_the_scripted_hostile_answer_is_text() -> None:
    seen = Seen(render.answer("t1", scripted.hostile("q"), scripted.CARD))
    assert "<script>document.title" in seen.text
    assert all(link.startswith("#") for link in seen.links)


def test_a_citation_opens_the_quoted_words() -> None:
    page = render.answer("t4", scripted.answered("q"), scripted.CARD)
    seen = Seen(page)
    opened = [link for link in seen.links if link.startswith("#") and "-e" in link]
    assert opened == ["#t4-e1-s1", "#t4-e1-s2", "#t4-e2-s2"]
    assert {link[1:] for link in seen.links if link.startswith("#")} <= set(seen.ids)
    assert len(seen.ids) == len(set(seen.ids))
    assert f'<mark id="t4-e1-s1" tabindex="-1">{scripted.FIRST}</mark>' in page
    assert f'<mark id="t4-e2-s2" tabindex="-1">{scripted.SECOND}</mark>' in page


def test_a_citation_without_a_quotation_opens_the_card() -> None:
    said = scripted.answered("q")
    said = replace(said, sentences=(Sentence(text="Put in other words.", citations=(2, 8)),))
    page = render.answer("t1", said, scripted.CARD)
    assert 'href="#t1-e2"' in page
    assert '<span class="cite">[8]</span>' in page, (
        "a number that was not retrieved is shown and leads nowhere"
    )
    assert "○ not checked against its source" in page
    assert "0 of 1 sentences are supported" in page


def test_the_same_words_twice_keep_one_mark() -> None:
    said = scripted.answered("q")
    twice = (*said.sentences[:1], *said.sentences[:1])
    seen = Seen(render.answer("t1", replace(said, sentences=twice), scripted.CARD))
    assert [link for link in seen.links if link.startswith("#t1-e")] == ["#t1-e1-s1", "#t1-e1"]


@pytest.mark.parametrize(
    ("verdict", "words"), [("unsupported", "◇ not supported"), ("contradicted", "✕ contradicted")]
)
def test_verdicts_are_words_and_shapes(verdict: str, words: str) -> None:
    said = replace(scripted.answered("q").sentences[0], verdict=verdict, reasons=("5 mg is not in [1]",))
    page = render.answer("t1", replace(scripted.answered("q"), sentences=(said,)), scripted.CARD)
    assert f"{words} by its source: 5 mg is not in [1]" in Seen(page).text
    assert "✓" not in page


def test_what_the_answer_rests_on_is_under_it() -> None:
    seen = Seen(render.answer("t1", scripted.answered("q"), scripted.CARD)).text
    assert "Ranked by bundled · 62 documents, 187 passages, indexed 2026-11-21 · 0.9 s" in seen
    assert "Nothing left this machine" in seen
    assert "2 things passed over" in seen
    assert "assistant models pull medcpt" in seen
    left = replace(scripted.answered("q"), egress=(Egress(service="cohere", what="the question"),))
    assert "Left this machine: the question to cohere" in Seen(render.answer("t1", left, scripted.CARD)).text


def test_no_reranker_is_said_in_words() -> None:
    said = replace(scripted.answered("q"), ranked_by="none")
    seen = Seen(render.answer("t1", said, scripted.CARD)).text
    assert "Ranked by the search alone, without a reranker" in seen
    hit = replace(scripted.EVIDENCE[0].hit, scores=Scores(rerank=-0.0), ranks=Ranks(rerank=1))
    assert evidence.scores(hit) == "reranker 0 (rank 1)"


def test_a_card_says_what_the_source_is() -> None:
    first, second, third = (evidence.card("t1", item) for item in scripted.EVIDENCE)
    assert "Journal of Invented Pharmacology · 2021" in first
    assert "randomised trial" in first
    assert (
        "BM25 13.2 (rank 1) · vectors 0.69 (rank 2) · fused 0.032 (rank 1) · reranker 5.1 (rank 1)" in first
    )
    assert "Dosing &gt; Reduced function" in first
    assert "synthetic teaching text" in second
    assert "page 4" in second
    assert "No link: this source is a file of the library." in second
    assert "RETRACTED" in third
    assert "Retracted: Annals 2012; 3: 9" in third


def test_links_come_from_metadata() -> None:
    seen = Seen(evidence.card("t1", scripted.EVIDENCE[0]))
    assert seen.links == ["https://pubmed.ncbi.nlm.nih.gov/12345678/", "https://doi.org/10.1000/abc(12)34"]
    assert Seen(evidence.card("t1", scripted.EVIDENCE[2])).links == ["https://journal.example.org/article/7"]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "http://user@evil.example/",
        "http://evil.example\\@good.example",
        "https://good.example/\n<script>",
        'https://good.example/"onclick="x',
        "https://gооd.example/",  # Cyrillic
        "file:///etc/passwd",
        "HTTPS://good.example",
        "",
        None,
    ],
)
def test_other_addresses_are_no_links(url: str | None) -> None:
    assert evidence.web_address(url) is None


def test_abstained_and_blocked_are_unmistakable() -> None:
    abstained = Seen(render.answer("t1", scripted.abstained("q"), scripted.CARD)).text
    assert "○ The library does not answer this" in abstained
    assert "What was found nearest" in abstained
    assert "Evidence" not in abstained
    blocked = Seen(render.answer("t1", scripted.blocked("q"), scripted.CARD)).text
    assert "■ This question was not processed" in blocked
    assert "nothing was sent" in blocked
    assert "back in the box" in blocked
    outside = replace(scripted.abstained("hello"), evidence=(), ranked_by="", note="Ask a clinical question.")
    seen = Seen(render.answer("t1", outside, scripted.CARD)).text
    assert "◇ This was not searched" in seen
    assert "62 documents" not in seen
    narrowed = replace(scripted.abstained("q"), narrowed="case report")
    seen = Seen(render.answer("t1", narrowed, scripted.CARD)).text
    assert "○ Nothing in the narrowed search answers this" in seen
    assert "▽ Narrowed by you: case report Search the whole library" in seen


def test_what_was_understood_stands_under_what_was_asked() -> None:
    said = replace(scripted.answered("What is the dose of apixaban?"), asked="and apixaban?")
    seen = Seen(render.answer("t1", said, scripted.CARD)).text
    assert seen.startswith(
        "You askedand apixaban?Understood as: What is the dose of apixaban? Search my own words instead"
    )
    assert "Understood as" not in Seen(render.answer("t1", scripted.answered("q"), scripted.CARD)).text
    writing = Seen(render.writing("t1", "and apixaban?", (), "What is the dose of apixaban?")).text
    assert writing.endswith("Understood as: What is the dose of apixaban?")


def test_what_a_service_was_asked_for_and_how_it_was_made_are_under_it() -> None:
    used = Usage(
        calls=2, input_tokens=812, output_tokens=6, money=0.0004, currency="USD", prices_dated="2026-06"
    )
    said = replace(scripted.answered("q"), usage=used, notes=("Written by a model.",))
    seen = Seen(render.answer("t1", said, scripted.CARD)).text
    assert "2 calls, 812 tokens read, 6 written, 0.0004 USD (prices of 2026-06)" in seen
    assert "How it was madeWritten by a model." in seen
    assert "now 62 documents" in Seen(render.answer("t1", said, scripted.CARD, reopened=True)).text


def test_words_put_differently_mark_the_nearest_sentence() -> None:
    words = "Carriers of CYP2C9*3 start warfarin at a dose that is lowered by a third."
    said = replace(scripted.answered("q"), sentences=(Sentence(text=words, citations=(1, 2)),))
    page = render.answer("t1", said, scripted.CARD)
    assert f'<mark id="t1-e1-s1" class="near" tabindex="-1">{scripted.FIRST}</mark>' in page
    assert "t1-e2-s1" not in page, "a passage that shares few words has no mark"
    assert evidence.nearest("", "a passage") is None


def test_a_card_says_why_it_is_here_and_what_a_reader_can_do() -> None:
    seen = Seen(evidence.card("t1", scripted.EVIDENCE[0])).text
    assert (
        "its words match the question (1st by BM25) and its meaning is near to it (2nd by the vectors)"
        in seen
    )
    assert "; ranked 1st in the end." in seen
    assert [evidence.ordinal(n) for n in (2, 3, 4, 11, 12, 21, 112)] == [
        "2nd", "3rd", "4th", "11th", "12th", "21st", "112th",
    ]  # fmt: skip
    for words in ("Pin", "Ask this source alone", "Leave it out and ask again"):
        assert words in seen
    pinned = Seen(evidence.card("t1", scripted.EVIDENCE[0], pinned=True)).text
    assert "◆ pinned" in pinned
    assert "You pinned it" in pinned
    assert "Unpin" in pinned
    lost = replace(scripted.EVIDENCE[0].hit, ranks=Ranks())
    assert evidence.why(lost) == "Why it is here: the search alone did not bring it."


def test_a_line_of_a_megabyte_shows_a_window_around_the_quotation() -> None:
    words = "The dose is 5 mg a day."
    item = scripted.source(1, "x" * 900_000 + words + "y" * 100_000, title="Long")
    said = replace(
        scripted.answered("q"), evidence=(item,), sentences=(Sentence(text=words, citations=(1,)),)
    )
    page = render.answer("t1", said, scripted.CARD)
    assert f">{words}</mark>" in page
    assert len(page) < 25_000
    assert f"[{1_000_000 + len(words) - evidence.LONGEST_PASSAGE:,} more characters" in page


def test_the_first_page() -> None:
    full, empty = Seen(render.welcome(scripted.CARD)).text, Seen(render.welcome(scripted.EMPTY)).text
    assert "For health professionals" in full
    assert "not for emergencies" in full
    assert "no images, waveforms or signals" in full
    assert "assistant ingest PATH" in empty
    assert "assistant ingest" not in full
    assert "Teaching text only" in Seen(render.header(scripted.CARD)).text
