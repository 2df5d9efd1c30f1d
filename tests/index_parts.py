"""Documents, chunks and vectors that the tests of the index share."""

from collections.abc import Sequence

from assistant.encoders import HashEncoder
from assistant.index.store import Index
from assistant.types import Chunk, Document, Section, passage
from tests.build import metadata

ENCODER = HashEncoder(32)


def document(name: str, *texts: str, title: str = "", **known: object) -> Document:
    """One section a text."""
    sections = tuple(Section(heading="", text=t) for t in texts)
    return Document(id=name, metadata=metadata(title, **known), sections=sections)


def chunks(document: Document) -> list[Chunk]:
    """One a section."""
    return [
        Chunk(
            id=f"{document.id}#{n}:0-{len(s.text)}",
            document_id=document.id,
            section=n,
            heading=s.heading,
            start=0,
            end=len(s.text),
            text=s.text,
            page=s.page,
        )
        for n, s in enumerate(document.sections)
    ]


def add(index: Index, *documents: Document) -> None:
    cut: Sequence[list[Chunk]] = [chunks(d) for d in documents]
    texts = [
        passage(d.metadata.title, c.heading, c.text) for d, cs in zip(documents, cut, strict=True) for c in cs
    ]
    index.add(documents, cut, ENCODER.embed_documents(texts))


def ids(hits: Sequence[object]) -> list[str]:
    return [h.chunk.document_id for h in hits]  # type: ignore[attr-defined]
