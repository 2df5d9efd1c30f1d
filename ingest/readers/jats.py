"""PMC full text in JATS XML (and its NLM forerunners): one article, or a pmc-articleset of many.

Elements and attribute values: https://jats.nlm.nih.gov/archiving/tag-library/1.3/
"""

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from assistant.text import clean
from assistant.types import Document, Metadata, Notice, NoticeKind, Origin, Record, Section, Skipped
from ingest.readers.citations import mark, without_marks
from ingest.readers.fields import DOI
from ingest.readers.jats_body import sections
from ingest.readers.safexml import local_name, records, text_of

# article-type -> PubMed's name; a research article says nothing of its design
TYPES = {
    "article-commentary": "Comment",
    "case-report": "Case Reports",
    "correction": "Published Erratum",
    "editorial": "Editorial",
    "expression-of-concern": "Expression of Concern",
    "letter": "Letter",
    "meta-analysis": "Meta-Analysis",
    "news": "News",
    "retraction": "Retraction of Publication",
    "review-article": "Review",
    "systematic-review": "Systematic Review",
}
KINDS: dict[str, NoticeKind] = {
    "retraction-forward": "retracted",
    "retracted-article": "retracts",
    "partial-retraction": "retracts",
    "concern-forward": "concern",
    "expression-of-concern": "concern",
    "object-of-concern": "comment",
    "correction-forward": "corrected",
    "corrected-article": "corrects",
    "update": "updated",
    "commentary": "comment",
    "commentary-article": "comment",
    "letter": "comment",
    "reply": "comment",
}
# the date a reader cites, best first
DATES = ("ppub", "collection", "pub", "epub", "epub-ppub", "epreprint", "preprint")
LANGUAGES = {
    "de": "ger", "en": "eng", "es": "spa", "fr": "fre", "it": "ita", "ja": "jpn", "ko": "kor", "nl": "dut",
    "pl": "pol", "pt": "por", "ru": "rus", "tr": "tur", "zh": "chi",
}  # fmt: skip
PEER_REVIEW = re.compile(
    r"decision-letter|reply|response|.*report|author-comment|editor.*|aggregated-review-documents|translation"
)
RETRACTED_TITLE = re.compile(r"\W*(?:retracted|withdrawn)(?: article| paper)?\s*[:\]\-–—]", re.IGNORECASE)
HREF = "{http://www.w3.org/1999/xlink}href"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
INITIAL = re.compile(r"(?:^|[\s.\-‐])([^\W\d_])")


def read(path: Path) -> Iterator[Record]:
    """Each article of the file, in the memory of one.

    An article printed within another one is read with it; peer review and translations are Skipped.
    Raises FormatError, InputError as `records` does.
    """
    for number, article in enumerate(records(path, ["article"]), start=1):
        if isinstance(article, Skipped):
            yield article
        else:
            yield from _article(article, Origin(path=str(path), format="jats", place=f"record {number}"))


def _article(article: etree._Element, origin: Origin) -> Iterator[Record]:
    mark(article)
    within = [part for part in article if local_name(part) in ("sub-article", "response")]
    review = [part for part in within if PEER_REVIEW.fullmatch(part.get("article-type") or local_name(part))]
    for part in review:
        article.remove(part)
    metadata = _metadata(article, origin)
    name = metadata.pmcid or metadata.doi or metadata.pmid
    kind = "pmc" if metadata.pmcid else "doi" if metadata.doi else "pubmed"
    if name is None:
        yield Skipped(source=origin.path, place=origin.place, reason="an article without PMCID, DOI and PMID")
        return
    parts = [*sections(article)]
    for part in within:
        if part not in review:
            title = _words(part.find(".//{*}article-title"))
            parts += [_below(title, section) for section in sections(part)]
    if not parts and metadata.title:
        parts = [Section(heading="", text=metadata.title)]
    if not parts:
        yield Skipped(source=origin.path, place=origin.place, reason=f"{name}: neither title nor text")
        return
    yield Document(id=f"{kind}:{name}", metadata=metadata, sections=tuple(parts))
    for part in review:
        reason = f"{name}: {part.get('article-type') or local_name(part)} printed with the article"
        yield Skipped(source=origin.path, place=origin.place, reason=reason)


def _below(title: str, section: Section) -> Section:
    heading = " > ".join(part for part in (title, section.heading) if part)
    return Section(heading=heading, text=section.text)


