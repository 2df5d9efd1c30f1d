"""The tables of a report, as text, from the results alone; HTML and Markdown write the same ones."""

from collections.abc import Iterable

from eval.metrics import MAIN
from eval.page import Table
from eval.results import NONE, RULE, Results, RunResult
from eval.significance import Comparison
from rerankers.prices import spoken

BUDGETS = (10, 50, 100, 200, 500, 1_000, 2_000, 5_000)  # milliseconds a query
KEEP = 0.10  # the rule of keeping a reranker: the relative rise it has to bring

_SHOWN = (MAIN, "p@5", RULE, "mrr@10", "map", "recall@100", "success@5")


def tables(results: Results) -> list[Table]:
    """Those with something to say."""
    every = [
        _runs(results),
        _rule(results),
        _budgets(results),
        _comparisons(results),
        _times(results),
        _troubles(results),
    ]
    return [table for table in every if table.rows]


def title(results: Results) -> str:
    return f"{results.dataset} {results.split}: {results.n_queries} queries"


def front(runs: Iterable[RunResult]) -> list[RunResult]:
    """Runs that no other one beats in nDCG@10 at the same or a smaller median time; fastest first."""
    best: list[RunResult] = []
    for run in sorted(runs, key=lambda run: (run.latency_ms["p50"], -run.metrics[MAIN])):
        if not best or run.metrics[MAIN] > best[-1].metrics[MAIN]:
            best.append(run)
    return best


def _runs(results: Results) -> Table:
    against = {run.name: c for run in results.runs if (c := _own(results, run, MAIN))}
    rows = []
    for number, run in enumerate(results.runs, start=1):
        found = against.get(run.name)
        cells = [_number(run, metric) for metric in _SHOWN]
        rows.append([str(number), run.retriever, run.reranker, cells[0], _mark(found), *cells[1:]])
        rows[-1] += [f"{run.pool_recall:.3f}", f"{run.passages:.0f}", _ms(run.latency_ms["p50"])]
    return Table(
        title="Runs",
        note=(
            "Means over all judged queries, 95 % bootstrap intervals in brackets. A pool holds the passages "
            f"down to document {results.depth}, and every reranker scores the same ones; a document has the "
            "score of its best passage. Pool recall bounds every reranker's recall. The mark compares with "
            "the pool's own order: ▲ better, ▼ worse, significant at .05 after Holm's correction; n.s. not."
        ),
        head=["#", "retriever", "reranker", MAIN, "", *_SHOWN[1:], "pool recall", "passages", "p50 ms"],
        rows=rows,
    )


def _own(results: Results, run: RunResult, metric: str) -> Comparison | None:
    """The run against its own pool's order."""
    if run.reranker == NONE:
        return None
    pair = (f"{run.retriever}.{NONE}", run.name)
    return next((c for c in results.comparisons if c.metric == metric and (c.a, c.b) == pair), None)


def _rule(results: Results) -> Table:
    rows = []
    first = {run.retriever: run for run in results.runs if run.reranker == NONE}
    for run in results.runs:
        found = _own(results, run, RULE)
        if found is None:
            continue
        was, now = first[run.retriever].metrics[RULE], run.metrics[RULE]
        rise = (now - was) / was if was else (float("inf") if now else 0.0)
        verdict = "keep" if rise > KEEP + 1e-9 else "drop"
        doubt = "" if found.significant else ", but the difference is not significant"
        rows.append([run.name, f"{was:.3f}", f"{now:.3f}", f"{rise:+.1%}", _p(found), verdict + doubt])
    return Table(
        title="Keep the reranker?",
        note=f"Keep the reranker if precision@3 rises by more than {KEEP:.0%}.",
        head=["run", "p@3 before", "p@3 after", "change", "p (Holm)", "outcome"],
        rows=rows,
    )


def _budgets(results: Results) -> Table:
    best = front(results.runs)
    rows = []
    for budget in BUDGETS:
        within = [run for run in best if run.latency_ms["p50"] <= budget]
        if within:
            chosen = within[-1]
            rows.append([f"{budget:,}", chosen.name, _number(chosen, MAIN), _ms(chosen.latency_ms["p50"])])
    return Table(
        title="Best within a budget",
        note=f"By the median time of a query. The front: {', '.join(run.name for run in best)}.",
        head=["budget ms", "run", MAIN, "p50 ms"],
        rows=rows,
    )


def _comparisons(results: Results) -> Table:
    return Table(
        title="Comparisons",
        note=(
            "Change from a to b over the same queries: paired randomisation test, bootstrap interval, p also "
            "corrected by Holm over all comparisons of the metric. Wins are queries where b is higher."
        ),
        head=["metric", "a", "b", "change", "95 % interval", "p", "p (Holm)", "wins/ties/losses", ""],
        rows=[
            [
                c.metric,
                c.a,
                c.b,
                f"{c.delta:+.4f}",
                f"{c.ci95[0]:+.4f} to {c.ci95[1]:+.4f}",
                f"{c.p:.4f}",
                _p(c),
                f"{c.wins}/{c.ties}/{c.losses}",
                "significant" if c.significant else "not significant",
            ]
            for c in results.comparisons
        ],
    )


def _times(results: Results) -> Table:
    stages = ("retrieve_p50", "retrieve_p95", "rerank_p50", "rerank_p95", "p50", "p95")
    priced = any(run.cost is not None for run in results.runs)
    rows = []
    for run in results.runs:
        row = [run.name, *(_ms(run.latency_ms.get(stage)) for stage in stages)]
        row.append("" if run.memory_mb is None else f"{run.memory_mb:,.0f}")
        row.append(", ".join(f"{name} ({count})" for name, count in run.ranked_by.items()))
        if priced:
            row.append("" if run.cost is None else spoken(run.cost))
        rows.append(row)
    return Table(
        title="Time and memory",
        note=(
            "Milliseconds a query, warm: the first three queries of a process are left out. Memory is the "
            "process's resident size at its highest, models of earlier runs included."
        ),
        head=["run", *(s.replace("_", " ") for s in stages), "memory MB", "ranked by (queries)"]
        + (["cost"] if priced else []),
        rows=rows,
    )


def _troubles(results: Results) -> Table:
    rows = [["failed", f"{failed.run}: {failed.reason}"] for failed in results.failed]
    for run in results.runs:
        rows += [["degraded", f"{run.name}: {why} ({count} queries)"] for why, count in run.degraded.items()]
        rows += [
            ["left this machine", f"{run.name}: {to} ({count} calls)"] for to, count in run.egress.items()
        ]
    rows += [["note", note] for note in results.notes]
    rows += [["skipped", line] for line in results.skipped[:20]]
    if len(results.skipped) > 20:
        rows.append(["skipped", f"and {len(results.skipped) - 20} more lines"])
    return Table(title="To know", note="", head=["", "what"], rows=rows)


def _number(run: RunResult, metric: str) -> str:
    low, high = run.intervals[metric]
    return f"{run.metrics[metric]:.3f} [{low:.3f}, {high:.3f}]"


def _mark(found: Comparison | None) -> str:
    if found is None:
        return ""
    return ("▲" if found.delta > 0 else "▼") if found.significant else "n.s."


def _p(found: Comparison) -> str:
    return f"{found.p_corrected:.4f}"


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"
