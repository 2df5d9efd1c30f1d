"""ROUGE-2 and ROUGE-SU4 of an answer against reference answers, as BioASQ computes them.

Lin, "ROUGE: a package for automatic evaluation of summaries", 2004; BioASQ runs ROUGE-1.5.5 with the options
-c 95 -2 4 -u -x -n 4. So: lower case, tokens are runs of a-z and 0-9, no stemming (no -m), stop words stay
(no -s), no limit of length; skip-bigrams with at most four words between and the unigrams (-2 4 -u); several
references are joint (-f A, the default): hits and totals are summed over them before the division. Precision
divides by the answer's own units once for each reference, and F weighs both alike (-p 0.5).
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

SKIP = 4  # words between the two of a skip-bigram, at most

Units = Counter[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Rouge:
    """Each in 0..1; 0 where there is nothing to count."""

    recall: float
    precision: float
    f: float


def rouge_2(answer: str, references: Sequence[str]) -> Rouge:
    return _joint(answer, references, _bigrams)


def rouge_su4(answer: str, references: Sequence[str]) -> Rouge:
    return _joint(answer, references, _skip_bigrams)


def tokens(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _bigrams(words: Sequence[str]) -> Units:
    return Counter(pairwise(words))


def _skip_bigrams(words: Sequence[str]) -> Units:
    pairs = ((a, b) for i, a in enumerate(words) for b in words[i + 1 : i + SKIP + 2])
    return Counter([*((word,) for word in words), *pairs])


def _joint(answer: str, references: Sequence[str], units: Callable[[Sequence[str]], Units]) -> Rouge:
    own = units(tokens(answer))
    theirs = [units(tokens(reference)) for reference in references]
    hits = sum((own & reference).total() for reference in theirs)
    recall = _share(hits, sum(reference.total() for reference in theirs))
    precision = _share(hits, own.total() * len(theirs))
    return Rouge(recall, precision, _share(2 * recall * precision, recall + precision))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
