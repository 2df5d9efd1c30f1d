"""An answer with its sources, to take away: pure, Answer -> Markdown, RIS, and the buttons for them.

`blocks` is what Markdown and PDF (ui.pdf) both show. Nothing that a source says is markup in them (C11).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.studies import study_design
from assistant.text import clean
from assistant.types import Answer, Evidence, Metadata, Sentence
from ui.evidence import LONGEST_PASSAGE, NOTICES, addresses
from ui.packed import packed

Style = Literal["title", "heading", "text", "source", "quote", "small"]
FORMATS = {"md": "Markdown", "pdf": "PDF", "ris": "RIS"}
NOTICE = "For health professionals; not for emergencies. Check the sources before you act."
SYNTHETIC = "Synthetic teaching text of a sample library; not a publication"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, cleaned; `links`: (name, http(s) address)."""

    style: Style
    text: str
    links: tuple[tuple[str, str], ...] = ()


def blocks(answer: Answer) -> Iterator[Block]:
    """Question, answer, each source with what it says, and how the answer came about (C2)."""
    yield Block("title", one_line(answer.asked or answer.question))
    if answer.asked and answer.asked != answer.question:
        yield Block("small", f"Understood as: {one_line(answer.question)}")
    if answer.narrowed:
        yield Block("small", f"Narrowed by the reader: {one_line(answer.narrowed)}")
    if answer.status == "answered":
        yield Block("text", " ".join(cited(s) for s in answer.sentences))
    else:
        yield Block("text", "No answer: the library does not answer this question.")
    if answer.note:
        yield Block("text", clean(answer.note))
    if answer.evidence:
        yield Block("heading", "Sources" if answer.status == "answered" else "What was found nearest")
    for item in answer.evidence:
        meta, chunk = item.hit.metadata, item.hit.chunk
        yield Block("source", f"[{item.n}] {reference(meta)}", tuple(addresses(meta)))
        place = ", ".join(
            p for p in (one_line(chunk.heading), f"page {chunk.page}" if chunk.page else "") if p
        )
        yield Block("quote", (f"{place}:\n" if place else "") + shortened(clean(chunk.text)))
    yield Block("heading", "How this was made")
    for line in provenance(answer):
        yield Block("small", line)


def cited(sentence: Sentence) -> str:
    """The words with their citations, and a verdict in words where it is not "supported"."""
    marks = "".join(f" [{n}]" for n in sentence.citations)
    if sentence.verdict == "supported":
        return clean(sentence.text) + marks
    why = f": {one_line('; '.join(sentence.reasons))}" if sentence.reasons else ""
    said = {"unchecked": "not checked against", "contradicted": "contradicted by"}
    return f"{clean(sentence.text)}{marks} ({said.get(sentence.verdict, 'not supported by')} its source{why})"


def reference(meta: Metadata) -> str:
    """What a reader must know of it first (C8). Authors. Title. Journal, year. Design; numbers."""
    said = warnings(meta)
    said.append(", ".join(map(one_line, meta.authors[:6])) + (", et al" if len(meta.authors) > 6 else ""))
    said.append(one_line(meta.title))
    said.append(", ".join(one_line(str(p)) for p in (meta.journal, meta.year) if p))
    said.append(study_design(meta.publication_types) or "")
    if meta.doi:
        said.append(f"doi:{one_line(meta.doi)}")
    if meta.pmid:
        said.append(f"PMID {one_line(meta.pmid)}")
    said += [SYNTHETIC] * meta.synthetic
    return " ".join(part if part[-1] in ".?!" else f"{part}." for part in said if part)


def warnings(meta: Metadata) -> list[str]:
    """Retractions, concerns, corrections."""
    said = [f"{NOTICES[n.kind].upper()}: {one_line(n.reference)}" for n in meta.notices if n.kind in NOTICES]
    if meta.retracted and not any(n.kind == "retracted" for n in meta.notices):
        said.insert(0, "RETRACTED")
    return said


def provenance(answer: Answer) -> Iterator[str]:
    good = sum(s.verdict == "supported" for s in answer.sentences)
    if answer.sentences:
        yield f"{good} of {len(answer.sentences)} sentences are supported by the passages they cite."
    if answer.ranked_by:
        yield f"Ranked by {one_line(answer.ranked_by)}."
    for name, value in answer.versions.items():
        yield f"{one_line(name)}: {one_line(value)}"
    for line in (*answer.degraded, *answer.notes):
        yield one_line(line)
    for sent in answer.egress:
        yield f"Left the machine: {one_line(sent.what)} to {one_line(sent.service)}."
    if not answer.egress:
        yield "Nothing left the machine."
    yield NOTICE


