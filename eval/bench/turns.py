"""Pieces of work by two programs, turn by turn."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

BASELINE, ENGINE = "sentence-transformers fp32", "engine"
BATCH = 32  # of the baseline
QUESTION = "Which dose is right when the kidneys work badly?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """One piece of work by two engines. Seconds are medians; `agreement` says how near the results are."""

    what: str
    seconds: Mapping[str, float]
    agreement: str

    @property
    def ratio(self) -> float:
        return self.seconds[BASELINE] / self.seconds[ENGINE]


def in_turn(
    work: Mapping[str, Callable[[], Any]], runs: int, clock: Callable[[], float] = time.perf_counter
) -> tuple[dict[str, Any], dict[str, float]]:
    """The last result and the median seconds of each; one after the other in every round, so that a busy
    moment of the machine meets both. A first round loads and is not counted."""
    results = {name: do() for name, do in work.items()}
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(runs):
        for name, do in work.items():
            begin = clock()
            results[name] = do()
            taken[name].append(clock() - begin)
    return results, {name: median(times) for name, times in taken.items()}
