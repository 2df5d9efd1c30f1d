"""A hosted reranker behind a gate that knows what must not leave."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.errors import EgressBlocked
from rerankers.base import Reranker, Scored
from rerankers.combine import Ask, Composition

Gate = Callable[[Sequence[str]], None]  # raises EgressBlocked when one of the texts must not leave
HERE = " (to an address of this machine)"


class Gated(Composition):
    """`part`, asked with nothing that `gate` holds back; None is for a service on this machine.

    A question that must not leave raises EgressBlocked, and no fallback catches it. A passage that must not
    leave keeps its incoming place among the others, which `degraded` says.
    """

    def __init__(self, part: Reranker, gate: Gate | None) -> None:
        self.name, self.pointwise = part.name, part.pointwise
        self._part, self._gate = part, gate

    @property
    def revision(self) -> str:
        return self._part.revision

    def combine(self, query: str, passages: Sequence[str], ask: Ask) -> Scored:
        rows = range(len(passages))
        if self._gate is None:
            scored = ask(self._part, rows)
            return replace(
                scored, egress=tuple(replace(left, what=left.what + HERE) for left in scored.egress)
            )
        self._gate([query])
        sent = [row for row in rows if self._passes(passages[row])]
        if len(sent) == len(passages):
            return ask(self._part, rows)
        kept = len(passages) - len(sent)
        scored = ask(self._part, sent) if sent else Scored(scores=(), ranked_by=self.name)
        return replace(
            scored,
            scores=in_place(len(passages), dict(zip(sent, scored.scores, strict=True))),
            degraded=(
                *scored.degraded,
                f"{kept} of {len(passages)} passages seem to tell who a person is: they were not sent, and "
                "kept their places",
            ),
        )

    def _passes(self, text: str) -> bool:
        assert self._gate is not None
        try:
            self._gate([text])
        except EgressBlocked:
            return False
        return True


def in_place(count: int, scores: dict[int, float]) -> tuple[float, ...]:
    """A score for each of `count` rows: the given ones, and for the others such that each stays at its place.

    >>> in_place(3, {0: 1.0, 2: 5.0})  # row 1 stays second: 2, 1, 0
    (1.0, 4.999999999999999, 5.0)
    """
    best = iter(sorted(scores, key=lambda row: -scores[row]))
    order = [row if row not in scores else next(best) for row in range(count)]
    leading = next((place for place, row in enumerate(order) if row in scores), count)
    above = max(scores.values(), default=0.0)
    for _ in range(leading + 1):
        above = math.nextafter(above, math.inf)
    found = dict(scores)
    for row in order:
        if row in scores:
            above = scores[row]
        else:
            above = found[row] = math.nextafter(above, -math.inf)
    return tuple(found[row] for row in range(count))