def markdown(answer: Answer) -> str:
    """CommonMark, in which what sources and services say is escaped."""
    made = []
    for block in blocks(answer):
        words = escaped(block.text)
        match block.style:
            case "title":
                words = f"# {words}"
            case "heading":
                words = f"## {words}"
            case "quote":
                words = "\n".join(f"> {line}".rstrip() for line in words.split("\n"))
            case "small":
                words = f"- {words}"
        links = " ".join(f"[{escaped(name)}](<{address}>)" for name, address in block.links)
        made.append(f"{words} {links}" if links else words)
    return re.sub(r"(?m)^(- .*)\n\n(?=- )", r"\1\n", "\n\n".join(made)) + "\n"


def escaped(text: str) -> str:
    """Text in which no character is Markdown's or HTML's; `[1]` stays readable, since nothing defines it."""
    text = re.sub(r"([\\`*_<>|~$&{}!@#])", r"\\\1", text)
    text = re.sub(r"\[(?!\d{1,3}\])|(?<!\d)\]", lambda m: "\\" + m[0], text)
    text = re.sub(r"(?i)\b(https?|ftp|www)(?=[:.])", r"\1\\", text)  # no link of a text's own
    text = re.sub(r"(?m)^[ \t]+", "", text)
    return re.sub(r"(?m)^([-+=]|\d+(?=[.)]))", lambda m: m[1] + "\\" if m[1].isdigit() else "\\" + m[1], text)


def ris(answer: Answer) -> str:
    """The cited sources, or all where none is cited, each once; "" where there is none. Lines end in CRLF.

    Tags as reference managers read them; only what the metadata has.
    """
    cited_ones = {n for s in answer.sentences for n in s.citations}
    chosen: dict[str, Evidence] = {}
    for item in answer.evidence:
        if item.n in cited_ones or not cited_ones:
            chosen.setdefault(item.hit.chunk.document_id, item)
    return "".join(
        f"{tag}  - {one_line(value)}\r\n"
        for item in chosen.values()
        for tag, value in record(item.hit.metadata)
    )


def record(meta: Metadata) -> Iterator[tuple[str, str]]:
    yield "TY", "JOUR" if meta.journal and not meta.synthetic else "GEN"
    yield "TI", meta.title
    for author in meta.authors:
        yield "AU", inverted(one_line(author))
    known: Sequence[tuple[str, object]] = (
        ("JO", meta.journal),
        ("PY", meta.year),
        ("DO", meta.doi),
        ("AN", meta.pmid),
        ("DB", "PubMed" if meta.pmid else None),
        ("C2", meta.pmcid),
        ("LA", meta.language),
    )
    for tag, value in known:
        if value:
            yield tag, str(value)
    for _, address in addresses(meta):
        yield "UR", address
    for line in (*warnings(meta), *[SYNTHETIC] * meta.synthetic):
        yield "N1", line
    yield "ER", ""


def inverted(author: str) -> str:
    """ "Surname GI" -> "Surname, G. I."; any other name as it stands."""
    found = re.fullmatch(r"([^,]+?) ([A-ZÀ-ÖØ-Þ]{1,4})( Jr| Sr| [23](?:nd|rd)| I{2,3})?", author)
    if found is None:
        return author
    initials = " ".join(f"{letter}." for letter in found[2])
    return f"{found[1]}, {initials}" + (f", {found[3].strip()}" if found[3] else "")


def file_name(answer: Answer, ending: str) -> str:
    """From the question's own words, in ASCII: what any file system takes."""
    plain = unicodedata.normalize("NFKD", answer.asked or answer.question).encode("ascii", "ignore").decode()
    words = "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:60].strip("-")
    return f"{words or 'answer'}.{ending}"


def bar(key: str, answer: Answer) -> str:
    """Buttons that save the answer, as safe HTML; the page's script hands the answer back to Python."""
    if answer.status == "blocked" or not answer.ranked_by:
        return ""
    offered = [name for name in FORMATS if name != "ris" or answer.evidence]
    buttons = " ".join(f'<button class="save as-{name}">{FORMATS[name]}</button>' for name in offered)
    return (
        f'<span class="saves" id="{key}-save"><span class="label">Save as</span> {buttons} '
        f'<span class="saved"></span><span class="packed">{packed(answer)}</span></span>'
    )


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def shortened(text: str) -> str:
    hidden = len(text) - LONGEST_PASSAGE
    return text if hidden <= 0 else f"{text[:LONGEST_PASSAGE]} [{hidden:,} more characters are left out]"
