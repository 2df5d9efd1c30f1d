"""Knowing what one does not know: learning the probability that the library answers, and measuring it.

Questions are ordered by probability. At coverage c the most probable share c of them is answered; the risk
there is the share of these that the library does not answer (Geifman and El-Yaniv, Selective classification
for deep neural networks, NIPS 2017); its mean over all coverages is AURC. Questions of equal probability
stand together: each counts as their average.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.errors import UsageError

BINS = 10  # of equal size, for the calibration error
RIDGE = 1.0  # on weights of standardised signals

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question as it was found: does the library answer it, and the signals (`answerable.signals`).

    `set` names where it comes from; each set weighs the same in learning. Without signals it is known to be
    unanswerable, and nothing is learned from it.
    """

    query: str
    answerable: bool
    signals: Mapping[str, float]
    ranked_by: str
    set: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstention:
    """`curve`: (coverage, risk) after each question. `auc`: that an answerable question is more probable than
    an unanswerable one, 0.5 by chance. `answered`, `answered_wrongly`: at the threshold, of the answerable
    and of the unanswerable ones. `brier` and `ece` (expected calibration error) weigh both outcomes the same,
    as the fits do."""

    questions: int
    answerable: int
    auc: float
    brier: float
    ece: float
    aurc: float
    threshold: float
    answered: int
    answered_wrongly: int
    curve: tuple[tuple[float, float], ...]


def learn(
    examples: Sequence[Example], names: Sequence[str], *, steps: int = 50
) -> tuple[float, dict[str, float]]:
    """Bias and weights of a logistic regression over the signals `names`, by Newton's method.

    Each set has the same weight, and in it each outcome. Raises UsageError when a set lacks one outcome, or a
    signal is missing.
    """
    known = [e for e in examples if e.signals]
    for name in dict.fromkeys(e.set for e in known):
        if len({e.answerable for e in known if e.set == name}) < 2:
            raise UsageError(f"{name}: has questions of one kind only; both answerable and not are needed")
    if not known or any(name not in e.signals for e in known for name in names):
        raise UsageError(f"a question lacks one of the signals {', '.join(names)}; was there a reranker?")
    x = np.array([[e.signals[name] for name in names] for e in known])
    y = np.array([e.answerable for e in known], dtype=float)
    weight = _weights([(e.set, e.answerable) for e in known])
    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread[spread == 0] = 1.0
    z = np.hstack([np.ones((len(x), 1)), (x - mean) / spread])
    ridge = np.diag([0.0] + [RIDGE] * len(names))
    beta = np.zeros(len(names) + 1)
    for _ in range(steps):
        p = _sigmoid(z @ beta)
        slope = z.T @ (weight * (y - p)) - ridge @ beta
        curvature = z.T @ (z * (weight * p * (1 - p))[:, None]) + ridge + 1e-9 * np.eye(len(beta))
        step = np.linalg.solve(curvature, slope)
        beta += step
        if np.abs(step).max() < 1e-9:
            break
    weights = beta[1:] / spread
    return float(beta[0] - weights @ mean), dict(zip(names, map(float, weights), strict=True))


def measure(probabilities: Sequence[float], answerable: Sequence[bool], threshold: float) -> Abstention:
    """Raises UsageError unless there are questions of both kinds."""
    p, y = np.array(probabilities, dtype=float), np.array(answerable, dtype=bool)
    if not y.any() or y.all():
        raise UsageError("abstention is measured with questions of both kinds: answerable, and not")
    curve = risk_coverage(p, y)
    weight = _weights([("", bool(v)) for v in y])
    return Abstention(
        questions=len(y),
        answerable=int(y.sum()),
        auc=auc(p, y),
        brier=float(np.average((p - y) ** 2, weights=weight)),
        ece=calibration_error(p, y, weight),
        aurc=float(np.mean([risk for _, risk in curve])),
        threshold=threshold,
        answered=int((p[y] >= threshold).sum()),
        answered_wrongly=int((p[~y] >= threshold).sum()),
        curve=tuple(curve),
    )


def auc(p: Floats, y: NDArray[np.bool_]) -> float:
    """The area under the ROC curve as Mann and Whitney's statistic; ties count half."""
    good, bad = p[y][:, None], p[~y][None, :]
    return float((good > bad).mean() + 0.5 * (good == bad).mean())


def risk_coverage(p: Floats, y: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """(coverage, risk) after each question, most probable first."""
    values, group = np.unique(-p, return_inverse=True)
    wrong = np.array([(~y[group == g]).mean() for g in range(len(values))])[np.sort(group)]
    count = np.arange(1, len(y) + 1)
    return [(float(c), float(r)) for c, r in zip(count / len(y), np.cumsum(wrong) / count, strict=True)]


def calibration_error(p: Floats, y: NDArray[np.bool_], weight: Floats) -> float:
    """The mean gap between probability and share answerable, over bins of equal size."""
    gaps = [
        (weight[part].sum(), abs(np.average(p[part] - y[part], weights=weight[part])))
        for part in np.array_split(np.argsort(p, kind="stable"), min(BINS, len(p)))
    ]
    return float(sum(w * gap for w, gap in gaps) / weight.sum())


def _weights(kinds: Sequence[tuple[str, bool]]) -> Floats:
    """So that each set weighs the same and in it each outcome; they sum to the number of questions."""
    sets = {name for name, _ in kinds}
    return np.array([len(kinds) / (2 * len(sets) * kinds.count(kind)) for kind in kinds])


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -50, 50))))
