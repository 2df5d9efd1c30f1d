"""Cohere's rerank service, behind the egress switch.

Question and passages leave the machine; each call is recorded as Egress, also when it fails.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from assistant.config import Settings
from assistant.errors import EgressRefused, PackageMissing, ServiceError
from assistant.types import Egress, Hit, Usage, hit_passage
from rerankers import prices
from rerankers.base import Reranker, Scored
from rerankers.service import attempt, pace, retry_after
from rerankers.windows import windows

MOST = 1000  # documents a call; Cohere advises against more
MOST_TOKENS = 4096  # of a document; the service cuts what exceeds them
MOST_BYTES = 8192  # of a document that is sent; a token is seldom less than two
UNIT = 100  # documents of one search unit, by which Cohere bills


class Cohere(Reranker):
    """Scores from 0 to 1.

    `settings.cohere_instruction`, where it is set, stands before the question on a line of its own (what
    counts as a good passage: "prefer randomised trials in adults").

    Limits that are kept: 1,000 documents a call, more go in several calls, whose scores are comparable since
    each is the model's own for one document; 4,096 tokens a document, so longer passages go as windows of
    8 kB and the best counts; `settings.cohere_per_minute` calls a minute (a trial key has 10, a production
    key 1,000), by waiting, which is noted.

    Raises EgressRefused unless the settings allow "cohere" and hold a key, PackageMissing without the
    package, ServiceError otherwise. 429, 5xx, timeouts and lost connections are tried three times, after a
    growing pause or the one that the service asks for.
    """

    name = "cohere"

    def __init__(
        self, settings: Settings, *, timeout: httpx.Timeout | None = None, pause: float = 0.5
    ) -> None:
        self._settings = settings
        self._timeout = timeout or httpx.Timeout(15.0, connect=5.0)
        self._pause = pause

    @property
    def revision(self) -> str:
        told = self._settings.cohere_instruction
        return f"{self._settings.cohere_model}, told {told!r}" if told else self._settings.cohere_model

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        return list(self._scored(query, passages).scores)

    def judge(self, query: str, hits: Sequence[Hit]) -> Scored:
        return self._scored(query, [hit_passage(hit) for hit in hits])

    def _scored(self, query: str, passages: Sequence[str]) -> Scored:
        key = allowed_key(self._settings)
        if not passages:
            return Scored(scores=(), ranked_by=self.name)
        try:
            import cohere
        except ImportError:
            raise PackageMissing(
                "cohere is not installed: pip install 'clinical-assistant[cohere]'"
            ) from None

        query, *passages = (text.encode("utf-8", "replace").decode() for text in (query, *passages))
        parts = [windows(passage, sizes, MOST_BYTES) for passage in passages]
        documents = [part for of_one in parts for part in of_one]
        asked = "\n".join(text for text in (self._settings.cohere_instruction, query) if text)
        found: list[_Call] = []
        with httpx.Client(timeout=self._timeout) as http:
            client = cohere.ClientV2(
                api_key=key,
                base_url=self._settings.cohere_url,
                httpx_client=http,
                log_warning_experimental_features=False,
            )
            for begin in range(0, len(documents), MOST):
                some = documents[begin : begin + MOST]
                found.append(self._ask(client, asked, some, sent=what(len(passages))))
        scores = iter([score for call in found for score in call.scores])
        usage = Usage(calls=len(found), searches=sum(call.searches for call in found))
        return Scored(
            scores=tuple(max(next(scores) for _ in of_one) for of_one in parts),
            ranked_by=self.name,
            egress=(Egress(service=self.name, what=what(len(passages))),),
            notes=tuple(notes(sum(len(of_one) > 1 for of_one in parts), sum(c.waited for c in found))),
            usage=prices.load(self._settings.prices).priced(self._settings.cohere_model, usage),
        )

    def _ask(self, client: Any, query: str, documents: list[str], sent: str) -> "_Call":
        waited = 0.0

        def call() -> Any:
            nonlocal waited
            waited += pace(self.name, self._settings.cohere_per_minute).wait()
            return client.rerank(
                model=self._settings.cohere_model,
                query=query,
                documents=documents,
                top_n=len(documents),
                max_tokens_per_doc=MOST_TOKENS,
                request_options={"max_retries": 0},
            )

        reply = attempt(call, lambda error: explain(error, sent), self._pause)
        billed = getattr(getattr(getattr(reply, "meta", None), "billed_units", None), "search_units", None)
        if isinstance(billed, bool) or not isinstance(billed, (int, float)) or not 0 <= billed < math.inf:
            billed = len(documents) / UNIT
        return _Call(
            scores=self._read(reply, len(documents), sent),
            searches=math.ceil(billed),
            waited=waited,
        )

    def _read(self, reply: Any, count: int, sent: str) -> list[float]:
        """The scores in the order of the documents."""

        def malformed(why: str) -> ServiceError:
            return ServiceError(f"cohere: a malformed reply: {why}", sent=sent)

        asked, answered = self._settings.cohere_model, getattr(reply, "model", None)
        if answered is not None and answered != asked:
            raise malformed(f"model {answered!r} answered, {asked!r} was asked")
        results = getattr(reply, "results", None)
        if not isinstance(results, list):
            raise malformed("no results")
        scores: dict[int, float] = {}
        for result in results:
            index, score = getattr(result, "index", None), getattr(result, "relevance_score", None)
            if type(index) is not int or not 0 <= index < count or index in scores:
                raise malformed(f"index {index!r} for {count} documents")
            if isinstance(score, bool) or not isinstance(score, (int, float)) or not math.isfinite(score):
                raise malformed(f"score {score!r}")
            scores[index] = float(score)
        if len(scores) != count:
            raise malformed(f"{len(scores)} scores for {count} documents")
        return [scores[i] for i in range(count)]


@dataclass(frozen=True, slots=True)
class _Call:
    scores: list[float]
    searches: int  # search units: what the reply says was billed, else one for each 100 documents
    waited: float  # seconds


def allowed_key(settings: Settings) -> str:
    """The key. Raises EgressRefused, with what to set, when it may not be used."""
    if "cohere" not in settings.egress:
        raise EgressRefused('cohere sends question and passages away; allow it with egress = ["cohere"]')
    if settings.cohere_api_key is None:
        raise EgressRefused("cohere has no key: set ASSISTANT_COHERE_API_KEY")
    return settings.cohere_api_key.get_secret_value()


def what(passages: int) -> str:
    return f"the question and {passages} passages"


def sizes(texts: Sequence[str]) -> list[int]:
    """Bytes of each text and of what stands between it and the next."""
    return [len(text.encode()) + 1 for text in texts]


def notes(long: int, waited: float) -> list[str]:
    """How it was done, in words for a reader: passages in windows, seconds waited."""
    told = [f"{long} passages were long and were scored by windows"] if long else []
    return [*told, f"waited {waited:.0f} s, since calls a minute are limited"] if waited >= 1 else told


def explain(error: Exception, sent: str) -> tuple[ServiceError, float | None]:
    """Our error for one of the package's or httpx's, and the seconds the service asks to wait."""
    from cohere.core.api_error import ApiError

    def problem(message: str, *, retryable: bool) -> ServiceError:
        return ServiceError(f"cohere: {message}", retryable=retryable, sent=sent)

    if isinstance(error, httpx.TimeoutException):
        return problem("no answer in time", retryable=True), None
    if isinstance(error, httpx.TransportError):
        return problem(f"the connection failed ({type(error).__name__})", retryable=True), None
    if not isinstance(error, ApiError):
        kind = "not JSON" if isinstance(error, json.JSONDecodeError) else type(error).__name__
        return problem(f"a malformed reply: {kind}", retryable=False), None
    status = error.status_code or 0
    if status in (401, 403):
        return problem(f"the key was refused ({status}); check it", retryable=False), None
    if status == 404:
        return problem("no such model (404); check its name", retryable=False), None
    if status == 429 or status >= 500:
        return problem(f"busy or failing ({status}); try again later", retryable=True), retry_after(
            error.headers
        )
    if 200 <= status < 300:
        return problem("a malformed reply: not JSON", retryable=False), None
    return problem(f"the request was refused ({status})", retryable=False), None
