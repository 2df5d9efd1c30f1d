"""report.html and report.md of an evaluation, made from results.json and the saved runs alone.

The page is one file: its style and figures are inline, it has no script and asks for nothing. It follows
the light or dark theme of the reader's system.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from eval import plots, results, trec
from eval.results import Move, Results
from eval.tables import Table, front, tables, title

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #667; --line: #d5d9e0;
  --good: #0a6b3d; --bad: #b3261e; --main: #1f5fbf }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --paper: #14171c; --soft: #9aa4b2;
  --line: #343b46; --good: #5fd39a; --bad: #ff8a80; --main: #7fb2ff } }
body { margin: 2rem auto; max-width: 78rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .87rem }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap }
td.long { white-space: normal; overflow-wrap: anywhere }
p.note { color: var(--soft); max-width: 60rem }
figure { margin: 1rem 0 }
svg { max-width: 46rem; width: 100%; height: auto }
svg text { fill: var(--ink); font-size: 12px }
svg line { stroke: var(--soft) }
svg .grid { stroke: var(--line) }
svg .front { stroke: var(--main); fill: none; stroke-width: 1.5 }
svg .best circle { fill: var(--main) }
svg .best line { stroke: var(--main); stroke-width: 2 }
svg .other circle { fill: var(--soft) }
svg .dot { fill-opacity: .65 }
svg .up { fill: var(--good) }
svg .down { fill: var(--bad) }
svg .same { fill: var(--soft) }
details { border-bottom: 1px solid var(--line); padding: .3rem 0 }
summary { cursor: pointer; overflow-wrap: anywhere }
blockquote { margin: .4rem 0 .8rem 1rem; padding-left: .8rem; border-left: 3px solid var(--line);
  overflow-wrap: anywhere }
.up { color: var(--good) }
.down { color: var(--bad) }
"""


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
    heading = _safe(title(found))
    body = [f"<h1>{heading}</h1>"]
    first, *others = tables(found)
    body += _html_table(first)
    body.append(
        _figure(
            plots.quality_latency(found.runs, front(found.runs)),
            "Quality and time, numbered as in the table; the line is the front.",
        )
    )
    for table in others:
        body += _html_table(table)
    for retriever, moves in _by_retriever(found).items():
        if moves:
            body += _html_moves(found, retriever, moves, ranked)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{heading}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _by_retriever(found: Results) -> dict[str, list[Move]]:
    names = {run.name: run.retriever for run in found.runs}
    groups: dict[str, list[Move]] = {run.retriever: [] for run in found.runs}
    for move in found.moves:
        groups[names[move.a]].append(move)
    return groups


def _html_table(table: Table) -> Iterable[str]:
    yield f"<h2>{_safe(table.title)}</h2>"
    if table.note:
        yield f'<p class="note">{_safe(table.note)}</p>'
    yield '<div class="wide"><table><thead><tr>'
    yield "".join(f"<th>{_safe(cell)}</th>" for cell in table.head)
    yield "</tr></thead><tbody>"
    for row in table.rows:
        cells = (f'<td class="long">{_safe(c)}</td>' if len(c) > 60 else f"<td>{_safe(c)}</td>" for c in row)
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table></div>"


def _html_moves(
    found: Results, retriever: str, moves: Sequence[Move], ranked: Mapping[str, Mapping[str, Sequence[str]]]
) -> Iterable[str]:
    a, b = moves[0].a, moves[0].b
    values = {run.name: run.per_query for run in found.runs}
    yield f"<h2>{_safe(a)} and {_safe(b)}</h2>"
    yield _figure(plots.scatter(values[a], values[b], (a, b)), f"nDCG@10 of each query: {a} across, {b} up.")
    top = moves[0]
    columns = [
        (run.reranker, ranked[run.name].get(top.query, ()))
        for run in found.runs
        if run.retriever == retriever
    ]
    relevant = {passage.document for passage in top.passages if passage.grade > 0}
    caption = f"First ten documents for “{top.text}”; in colour the relevant ones that moved its score."
    yield _figure(plots.bump(columns, relevant), caption)
    yield f"<h3>The {len(moves)} queries that moved most</h3>"
    for move in moves:
        kind = "up" if move.after > move.before else "down"
        change = f'<b class="{kind}">{move.before:.3f} → {move.after:.3f}</b>'
        yield f"<details><summary>{change} {_safe(move.text)} <small>({_safe(move.query)})</small></summary>"
        for passage in move.passages:
            yield (
                f"<blockquote><b>{_safe(passage.title or passage.document)}</b> {_safe(passage.document)}, "
                f"grade {passage.grade}, rank {_rank(passage.rank_a)} → {_rank(passage.rank_b)}<br>"
                f"{_safe(passage.text)}</blockquote>"
            )
        yield "</details>"


def _figure(svg: str, caption: str) -> str:
    return f"<figure>{_unlike_an_address(svg)}<figcaption>{_safe(caption)}</figcaption></figure>"


def _rank(rank: int | None) -> str:
    return "–" if rank is None else str(rank)


def _safe(text: str) -> str:
    return _unlike_an_address(escape(text))


def _unlike_an_address(markup: str) -> str:
    """Quoted words that look like an address or a host are spelt with references, shown unchanged: who
    searches the page for what it loads finds nothing ("cDNA" is such a word)."""
    markup = markup.replace("://", ":&#47;&#47;")
    return re.sub("(?i)(c)(d)(n)", lambda m: f"{m[1]}&#{ord(m[2])};{m[3]}", markup)


def markdown(found: Results) -> str:
    """The tables and the moves for a pull request."""
    lines = [f"# {_plain(title(found))}", ""]
    for table in tables(found):
        lines += [f"## {_plain(table.title)}", ""]
        if table.note:
            lines += [_plain(table.note), ""]
        lines += [_row(table.head), _row(["---"] * len(table.head), escaped=True)]
        lines += [*map(_row, table.rows), ""]
    for moves in _by_retriever(found).values():
        if moves:
            lines += [f"## The queries that moved most: {_plain(moves[0].a)} to {_plain(moves[0].b)}", ""]
            lines += map(_item, moves)
            lines.append("")
    return "\n".join(lines)


def _item(move: Move) -> str:
    moved = "; ".join(
        f"{_plain(p.title or p.document)} (grade {p.grade}, rank {_rank(p.rank_a)} → {_rank(p.rank_b)})"
        for p in move.passages
    )
    return f"- {move.before:.3f} → {move.after:.3f} {_plain(move.text)}: {moved}"


def _row(cells: Sequence[str], *, escaped: bool = False) -> str:
    return f"| {' | '.join(cells if escaped else map(_plain, cells))} |"


def _plain(text: str) -> str:
    """One line in which no character means anything to Markdown or HTML."""
    text = escape(" ".join(text.split()), quote=False)
    return re.sub(r"([\\`*_{}\[\]()#|~!])", r"\\\1", text).replace("://", ":&#47;&#47;")
