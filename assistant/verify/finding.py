"""What a check returns, and how alike two places in text are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from assistant.types import Verdict
from assistant.verify.reading import Reading, Statement


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict  # "unsupported" or "contradicted"
    reason: str


class Match(NamedTuple):
    likeness: float
    statement: Statement


def nearness(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    """Share of the neighbourhood `a` that `b` has as near, 0..1; 0 for no neighbourhood."""
    whole = sum(a.values())
    return sum(min(weight, b[name]) for name, weight in a.items() if name in b) / whole if whole else 0.0


def matches(claim: Statement, passages: Sequence[Reading]) -> list[Match]:
    """Every statement with the share of the claim's weighted words that it has, the likest first."""
    whole = sum(claim.weights.values()) or 1.0
    found = [
        Match(sum(w for name, w in claim.weights.items() if name in s.concepts) / whole, s)
        for reading in passages
        for s in reading.statements
    ]
    return sorted(found, key=lambda m: -m.likeness)


def the(passages: Sequence[Reading]) -> str:
    return "the passage" if len(passages) == 1 else "a cited passage"


def no(passages: Sequence[Reading]) -> str:
    return "not in the passage" if len(passages) == 1 else "in no cited passage"
