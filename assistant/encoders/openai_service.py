"""Embeddings by an OpenAI-compatible service, behind the egress switch: one more encoder."""

import math
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from assistant.config import Settings
from assistant.encoders.base import Distance, Encoder, Vectors, unit
from assistant.errors import EgressRefused, InputError, ServiceError
from assistant.loopback import here
from rerankers.service import attempt, openai_problem

PREFIX = "openai:"
MOST, MOST_BYTES = 256, 200_000  # texts and bytes of a call
LONGEST = 30_000  # bytes of a text: no model of this kind reads more than 8,191 tokens
TIMEOUT = 60.0  # seconds a call
DIMENSIONS = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}
_PIECE = re.compile(r"\w+|[^\w\s]")


class OpenAIService(Encoder):
    """Vectors of unit length. The name is "openai:MODEL"; the address comes from the settings.

    The dimension is `settings.embeddings_dimensions` (which the service is then asked for), that of a model
    known here, or, at first use, that of the vector of one word. Documents are sent only with
    `settings.embeddings_documents`, since they leave whole. Calls are tried three times on 429, 5xx, timeouts
    and lost connections.

    Raises EgressRefused when it is made, unless the settings allow "embeddings" and name the address, and on
    documents without that consent; ServiceError on what the service does; InputError on a text of more than
    30,000 bytes.
    """

    distance: Distance = "cosine"
    max_tokens = 512

    def __init__(
        self, name: str, settings: Settings, *, timeout: float = TIMEOUT, pause: float = 0.5
    ) -> None:
        if "embeddings" not in settings.egress:
            raise EgressRefused(
                f'{name} sends what it encodes to a service; allow it with egress = ["embeddings"]'
            )
        if not settings.embeddings_url:
            raise EgressRefused(f"{name} has no address: set ASSISTANT_EMBEDDINGS_URL")
        self.name, self._model = name, name.removeprefix(PREFIX)
        self._settings, self._timeout, self._pause = settings, timeout, pause
        self._url = settings.embeddings_url
        self.sends = "" if here(self._url) else "embeddings"
        self.documents_allowed = settings.embeddings_documents or not self.sends
        host = urlsplit(self._url).hostname or self._url
        asked = settings.embeddings_dimensions
        self.revision = f"{self._model} at {host}" + (f", {asked} dimensions" if asked else "")

    @cached_property
    def dim(self) -> int:  # type: ignore[override]
        known = self._settings.embeddings_dimensions or DIMENSIONS.get(self._model)
        return known or self._embed(["dimension"], what="a word", dim=None).shape[1]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._all(texts, "the question")

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        if texts and not self.documents_allowed:
            raise EgressRefused(
                f"{self.name} would be sent whole documents: confirm it with "
                "`assistant ingest --yes-send-documents`, or set ASSISTANT_EMBEDDINGS_DOCUMENTS=true"
            )
        return self._all(texts, f"{len(texts)} passages of documents")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """An estimate from above for ordinary text: the service's tokeniser is not here."""
        return [sum(math.ceil(len(p.encode()) / 4) for p in _PIECE.findall(text)) for text in texts]

    def _all(self, texts: Sequence[str], what: str) -> Vectors:
        rows = [self._embed(some, what=what, dim=self.dim) for some in batches(texts)]
        return np.concatenate(rows) if rows else np.empty((0, self.dim), dtype=np.float32)

    def _embed(self, texts: Sequence[str], *, what: str, dim: int | None) -> Vectors:
        import openai

        key = self._settings.embeddings_api_key
        wanted = self._settings.embeddings_dimensions
        more: dict[str, Any] = {} if wanted is None else {"dimensions": wanted}
        with openai.OpenAI(
            api_key="none" if key is None else key.get_secret_value(),
            base_url=self._url,
            max_retries=0,
            http_client=openai.DefaultHttpxClient(
                timeout=self._timeout, follow_redirects=False, trust_env=not here(self._url)
            ),
        ) as client:
            client.organization = client.project = None  # or they come from another program's environment

            def call() -> Any:
                # An empty text is refused; numbers, since not every server has base64.
                return client.embeddings.create(
                    model=self._model, input=[t or " " for t in texts], encoding_format="float", **more
                )

            reply = attempt(call, lambda error: openai_problem("embeddings", error, what), self._pause)
        return unit(read(reply, len(texts), dim, what))


def batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """In order, within the bounds of a call."""
    some: list[str] = []
    size = 0
    for text in texts:
        clean = text.encode("utf-8", "replace").decode()
        length = len(clean.encode())
        if length > LONGEST:
            raise InputError(f"a text of {length:,} bytes is too long to embed; the most is {LONGEST:,}")
        if some and (len(some) == MOST or size + length > MOST_BYTES):
            yield some
            some, size = [], 0
        some.append(clean)
        size += length
    if some:
        yield some


def read(reply: Any, count: int, dim: int | None, sent: str) -> Vectors:
    """float32 (count, dim) in the order of the texts. Raises ServiceError on a reply of another form."""

    def malformed(why: str) -> ServiceError:
        return ServiceError(f"embeddings: a malformed reply: {why}", sent=sent)

    data = getattr(reply, "data", None)
    if not isinstance(data, list) or len(data) != count:
        found = len(data) if isinstance(data, list) else "no"
        raise malformed(f"{found} vectors for {count} texts")
    rows: dict[int, list[float]] = {}
    for item in data:
        index, vector = getattr(item, "index", None), getattr(item, "embedding", None)
        if type(index) is not int or not 0 <= index < count or index in rows:
            raise malformed(f"index {index!r} for {count} texts")
        if not isinstance(vector, list) or not vector:
            raise malformed("a vector is not a list of numbers")
        if any(isinstance(x, bool) or not isinstance(x, (int, float)) for x in vector):
            raise malformed("a vector is not a list of numbers")
        dim = len(vector) if dim is None else dim
        if len(vector) != dim:
            raise malformed(f"a vector of {len(vector)} dimensions, not {dim}")
        rows[index] = vector
    vectors = np.asarray([rows[i] for i in range(count)], dtype=np.float32)
    if not np.isfinite(vectors).all() or not vectors.any(axis=1).all():
        raise malformed("a vector without a direction, or with a number that is not finite")
    return vectors
