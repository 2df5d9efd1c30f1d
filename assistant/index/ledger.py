"""What the points say of documents: which versions are there, and which of them are complete."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from assistant.errors import IndexDamaged
from assistant.index.engine import Payload

FIELDS = ("document", "digest", "version", "part", "parts", "tokens")


@dataclass(frozen=True, slots=True)
class Row:
    """One point: part `part` (from 0) of `parts` of a version of a document; `tokens` are BM25's."""

    id: UUID
    document: str
    digest: str
    version: int
    part: int
    parts: int
    tokens: int


def row(point: UUID, payload: Payload) -> Row:
    try:
        return Row(point, *(payload[name] for name in FIELDS))
    except KeyError as error:
        raise IndexDamaged(f"a passage without {error}: delete the index and ingest again") from None


def newest_versions(rows: Iterable[Row]) -> dict[str, Row]:
    """For each document a row of its newest complete version; none where no version is complete."""
    parts: defaultdict[tuple[str, int, str], set[int]] = defaultdict(set)
    newest: dict[str, Row] = {}
    for found in rows:
        there = parts[found.document, found.version, found.digest]
        there.add(found.part)
        if len(there) == found.parts:
            best = newest.get(found.document)
            if best is None or best.version < found.version:
                newest[found.document] = found
    return newest


def tally(rows: Sequence[Row]) -> tuple[dict[str, str], int]:
    """The documents of some rows with their digests, and the tokens of all."""
    return {r.document: r.digest for r in rows}, sum(r.tokens for r in rows)


def content(documents: Mapping[str, str]) -> int:
    """What some documents add to Manifest.content."""
    return sum(
        int.from_bytes(hashlib.sha256(f"{document}\n{digest}".encode()).digest(), "big")
        for document, digest in documents.items()
    )
