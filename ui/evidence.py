"""The evidence list: pure, Evidence -> safe HTML. Whatever a document says stays text (C11)."""

import html
import re
from collections.abc import Collection, Mapping, Sequence
from urllib.parse import quote, urlsplit

from assistant.index.bm25 import tokenise
from assistant.studies import evidence_level, study_design
from assistant.text import clean
from assistant.text import sentences as sentences_of
from assistant.types import Evidence, Hit, Metadata, Sentence

LONGEST_PASSAGE = 20_000  # characters shown of one passage
NEAR = 0.5  # share of a sentence's words from which a sentence of its source is marked as the nearest
STAGES = {"bm25": "BM25", "dense": "vectors", "fused": "fused", "rerank": "reranker"}
NOTICES = {
    "retracted": "Retracted",
    "concern": "Expression of concern",
    "corrected": "A correction was published",
    "updated": "An update was published",
}

SORTS = " ".join(
    f'<button type="button" class="sorts by-{by}">{by}</button>' for by in ("rank", "year", "design")
)

Anchors = Mapping[tuple[int, int], str]  # (sentence, evidence number), both from 1 -> id of what it opens


def text(raw: str) -> str:
    """Any text as one line of HTML in which nothing is markup.

    Controls and bidirectional overrides go; line breaks become references, so that the Markdown
    component, which takes a line that begins with a tag as HTML to its end, never sees a second line.
    """
    return html.escape(clean(raw)).replace("\n", "&#10;").replace("\t", "&#9;")


def quotations(evidence: Evidence, sentences: Sequence[Sentence]) -> dict[int, tuple[int, int]]:
    """Sentence number (from 1) -> where its words stand in the cleaned passage: to the letter, or else the
    passage's sentence nearest to it. They do not overlap."""
    passage = clean(evidence.hit.chunk.text)
    cited = [(n, clean(s.text)) for n, s in enumerate(sentences, start=1) if evidence.n in s.citations]
    found: dict[int, tuple[int, int]] = {}

    def free(span: tuple[int, int]) -> bool:
        return all(span[1] <= a or b <= span[0] for a, b in found.values())

    for number, words in cited:
        start = passage.find(words) if words else -1
        if start >= 0 and free((start, start + len(words))):
            found[number] = start, start + len(words)
    for number, words in cited:
        if number not in found and words not in passage:
            near = nearest(words, passage)
            if near is not None and free(near):
                found[number] = near
    return found


def nearest(words: str, passage: str) -> tuple[int, int] | None:
    """The sentence of the passage that has most of these words, half of them at least; else None."""
    wanted = set(tokenise(words))
    if not wanted or len(passage) > LONGEST_PASSAGE:
        return None
    shares = [
        (len(wanted & set(tokenise(passage[a:b]))) / len(wanted), -a, (a, b))
        for a, b in sentences_of(passage)
    ]
    share, _, span = max(shares, default=(0.0, 0, (0, 0)))
    return span if share >= NEAR else None


def anchors(
    key: str, evidence: Sequence[Evidence], sentences: Sequence[Sentence]
) -> dict[tuple[int, int], str]:
    """What each citation opens: the marked words, or the passage where they do not stand to the letter."""
    opened = {}
    for item in evidence:
        quoted = quotations(item, sentences)
        for number, sentence in enumerate(sentences, start=1):
            if item.n in sentence.citations:
                mark = f"{key}-e{item.n}-s{number}" if number in quoted else f"{key}-e{item.n}"
                opened[number, item.n] = mark
    return opened


def listing(
    key: str,
    evidence: Sequence[Evidence],
    sentences: Sequence[Sentence],
    heading: str,
    pinned: Collection[str] = (),
) -> str:
    """The cards, closed, in order. `pinned`: ids of passages that a reader keeps."""
    if not evidence:
        return ""
    cards = "".join(card(key, item, sentences, item.hit.chunk.id in pinned) for item in evidence)
    sort = f'<p class="sort"><span>Sort by</span> {SORTS}</p>' if len(evidence) > 1 else ""
    return f'<section class="evidence"><h3>{heading}</h3>{sort}{cards}</section>'


def card(key: str, evidence: Evidence, sentences: Sequence[Sentence] = (), pinned: bool = False) -> str:
    hit = evidence.hit
    meta, chunk = hit.metadata, hit.chunk
    where = " · ".join(text(p) for p in (meta.journal, str(meta.year) if meta.year else None) if p)
    place = " · ".join(p for p in (text(chunk.heading), f"page {chunk.page}" if chunk.page else "") if p)
    first = next((number for number, s in enumerate(sentences, start=1) if evidence.n in s.citations), None)
    back = f'<a class="back" href="#{key}-s{first}">Back to the answer</a>' if first else ""
    level = evidence_level(study_design(meta.publication_types)) or 9
    order = f"rank-{evidence.n} year-{meta.year or 0} level-{level}"  # what ask.js sorts by
    return (
        f'<details class="card {order}" id="{key}-e{evidence.n}">'
        f'<summary><span class="n">[{evidence.n}]</span> <span class="title">{text(meta.title)}</span>'
        f'<span class="meta">{where}{badges(meta, pinned)}</span></summary>'
        f'<div class="body">{notices(meta)}'
        + (f'<p class="place">{place}</p>' if place else "")
        + f'<div class="passage">{marked(key, evidence, sentences)}</div>'
        f'<p class="links">{links(meta) or "No link: this source is a file of the library."}{back}</p>'
        f'<p class="why">{why(hit, pinned)}</p><p class="scores">{scores(hit)}</p>'
        f'<p class="acts">{acts(evidence.n, pinned)}</p></div></details>'
    )


