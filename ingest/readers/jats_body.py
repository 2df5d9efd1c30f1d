"""The text of a JATS article as sections: paragraphs, lists and notes, tables, captions, boxes.

Elements: https://jats.nlm.nih.gov/archiving/tag-library/1.3/
"""

import re
from collections.abc import Iterator

from lxml import etree

from assistant.text import clean
from assistant.types import Section
from ingest.readers.citations import without_marks
from ingest.readers.safexml import INLINE, local_name, text_of
from ingest.readers.tables import table_lines

Path = tuple[str, ...]

LEFT_OUT = {
    "ack", "alt-text", "bio", "front-stub", "graphic", "inline-graphic", "inline-media", "long-desc", "media",
    "object-id", "permissions", "processing-meta", "ref-list", "sec-meta",
}  # fmt: skip
SECTIONS = {"sec", "app", "boxed-text"}
CAPTIONED = {"fig", "fig-group", "table-wrap", "table-wrap-group", "supplementary-material"}
# what stands inside a paragraph without being part of its sentence
BLOCKS = {
    *SECTIONS, *CAPTIONED, "array", "def-list", "disp-quote", "fn", "fn-group", "list", "p", "preformat",
    "speech", "statement", "verse-group",
}  # fmt: skip
ABSTRACTS = {
    "author-summary": "Author summary",
    "executive-summary": "Summary",
    "plain-language-summary": "Plain language summary",
}
BOILERPLATE = re.compile(
    r"acknowledge?ments?|(?:conflicts?|declarations?) of (?:competing )?interests?|"
    r"(?:competing|conflicting) interests?|disclosures?|fundings?(?: sources?| statement)?|"
    r"(?:authors?['’]?s?['’]? )?contributions?|(?:pre-?)?publication history|references|"
    r"supplementary (?:material|data|information)|data availability.*",
    re.IGNORECASE,
)
BOILERPLATE_NOTE = re.compile(
    r"We (?:thank|are grateful)|(?:This|The) (?:study|work|research) (?:was|is) (?:supported|funded)|"
    r"The authors? declare|(?:Competing|Conflicts? of) interests?\b|Funding\b|Supplemental Material is",
    re.IGNORECASE,
)
STRAY_SPACE = re.compile(r"(?<=[\w%]) (?=[.,;](?:\s|$))")  # after an element that only names its content
FOOTNOTES_LEFT_OUT = {
    "COI-statement", "con", "conflict", "corresp", "current-aff", "deceased", "edited-by",
    "equal", "financial-disclosure", "on-leave", "present-address", "presented-at", "presented-by",
    "previously-at", "supported-by",
}  # fmt: skip
MAX_CAPTION = 100  # characters of a caption's title that go into the heading


def sections(article: etree._Element) -> Iterator[Section]:
    """Abstracts, body, appendices and back matter of use, floating tables and figures, in that order.

    References, acknowledgements and declarations of interest are left out. Citations are expected to be
    marked (citations.mark). A table has a section of its own, and so has each caption of a figure.
    """
    for meta in (article.find("{*}front/{*}article-meta"), article.find("{*}front-stub")):
        for part in meta if meta is not None else ():
            if local_name(part) in ("abstract", "trans-abstract"):
                yield from _section(part, (_abstract_heading(part),))
    for part in article:
        name = local_name(part)
        if name in ("body", "floats-group"):
            yield from _section(part, ())
        elif name == "back":
            yield from _back(part)


def _abstract_heading(abstract: etree._Element) -> str:
    title = words(abstract.find("{*}title"))
    kind = abstract.get("abstract-type") or ""
    heading = title or ABSTRACTS.get(kind) or "Abstract"
    language = abstract.get("{http://www.w3.org/XML/1998/namespace}lang")
    return f"{heading} ({language})" if local_name(abstract) == "trans-abstract" and language else heading


def _back(back: etree._Element) -> Iterator[Section]:
    for part in back:
        name = local_name(part)
        title = words(part.find("{*}title"))
        if BOILERPLATE.fullmatch(title.rstrip(".: ")):
            continue
        if name == "sec":
            yield from _section(part, (title,) if title else ())
        elif name in ("app-group", "app", "glossary", "notes", "fn-group"):
            heading = title or {"glossary": "Glossary", "fn-group": "Footnotes"}.get(name, "")
            yield from _section(part, (heading,) if heading else ())


def words(element: etree._Element | None) -> str:
    """One line of text without citations and without what is read as a block of its own."""
    text = without_marks(text_of(element, lambda child: local_name(child) in LEFT_OUT))
    return clean(STRAY_SPACE.sub("", text))


def _section(element: etree._Element, path: Path) -> list[Section]:
    """The text that stands in an element itself, as one section, and then the sections below it."""
    paragraphs: list[str] = []
    below: list[Section] = []
    for child in element:
        name = local_name(child)
        for part in child if name == "caption" else [child]:
            if local_name(part) not in ("title", "label"):
                _read(part, path, paragraphs, below)
    return [*_made(path, paragraphs), *below]


