"""A collection on a Qdrant server or cluster, by URL. The manifest is the collection's metadata."""

import contextlib
import json
import warnings
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from assistant.config import Settings
from assistant.errors import AssistantError, EgressRefused, IndexDamaged, IndexMissing, ServiceError
from assistant.index.bm25 import SparseVector
from assistant.index.engine import BM25, DENSE, EVERYTHING, INDEXED, Engine, Payload, Point, Where
from assistant.index.manifest import Manifest, parse

KEY = "clinical_assistant"  # of the metadata
PAGE = 1_000
TIMEOUT = 30  # seconds
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Server(Engine):
    """Each call is tried three times where trying again may help; writes may be repeated without harm."""

    exclusive = False

    def __init__(self, settings: Settings, timeout: int = TIMEOUT) -> None:
        self._url = settings.qdrant_url or ""
        self._key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
        self._collection = settings.collection
        self._timeout = timeout
        self._client: Any = None
        self.place = f"collection {settings.collection} at {_address(self._url)}"
        self._local = urlsplit(self._url).hostname in LOOPBACK
        if not self._local and "qdrant" not in settings.egress:
            raise EgressRefused(
                f"{self.place} is not on this machine: allow it with ASSISTANT_EGRESS=qdrant, "
                "or unset ASSISTANT_QDRANT_URL for the index in a folder"
            )

    def open(self, *, create: bool) -> Manifest | None:
        from qdrant_client import QdrantClient

        with self._errors(), warnings.catch_warnings():
            if self._local:  # where a key over plain HTTP is no risk
                warnings.simplefilter("ignore")
            self._client = QdrantClient(
                url=self._url, api_key=self._key, timeout=self._timeout, check_compatibility=False
            )
        if not self._call("collection_exists"):
            return None
        metadata = self._call("get_collection").config.metadata or {}
        if KEY not in metadata:
            raise IndexDamaged(
                f"{self.place} was not made by this assistant, or has lost its manifest: "
                "choose another collection, or delete it and ingest again"
            )
        remedy = "delete the collection and ingest again"
        return parse(json.dumps(metadata[KEY]), f"the manifest of {self.place}", remedy)

    def make(self, manifest: Manifest) -> None:
        from qdrant_client import models

        distance = {"cosine": models.Distance.COSINE, "dot": models.Distance.DOT}[manifest.distance]
        # The manifest comes with the collection, in one step.
        self._call(
            "create_collection",
            vectors_config={DENSE: models.VectorParams(size=manifest.dim, distance=distance)},
            sparse_vectors_config={BM25: models.SparseVectorParams(modifier=models.Modifier.IDF)},
            metadata={KEY: manifest.to_dict()},
        )
        for name, kind in INDEXED.items():
            self._call("create_payload_index", field_name=name, field_schema=kind, wait=True)

    def write(self, points: Sequence[Point]) -> None:
        from qdrant_client import models

        made = []
        for p in points:
            vector: dict[str, Any] = {BM25: _sparse(p.bm25)}
            if p.dense is not None:
                vector[DENSE] = p.dense
            made.append(models.PointStruct(id=str(p.id), vector=vector, payload=p.payload))
        self._call("upsert", points=made, wait=True)

    def reweigh(self, weights: Sequence[tuple[UUID, SparseVector]]) -> None:
        from qdrant_client import models

        made = [models.PointVectors(id=str(point), vector={BM25: _sparse(v)}) for point, v in weights]
        self._call("update_vectors", points=made, wait=True)

    def delete(self, ids: Sequence[UUID]) -> None:
        self._call("delete", points_selector=[str(i) for i in ids], wait=True)

    def nearest(
        self, vector: Sequence[float] | SparseVector, limit: int, where: Where
    ) -> list[tuple[Payload, float]]:
        from qdrant_client import models

        sparse = isinstance(vector, SparseVector)
        reply = self._call(
            "query_points",
            query=_sparse(vector) if isinstance(vector, SparseVector) else list(vector),
            using=BM25 if sparse else DENSE,
            limit=limit,
            query_filter=_filter(where),
            with_payload=True,
            search_params=models.SearchParams(exact=True),
        )
        return [(point.payload or {}, point.score) for point in reply.points]

    def scroll(
        self, where: Where = EVERYTHING, fields: Sequence[str] | None = None
    ) -> Iterator[tuple[UUID, Payload]]:
        offset = None
        wanted = True if fields is None else list(fields)
        while True:
            records, offset = self._call(
                "scroll", scroll_filter=_filter(where), limit=PAGE, offset=offset, with_payload=wanted
            )
            yield from ((UUID(str(r.id)), r.payload or {}) for r in records)
            if offset is None:
                return

    def dense(self, ids: Sequence[UUID]) -> dict[UUID, list[float]]:
        records = self._call("retrieve", ids=[str(i) for i in ids], with_payload=False, with_vectors=[DENSE])
        return {UUID(str(r.id)): r.vector[DENSE] for r in records}

    def count(self) -> int:
        return int(self._call("count", exact=True).count)

    def save(self, manifest: Manifest) -> Manifest:
        self._call("update_collection", metadata={KEY: manifest.to_dict()})
        return manifest

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _call(self, method: str, **arguments: Any) -> Any:
        """One of the client's methods on our collection, with retries; its errors become ours."""
        for attempt in Retrying(
            stop=stop_after_attempt(3),
            wait=wait_exponential(multiplier=0.2, max=2),
            retry=retry_if_exception(lambda e: isinstance(e, ServiceError) and e.retryable),
            reraise=True,
        ):
            with attempt, self._errors():
                return getattr(self._client, method)(collection_name=self._collection, **arguments)
        return None

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
        from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

        try:
            yield
        except AssistantError:
            raise
        except UnexpectedResponse as error:
            raise self._refused(error.status_code or 0) from None
        except ResourceExhaustedResponse:
            raise self._refused(429) from None
        except ResponseHandlingException as error:
            cause = type(error.source).__name__
            if cause == "ValidationError":
                raise ServiceError(
                    f"{self.place}: the reply is not Qdrant's: is the address right?"
                ) from None
            raise ServiceError(
                f"{self.place} does not answer ({cause}): is the server running?", retryable=True
            ) from None
        except Exception as error:  # the client lets JSON, TLS and URL errors through as they are
            raise ServiceError(
                f"{self.place}: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
            ) from None

    def _refused(self, status: int) -> AssistantError:
        if status in (401, 403):
            return ServiceError(f"{self.place} refuses the key ({status}): set ASSISTANT_QDRANT_API_KEY")
        if status == 404:
            return IndexMissing(f"{self.place} is gone: fill it with `assistant ingest PATH`")
        again = status == 429 or status >= 500
        remedy = "try again later" if again else "look into the server's log"
        return ServiceError(f"{self.place} answers with status {status}: {remedy}", retryable=again)


def _address(url: str) -> str:
    """Host and port alone: a URL may carry a password."""
    parts = urlsplit(url)
    return f"{parts.hostname or url}:{parts.port}" if parts.port else parts.hostname or url


def _sparse(vector: SparseVector) -> Any:
    from qdrant_client import models

    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))


def _filter(where: Where) -> Any:
    from qdrant_client.models import FieldCondition, Filter, MatchAny, MatchValue, Range

    must: list[Any] = []
    without: list[Any] = []
    if not where.include_retracted:
        without.append(FieldCondition(key="retracted", match=MatchValue(value=1)))
    if where.without:
        without.append(FieldCondition(key="document", match=MatchAny(any=list(where.without))))
    if where.documents:
        must.append(FieldCondition(key="document", match=MatchAny(any=list(where.documents))))
    if where.designs:
        must.append(FieldCondition(key="design", match=MatchAny(any=list(where.designs))))
    first, last = where.years
    if first is not None or last is not None:
        must.append(FieldCondition(key="year", range=Range(gte=first, lte=last)))
    return Filter(must=must, must_not=without) if must or without else None
