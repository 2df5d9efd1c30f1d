"""PubMed XML: E-utilities' PubmedArticleSet and MEDLINE baseline and update files, plain or gzipped.

Fields and their meaning: https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/current/index.html
"""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from lxml import etree

from assistant.types import Document, Metadata, Notice, NoticeKind, Origin, Record, Removed, Section, Skipped
from ingest.readers.safexml import local_name, records, text_of

ARTICLES = ("PubmedArticle", "PubmedBookArticle")
DELETED = ("DeleteCitation", "DeleteDocument")

# CommentsCorrections' RefType, read from the record that carries it; the others change nothing about it
KINDS: dict[str, NoticeKind] = {
    "RetractionIn": "retracted",
    "RetractedandRepublishedIn": "retracted",
    "RetractionOf": "retracts",
    "PartialRetractionIn": "concern",
    "PartialRetractionOf": "retracts",
    "ExpressionOfConcernIn": "concern",
    "ExpressionOfConcernFor": "comment",
    "ErratumIn": "corrected",
    "CorrectedandRepublishedIn": "corrected",
    "ErratumFor": "corrects",
    "CorrectedandRepublishedFrom": "corrects",
    "RetractedandRepublishedFrom": "corrects",
    "UpdateIn": "updated",
    "PreprintIn": "updated",
    "CommentIn": "comment",
    "CommentOn": "comment",
}

PMID = re.compile(r"0*([1-9]\d{0,8})")
YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
COPYRIGHT = re.compile(
    r"(?:^|(?<=[.\])]))\s*(?:Copyright\s*(?:©|\(c\)|(?=\d{4}\b))|©).{0,30}?\b(?:19|20)\d\d\b.{0,150}$", re.I
)


def read(path: Path) -> Iterator[Record]:
    """Each article, book chapter and deletion of the file, in its order, in the memory of one record.

    The same PMID in a newer version comes again, later. Raises FormatError, InputError as `records` does.
    """
    for number, element in enumerate(records(path, (*ARTICLES, *DELETED)), start=1):
        origin = Origin(path=str(path), format="pubmed", place=f"record {number}")
        if isinstance(element, Skipped):
            yield element
        elif local_name(element) in DELETED:
            for stated in element.iterfind("PMID"):
                pmid = _pmid(stated)
                yield Removed(document_id=f"pubmed:{pmid}", source=str(path)) if pmid else _skipped(origin)
        else:
            yield _article(element, origin)


def _article(element: etree._Element, origin: Origin) -> Document | Skipped:
    if local_name(element) == "PubmedArticle":
        citation, article = element.find("MedlineCitation"), element.find("MedlineCitation/Article")
        ids = element.find("PubmedData/ArticleIdList")
        published_in, published = "Journal/Title", "Journal/JournalIssue/PubDate"
    else:
        citation = article = element.find("BookDocument")
        ids = element.find("BookDocument/ArticleIdList")
        published_in, published = "Book/BookTitle", "Book/PubDate"
    pmid = _pmid(citation.find("PMID")) if citation is not None else None
    if citation is None or pmid is None:
        return Skipped(source=origin.path, place=origin.place, reason="a record without a PMID")
    if article is None:
        return Skipped(
            source=origin.path, place=origin.place, reason=f"PMID {pmid}: a record without an article"
        )
    title = _title(article)
    sections = _sections(article) or ((Section(heading="", text=title),) if title else ())
    if not sections:
        return Skipped(
            source=origin.path, place=origin.place, reason=f"PMID {pmid}: neither title nor abstract"
        )
    types = _texts(article, "PublicationTypeList/PublicationType") + _texts(article, "PublicationType")
    notices = tuple(_notices(citation))
    metadata = Metadata(
        title=title,
        origin=origin,
        pmid=pmid,
        doi=_doi(article, ids),
        pmcid=_id(ids, "pmc"),
        journal=text_of(article.find(published_in)) or None,
        year=_year(article.find(published)) or _year(article.find("ArticleDate")),
        authors=tuple(_authors(article)),
        publication_types=types,
        mesh=_texts(citation, "MeshHeadingList/MeshHeading/DescriptorName"),
        language=text_of(article.find("Language")) or None,
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/",
        notices=notices,
        retracted="Retracted Publication" in types or any(n.kind == "retracted" for n in notices),
    )
    return Document(id=f"pubmed:{pmid}", metadata=metadata, sections=sections)


