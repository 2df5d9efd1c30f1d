"""report.html and report.md of an evaluation, made from results.json and the saved runs alone."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from eval import plots, results, trec
from eval.page import figure, html_table, markdown_table, page, plain, safe
from eval.results import Move, Results
from eval.tables import front, tables, title


def write(out: Path) -> None:
    """OUT/report.html and OUT/report.md from OUT/results.json and OUT/runs.

    Raises InputError or FormatError when these cannot be read or the reports cannot be written.
    """
    found = results.load(out / "results.json")
    shown = {retriever for retriever, moves in _by_retriever(found).items() if moves}
    ranked = {
        run.name: trec.ranked(trec.load(out / run.file)) for run in found.runs if run.retriever in shown
    }
    trec.write_text(out / "report.html", [html(found, ranked)])
    trec.write_text(out / "report.md", [markdown(found)])


def html(found: Results, ranked: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """`ranked`: run -> query -> documents, for the chart of ranks; of the retrievers that have moves."""
    first, *others = tables(found)
    body = [*html_table(first)]
    body.append(
        figure(
            plots.quality_latency(found.runs, front(found.runs)),
            "Quality and time, numbered as in the table; the line is the front.",
        )
    )
    for table in others:
        body += html_table(table)
    for retriever, moves in _by_retriever(found).items():
        if moves:
            body += _html_moves(found, retriever, moves, ranked)
    return page(title(found), body)


def _by_retriever(found: Results) -> dict[str, list[Move]]:
    names = {run.name: run.retriever for run in found.runs}
    groups: dict[str, list[Move]] = {run.retriever: [] for run in found.runs}
    for move in found.moves:
        groups[names[move.a]].append(move)
    return groups


def _html_moves(
    found: Results, retriever: str, moves: Sequence[Move], ranked: Mapping[str, Mapping[str, Sequence[str]]]
) -> Iterable[str]:
    a, b = moves[0].a, moves[0].b
    values = {run.name: run.per_query for run in found.runs}
    yield f"<h2>{safe(a)} and {safe(b)}</h2>"
    yield figure(plots.scatter(values[a], values[b], (a, b)), f"nDCG@10 of each query: {a} across, {b} up.")
    top = moves[0]
    columns = [
        (run.reranker, ranked[run.name].get(top.query, ()))
        for run in found.runs
        if run.retriever == retriever
    ]
    relevant = {passage.document for passage in top.passages if passage.grade > 0}
    caption = f"First ten documents for “{top.text}”; in colour the relevant ones that moved its score."
    yield figure(plots.bump(columns, relevant), caption)
    yield f"<h3>The {len(moves)} queries that moved most</h3>"
    for move in moves:
        kind = "up" if move.after > move.before else "down"
        change = f'<b class="{kind}">{move.before:.3f} → {move.after:.3f}</b>'
        yield f"<details><summary>{change} {safe(move.text)} <small>({safe(move.query)})</small></summary>"
        for passage in move.passages:
            yield (
                f"<blockquote><b>{safe(passage.title or passage.document)}</b> {safe(passage.document)}, "
                f"grade {passage.grade}, rank {_rank(passage.rank_a)} → {_rank(passage.rank_b)}<br>"
                f"{safe(passage.text)}</blockquote>"
            )
        yield "</details>"


def _rank(rank: int | None) -> str:
    return "–" if rank is None else str(rank)


def markdown(found: Results) -> str:
    """The tables and the moves for a pull request."""
    lines = [f"# {plain(title(found))}", ""]
    for table in tables(found):
        lines += markdown_table(table)
    for moves in _by_retriever(found).values():
        if moves:
            lines += [f"## The queries that moved most: {plain(moves[0].a)} to {plain(moves[0].b)}", ""]
            lines += map(_item, moves)
            lines.append("")
    return "\n".join(lines)


def _item(move: Move) -> str:
    moved = "; ".join(
        f"{plain(p.title or p.document)} (grade {p.grade}, rank {_rank(p.rank_a)} → {_rank(p.rank_b)})"
        for p in move.passages
    )
    return f"- {move.before:.3f} → {move.after:.3f} {plain(move.text)}: {moved}"
