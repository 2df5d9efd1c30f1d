"""The seam of the index: what a vector store must do, in the process or by URL."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from assistant.errors import StoreError
from assistant.index.bm25 import SparseVector
from assistant.index.manifest import Manifest

Payload = dict[str, Any]
DENSE, BM25 = "dense", "bm25"
# Filtering by a field without a payload index reads every payload from disk: 205 ms at 50,000 points, not 8.
INDEXED = {"document": "keyword", "design": "keyword", "retracted": "integer", "year": "integer"}


@dataclass(frozen=True, slots=True)
class Where:
    """What a search may return. Both ends of `years` count; a document without a year is in no range."""

    include_retracted: bool = False
    designs: tuple[str, ...] = ()
    years: tuple[int | None, int | None] = (None, None)
    documents: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


EVERYTHING = Where(include_retracted=True)


def spoken(where: Where) -> str:
    """What a search is restricted to, in words; "" where it is the whole library. Retractions aside."""
    said = [" or ".join(where.designs)] if where.designs else []
    first, last = where.years
    if first is not None and last is not None:
        said.append(f"published in {first}" if first == last else f"published {first} to {last}")
    elif first is not None:
        said.append(f"published {first} or later")
    elif last is not None:
        said.append(f"published {last} or earlier")
    for ids, words in ((where.documents, "only"), (where.without, "without")):
        if ids:
            said.append(f"{words} {', '.join(ids)}")
    return "; ".join(said)


@dataclass(frozen=True, slots=True)
class Point:
    """One chunk as it is stored. Without a dense vector and with an empty BM25 vector no search finds it."""

    id: UUID
    dense: list[float] | None
    bm25: SparseVector
    payload: Payload


class NoRoom(StoreError):
    """The disk is full: what is there can be searched, not changed."""


class Engine(ABC):
    """Every method raises a StoreError, or a ServiceError where a server is asked."""

    place: str  # for messages
    exclusive: bool  # no other process can be writing

    @abstractmethod
    def open(self, *, create: bool) -> Manifest | None:
        """Take hold of the store. None: there is none yet; with `create` the place is held for `make`."""

    @abstractmethod
    def make(self, manifest: Manifest) -> None:
        """A new, empty store with the manifest's dimension and distance."""

    @abstractmethod
    def write(self, points: Sequence[Point]) -> None:
        """Insert or overwrite: all of them or, after a crash, none. Kept once this returns."""

    @abstractmethod
    def reweigh(self, weights: Sequence[tuple[UUID, SparseVector]]) -> None:
        """Put other BM25 vectors into existing points."""

    @abstractmethod
    def delete(self, ids: Sequence[UUID]) -> None: ...

    @abstractmethod
    def nearest(
        self, vector: Sequence[float] | SparseVector, limit: int, where: Where
    ) -> list[tuple[Payload, float]]:
        """Payloads and scores, best first; exact search. A sparse vector finds what shares a term with it."""

    @abstractmethod
    def scroll(
        self, where: Where = EVERYTHING, fields: Sequence[str] | None = None
    ) -> Iterator[tuple[UUID, Payload]]:
        """Every point, in the order of ids; `fields` limits the payload."""

    @abstractmethod
    def dense(self, ids: Sequence[UUID]) -> dict[UUID, list[float]]: ...

    @abstractmethod
    def count(self) -> int: ...

    @abstractmethod
    def save(self, manifest: Manifest) -> Manifest:
        """Keep the manifest with the points. A clean one follows a flush; returns it as it was kept."""

    @abstractmethod
    def close(self) -> None: ...
