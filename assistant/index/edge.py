"""The Qdrant engine in the process (qdrant-edge): one folder, held by one process.

FOLDER/manifest.json, FOLDER/holder.json, FOLDER/points/ (the engine's own files). Every write goes
through the engine's write-ahead log, so what was written survives a killed process.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from assistant.errors import IndexDamaged, StoreError
from assistant.index import holder
from assistant.index.bm25 import SparseVector
from assistant.index.engine import BM25, DENSE, EVERYTHING, INDEXED, Engine, NoRoom, Payload, Point, Where
from assistant.index.manifest import Manifest, parse

PAGE = 5_000
# The engine writes into sparse files mapped into memory: on a full disk the system kills the process
# (SIGBUS), so there must be room before each write, and a little before opening.
ROOM_TO_WRITE = 128 << 20
ROOM_TO_OPEN = 32 << 20


class Edge(Engine):
    exclusive = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.place = str(folder)
        self._points = folder / "points"
        self._file = folder / "manifest.json"
        self._held: IO[str] | None = None
        self._shard: Any = None

    def open(self, *, create: bool) -> Manifest | None:
        if not self._file.exists() and not self._points.exists() and not create:
            return None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{self.folder}: not a folder that can be made or used: {error.strerror}"
            ) from None
        self._held = holder.hold(self.folder)
        try:
            return self._load(create)
        except BaseException:
            self.close()
            raise

    def _load(self, create: bool) -> Manifest | None:
        if not self._file.exists():
            if create and self._is_empty():
                return None
            raise IndexDamaged(f"{self._file} is missing; {self._remedy}")
        manifest = parse(self._read(), str(self._file), self._remedy)
        if not self._points.is_dir():
            raise IndexDamaged(f"{self._points} is missing; {self._remedy}")
        self._check_files(manifest)
        self._room(ROOM_TO_OPEN)
        from qdrant_edge import EdgeShard

        with self._damage():
            self._shard = EdgeShard.load(str(self._points))
        if manifest.clean and self.count() != manifest.chunks:
            raise IndexDamaged(
                f"{self._points} holds {self.count()} passages of {manifest.chunks}; {self._remedy}"
            )
        return manifest

    def make(self, manifest: Manifest) -> None:
        import qdrant_edge as qdrant

        distance = {"cosine": qdrant.Distance.Cosine, "dot": qdrant.Distance.Dot}[manifest.distance]
        self._room(ROOM_TO_WRITE)
        with self._failure():
            shutil.rmtree(self._points, ignore_errors=True)  # empty: `_load` has looked
            self._points.mkdir()
            self._shard = qdrant.EdgeShard.create(
                str(self._points),
                qdrant.EdgeConfig(
                    vectors={DENSE: qdrant.EdgeVectorParams(manifest.dim, distance)},
                    sparse_vectors={BM25: qdrant.EdgeSparseVectorParams(modifier=qdrant.Modifier.Idf)},
                ),
            )
            for name, kind in INDEXED.items():
                schema = getattr(qdrant.PayloadSchemaType, kind.capitalize())
                self._shard.update(qdrant.UpdateOperation.create_field_index(name, schema))

    def write(self, points: Sequence[Point]) -> None:
        import qdrant_edge as qdrant

        made = []
        for p in points:
            vector: dict[str, Any] = {BM25: _sparse(p.bm25)}
            if p.dense is not None:
                vector[DENSE] = p.dense
            made.append(qdrant.Point(p.id, vector, p.payload))
        self._update(qdrant.UpdateOperation.upsert_points(made))

    def reweigh(self, weights: Sequence[tuple[UUID, SparseVector]]) -> None:
        import qdrant_edge as qdrant

        made = [qdrant.PointVectors(point, {BM25: _sparse(vector)}) for point, vector in weights]
        self._update(qdrant.UpdateOperation.update_vectors(made))

    def delete(self, ids: Sequence[UUID]) -> None:
        from qdrant_edge import UpdateOperation

        self._update(UpdateOperation.delete_points(list(ids)))

    def nearest(
        self, vector: Sequence[float] | SparseVector, limit: int, where: Where
    ) -> list[tuple[Payload, float]]:
        from qdrant_edge import Query, QueryRequest, SearchParams

        sparse = isinstance(vector, SparseVector)
        value = _sparse(vector) if isinstance(vector, SparseVector) else list(vector)
        request = QueryRequest(
            limit=limit,
            query=Query.Nearest(value, using=BM25 if sparse else DENSE),
            filter=_filter(where),
            with_payload=True,
            params=SearchParams(exact=True),
        )
        with self._failure():
            return [(point.payload, point.score) for point in self._shard.query(request)]

    def scroll(
        self, where: Where = EVERYTHING, fields: Sequence[str] | None = None
    ) -> Iterator[tuple[UUID, Payload]]:
        from qdrant_edge import ScrollRequest

        offset = None
        wanted = True if fields is None else list(fields)
        while True:
            request = ScrollRequest(
                offset=offset, limit=PAGE, filter=_filter(where), with_payload=wanted, with_vector=False
            )
            with self._failure():
                records, offset = self._shard.scroll(request)
            yield from ((r.id, r.payload or {}) for r in records)
            if offset is None:
                return

    def dense(self, ids: Sequence[UUID]) -> dict[UUID, list[float]]:
        with self._failure():
            return {r.id: r.vector[DENSE] for r in self._shard.retrieve(list(ids), False, [DENSE])}

    def count(self) -> int:
        from qdrant_edge import CountRequest

        with self._failure():
            return int(self._shard.count(CountRequest(exact=True)))

    def save(self, manifest: Manifest) -> Manifest:
        if manifest.clean:
            self._room(ROOM_TO_OPEN)
            with self._failure():
                self._shard.flush()
        manifest = replace(manifest, files=self._files() if manifest.clean else {})
        beside = self._file.with_suffix(".new")
        try:
            with beside.open("w", encoding="utf-8") as file:
                json.dump(manifest.to_dict(), file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._file)
        except OSError as error:
            raise StoreError(f"{self._file}: cannot be written: {error.strerror}") from None
        return manifest

    def close(self) -> None:
        if self._shard is not None:
            with contextlib.suppress(Exception):
                self._shard.close()
            self._shard = None
        if self._held is not None:
            self._held.close()
            self._held = None

    def _update(self, operation: Any) -> None:
        self._room(ROOM_TO_WRITE)
        with self._failure():
            self._shard.update(operation)

    def _room(self, needed: int) -> None:
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            raise NoRoom(
                f"{self.folder}: {free >> 20} MB free on this disk, {needed >> 20} needed: make room, "
                "then run the command again; what was written is kept"
            )

    def _read(self) -> str:
        try:
            return self._file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise IndexDamaged(f"{self._file} cannot be read ({error}); {self._remedy}") from None

    def _files(self) -> dict[str, int]:
        """The engine's segment files and their bytes; its logs and journals come and go."""
        segments = self._points / "segments"
        found = sorted(p for p in segments.rglob("*") if p.is_file() and "journal" not in p.name)
        return {p.relative_to(self._points).as_posix(): p.stat().st_size for p in found}

    def _check_files(self, manifest: Manifest) -> None:
        """The engine opens without some of its files, and silently holds less: so they are counted here."""
        present = self._files() if manifest.files else {}
        for name, size in manifest.files.items():
            if present.get(name, -1) < size:
                what = "is missing" if name not in present else f"has {present[name]} bytes of {size}"
                raise IndexDamaged(f"{self._points / name} {what}; {self._remedy}")

    def _is_empty(self) -> bool:
        """No point was ever written: there is no segment, or one that holds nothing."""
        if not (self._points / "segments").is_dir():
            return True
        from qdrant_edge import EdgeShard

        with self._damage():
            shard = EdgeShard.load(str(self._points))
            empty = shard.info().points_count == 0
            shard.close()
        return bool(empty)

    @property
    def _remedy(self) -> str:
        return f"delete {self.folder} and ingest again"

    @contextlib.contextmanager
    def _damage(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            if not _of_engine(error):
                raise
            raise IndexDamaged(f"{self._points} cannot be opened ({_line(error)}); {self._remedy}") from None

    @contextlib.contextmanager
    def _failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            if not _of_engine(error):
                raise
            raise StoreError(f"{self.folder}: the index engine failed: {_line(error)}") from None


def _of_engine(error: BaseException) -> bool:
    """The engine raises bare Exceptions, and its panics derive from BaseException alone."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _sparse(vector: SparseVector) -> Any:
    from qdrant_edge import SparseVector as EdgeSparse

    return EdgeSparse(list(vector.indices), list(vector.values))


def _filter(where: Where) -> Any:
    from qdrant_edge import FieldCondition, Filter, MatchAny, MatchValue, RangeFloat

    must: list[Any] = []
    without: list[Any] = []
    if not where.include_retracted:
        without.append(FieldCondition("retracted", match=MatchValue(1)))
    if where.without:
        without.append(FieldCondition("document", match=MatchAny(list(where.without))))
    if where.documents:
        must.append(FieldCondition("document", match=MatchAny(list(where.documents))))
    if where.designs:
        must.append(FieldCondition("design", match=MatchAny(list(where.designs))))
    first, last = where.years
    if first is not None or last is not None:
        must.append(FieldCondition("year", range=RangeFloat(gte=first, lte=last)))
    return Filter(must=must, must_not=without) if must or without else None