def _words(element: etree._Element | None) -> str:
    notes = ("fn", "xref")
    return clean(without_marks(text_of(element, lambda child: local_name(child) in notes)))


def _metadata(article: etree._Element, origin: Origin) -> Metadata:
    front = article.find("{*}front")
    meta = front.find("{*}article-meta") if front is not None else None
    if front is None or meta is None:
        return Metadata(title="", origin=origin)
    kind = article.get("article-type") or ""
    title = ": ".join(
        text
        for tag in ("article-title", "subtitle")
        if (text := _words(meta.find(f"{{*}}title-group/{{*}}{tag}")))
    )
    ids = {e.get("pub-id-type"): text_of(e) for e in meta.iterfind("{*}article-id")}
    doi = DOI.fullmatch(ids.get("doi", ""))
    pmid = re.fullmatch(r"[1-9]\d{0,8}", ids.get("pmid", ""))
    pmcid = re.fullmatch(
        r"(?:PMC)?(\d{1,10})(?:\.\d+)?", ids.get("pmcid") or ids.get("pmc") or "", re.IGNORECASE
    )
    notices = tuple(_notices(meta))
    pmc = f"PMC{pmcid[1]}" if pmcid else None
    return Metadata(
        title=title,
        origin=origin,
        pmid=pmid[0] if pmid else None,
        doi=doi[1] if doi else None,
        pmcid=pmc,
        journal=text_of(front.find("{*}journal-meta//{*}journal-title")) or None,
        year=_year(meta),
        authors=tuple(_authors(meta)),
        publication_types=(TYPES[kind],) if kind in TYPES else (),
        language=_language(article),
        url=f"https://pmc.ncbi.nlm.nih.gov/articles/{pmc}/"
        if pmc
        else f"https://doi.org/{doi[1]}"
        if doi
        else f"https://pubmed.ncbi.nlm.nih.gov/{pmid[0]}/"
        if pmid
        else None,
        notices=notices,
        retracted=kind == "retracted-article"
        or bool(RETRACTED_TITLE.match(title))
        or any(notice.kind == "retracted" for notice in notices),
    )


def _language(article: etree._Element) -> str | None:
    code = (article.get(LANG) or "").lower().partition("-")[0]
    return LANGUAGES.get(code, code) or None


def _year(meta: etree._Element) -> int | None:
    """The year of the date that comes first in DATES, of several the earliest."""
    found = []
    for date in meta.iterfind("{*}pub-date"):
        kind = date.get("pub-type") or date.get("date-type") or ""
        year = text_of(date.find("{*}year"))
        if kind in DATES and re.fullmatch(r"(?:1[5-9]|20)\d\d", year):
            found.append((DATES.index(kind), int(year)))
    return min(found)[1] if found else None


def _authors(meta: etree._Element) -> Iterator[str]:
    """ "Surname GI" as in PubMed; a group by its name."""
    for contrib in meta.iterfind("{*}contrib-group/{*}contrib"):
        if contrib.get("contrib-type", "author") != "author":
            continue
        name = contrib.find(".//{*}name")
        if name is None:
            group = contrib.find("{*}collab")
            text = text_of(group, lambda child: local_name(child) in ("contrib-group", "xref"))
            text = text or text_of(contrib.find("{*}string-name"))
        else:
            given = text_of(name.find("{*}given-names"))
            initials = given if given.isupper() and given.isalpha() else "".join(INITIAL.findall(given))
            parts = (text_of(name.find("{*}surname")), initials, text_of(name.find("{*}suffix")))
            text = " ".join(part for part in parts if part)
        if text:
            yield text


def _notices(meta: etree._Element) -> Iterator[Notice]:
    for related in meta.iterfind("{*}related-article"):
        kind = KINDS.get(related.get("related-article-type", ""))
        if kind is None:
            continue
        href = related.get(HREF, "").strip()
        doi, pmid = DOI.fullmatch(href), re.fullmatch(r"[1-9]\d{0,8}", href)
        is_pmid = pmid and related.get("ext-link-type") in ("pubmed", "pmid")
        yield Notice(
            kind=kind,
            reference=text_of(related) or href,
            pmid=pmid[0] if pmid and is_pmid else None,
            doi=doi[1] if doi else None,
        )
