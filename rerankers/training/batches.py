"""Which lists a step sees, and in what form: a function of the seed and the number of the step."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from rerankers.training.augment import formed, forms, phrased
from rerankers.training.mine import Mined

HARDEST = 12  # the negatives that half of a list's are drawn from


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The lists of one source. `passages`: chunk id -> what the reranker will read."""

    name: str
    weight: float
    lists: Sequence[Mined]
    passages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Example:
    """One list: the first passage is relevant. `teacher`: a target for each passage, or ()."""

    query: str
    passages: tuple[str, ...]
    teacher: tuple[float, ...] = ()


def batches(
    pools: Sequence[Pool], *, lists: int, passages: int, seed: int, start: int = 0
) -> Iterator[list[Example]]:
    """The batches of step `start` and those after it, without end."""
    drawn = islice(draws([len(p.lists) for p in pools], [p.weight for p in pools], seed), start * lists, None)
    number = start * lists
    while True:
        batch = []
        for pool, row in islice(drawn, lists):
            rng = random.Random(f"{seed} {number}")
            batch.append(example(pools[pool].lists[row], pools[pool].passages, passages, rng))
            number += 1
        yield batch


def draws(sizes: Sequence[int], weights: Sequence[float], seed: int) -> Iterator[tuple[int, int]]:
    """(pool, row) without end: pools by weight, the rows of each in shuffled passes, so that none comes
    again before all others came."""
    rng = random.Random(f"{seed} draws")
    left: list[list[int]] = [[] for _ in sizes]
    while True:
        pool = rng.choices(range(len(sizes)), weights)[0]
        if not left[pool]:
            left[pool] = rng.sample(range(sizes[pool]), sizes[pool])
        yield pool, left[pool].pop()


def example(mined: Mined, passages: Mapping[str, str], size: int, rng: random.Random) -> Example:
    """One positive and at most `size` - 1 negatives, half of them among the hardest."""
    positive = rng.randrange(len(mined.positives))
    order = list(range(len(mined.negatives)))
    hard = rng.sample(order[:HARDEST], min(size // 2, len(order[:HARDEST])))
    others = [i for i in order if i not in hard]
    negatives = hard + rng.sample(others, min(size - 1 - len(hard), len(others)))
    ids = [mined.positives[positive], *(mined.negatives[i] for i in negatives)]
    rows = [positive, *(len(mined.positives) + i for i in negatives)]
    query = mined.query
    return Example(
        query=phrased(query, rng),
        passages=tuple(
            formed(passages[i], query, form) for i, form in zip(ids, forms(len(ids), rng), strict=True)
        ),
        teacher=tuple(mined.teacher[i] for i in rows) if mined.teacher else (),
    )
