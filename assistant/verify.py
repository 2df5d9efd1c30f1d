"""Sentence against the passages it cites -> verdict. Nothing is repaired."""

from collections.abc import Sequence
from dataclasses import replace

from assistant.types import Evidence, Sentence


def check(sentence: Sentence, evidence: Sequence[Evidence]) -> Sentence:
    """The sentence with its verdict: supported when each citation exists and one passage has its words.

    A quotation matches to the letter. A citation of evidence that was not retrieved makes the sentence
    unsupported, even when another of its citations is right.
    """
    passages = {item.n: item.hit.chunk.text for item in evidence}
    reasons = [f"[{n}] is not among the evidence" for n in sentence.citations if n not in passages]
    if not sentence.citations:
        reasons.append("it cites nothing")
    cited = [passages[n] for n in sentence.citations if n in passages]
    if cited and not any(sentence.text in text for text in cited):
        reasons.append("it is not a quotation of a passage that it cites")
    return replace(sentence, verdict="unsupported" if reasons else "supported", reasons=tuple(reasons))
