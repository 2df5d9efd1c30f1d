"""Rerankers made of rerankers."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.errors import EgressRefused, ModelError, ModelMissing, PackageMissing, ServiceError
from assistant.types import Egress, Hit
from rerankers.base import KeepOrder, Reranker, Scored


class Fallback(Reranker):
    """The first of `parts` that works, tried in order at each call; `last` when none does.

    `ranked_by` is the one that ranked, and `degraded` has a reason for each that was passed over, in words
    for a reader. What is not installed stays passed over; what may work later is tried again. What a service
    was sent before it failed still shows in `egress`.
    """

    def __init__(self, *parts: Reranker, last: Reranker | None = None, name: str = "auto") -> None:
        self.name = name
        self._parts = parts
        self._last = KeepOrder() if last is None else last
        self._passed_over: dict[str, str] = {}

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        def attempt(part: Reranker) -> Scored:
            return Scored(scores=tuple(part.score(query, passages)), ranked_by=part.name)

        return list(self._first(attempt, len(passages)).scores)

    def judge(self, query: str, hits: Sequence[Hit]) -> Scored:
        return self._first(lambda part: part.judge(query, hits), len(hits))

    def _first(self, attempt: Callable[[Reranker], Scored], count: int) -> Scored:
        reasons: list[str] = []
        egress: list[Egress] = []
        for part in self._parts:
            if part.name in self._passed_over:
                reasons.append(self._passed_over[part.name])
                continue
            try:
                scored = attempt(part).checked(count)
            except (ModelError, ServiceError, EgressRefused, PackageMissing) as error:
                reasons.append(reason(part, error))
                if isinstance(error, ServiceError):
                    egress += [Egress(service=part.name, what=error.sent)] if error.sent else []
                else:
                    self._passed_over[part.name] = reasons[-1]
            else:
                return replace(
                    scored,
                    degraded=(*reasons, *scored.degraded),
                    egress=(*egress, *scored.egress),
                )
        scored = attempt(self._last).checked(count)
        return replace(scored, degraded=(*reasons, *scored.degraded), egress=(*egress, *scored.egress))


def reason(part: Reranker, error: Exception) -> str:
    """Why a reranker was passed over, for a reader: no service, key or setting is named (C12)."""
    match error:
        case ModelMissing():
            return str(error)
        case ModelError():
            return f"{part.name} cannot be used, its files are damaged: assistant models check"
        case ServiceError():
            return "a hosted reranker did not answer"
        case EgressRefused():
            return "a hosted reranker was not used, since it is not allowed here"
        case _:
            return "a hosted reranker was not used, since it is not fully installed"
