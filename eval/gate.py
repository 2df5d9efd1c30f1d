"""The regression gate: has a later evaluation fallen behind an earlier one?

Each run of the baseline is tested against the run of the same name, metric by metric, paired over the
queries. A fall is one whose two-sided p is below .05. There is no correction for many tests: a gate should
rather stop once too often. Fewer than six queries cannot reach .05, so that with them any fall counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from eval.metrics import MAIN, mean
from eval.results import Results, RunResult
from eval.significance import ALPHA, Comparison, compare

_FEWEST = 6  # two-sided sign test: 2 / 2**6 is the first below .05


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """`failures` says in one line each what is worse or missing; none means passed."""

    failures: tuple[str, ...]
    compared: int  # metrics of runs

    @property
    def passed(self) -> bool:
        return not self.failures


def gate(baseline: Results, new: Results) -> GateResult:
    """Runs that only `new` has are no failure; runs, queries or metrics that it lacks are one each."""
    if (baseline.dataset, baseline.split) != (new.dataset, new.split):
        was, now = (f"{r.dataset} {r.split}" for r in (baseline, new))
        return GateResult(failures=(f"the baseline is of {was}, the new results are of {now}",), compared=0)
    if not baseline.runs:
        return GateResult(failures=("the baseline has no run",), compared=0)
    later = {run.name: run for run in new.runs}
    failures: list[str] = []
    compared = 0
    for before in baseline.runs:
        after = later.get(before.name)
        if after is None:
            failures.append(f"{before.name}: the run is missing")
        elif missing := before.per_query.keys() - after.per_query.keys():
            failures.append(f"{before.name}: {len(missing)} queries are missing, {min(missing)} among them")
        else:
            failures += _falls(before, after)
            compared += 1 + len(before.values)
    return GateResult(failures=tuple(failures), compared=compared)


def _falls(before: RunResult, after: RunResult) -> Iterator[str]:
    for metric in (MAIN, *before.values):
        if metric != MAIN and metric not in after.values:
            yield f"{before.name}: {metric} is missing"
            continue
        old, values = before.of(metric), after.of(metric)
        new = {query: values[query] for query in old}
        if mean(new) >= mean(old):
            continue
        found = compare(old, new)
        if found.p < ALPHA or len(old) < _FEWEST:
            yield _describe(before.name, metric, found, mean(old))


def _describe(name: str, metric: str, found: Comparison, was: float) -> str:
    low, high = found.ci95
    return (
        f"{name}: {metric} fell from {was:.3f} to {was + found.delta:.3f} "
        f"({found.delta:+.3f}, 95% CI {low:+.3f} to {high:+.3f}, p {found.p:.4f})"
    )
