"""Cohere's rerank service, behind the egress switch.

Question and passages leave the machine; each call is recorded as Egress, also when it fails.
"""

import json
import math
import time
from collections.abc import Sequence
from typing import Any

import httpx

from assistant.config import Settings
from assistant.errors import EgressRefused, PackageMissing, ServiceError
from assistant.types import Egress, Hit, hit_passage
from rerankers.base import Reranker, Scored

MOST = 1000  # documents a call; Cohere advises against more
ATTEMPTS = 3
LONGEST_WAIT = 10.0  # seconds a Retry-After may ask for


class Cohere(Reranker):
    """Scores from 0 to 1. Passages beyond 4,096 tokens are cut by the service; 1,000 go in one call.

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

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        key = allowed_key(self._settings)
        if not passages:
            return []
        try:
            import cohere
        except ImportError:
            raise PackageMissing(
                "cohere is not installed: pip install 'clinical-assistant[cohere]'"
            ) from None

        scores: list[float] = []
        with httpx.Client(timeout=self._timeout) as http:
            client = cohere.ClientV2(
                api_key=key,
                base_url=self._settings.cohere_url,
                httpx_client=http,
                log_warning_experimental_features=False,
            )
            for begin in range(0, len(passages), MOST):
                part = list(passages[begin : begin + MOST])
                scores += self._ask(client, query, part, sent=what(begin + len(part)))
        return scores

    def judge(self, query: str, hits: Sequence[Hit]) -> Scored:
        scores = self.score(query, [hit_passage(hit) for hit in hits])
        return Scored(
            scores=tuple(scores),
            ranked_by=self.name,
            egress=(Egress(service=self.name, what=what(len(hits))),) if hits else (),
        )

    def _ask(self, client: Any, query: str, documents: list[str], sent: str) -> list[float]:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                reply = client.rerank(
                    model=self._settings.cohere_model,
                    query=query,
                    documents=documents,
                    top_n=len(documents),
                    request_options={"max_retries": 0},
                )
            except Exception as error:  # httpx's, the package's and pydantic's, told apart in `explain`
                problem, wait = explain(error, sent)
                wait = self._pause * 2 ** (attempt - 1) if wait is None else wait
                if not problem.retryable or attempt == ATTEMPTS or wait > LONGEST_WAIT:
                    raise problem from error
                time.sleep(wait)
            else:
                return self._read(reply, len(documents), sent)
        raise AssertionError("unreachable")

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


def allowed_key(settings: Settings) -> str:
    """The key. Raises EgressRefused, with what to set, when it may not be used."""
    if "cohere" not in settings.egress:
        raise EgressRefused('cohere sends question and passages away; allow it with egress = ["cohere"]')
    if settings.cohere_api_key is None:
        raise EgressRefused("cohere has no key: set ASSISTANT_COHERE_API_KEY")
    return settings.cohere_api_key.get_secret_value()


def what(passages: int) -> str:
    return f"the question and {passages} passages"


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
        return problem(
            f"the key was refused ({status}); check ASSISTANT_COHERE_API_KEY", retryable=False
        ), None
    if status == 404:
        return problem("no such model (404); check ASSISTANT_COHERE_MODEL", retryable=False), None
    if status == 429 or status >= 500:
        return problem(f"busy or failing ({status}); try again later", retryable=True), retry_after(
            error.headers
        )
    if 200 <= status < 300:
        return problem("a malformed reply: not JSON", retryable=False), None
    return problem(f"the request was refused ({status})", retryable=False), None


def retry_after(headers: Any) -> float | None:
    """Seconds of a Retry-After header; None when there is none, or it is a date."""
    for name, value in (headers or {}).items():
        if name.lower() == "retry-after":
            try:
                seconds = float(value)
            except ValueError:
                return None
            return seconds if 0 <= seconds < math.inf else None
    return None
