"""placeholder"""
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standalone:
    question: str
    rewritten: bool = False
    carried: str = ""


def rewrite(question: str, history: Sequence[str]) -> Standalone:
    return Standalone(question)
