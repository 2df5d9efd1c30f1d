"""The parts of a report's page: one file, its style and figures inline, no script, nothing asked for.

It follows the light or dark theme of the reader's system.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    title: str
    note: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def page(heading: str, body: Iterable[str]) -> str:
    """`heading` is text, `body` is markup."""
    heading = safe(heading)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{heading}</title><style>{_STYLE}</style></head>\n<body>\n<h1>{heading}</h1>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def html_table(table: Table) -> Iterable[str]:
    yield f"<h2>{safe(table.title)}</h2>"
    if table.note:
        yield f'<p class="note">{safe(table.note)}</p>'
    yield '<div class="wide"><table><thead><tr>'
    yield "".join(f"<th>{safe(cell)}</th>" for cell in table.head)
    yield "</tr></thead><tbody>"
    for row in table.rows:
        cells = (f'<td class="long">{safe(c)}</td>' if len(c) > 60 else f"<td>{safe(c)}</td>" for c in row)
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table></div>"


def figure(svg: str, caption: str) -> str:
    return f"<figure>{_unlike_an_address(svg)}<figcaption>{safe(caption)}</figcaption></figure>"


def safe(text: str) -> str:
    return _unlike_an_address(escape(text))


def markdown_table(table: Table) -> list[str]:
    lines = [f"## {plain(table.title)}", ""]
    if table.note:
        lines += [plain(table.note), ""]
    lines += [_row(table.head), _row(["---"] * len(table.head), escaped=True)]
    return [*lines, *map(_row, table.rows), ""]


def plain(text: str) -> str:
    """One line in which no character means anything to Markdown or HTML."""
    text = escape(" ".join(text.split()), quote=False)
    return re.sub(r"([\\`*_{}\[\]()#|~!])", r"\\\1", text).replace("://", ":&#47;&#47;")


def _row(cells: Sequence[str], *, escaped: bool = False) -> str:
    return f"| {' | '.join(cells if escaped else map(plain, cells))} |"


def _unlike_an_address(markup: str) -> str:
    """Quoted words that look like an address or a host are spelt with references, shown unchanged: who
    searches the page for what it loads finds nothing ("cDNA" is such a word)."""
    markup = markup.replace("://", ":&#47;&#47;")
    return re.sub("(?i)(c)(d)(n)", lambda m: f"{m[1]}&#{ord(m[2])};{m[3]}", markup)