def _skipped(origin: Origin, reason: str = "no PMID in the record") -> Skipped:
    return Skipped(source=origin.path, place=origin.place, reason=reason)


def _pmid(element: etree._Element | None) -> str | None:
    match = PMID.fullmatch(text_of(element))
    return match[1] if match else None


def _title(article: etree._Element) -> str:
    """The title; the vernacular one where PubMed has no other; a book's own where a chapter has none."""
    title = text_of(article.find("ArticleTitle"))
    if title in ("", "[Not Available].", "[Not Available]"):
        title = text_of(article.find("VernacularTitle")) or text_of(article.find("Book/BookTitle"))
    return title


def _sections(article: etree._Element) -> tuple[Section, ...]:
    """One section a label, "Abstract" for text without one; OtherAbstract only where there is no Abstract."""
    citation = article.getparent()
    others = [] if citation is None else citation.findall("OtherAbstract")
    others += article.findall("OtherAbstract")
    others.sort(key=lambda other: other.get("Language", "eng") != "eng")
    for abstract in (*article.findall("Abstract"), *others):
        found = []
        for text in abstract.iterfind("AbstractText"):
            label = " ".join((text.get("Label") or "").split()).rstrip(":")
            heading = label if label and label != "UNLABELLED" else "Abstract"
            found.append((heading, COPYRIGHT.sub("", text_of(text))))
        sections = tuple(
            Section(heading=heading, text="\n".join(text for _, text in group))
            for heading, group in groupby((part for part in found if part[1]), key=lambda part: part[0])
        )
        if sections:
            return sections
    return ()


def _texts(element: etree._Element, where: str) -> tuple[str, ...]:
    return tuple(text for found in element.iterfind(where) if (text := text_of(found)))


def _id(ids: etree._Element | None, kind: str) -> str | None:
    """An identifier of the article itself: ids of its references stand in lists of their own."""
    return (text_of(ids.find(f"ArticleId[@IdType='{kind}']")) or None) if ids is not None else None


def _doi(article: etree._Element, ids: etree._Element | None) -> str | None:
    stated = (e for e in article.iterfind("ELocationID[@EIdType='doi']") if e.get("ValidYN") != "N")
    for text in (*map(text_of, stated), _id(ids, "doi") or ""):
        if match := DOI.search(text):
            return match[0]
    return None


def _year(date: etree._Element | None) -> int | None:
    """The year of a date, of a range ("1998 Dec-1999 Jan") the first."""
    if date is None:
        return None
    match = YEAR.search(f"{text_of(date.find('Year'))} {text_of(date.find('MedlineDate'))}")
    return int(match[0]) if match else None


def _authors(article: etree._Element) -> Iterator[str]:
    for author in article.iterfind("AuthorList/Author"):
        if author.get("ValidYN") == "N":  # a misspelt form; the corrected one stands beside it
            continue
        parts = (text_of(author.find(part)) for part in ("LastName", "Initials", "Suffix", "CollectiveName"))
        if name := " ".join(part for part in parts if part):
            yield name


def _notices(citation: etree._Element) -> Iterator[Notice]:
    for link in citation.iterfind("CommentsCorrectionsList/CommentsCorrections"):
        kind = KINDS.get(link.get("RefType", ""))
        if kind is not None:
            reference = text_of(link.find("RefSource"))
            doi = DOI.search(reference)
            yield Notice(
                kind=kind,
                reference=reference,
                pmid=_pmid(link.find("PMID")),
                doi=doi[0].rstrip(".,;)") if doi else None,
            )
