"""Quantities of a claim against those of the passages (C5)."""

import re
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from assistant.types import Verdict
from assistant.verify.finding import Finding, nearness, no, the
from assistant.verify.lexicon import STOP
from assistant.verify.quantities import Quantity, close
from assistant.verify.reading import Reading, Statement, is_drug

ELSEWHERE = 0.72  # nearness from which another number fills the claim's slot
AHEAD = 0.25  # by how much it must fit better than the claim's own number
SIDE_BY_SIDE = 0.3  # nearness from which two numbers are about one thing

_GROUPS = frozenset("placebo control controls women men children adults".split())  # noqa: SIM905
_LINKS = frozenset(
    """
    with in for on of receiving taking given to the group arm patients those a an per year
    """.split()  # noqa: SIM905
)


class _Place(NamedTuple):
    nearness: float
    quantity: Quantity


_NEAR = attrgetter("nearness")


def check_numbers(claim: Statement, passages: Sequence[Reading]) -> Iterator[Finding]:
    for i, quantity in claim.quantities:
        if _in_name(claim, i, quantity, passages):
            continue
        around = claim.around(i)
        own: list[_Place] = []
        others: list[_Place] = []
        for reading in passages:
            for statement in reading.statements:
                for j, other in statement.quantities:
                    if quantity.same(other):
                        own.append(_Place(nearness(around, statement.around(j)), other))
                    elif _comparable(quantity, other):
                        others.append(_Place(nearness(around, statement.around(j)), other))
        best = max(others, key=_NEAR, default=None)
        if (
            found := _missing(quantity, others, best, passages)
            if not own
            else _present(quantity, own, best, passages)
        ):
            yield found
    yield from _swapped(claim, passages)


def _in_name(claim: Statement, i: int, q: Quantity, passages: Sequence[Reading]) -> bool:
    """Whether a bare number belongs to a name of a passage: "cofilin 2", "chromosome 22" (22q11)."""
    if q.unit or q.bound or not q.text.isdigit():
        return False
    before = claim.tokens[i - 1].low if i else ""
    if before.startswith("chromosom"):
        pattern = rf"\b{q.text}[pq]\d"
    elif before.isalpha() and len(before) > 1 and before not in STOP:
        pattern = rf"\b{before}-?{q.text}(?!\d)"
    else:
        return False
    return any(re.search(pattern, r.text, re.IGNORECASE) for r in passages)


def _comparable(a: Quantity, b: Quantity) -> bool:
    return a.unit == b.unit and a.role == b.role and (b.text.lower() != "95%")


def _missing(
    q: Quantity, others: list[_Place], best: _Place | None, passages: Sequence[Reading]
) -> Finding | None:
    if q.soft:
        if best is not None and best.nearness >= ELSEWHERE:
            return Finding("contradicted", f"{the(passages)} has {_shown(best.quantity)}, not {_shown(q)}")
        return None
    for reading in passages:
        for other in reading.quantities:
            if q.rounds(other):
                return Finding(
                    "unsupported", f"{the(passages)} has {_shown(other)}, which {_shown(q)} rounds"
                )
    unit = [o for r in passages for o in r.quantities if _other_unit(q, o)]
    if unit:
        return Finding("contradicted", f"{the(passages)} has {_shown(unit[0])}, not {_shown(q)}")
    if best is not None and (best.nearness >= SIDE_BY_SIDE or q.role in ("p", "interval")):
        return Finding("contradicted", f"{the(passages)} has {_shown(best.quantity)}, not {_shown(q)}")
    return Finding("unsupported", f"{_shown(q)} is {no(passages)}")


def _other_unit(q: Quantity, other: Quantity) -> bool:
    """The same figure with another unit."""
    same_figure = close(abs(other.value / other.factor), abs(q.value / q.factor))
    return bool(q.unit and other.unit) and q.factor != other.factor and same_figure


def _present(
    q: Quantity, own: list[_Place], best: _Place | None, passages: Sequence[Reading]
) -> Finding | None:
    nearest = max(own, key=_NEAR)
    if best is not None and best.nearness >= ELSEWHERE and best.nearness >= nearest.nearness + AHEAD:
        return Finding("contradicted", f"{the(passages)} has {_shown(best.quantity)} there, not {_shown(q)}")
    likely = [p.quantity for p in own if p.nearness >= nearest.nearness - 0.1]
    bounds = {p.bound for p in likely}
    if q.bound in ("<", ">") and q.bound not in bounds:
        verdict: Verdict = "contradicted" if {"<": ">", ">": "<"}[q.bound] in bounds else "unsupported"
        return Finding(verdict, f"{the(passages)} has {_shown(likely[0])}, not {_shown(q)}")
    if not q.bound and bounds <= {"<", ">"}:
        return Finding("unsupported", f"{the(passages)} has {_shown(likely[0])}, not {_shown(q)}")
    if q.span is not None and (
        spans := [o.span for r in passages for o in r.quantities if o.span is not None]
    ):
        low, high = q.span
        if not any(close(low, a) and close(high, b) for a, b in spans):
            return Finding("contradicted", f"{the(passages)} has no interval from {low:g} to {high:g}")
    return None


def _shown(q: Quantity) -> str:
    sign = {"<": "less than ", ">": "more than "}.get(q.bound, "")
    return sign + " ".join(q.text.split())


def _swapped(claim: Statement, passages: Sequence[Reading]) -> Iterator[Finding]:
    """The numbers of two groups exchanged: each is in the passage, but bound to the other name."""
    bound = [pair for r in passages for s in r.statements for pair in _bindings(s)]
    claimed = _bindings(claim)
    for name, q in claimed:
        mine = [p for n, p in bound if n == name and _comparable(q, p)]
        if any(q.same(p) for n, p in bound if n == name):
            continue
        others = {n for n, p in bound if n != name and q.same(p)}
        if others and (mine or any(n in others and not q.same(p) for n, p in claimed)):
            yield Finding(
                "contradicted", f"{the(passages)} has {_shown(q)} for {min(others)}, not for {name}"
            )


def _bindings(s: Statement) -> list[tuple[str, Quantity]]:
    """Which group a number belongs to, where the sentence says so: "2.1% with A", "A (2.1%)"."""
    found: list[tuple[str, Quantity]] = []
    tokens = s.tokens
    for i, q in s.quantities:
        if q.role in ("p", "interval", "label") or q.unit == "/day" or q.text.startswith("95"):
            continue
        j = i + 1
        while j < len(tokens) and tokens[j].low in _LINKS:
            j += 1
        if i + 1 < j < len(tokens) and _group(tokens[j].low):
            found.append((tokens[j].low, q))
            continue
        k = i - 1
        while k >= 0 and tokens[k].low in ("(", "the", "group", "arm", "at", "to", "was", "were", "had"):
            k -= 1
        if 0 <= k < i - 1 and _group(tokens[k].low):
            found.append((tokens[k].low, q))
    return found


def _group(word: str) -> bool:
    return word in _GROUPS or is_drug(word)
