"""Rerankers made of rerankers: one after another until one works, and a fast one before a precise one."""

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.errors import (
    AssistantError,
    EgressRefused,
    ModelError,
    ModelMissing,
    PackageMissing,
    ServiceError,
)
from assistant.types import Egress, Hit, Usage, hit_passage
from rerankers.base import KeepOrder, Reranker, Scored

Ask = Callable[[Reranker, Sequence[int]], Scored]  # a part, and which rows of the pool it scores


class Composition(Reranker):
    """A reranker that asks others: one `combine` serves both passages and hits."""

    pointwise = False

    @abstractmethod
    def combine(self, query: str, passages: Sequence[str], ask: Ask) -> Scored:
        """Scores of all passages (one or more), out of what `ask` answers."""

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        def ask(part: Reranker, rows: Sequence[int]) -> Scored:
            scores = part.score(query, [passages[i] for i in rows])
            return Scored(scores=tuple(scores), ranked_by=part.name).checked(len(rows))

        return list(self.combine(query, passages, ask).scores) if passages else []

    def judge(self, query: str, hits: Sequence[Hit]) -> Scored:
        def ask(part: Reranker, rows: Sequence[int]) -> Scored:
            return part.judge(query, [hits[i] for i in rows]).checked(len(rows))

        return self.combine(query, [hit_passage(hit) for hit in hits], ask)


class Fallback(Composition):
    """The first of `parts` that works, tried in order at each call; `last` when none does.

    `ranked_by` is the one that ranked, and `degraded` has a reason for each that was passed over, in words
    for a reader. What is not installed stays passed over; what may work later is tried again. What a service
    was sent before it failed still shows in `egress`.
    """

    def __init__(self, *parts: Reranker, last: Reranker | None = None, name: str = "") -> None:
        self.name = name or f"fallback({','.join(part.name for part in parts)})"
        self._parts = parts
        self._last = KeepOrder() if last is None else last
        self._passed_over: dict[str, str] = {}

    @property
    def revision(self) -> str:
        return "|".join(map(_revision, self._parts))

    def combine(self, query: str, passages: Sequence[str], ask: Ask) -> Scored:
        rows = range(len(passages))
        reasons: list[str] = []
        egress: list[Egress] = []
        for part in self._parts:
            if part.name in self._passed_over:
                reasons.append(self._passed_over[part.name])
                continue
            try:
                scored = ask(part, rows)
            except (ModelError, ServiceError, EgressRefused, PackageMissing) as error:
                reasons.append(reason(part, error))
                if isinstance(error, ServiceError):
                    egress += [Egress(service=part.name, what=error.sent)] if error.sent else []
                else:
                    self._passed_over[part.name] = reasons[-1]
                continue
            break
        else:
            scored = ask(self._last, rows)
        return replace(scored, degraded=(*reasons, *scored.degraded), egress=(*egress, *scored.egress))


class Cascade(Composition):
    """`fast` ranks the first `first` hits, and `precise` the best `best` of them.

    The order is precise's, then fast's, then the incoming one; the scores fall with it. Those of the hits
    that precise read are its own; each later hit stands 1 below the one before it, the first of them 1 below
    the lowest of precise's.
    """

    def __init__(self, fast: Reranker, first: int, best: int, precise: Reranker) -> None:
        self._fast, self._first, self._best, self._precise = fast, first, best, precise
        self.name = self._named(fast.name, precise.name)

    @property
    def revision(self) -> str:
        return f"{self._fast.revision}|{self._precise.revision}"

    def combine(self, query: str, passages: Sequence[str], ask: Ask) -> Scored:
        rows = range(len(passages))[: self._first]
        fast = ask(self._fast, rows)
        order = sorted(rows, key=lambda i: -fast.scores[i])
        best = order[: self._best]
        precise = ask(self._precise, best)
        return Scored(
            scores=above_the_rest(best, precise.scores, [*order, *range(len(passages))]),
            ranked_by=self._named(fast.ranked_by, precise.ranked_by),
            degraded=(*fast.degraded, *precise.degraded),
            egress=(*fast.egress, *precise.egress),
            notes=(*fast.notes, *precise.notes),
            usage=together(fast.usage, precise.usage),
        )

    def _named(self, fast: str, precise: str) -> str:
        return f"cascade({fast}@{self._first}>{self._best},{precise})"


def above_the_rest(rows: Sequence[int], scores: Sequence[float], order: Sequence[int]) -> tuple[float, ...]:
    """A score for each row in `order`: the given ones, then steps of 1 below their lowest (or 0), as the
    other rows follow in `order`, which may name a row more than once."""
    found = dict(zip(rows, scores, strict=True))
    lowest = min(scores, default=0.0)
    for row in order:
        if row not in found:
            lowest -= max(1.0, math.ulp(lowest))  # 1 is lost on a very large number
            found[row] = lowest
    return tuple(found[row] for row in range(len(found)))


def together(a: Usage | None, b: Usage | None) -> Usage | None:
    """The sum. Its money is not known where one's is not, or where they were priced differently."""
    if a is None or b is None:
        return b if a is None else a
    priced = (a.currency, a.prices_dated) == (b.currency, b.prices_dated)
    return Usage(
        calls=a.calls + b.calls,
        input_tokens=a.input_tokens + b.input_tokens,
        output_tokens=a.output_tokens + b.output_tokens,
        searches=a.searches + b.searches,
        money=a.money + b.money if priced and a.money is not None and b.money is not None else None,
        currency=a.currency if priced else "",
        prices_dated=a.prices_dated if priced else "",
    )


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


def _revision(part: Reranker) -> str:
    try:
        return part.revision
    except AssistantError:
        return "not usable"
