"""Is a difference real? Paired tests over the queries, corrected for how many were made.

Randomisation test: under the null hypothesis the two systems' values of a query may change places, so each
difference may change its sign (Smucker, Allan and Carterette, CIKM 2007). With at most 12 queries that
differ all sign patterns are counted; beyond, `resamples` random ones, and p = (1 + as extreme) /
(1 + drawn). Intervals: percentile bootstrap of the mean over queries (Efron and Tibshirani 1993). Many
comparisons: Holm (Scand. J. Statist. 1979). All with a fixed seed: the same input gives the same output.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Values = Mapping[str, float]
Floats = NDArray[np.float64]

ALPHA = 0.05
RESAMPLES = 10_000
_EXACT = 12
_BLOCK = 1_000
_TIE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """b against a over the same queries. `delta` is mean(b) - mean(a), and b wins where it is higher."""

    a: str
    b: str
    metric: str
    delta: float
    ci95: tuple[float, float]
    p: float
    p_corrected: float
    wins: int
    ties: int
    losses: int

    @property
    def significant(self) -> bool:
        return self.p_corrected < ALPHA


def compare(a: Values, b: Values, *, resamples: int = RESAMPLES, seed: int = 0) -> Comparison:
    """One pair, uncorrected. Raises ValueError when the queries are not the same ones, or none."""
    return compare_all({"a": a, "b": b}, resamples=resamples, seed=seed)[0]


def compare_all(
    runs: Mapping[str, Values],
    *,
    metric: str = "",
    pairs: Sequence[tuple[str, str]] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> list[Comparison]:
    """Each pair of runs, or the given ones; `p_corrected` is Holm's over all of them.

    At least 100 resamples are drawn for each pair, or the correction could never find a difference.
    """
    if pairs is None:
        pairs = list(combinations(runs, 2))
    if not pairs:
        return []
    table = {name: _aligned(values, next(iter(runs.values()))) for name, values in runs.items()}
    deltas = np.stack([table[b] - table[a] for a, b in pairs], axis=1)
    resamples = max(resamples, 100 * len(pairs))
    ps = _ps(deltas, resamples, seed)
    low, high = _intervals(deltas, resamples, seed)
    return [
        Comparison(
            a=a,
            b=b,
            metric=metric,
            delta=float(d.mean()),
            ci95=(float(lo), float(hi)),
            p=p,
            p_corrected=corrected,
            wins=int((d > _TIE).sum()),
            ties=int((np.abs(d) <= _TIE).sum()),
            losses=int((d < -_TIE).sum()),
        )
        for (a, b), d, lo, hi, p, corrected in zip(pairs, deltas.T, low, high, ps, holm(ps), strict=True)
    ]


def interval(values: Sequence[float], *, resamples: int = RESAMPLES, seed: int = 0) -> tuple[float, float]:
    """The 95 % interval of a mean."""
    low, high = _intervals(np.asarray(values, dtype=np.float64)[:, None], resamples, seed)
    return float(low[0]), float(high[0])


def holm(ps: Sequence[float]) -> list[float]:
    """Step-down adjusted p-values in the order given: below alpha means rejected at family-wise alpha."""
    adjusted, running = [0.0] * len(ps), 0.0
    for step, i in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        running = max(running, min(1.0, (len(ps) - step) * ps[i]))
        adjusted[i] = running
    return adjusted


def _aligned(values: Values, like: Values) -> Floats:
    if values.keys() != like.keys() or not like:
        raise ValueError("a paired comparison needs the same queries in both runs, and at least one")
    return np.array([values[query] for query in like], dtype=np.float64)


def _ps(deltas: Floats, resamples: int, seed: int) -> list[float]:
    """Two-sided p of each column; all columns see the same signs. A difference of 0 changes nothing."""
    sizes = np.abs(deltas)
    bound = np.abs(deltas.sum(axis=0)) - 1e-9 * sizes.sum(axis=0)
    random = np.random.default_rng(seed)
    extreme = np.zeros(deltas.shape[1])
    differing = (sizes > _TIE).sum(axis=0)
    if (differing > _EXACT).any():
        for size in _blocks(resamples):
            signs = 2.0 * random.integers(0, 2, size=(size, len(deltas)), dtype=np.int8) - 1.0
            extreme += (np.abs(signs @ deltas) >= bound).sum(axis=0)
    ps = (1 + extreme) / (1 + resamples)
    for column in np.flatnonzero(differing <= _EXACT):
        ps[column] = _exact(deltas[sizes[:, column] > _TIE, column], bound[column])
    return [float(p) for p in ps]


def _exact(deltas: Floats, bound: float) -> float:
    patterns = np.arange(2**deltas.size)[:, None] >> np.arange(deltas.size) & 1
    return float((np.abs((2 * patterns - 1) @ deltas) >= bound).mean())


def _intervals(columns: Floats, resamples: int, seed: int) -> tuple[Floats, Floats]:
    """2.5 and 97.5 percentiles of the mean of each column; all columns see the same resamples."""
    n = len(columns)
    random = np.random.default_rng(seed)
    share = np.full(n, 1 / n)
    means = np.concatenate([random.multinomial(n, share, size) @ columns / n for size in _blocks(resamples)])
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    return low, high


def _blocks(total: int) -> list[int]:
    return [min(_BLOCK, total - done) for done in range(0, total, _BLOCK)]
