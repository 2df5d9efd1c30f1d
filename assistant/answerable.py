"""Does the library answer this question at all? A calibrated probability, from how it was found and ranked.

What tells is not how near the best passage is but how far it stands out from the rest, which any library
has on any question: in cosine, in BM25, in the reranker's own scores; how many of the question's rarer words
it has; and whether the two searches agree on it. Which signals there are depends on the encoder and on the
reranker, so there is a fit for each (answerable.json, with what it was learned on; made by `assistant eval
calibrate`): the first one for this reranker all of whose signals are there, else one without a reranker's.

In the fits both outcomes weigh the same, whatever their share was in the data: the probability is that of a
question of which nobody knows beforehand whether the library has it.
"""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from assistant.encoders import Encoder
from assistant.errors import ConfigError
from assistant.index.bm25 import tokenise
from assistant.types import Hit, hit_passage

FORMAT = "answerable/1"
NEAREST = 20  # hits whose words are looked at
BACKGROUND = slice(5, 30)  # hits, best first, that stand for the rest of the library
UNRELATED = 0.35  # the background's cosine where the library is too small to show one
NEAR_THE_TOP = 3  # the last rank at which a search agrees with the reranker's first hit


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Logistic regression over signals. `reranker`: what ranked (its `ranked_by`), "" for any."""

    reranker: str
    bias: float
    weights: Mapping[str, float]
    about: Mapping[str, Any]  # where it comes from: data, splits, counts, measures, date

    def probability(self, signals: Mapping[str, float]) -> float:
        """0 to 1. KeyError when a signal is missing."""
        logit = self.bias + sum(weight * signals[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-50.0, min(logit, 50.0))))


def probability(
    question: str, hits: Sequence[Hit], encoder: Encoder, ranked_by: str = "", file: Path | None = None
) -> float:
    """0 to 1; `hits` as they were ranked. 0 without hits, or when no hit has a word of the question.

    `file`: fits made on this machine, which go before the built-in ones. Raises ConfigError when it is none.
    """
    found = signals(question, hits, encoder)
    if not found:
        return 0.0
    return choose(found, ranked_by, file).probability(found)


def choose(signals: Mapping[str, float], ranked_by: str, file: Path | None = None) -> Fit:
    """The fit in force: of this reranker before a general one, made here before a built-in one."""
    mine = read(file) if file is not None and file.exists() else ()
    usable = [fit for fit in (*mine, *built_in()) if fit.weights.keys() <= signals.keys()]
    own = [fit for fit in usable if fit.reranker == ranked_by]
    return (own or [fit for fit in usable if not fit.reranker])[0]


def signals(question: str, hits: Sequence[Hit], encoder: Encoder) -> dict[str, float]:
    """What can be told of the pool, by name; {} where no hit has a word of the question.

    coverage  the largest share of the question's words in one passage, rare words weighing more
    unseen    the share of them that no passage has: brand names, typing errors, another subject
    gap       the best cosine above the background's
    agree     0 to 1: how many of the two searches have the first hit among their first three
    best      the best of the reranker's own scores
    margin    how far it stands above their background
    """
    words = set(tokenise(question))
    covered = coverage(words, hits)
    if not covered:
        return {}
    met = set().union(*(tokenise(hit_passage(h)) for h in hits[:NEAREST]))
    found = {"coverage": covered, "unseen": len(words - met) / len(words)}
    cosines = [h.scores.dense for h in hits if h.scores.dense is not None]
    if encoder.distance == "cosine" and cosines:
        found["gap"] = _above(cosines, UNRELATED)
    ranks = (hits[0].ranks.bm25, hits[0].ranks.dense)
    found["agree"] = sum(rank is not None and rank <= NEAR_THE_TOP for rank in ranks) / len(ranks)
    own = [h.scores.rerank if h.scores.own is None else h.scores.own for h in hits]
    known = [score for score in own if score is not None]
    if known:
        found["best"], found["margin"] = max(known), _above(known, min(known))
    return found


def coverage(words: set[str], hits: Sequence[Hit]) -> float:
    """The largest share of the question's words in one passage, rare words weighing more.

    Rarity is counted among the hits themselves, as BM25's idf: a word that none of them has weighs most.
    """
    found = [words & set(tokenise(hit_passage(h))) for h in hits[:NEAREST]]
    if not any(found):
        return 0.0
    counts = Counter(word for seen in found for word in seen)
    weight = {w: math.log(1 + (len(found) - counts[w] + 0.5) / (counts[w] + 0.5)) for w in words}
    return max(sum(weight[w] for w in seen) for seen in found) / sum(weight.values())


def _above(scores: Sequence[float], floor: float) -> float:
    """How far the best score stands above the background, or above `floor` where there is none."""
    ordered = sorted(scores, reverse=True)
    rest = ordered[BACKGROUND]
    return ordered[0] - (sum(rest) / len(rest) if rest else floor)


@cache
def built_in() -> tuple[Fit, ...]:
    return parse((files("assistant") / "answerable.json").read_text("utf-8"), "answerable.json")


def read(path: Path) -> tuple[Fit, ...]:
    """The fits of a file. Raises ConfigError naming it."""
    try:
        return parse(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from None


def parse(text: str, place: str) -> tuple[Fit, ...]:
    try:
        known = json.loads(text)
        if known["format"] != FORMAT:
            raise ValueError(f"format {known['format']!r}, not {FORMAT!r}")
        fits = tuple(
            Fit(
                reranker=str(fit["reranker"]),
                bias=float(fit["bias"]),
                weights={str(name): float(weight) for name, weight in fit["weights"].items()},
                about=dict(fit["about"]),
            )
            for fit in known["fits"]
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{place}: not a file of fits ({error}); make one: assistant eval calibrate"
        ) from None
    if any(not math.isfinite(v) for fit in fits for v in (fit.bias, *fit.weights.values())):
        raise ConfigError(f"{place}: a weight is not finite; make it again: assistant eval calibrate")
    return fits


def saved(fits: Sequence[Fit]) -> str:
    """The text of a file of fits."""
    listed = [
        {"reranker": f.reranker, "bias": f.bias, "weights": dict(f.weights), "about": dict(f.about)}
        for f in fits
    ]
    return json.dumps({"format": FORMAT, "fits": listed}, indent=1, ensure_ascii=False) + "\n"
