"""Our types as a point's payload and back, and the digest that says whether a document changed."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID, uuid5

from assistant.index.engine import Payload
from assistant.studies import study_design
from assistant.types import Chunk, Document, Hit, Metadata, Notice, Origin

_NAMESPACE = UUID("5f2b6c1e-8a0d-5d0f-9a52-3c8f3b7f0c11")


def point_id(chunk_id: str) -> UUID:
    return uuid5(_NAMESPACE, chunk_id)


def digest(document: Document, made_with: tuple[str, ...]) -> str:
    """32 hex digits over all that the index keeps of a document, except for where it was read."""
    known = {k: v for k, v in _metadata(document.metadata).items() if k != "origin"}
    sections = [(s.heading, s.text, s.page) for s in document.sections]
    text = json.dumps([document.id, made_with, known, sections], ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:32]


def payloads(
    document: Document, chunks: list[Chunk], tokens: list[int], digest: str, version: int
) -> list[Payload]:
    """One a chunk. What filters read stands at the top; a flag is an integer (the engine matches no bool)."""
    known = document.metadata
    shared = {
        "document": document.id,
        "digest": digest,
        "version": version,
        "parts": len(chunks),
        "retracted": int(known.retracted),
        "metadata": _metadata(known),
    }
    if known.year is not None:
        shared["year"] = known.year
    design = study_design(known.publication_types)
    if design is not None:
        shared["design"] = design
    return [
        shared | {"part": part, "tokens": count, "chunk": _chunk(chunk)}
        for part, (chunk, count) in enumerate(zip(chunks, tokens, strict=True))
    ]


def hit(payload: Payload) -> Hit:
    """Raises KeyError or TypeError for a payload that we did not write."""
    known = dict(payload["metadata"])
    known["origin"] = Origin(**known["origin"])
    for name in ("authors", "publication_types", "mesh"):
        known[name] = tuple(known.get(name, ()))
    known["notices"] = tuple(Notice(**n) for n in known.get("notices", ()))
    chunk = payload["chunk"]
    return Hit(
        chunk=Chunk(
            id=f"{payload['document']}#{chunk['section']}:{chunk['start']}-{chunk['end']}",
            document_id=payload["document"],
            section=chunk["section"],
            heading=chunk.get("heading", ""),
            start=chunk["start"],
            end=chunk["end"],
            text=chunk["text"],
            page=chunk.get("page"),
        ),
        metadata=Metadata(**known),
    )


def ordered(found: Sequence[tuple[Payload, float]]) -> list[tuple[Hit, float]]:
    """Hits with their scores, best first; equal ones stand in the order of chunk ids."""
    hits = [(hit(payload), score) for payload, score in found if "chunk" in payload]
    return sorted(hits, key=lambda pair: (-pair[1], pair[0].chunk.id))


def _chunk(chunk: Chunk) -> dict[str, Any]:
    return _filled(chunk, leave_out=("id", "document_id"))


def _metadata(known: Metadata) -> dict[str, Any]:
    return _filled(known) | {
        "origin": _filled(known.origin),
        "notices": [_filled(notice) for notice in known.notices],
    }


def _filled(value: Any, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields that say something: not None, not empty, not False."""
    found = {f.name: getattr(value, f.name) for f in fields(value) if f.name not in leave_out}
    return {
        k: list(v) if isinstance(v, tuple) else v
        for k, v in found.items()
        if v not in (None, "", (), False) or k in ("title", "path", "format", "reference") or _is_zero(v)
    }


def _is_zero(value: object) -> bool:
    return value == 0 and not isinstance(value, bool)