def acts(n: int, pinned: bool) -> str:
    """What a reader can do with a source; the page's script hands it to Python."""
    kept = "Unpin" if pinned else "Pin"
    return " ".join(
        f'<button type="button" class="act do-{do} n-{n}">{words}</button>'
        for do, words in (
            ("pin", kept),
            ("only", "Ask this source alone"),
            ("without", "Leave it out and ask again"),
        )
    )


def why(hit: Hit, pinned: bool = False) -> str:
    """Why it is here, in words."""
    said = []
    if hit.ranks.bm25 is not None:
        said.append(f"its words match the question ({ordinal(hit.ranks.bm25)} by BM25)")
    if hit.ranks.dense is not None:
        said.append(f"its meaning is near to it ({ordinal(hit.ranks.dense)} by the vectors)")
    if not said:
        said.append("the search alone did not bring it")
    found = " and ".join(said)
    placed = f"; ranked {ordinal(hit.ranks.rerank)} in the end" if hit.ranks.rerank is not None else ""
    kept = " You pinned it: it stands first, whatever its rank." if pinned else ""
    return f"Why it is here: {found}{placed}.{kept}"


def ordinal(n: int) -> str:
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def marked(key: str, evidence: Evidence, sentences: Sequence[Sentence]) -> str:
    """The passage, with the words that the answer quotes marked; of a very long one a window around them."""
    passage = clean(evidence.hit.chunk.text)
    spans = sorted((span, number) for number, span in quotations(evidence, sentences).items())
    begin = max(0, spans[0][0][0] - LONGEST_PASSAGE // 4) if spans and len(passage) > LONGEST_PASSAGE else 0
    end = min(len(passage), begin + LONGEST_PASSAGE)
    parts, at = [], begin
    for (start, stop), number in spans:
        if start >= end:
            break
        stop = min(stop, end)
        parts.append(_run(passage[at:start]))
        mark = _run(passage[start:stop])
        near = (
            ""
            if passage[start:stop] == clean(sentences[number - 1].text)[: stop - start]
            else ' class="near"'
        )
        parts.append(f'<mark id="{key}-e{evidence.n}-s{number}"{near} tabindex="-1">{mark}</mark>')
        at = stop
    parts.append(_run(passage[at:end]))
    hidden = len(passage) - (end - begin)
    if hidden:
        parts.append(f'<span class="cut">[{hidden:,} more characters of this passage are not shown]</span>')
    return "".join(parts)


def _run(piece: str) -> str:
    """Like `text`, for a piece of cleaned text: spaces at its ends stay."""
    return html.escape(piece).replace("\n", "&#10;").replace("\t", "&#9;")


def badges(meta: Metadata, pinned: bool = False) -> str:
    found = ['<span class="badge pinned">◆ pinned</span>'] if pinned else []
    if design := study_design(meta.publication_types):
        found.append(f'<span class="badge design">{text(design)}</span>')
    if meta.synthetic:
        found.append('<span class="badge synthetic">synthetic teaching text</span>')
    if meta.retracted:
        found.append('<span class="badge retracted">RETRACTED</span>')
    return " ".join(["", *found]) if found else ""


def notices(meta: Metadata) -> str:
    """Retractions, concerns and corrections of this source, in words (C8)."""
    lines = [(n.kind, f"{NOTICES[n.kind]}: {n.reference}") for n in meta.notices if n.kind in NOTICES]
    if meta.retracted and not any(kind == "retracted" for kind, _ in lines):
        lines.insert(0, ("retracted", "Retracted"))
    return "".join(f'<p class="notice {kind}">{text(line)}</p>' for kind, line in lines)


def addresses(meta: Metadata) -> list[tuple[str, str]]:
    """Names and links made from the source's own metadata, and from nothing that a text says."""
    found = []
    if meta.pmid and re.fullmatch(r"[0-9]{1,9}", meta.pmid):
        found.append(("PubMed", f"https://pubmed.ncbi.nlm.nih.gov/{meta.pmid}/"))
    if meta.pmcid and re.fullmatch(r"PMC[0-9]{1,9}", meta.pmcid):
        found.append(("PMC", f"https://pmc.ncbi.nlm.nih.gov/articles/{meta.pmcid}/"))
    if meta.doi and re.fullmatch(r"10\.[0-9]{4,9}/\S{1,300}", meta.doi):
        found.append(("DOI", "https://doi.org/" + quote(meta.doi, safe="/:;().-_")))
    own = web_address(meta.url)
    if own and not any(urlsplit(own).hostname == urlsplit(url).hostname for _, url in found):
        found.append((urlsplit(own).hostname or "Source", own))
    return found


def links(meta: Metadata) -> str:
    return "".join(
        f'<a class="link" href="{html.escape(url)}" target="_blank" rel="noopener noreferrer">'
        f"{text(name)}</a>"
        for name, url in addresses(meta)
    )


def web_address(url: str | None) -> str | None:
    """The address where it is a plain http(s) one in ASCII, without user name or port tricks; else None."""
    if not url or not re.fullmatch(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][!-~]*)?", url):
        return None
    return url if not re.search(r"[\"'<>`\\]", url) else None


def scores(hit: Hit) -> str:
    """Each stage that saw this passage: its score and its rank."""
    parts = []
    for field, name in STAGES.items():
        score, rank = getattr(hit.scores, field), getattr(hit.ranks, field)
        if score is None and rank is None:
            continue
        value = "" if score is None else f" {score + 0.0:.3g}"
        parts.append(f"{name}{value}" + ("" if rank is None else f" (rank {rank})"))
    return " · ".join(parts)
