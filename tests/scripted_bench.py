"""Rerankers side by side and an evaluation, scripted. Nothing here is from a real source."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant.compare import side_by_side
from assistant.errors import ModelMissing
from assistant.types import Hit, Ranking
from assistant.workbench import Choice, Set, Sides, Source, Tell
from eval import result_file
from eval.measure import compare_runs
from eval.metrics import MAIN
from eval.results import Results, RunResult
from rerankers.base import KeepOrder, Reranker, WordOverlap
from tests.build import hit
from tests.scripted import MARKUP

POOL = tuple(
    hit(
        f"{'warfarin ' * (n % 4)}A passage on dosing, number {n}.",
        document=f"sample:{n}",
        title=f"Note {n} on warfarin",
        journal="Journal of Invented Pharmacology",
        year=2000 + n,
    )
    for n in range(1, 13)
)
HOSTILE = (hit(f"Words {MARKUP}", document="sample:h", title=MARKUP, journal=MARKUP), *POOL[:2])


class Reversed(Reranker):
    """The last first."""

    name = "late"

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        return [float(i) for i in range(len(passages))]


RERANKERS = {"none": KeepOrder(), "late": Reversed(), "bundled": WordOverlap()}
MEDCPT = "medcpt is not installed: assistant models pull medcpt"


def sides(
    names: Sequence[str] = ("none", "late", "medcpt"),
    pool: Sequence[Hit] = POOL,
    question: str = "warfarin dose",
    running: str = "",
) -> Sides:
    rankings = {name: RERANKERS[name].rerank(question, pool) for name in names if name in RERANKERS}
    return Sides(
        found=side_by_side(question, pool, rankings),
        pool=Ranking(hits=tuple(pool), ranked_by="search", milliseconds=12.0),
        failed={name: MEDCPT for name in names if name not in RERANKERS},
        running=running,
    )


def measured(reranker: str = "late", better: float = 0.2, questions: int = 40) -> Results:
    """The search alone at .5, a reranker above it by `better` for each question."""

    def run(name: str, value: float) -> RunResult:
        shown = (MAIN, "p@5", "p@3", "mrr@10", "map", "recall@100", "success@5")
        return RunResult(
            retriever="hybrid",
            reranker=name,
            file=f"runs/{name}.trec",
            metrics=dict.fromkeys(shown, value),
            latency_ms={"p50": 10.0, "p95": 20.0},
            per_query={f"q{n}": value for n in range(questions)},
            intervals=dict.fromkeys(shown, (value, value)),
            values={"p@3": [value] * questions},
            pool_recall=1.0,
            passages=30.0,
            ranked_by={name: questions},
            degraded={},
            egress={},
        )

    runs = (run("none", 0.5), run(reranker, 0.5 + better))
    return Results(
        dataset="sample",
        split="test",
        n_queries=questions,
        depth=30,
        runs=runs,
        comparisons=tuple(compare_runs(runs)),
    )


class Bench:
    """`evaluate` tells of 400 questions, slowly enough to be stopped, and keeps what it was asked."""

    def __init__(self, folder: Path, questions: int = 400) -> None:
        self._folder, self._questions = folder, questions
        self.asked: list[tuple[str, tuple[str, ...], int | None]] = []

    def choices(self) -> tuple[Choice, ...]:
        """One of them, gone, is no longer there when it is to rank."""
        return (*(Choice(name) for name in (*RERANKERS, "gone")), Choice("medcpt", MEDCPT))

    def compare(self, question: str, names: Sequence[str]) -> Iterator[Sides]:
        """The first word chooses: missing (our error), hostile."""
        if question.startswith("missing"):
            raise ModelMissing(MEDCPT)
        pool = HOSTILE if question.startswith("hostile") else POOL
        yield sides((), pool, question, names[0])
        yield sides(names, pool, question)

    def sources(self, ids: Sequence[str]) -> Iterator[Source]:
        return (Source(i, f"Title {i}", f"The text of {i}.") for i in ids)

    def evaluate(self, which: Set, rerankers: Sequence[str], limit: int | None, tell: Tell) -> Path:
        import time

        self.asked.append((which, tuple(rerankers), limit))
        for n in range(self._questions):
            tell("hybrid.late", n, self._questions)
            time.sleep(0.02)
        out = self._folder / which
        result_file.save(out / "results.json", measured())
        (out / "report.html").write_text("<!doctype html><title>report</title>", "utf-8")
        return out
