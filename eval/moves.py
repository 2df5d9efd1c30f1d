"""The queries that moved most between two runs, and the passages that moved them."""

import math
from collections.abc import Callable, Mapping, Sequence

from eval.data import Dataset
from eval.results import Move, MovedPassage

Passage = tuple[str, str]  # title, text
Rank = int | None


def moves(
    names: tuple[str, str],
    values: tuple[Mapping[str, float], Mapping[str, float]],
    runs: tuple[Mapping[str, Sequence[str]], Mapping[str, Sequence[str]]],
    dataset: Dataset,
    passage: Callable[[str, str], Passage],
    *,
    most: int = 20,
    each: int = 3,
    k: int = 10,
) -> list[Move]:
    """Up to `most` queries by the size of their change in nDCG@k, unchanged ones left out.

    Of each, up to `each` passages that changed place in the top k: those whose discounted gain changed most,
    then, where all are of grade 0, by the discount alone. `passage(query, document)` gives title and text.
    """
    before, after = values
    changed = [query for query in dataset.queries if abs(after[query] - before[query]) > 1e-12]
    changed.sort(key=lambda query: -abs(after[query] - before[query]))
    found = []
    for query in changed[:most]:
        old, new = (_ranks(run.get(query, ())) for run in runs)
        found.append(
            Move(
                a=names[0],
                b=names[1],
                query=query,
                text=dataset.queries[query],
                before=before[query],
                after=after[query],
                passages=tuple(
                    _passage(query, doc, dataset, old, new, passage)
                    for doc in _movers(dataset.qrels[query], old, new, k)[:each]
                ),
            )
        )
    return found


def _ranks(documents: Sequence[str]) -> dict[str, int]:
    return {doc: rank for rank, doc in enumerate(documents, start=1)}


def _movers(grades: Mapping[str, int], old: dict[str, int], new: dict[str, int], k: int) -> list[str]:
    """Documents whose place in the top k changed, those with the larger change of gain first."""

    def weight(ranks: dict[str, int], doc: str) -> float:
        rank = ranks.get(doc, k + 1)
        return 1 / math.log2(rank + 1) if rank <= k else 0.0

    def shift(doc: str) -> tuple[float, float]:
        change = abs(weight(new, doc) - weight(old, doc))
        return max(grades.get(doc, 0), 0) * change, change

    top = [doc for ranks in (old, new) for doc, rank in ranks.items() if rank <= k]
    moved = [doc for doc in dict.fromkeys(top) if old.get(doc) != new.get(doc)]
    return sorted(moved, key=shift, reverse=True)


def _passage(
    query: str,
    doc: str,
    dataset: Dataset,
    old: dict[str, int],
    new: dict[str, int],
    passage: Callable[[str, str], Passage],
) -> MovedPassage:
    title, text = passage(query, doc)
    return MovedPassage(
        document=doc,
        grade=dataset.qrels[query].get(doc, 0),
        rank_a=old.get(doc),
        rank_b=new.get(doc),
        title=title,
        text=text,
    )
