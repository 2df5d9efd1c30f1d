"""The words every part speaks: frozen, with no behaviour beyond what follows from their fields.

Document > Section > Chunk > Hit > Evidence > Sentence > Answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["supported", "unsupported", "contradicted", "unchecked"]
Status = Literal["answered", "abstained", "blocked"]
RetrieverName = Literal["bm25", "dense", "hybrid"]
NoticeKind = Literal["retracted", "retracts", "concern", "corrected", "corrects", "updated", "comment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A link between publications: a retraction, an expression of concern, an erratum, an update."""

    kind: NoticeKind
    reference: str
    pmid: str | None = None
    doi: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a document was read: the file, its format, and the place in it ("record 3", "line 12")."""

    path: str
    format: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is known of a source. Everything but the title may be missing; nothing is guessed."""

    title: str
    origin: Origin
    pmid: str | None = None
    doi: str | None = None
    pmcid: str | None = None
    journal: str | None = None
    year: int | None = None
    authors: tuple[str, ...] = ()
    publication_types: tuple[str, ...] = ()
    mesh: tuple[str, ...] = ()
    language: str | None = None
    url: str | None = None
    notices: tuple[Notice, ...] = ()
    retracted: bool = False
    synthetic: bool = False  # teaching text written for the sample library


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a document. `heading` joins nested headings with " > " and is "" where there is none."""

    heading: str
    text: str
    page: int | None = None  # 1-based, for PDF


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One source. It has at least one section, and no section's text is blank.

    `id` is stable between runs and names its kind: "pubmed:29768149", "pmc:PMC1234567",
    "bioasq:16083" (folder and _id of a BEIR corpus), "file:notes-3f2a9c1b".
    """

    id: str
    metadata: Metadata
    sections: tuple[Section, ...]

    def __post_init__(self) -> None:
        if not self.sections or any(not s.text.strip() for s in self.sections):
            raise ValueError(f"document {self.id}: a document needs sections with text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A record that was left out, where it stands and why."""

    source: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A source that says another document is withdrawn (PubMed's DeleteCitation)."""

    document_id: str
    source: str


Record = Document | Skipped | Removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A passage of one section: `section.text[start:end] == text`, offsets in characters."""

    id: str  # "<document id>#<section>:<start>-<end>"
    document_id: str
    section: int
    heading: str
    start: int
    end: int
    text: str
    page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What brought a hit here. None: that stage did not see it. Higher is better."""

    bm25: float | None = None
    dense: float | None = None
    fused: float | None = None
    rerank: float | None = None
    own: float | None = None  # the reranking model's own, where `rerank` was made of it and of others


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks:
    """The 1-based rank in each stage. None: not in that stage's list."""

    bm25: int | None = None
    dense: int | None = None
    fused: int | None = None
    rerank: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    chunk: Chunk
    metadata: Metadata
    scores: Scores = Scores()
    ranks: Ranks = Ranks()


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """Something that left this machine."""

    service: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What services were asked for. `money` is None where a price is not known: that is not nothing.

    `searches`: units of a reranking service. `money` is in `currency`, by prices as of `prices_dated`.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    searches: int = 0
    money: float | None = None
    currency: str = ""
    prices_dated: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Hits in order, who ordered them, what was passed over on the way, and what left this machine.
    `notes` say how it was done where nothing was lost."""

    hits: tuple[Hit, ...]
    ranked_by: str
    degraded: tuple[str, ...] = ()
    egress: tuple[Egress, ...] = ()
    notes: tuple[str, ...] = ()
    usage: Usage | None = None  # None: no service was asked
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A hit chosen for the answer, cited there as [n]."""

    n: int
    hit: Hit


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    text: str
    citations: tuple[int, ...]
    verdict: Verdict = "unchecked"
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    question: str  # as it was searched
    status: Status
    sentences: tuple[Sentence, ...]
    evidence: tuple[Evidence, ...]
    ranked_by: str
    asked: str = ""  # as it was typed, where a follow-up was made to stand alone
    narrowed: str = (
        ""  # what the reader restricted the search to, in words; "" where it was the whole library
    )
    note: str = ""  # for a reader: why it abstained or was blocked, what was withheld
    degraded: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # how it was ranked, where nothing was lost
    usage: Usage | None = None
    egress: tuple[Egress, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


def passage(title: str, heading: str, text: str) -> str:
    """What encoders and rerankers read: a head line (title, heading) and the text below it.

    The head is always there, if empty, so that `split_passage` can take it off again.
    """
    title, heading = " ".join(title.split()), " ".join(heading.split())
    if title == " ".join(text.split()):
        title = ""
    return " | ".join(part for part in (title[:300], heading[:120]) if part) + "\n" + text


def split_passage(passage: str) -> tuple[str, str]:
    """The (head, text) of a string made by `passage`; a string of one line is all text."""
    head, newline, text = passage.partition("\n")
    return (head, text) if newline else ("", head)


def hit_passage(hit: Hit) -> str:
    return passage(hit.metadata.title, hit.chunk.heading, hit.chunk.text)
