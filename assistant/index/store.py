"""The index: documents in, hits out. One point a chunk holds its dense vector, BM25 weights and payload.

The points are the ledger. Each carries the digest of its document, its part number and the number of
parts; a document is in the index when all its parts are. Nothing else says so, hence nothing can
disagree after a crash.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Self
from uuid import UUID

import numpy as np

from assistant.config import Settings
from assistant.encoders import Encoder, Vectors
from assistant.errors import IndexMissing
from assistant.index import manifest as manifests
from assistant.index.bm25 import SparseVector, document_weights, query_weights, tokenise
from assistant.index.engine import EVERYTHING, Engine, NoRoom, Point, Where, spoken
from assistant.index.ledger import FIELDS, Row, content, newest_versions, rows, tally
from assistant.index.manifest import Manifest
from assistant.index.payload import digest, hit, ordered, payloads, point_id
from assistant.types import Chunk, Document, Hit, Ranks, Scores, hit_passage, passage

__all__ = ["Index", "Where", "open_index", "spoken"]

DRIFT = 0.05
BATCH = 500  # points an operation


class Index:
    """Made by `open_index`. Not for several writers at a time; searching from several threads is fine.

    BM25 (bm25.py) needs the average length of a chunk, which moves as chunks come and go. The weights
    keep the one in force until `flush` finds the true one more than DRIFT away, and then are all computed
    again. A weight falls by less than the factor that the average rises by, so between two passes every
    score is within 1 / (1 + DRIFT) to 1 + DRIFT of a fresh build's, all errors go the same way, and two
    chunks whose scores differ by more than that factor keep their order. Document frequencies are exact.
    """

    def __init__(self, engine: Engine, manifest: Manifest) -> None:
        self._engine = engine
        self.manifest = manifest

    def check(self, encoder: Encoder) -> None:
        """Raises IndexMismatch unless this encoder made the index."""
        manifests.check(self.manifest, encoder, self._engine.place)

    def digest(self, document: Document) -> str:
        """Of text, metadata, and what cuts and encodes them: with another one it must be written again."""
        m = self.manifest
        return digest(document, (m.encoder, m.revision, m.tokeniser, m.chunker))

    def cut_by(self, chunker: str) -> None:
        """Name the chunker. Another one changes every digest, so that documents are cut again."""
        if chunker != self.manifest.chunker:
            self._dirty()
            self.manifest = replace(self.manifest, chunker=chunker)

    def add(self, documents: Sequence[Document], chunks: Sequence[Sequence[Chunk]], vectors: Vectors) -> None:
        """Write documents, each with its chunks; `vectors` has one row a chunk, in the same order.

        Replaces all that the index had of these documents: first the new parts come, in one operation
        for a document of up to BATCH chunks, then the old ones go. Once this returns a kill loses nothing.
        Raises ValueError where the three do not fit, an id comes twice, or a document has no chunk.
        """
        total = sum(map(len, chunks))
        if len(documents) != len(chunks) or vectors.shape != (total, self.manifest.dim) or not all(chunks):
            raise ValueError(
                f"{len(documents)} documents, {total} chunks, vectors {vectors.shape}: they do not fit"
            )
        ids = [d.id for d in documents]
        if len(set(ids)) != len(ids):
            raise ValueError("the same document twice in one call")
        if not np.isfinite(vectors).all():
            raise ValueError("a vector that is not finite")
        if not documents:
            return
        self._dirty()
        old = self._rows_of(ids)
        pairs = list(zip(documents, chunks, strict=True))
        tokens = [[tokenise(passage(d.metadata.title, c.heading, c.text)) for c in cs] for d, cs in pairs]
        if not self.manifest.average_length:
            mean = sum(len(t) for ts in tokens for t in ts) / total
            self.manifest = self._engine.save(replace(self.manifest, average_length=max(mean, 1.0)))
        points: list[Point] = []
        row = 0
        for (document, cs), ts in zip(pairs, tokens, strict=True):
            version = 1 + max((r.version for r in old[document.id]), default=0)
            made = payloads(document, list(cs), [len(t) for t in ts], self.digest(document), version)
            if points and len(points) + len(cs) > BATCH:
                self._write(points)
                points = []
            for chunk, words, payload in zip(cs, ts, made, strict=True):
                weights = document_weights(words, self.manifest.average_length)
                points.append(Point(point_id(chunk.id), vectors[row].tolist(), weights, payload))
                row += 1
        self._write(points)
        new = {point_id(c.id) for cs in chunks for c in cs}
        parts = [r for found in old.values() for r in found]
        self._delete([r.id for r in parts if r.id not in new])
        gone, lost = tally(parts)
        came = {d.id: self.digest(d) for d in documents}
        self.manifest = self.manifest.counting(
            documents=len(came) - len(gone),
            chunks=total - len(parts),
            tokens=sum(len(t) for ts in tokens for t in ts) - lost,
            content=content(came) - content(gone),
        )

    def remove(self, document_ids: Sequence[str]) -> int:
        """Take documents out; returns how many of them were there."""
        old = self._rows_of(list(dict.fromkeys(document_ids)))
        parts = [r for found in old.values() for r in found]
        if parts:
            self._dirty()
            self._delete([r.id for r in parts])
            gone, lost = tally(parts)
            self.manifest = self.manifest.counting(
                documents=-len(gone), chunks=-len(parts), tokens=-lost, content=-content(gone)
            )
        return sum(1 for found in old.values() if found)

    def known(self) -> dict[str, str]:
        """Document id -> digest, of the documents that are completely there. One pass over the ledger."""
        return {r.document: r.digest for r in newest_versions(rows(self._engine)).values()}

    def search_bm25(self, question: str, limit: int, where: Where = Where()) -> list[Hit]:  # noqa: B008
        """The chunks with the highest BM25 scores, best first; each shares a term with the question."""
        weights = query_weights(tokenise(question))
        found = self._engine.nearest(weights, limit, where) if weights.indices and limit > 0 else []
        return [
            replace(hit, scores=Scores(bm25=score), ranks=Ranks(bm25=rank))
            for rank, (hit, score) in enumerate(ordered(found), start=1)
        ]

    def search_dense(self, vector: Vectors, limit: int, where: Where = Where()) -> list[Hit]:  # noqa: B008
        """The chunks nearest to a vector of shape (dim,) by the index's distance, best first."""
        if vector.shape != (self.manifest.dim,):
            raise ValueError(
                f"a vector of shape {vector.shape} for an index of {self.manifest.dim} dimensions"
            )
        found = self._engine.nearest(vector.tolist(), limit, where) if limit > 0 else []
        return [
            replace(hit, scores=Scores(dense=score), ranks=Ranks(dense=rank))
            for rank, (hit, score) in enumerate(ordered(found), start=1)
        ]

    def document(self, document_id: str) -> list[Hit]:
        """All chunks of one document in their order, retracted or not; none if it is not there."""
        where = replace(EVERYTHING, documents=(document_id,))
        found = sorted((p for _, p in self._engine.scroll(where)), key=lambda p: (p["part"], p["version"]))
        return [hit(p) for p in found]

    def hits(self) -> Iterator[Hit]:
        """Everything, in no useful order."""
        return (hit(p) for _, p in self._engine.scroll() if "document" in p)

    def vectors(self, chunk_ids: Sequence[str]) -> Vectors:
        """float32 (n, dim), as stored: of unit length where the distance is cosine.

        Raises KeyError for a chunk that is not there.
        """
        ids = [point_id(c) for c in chunk_ids]
        found = self._engine.dense(list(dict.fromkeys(ids)))
        missing = [c for c, point in zip(chunk_ids, ids, strict=True) if point not in found]
        if missing:
            raise KeyError(missing[0])
        return np.asarray([found[point] for point in ids], dtype=np.float32).reshape(-1, self.manifest.dim)

    def __len__(self) -> int:
        return self._engine.count()

    def recover(self) -> None:
        """After a crash: take out what a newer complete version has replaced, count again, end a broken pass.

        Does nothing to an index that was closed in order.
        """
        if self.manifest.clean:
            return
        there = list(rows(self._engine))
        newest = newest_versions(there)
        stale = {r.id for r in there if r.document in newest and r.version != newest[r.document].version}
        self._delete([*stale, *(point for point, p in self._engine.scroll(fields=FIELDS) if not p)])
        kept = [r for r in there if r.id not in stale]
        documents, tokens = tally(kept)
        self.manifest = replace(self.manifest, documents=0, chunks=0, tokens=0, content="0").counting(
            documents=len(documents), chunks=len(kept), tokens=tokens, content=content(documents)
        )
        if self.manifest.reweighing is not None:
            self._reweigh(self.manifest.reweighing)

    def flush(self) -> None:
        """Bring points and manifest to the disk; weigh again if the average length has drifted."""
        if self.manifest.clean:
            return
        if self.manifest.chunks:
            true, used = max(self.manifest.tokens / self.manifest.chunks, 1.0), self.manifest.average_length
            if max(true, used) / min(true, used) > 1 + DRIFT:
                self._reweigh(true)
        self.manifest = self._engine.save(replace(self.manifest, clean=True, updated=manifests.now()))

    def close(self) -> None:
        """Flush and let go. Where the disk is full the flush is left to the next opening: nothing is lost."""
        try:
            with suppress(NoRoom):
                self.flush()
        finally:
            self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _dirty(self) -> None:
        if self.manifest.clean:
            self.manifest = self._engine.save(replace(self.manifest, clean=False))

    def _write(self, points: list[Point]) -> None:
        for start in range(0, len(points), BATCH):
            self._engine.write(points[start : start + BATCH])

    def _delete(self, ids: list[UUID]) -> None:
        # The engine counts a deleted point in the document frequencies until its next start, an emptied
        # one at once; and a point without payload is one that no ledger knows.
        empty = SparseVector((), ())
        for start in range(0, len(ids), BATCH):
            some = ids[start : start + BATCH]
            self._engine.write([Point(point, None, empty, {}) for point in some])
            self._engine.delete(some)

    def _reweigh(self, average: float) -> None:
        self.manifest = self._engine.save(replace(self.manifest, reweighing=average))
        weights: list[tuple[UUID, SparseVector]] = []
        for point, payload in self._engine.scroll():
            weights.append((point, document_weights(tokenise(hit_passage(hit(payload))), average)))
            if len(weights) == BATCH:
                self._engine.reweigh(weights)
                weights = []
        if weights:
            self._engine.reweigh(weights)
        self.manifest = replace(self.manifest, average_length=average, reweighing=None)

    def _rows_of(self, documents: list[str]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {d: [] for d in documents}
        if documents:
            for row in rows(self._engine, replace(EVERYTHING, documents=tuple(documents))):
                found[row.document].append(row)
        return found


def open_index(settings: Settings, encoder: Encoder | None = None, *, create: bool = False) -> Index:
    """The index that the settings name: a folder, or a collection where `qdrant_url` is set.

    `create` makes one for the encoder where there is none. Raises IndexMissing; IndexMismatch (another
    encoder, tokeniser or format); IndexBusy; IndexDamaged; StoreError; for a server ServiceError and
    EgressRefused.
    """
    engine = _engine(settings)
    try:
        manifest = engine.open(create=create)
        if manifest is None and not create:
            raise IndexMissing(
                f"no index in {engine.place}: fill one with `assistant ingest PATH`, "
                "or start `make chat`, which indexes the sample library"
            )
        if manifest is None:
            if encoder is None:
                raise ValueError("a new index needs an encoder")
            manifest = manifests.new(encoder)
            engine.make(manifest)
            manifest = engine.save(manifest)
        index = Index(engine, manifest)
        manifests.check_tokeniser(manifest, engine.place)
        if encoder is not None:
            index.check(encoder)
        if engine.exclusive:
            with suppress(NoRoom):
                index.recover()
                index.flush()
    except BaseException:
        engine.close()
        raise
    return index


def _engine(settings: Settings) -> Engine:
    if settings.qdrant_url:
        from assistant.index.server import Server

        return Server(settings)
    from assistant.index.edge import Edge

    return Edge(settings.index)
