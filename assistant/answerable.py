"""Does the library answer this question at all? A calibrated probability, from the retrieval alone."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.encoders import Encoder
from assistant.index.bm25 import tokenise
from assistant.types import Hit, hit_passage

NEAREST = 20


@dataclass(frozen=True, slots=True)
class Fit:
    """Logistic regression: bias + cosine x best cosine + coverage x best coverage."""

    bias: float
    cosine: float
    coverage: float
    learned_on: str


WITH_COSINE = Fit(-5.85, 6.46, 3.52, "BioASQ 7b to 9b, each question once with and once without its documents")
WORDS_ONLY = Fit(-2.21, 0.0, 4.07, "the same questions, words alone: for encoders whose scores are not cosines")


def probability(question: str, hits: Sequence[Hit], encoder: Encoder) -> float:
    """0 to 1. 0 without hits, or when the question has no word of its own."""
    words = set(tokenise(question))
    if not hits or not words:
        return 0.0
    cosines = [h.scores.dense for h in hits if h.scores.dense is not None]
    fit = WITH_COSINE if encoder.distance == "cosine" and cosines else WORDS_ONLY
    logit = fit.bias + fit.coverage * coverage(words, hits)
    if fit.cosine:
        logit += fit.cosine * max(cosines)
    return 1 / (1 + math.exp(-logit))


def coverage(words: set[str], hits: Sequence[Hit]) -> float:
    """The largest share of the question's words in one passage, rare words weighing more.

    Rarity is counted among the hits themselves, as BM25's idf: a word that none of them has weighs most.
    """
    found = [words & set(tokenise(hit_passage(h))) for h in hits[:NEAREST]]
    counts = Counter(word for seen in found for word in seen)
    weight = {w: math.log(1 + (len(found) - counts[w] + 0.5) / (counts[w] + 0.5)) for w in words}
    total = sum(weight.values())
    return max(sum(weight[w] for w in seen) for seen in found) / total if total else 0.0
