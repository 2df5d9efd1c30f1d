"""Sentence against the passages it cites -> verdict and reasons. Deterministic, and nothing is reworded."""

from assistant.verify.judge import Judgement, Support, check, judge

__all__ = ["Judgement", "Support", "check", "judge"]
