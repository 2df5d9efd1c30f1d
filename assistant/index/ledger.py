"""What the points say of documents: which versions are there, and which of them are complete."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from assistant.errors import IndexDamaged
from assistant.index.engine import EVERYTHING, Engine, Where

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


def rows(engine: Engine, where: Where = EVERYTHING) -> Iterator[Row]:
    """The ledger in one pass, without payloads that are empty (points whose deletion was broken off)."""
    for point, payload in engine.scroll(where, FIELDS):
        if payload:
            try:
                yield Row(point, *(payload[name] for name in FIELDS))
            except KeyError as error:
                raise IndexDamaged(
                    f"{engine.place}: a passage without {error}; delete it and ingest again"
                ) from None


def newest_versions(found: Iterable[Row]) -> dict[str, Row]:
    """For each document a row of its newest complete version; none where no version is complete."""
    parts: defaultdict[tuple[str, int, str], set[int]] = defaultdict(set)
    newest: dict[str, Row] = {}
    for row in found:
        there = parts[row.document, row.version, row.digest]
        there.add(row.part)
        if len(there) == row.parts:
            best = newest.get(row.document)
            if best is None or best.version < row.version:
                newest[row.document] = row
    return newest


def tally(found: Sequence[Row]) -> tuple[dict[str, str], int]:
    """The documents of some rows with their digests, and the tokens of all."""
    return {r.document: r.digest for r in found}, sum(r.tokens for r in found)


def content(documents: Mapping[str, str]) -> int:
    """What some documents add to Manifest.content."""
    return sum(
        int.from_bytes(hashlib.sha256(f"{document}\n{digest}".encode()).digest(), "big")
        for document, digest in documents.items()
    )