def _made(path: Path, paragraphs: list[str]) -> list[Section]:
    text = clean("\n\n".join(paragraphs))
    return [Section(heading=" > ".join(path), text=text)] if text else []


def _read(element: etree._Element, path: Path, paragraphs: list[str], below: list[Section]) -> None:
    """Add what an element holds: its paragraphs, and sections of their own for what has a heading."""
    name = local_name(element)
    if not name or name in LEFT_OUT:
        return
    if name in SECTIONS:
        heading = _heading(element)
        found = _section(element, (*path, heading) if heading else path)
        below += found or (_made(path, [heading]) if heading else [])
    elif name in CAPTIONED:
        below += _captioned(element, path)
    elif name in ("list", "def-list"):
        if listed := _listed(element, path, below):
            paragraphs.append("\n".join(listed))
    elif name == "fn":
        if note := _footnote(element):
            paragraphs.append(note)
    elif any(local_name(child) in BLOCKS for child in element):
        for part in _split(element):
            if local_name(part) in BLOCKS:
                _read(part, path, paragraphs, below)
            elif text := words(part):
                paragraphs.append(text)
    elif text := words(element):
        paragraphs.append(text)


def _heading(element: etree._Element) -> str:
    title = words(element.find("{*}title")) or words(element.find("{*}caption/{*}title"))
    return title or words(element.find("{*}label"))


def _split(element: etree._Element) -> Iterator[etree._Element]:
    """The parts of mixed content in order: runs of text, each in an element of its own, and blocks."""
    run = etree.Element("run")
    run.text = element.text
    for child in list(element):
        name = local_name(child)
        if name in BLOCKS or (name and name not in INLINE and any(local_name(c) in BLOCKS for c in child)):
            tail, child.tail = child.tail, None
            yield run
            yield from [child] if name in BLOCKS else _split(child)
            run = etree.Element("run")
            run.text = tail
        else:
            run.append(child)
    yield run


def _listed(element: etree._Element, path: Path, below: list[Section], indent: str = "") -> list[str]:
    ordered = element.get("list-type") == "order"
    lines = [f"{indent}{title}"] if (title := words(element.find("{*}title"))) else []
    number = 0
    for item in element:
        name = local_name(item)
        if name == "def-item":
            term, meaning = words(item.find("{*}term")), " ".join(words(d) for d in item.iterfind("{*}def"))
            lines.append(f"{indent}- " + ": ".join(part for part in (term, meaning) if part))
        elif name == "list-item":
            number += 1
            mark = words(item.find("{*}label")) or (f"{number}." if ordered else "-")
            for n, line in enumerate(_item(item, path, below, indent)):
                lines.append(
                    line if line.startswith(indent + "  ") else f"{indent}{'  ' if n else mark + ' '}{line}"
                )
    return lines


def _item(item: etree._Element, path: Path, below: list[Section], indent: str) -> Iterator[str]:
    for child in item:
        if local_name(child) in ("list", "def-list"):
            yield from _listed(child, path, below, indent + "  ")
        elif local_name(child) != "label":
            paragraphs: list[str] = []
            _read(child, path, paragraphs, below)
            yield from paragraphs


def _footnote(note: etree._Element) -> str:
    if note.get("fn-type") in FOOTNOTES_LEFT_OUT:
        return ""
    label = words(note.find("{*}label")).strip("[]()")
    text = " ".join(filter(None, (words(child) for child in note if local_name(child) != "label")))
    if BOILERPLATE_NOTE.match(text):
        return ""
    return f"[{label}] {text}" if label and text else text


def _captioned(element: etree._Element, path: Path) -> list[Section]:
    """A figure, table or supplement: label, caption, rows and footnotes; groups hold several."""
    label = words(element.find("{*}label")).rstrip(".:")
    caption = element.find("{*}caption")
    title = words(caption.find("{*}title")) if caption is not None else ""
    name = f"{label}: {title}".rstrip(".") if label and 0 < len(title) <= MAX_CAPTION else label
    here = (*path, name) if name else path
    paragraphs = [f"{label}. {title}" if label and title else title or (f"{label}." if label else "")]
    below: list[Section] = []
    for child in caption if caption is not None else ():
        if local_name(child) != "title":
            _read(child, here, paragraphs, below)
    if label and not title and len(paragraphs) > 1:
        paragraphs[:2] = [f"{paragraphs[0]} {paragraphs[1]}"]
    for child in element:
        kind = local_name(child)
        if kind in ("table", "alternatives"):
            for table in child.iter("{*}table"):
                paragraphs += table_lines(table, words)
        elif kind == "table-wrap-foot":
            for note in child:
                _read(note, here, paragraphs, below)
        elif kind not in ("label", "caption"):
            _read(child, here, paragraphs, below)
    only_label = label and not title and not any(paragraphs[1:]) and paragraphs[0] == f"{label}."
    return [*([] if only_label else _made(here, [p for p in paragraphs if p])), *below]
