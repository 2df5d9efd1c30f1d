"""The figures of a report, as SVG text: quality against time, one run against another, ranks that change.

Colours come from the page's CSS classes, so that they follow its theme.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import pairwise

from eval.metrics import MAIN
from eval.results import RunResult

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 60, 20, 20, 50

Scale = Callable[[float], float]


def quality_latency(runs: Sequence[RunResult], front: Sequence[RunResult]) -> str:
    """nDCG@10 with its interval over the median time of a query, on a logarithmic axis. Runs bear the
    numbers of the table; the line joins the front."""
    times = [max(run.latency_ms["p50"], 0.01) for run in runs]
    first, last = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)) + 1e-9)
    last = max(last, first + 1)
    low = min(run.intervals[MAIN][0] for run in runs)
    high = max(run.intervals[MAIN][1] for run in runs)
    margin = max((high - low) * 0.08, 0.01)
    y = _scale(low - margin, high + margin, HEIGHT - BOTTOM, TOP)
    log = _scale(first, last, LEFT, WIDTH - RIGHT)

    def x(ms: float) -> float:
        return log(math.log10(max(ms, 0.01)))

    parts = [_frame("milliseconds a query (median)", MAIN)]
    for power in range(first, last + 1):
        parts += [_vertical(log(power)), _text(log(power), HEIGHT - BOTTOM + 18, f"{10.0**power:g}")]
    for tick in _ticks(low - margin, high + margin):
        parts += [_horizontal(y(tick)), _text(LEFT - 8, y(tick) + 4, f"{tick:.2f}", "end")]
    line = " ".join(f"{x(run.latency_ms['p50']):.1f},{y(run.metrics[MAIN]):.1f}" for run in front)
    parts.append(f'<polyline class="front" points="{line}"/>')
    for number, run in enumerate(runs, start=1):
        across, up = x(run.latency_ms["p50"]), y(run.metrics[MAIN])
        ends = [y(bound) for bound in run.intervals[MAIN]]
        kind = "best" if run in front else "other"
        label = f"{run.name}: {run.metrics[MAIN]:.3f} at {run.latency_ms['p50']:,.1f} ms"
        parts += [
            f'<g class="{kind}"><title>{escape(label)}</title>',
            f'<line x1="{across:.1f}" x2="{across:.1f}" y1="{ends[0]:.1f}" y2="{ends[1]:.1f}"/>',
            f'<circle cx="{across:.1f}" cy="{up:.1f}" r="5"/>',
            _text(across + 9, up + 4, str(number), "start"),
            "</g>",
        ]
    return _svg("Quality and time of each run", parts)


def scatter(a: Mapping[str, float], b: Mapping[str, float], names: tuple[str, str]) -> str:
    """Each query's nDCG@10 in two runs; above the diagonal b is better."""
    x, y = _scale(0, 1, LEFT, WIDTH - RIGHT), _scale(0, 1, HEIGHT - BOTTOM, TOP)
    parts = [_frame(names[0], names[1])]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts += [_text(x(tick), HEIGHT - BOTTOM + 18, f"{tick:g}"), _horizontal(y(tick))]
        parts.append(_text(LEFT - 8, y(tick) + 4, f"{tick:g}", "end"))
    parts.append(f'<line class="front" x1="{x(0)}" y1="{y(0)}" x2="{x(1)}" y2="{y(1)}"/>')
    for query, value in a.items():
        kind = "up" if b[query] > value else "down" if b[query] < value else "same"
        label = f"{query}: {value:.3f} and {b[query]:.3f}"
        parts.append(
            f'<circle class="dot {kind}" cx="{x(value):.1f}" cy="{y(b[query]):.1f}" r="4">'
            f"<title>{escape(label)}</title></circle>"
        )
    return _svg(f"nDCG@10 of each query: {names[0]} across, {names[1]} up", parts)


def risk_coverage(curve: Sequence[tuple[float, float]]) -> str:
    """The share answered wrongly (up) among the share answered (across), most probable first."""
    top = max(0.1, *(risk for _, risk in curve)) * 1.05
    x, y = _scale(0, 1, LEFT, WIDTH - RIGHT), _scale(0, top, HEIGHT - BOTTOM, TOP)
    parts = [_frame("coverage: share of questions answered", "risk: share of them not in the library")]
    parts += [_text(x(tick), HEIGHT - BOTTOM + 18, f"{tick:g}") for tick in (0, 0.25, 0.5, 0.75, 1)]
    for tick in _ticks(0, top):
        parts += [_horizontal(y(tick)), _text(LEFT - 8, y(tick) + 4, f"{tick:.2f}", "end")]
    line = " ".join(f"{x(coverage):.1f},{y(risk):.1f}" for coverage, risk in curve)
    parts.append(f'<polyline class="front" points="{line}"/>')
    return _svg("Risk against coverage", parts)


def reliability(probabilities: Sequence[float], true: Sequence[bool], bins: int = 10) -> str:
    """The share that is true (up) over the mean probability (across), in bins of equal size."""
    x, y = _scale(0, 1, LEFT, WIDTH - RIGHT), _scale(0, 1, HEIGHT - BOTTOM, TOP)
    parts = [_frame("probability", "share answerable")]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts += [_text(x(tick), HEIGHT - BOTTOM + 18, f"{tick:g}"), _horizontal(y(tick))]
        parts.append(_text(LEFT - 8, y(tick) + 4, f"{tick:g}", "end"))
    parts.append(f'<line class="front" x1="{x(0)}" y1="{y(0)}" x2="{x(1)}" y2="{y(1)}"/>')
    pairs = sorted(zip(probabilities, true, strict=True))
    cuts = [round(i * len(pairs) / bins) for i in range(bins + 1)]
    for part in (pairs[a:b] for a, b in pairwise(cuts) if b > a):
        mean, share = (sum(values) / len(part) for values in zip(*part, strict=True))
        label = f"{len(part)} questions: probability {mean:.2f}, answerable {share:.2f}"
        parts.append(
            f'<g class="best"><title>{escape(label)}</title>'
            f'<circle cx="{x(mean):.1f}" cy="{y(share):.1f}" r="5"/></g>'
        )
    return _svg("Probability and share answerable", parts)


def curve(points: Sequence[tuple[float, float]], names: tuple[str, str], label: str) -> str:
    """Both in 0..1; `names` of the axis across and the one up."""
    x, y = _scale(0, 1, LEFT, WIDTH - RIGHT), _scale(0, 1, HEIGHT - BOTTOM, TOP)
    parts = [_frame(*names)]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts += [_text(x(tick), HEIGHT - BOTTOM + 18, f"{tick:g}"), _horizontal(y(tick))]
        parts.append(_text(LEFT - 8, y(tick) + 4, f"{tick:g}", "end"))
    line = " ".join(f"{x(across):.1f},{y(up):.1f}" for across, up in points)
    parts.append(f'<polyline class="front" points="{line}"/>')
    return _svg(label, parts)


def bump(columns: Sequence[tuple[str, Sequence[str]]], marked: set[str], k: int = 10) -> str:
    """The first k documents of one query under several runs, a line a document; `marked` ones stand out."""
    x = _scale(0, max(len(columns) - 1, 1), LEFT + 20, WIDTH - RIGHT - 60)
    y = _scale(1, k, TOP + 24, HEIGHT - BOTTOM)
    parts = [_text(LEFT - 20, y(rank) + 4, str(rank), "end") for rank in range(1, k + 1)]
    parts += [_text(x(i), TOP + 6, name) for i, (name, _) in enumerate(columns)]
    ranks = [{doc: rank for rank, doc in enumerate(docs[:k], start=1)} for _, docs in columns]
    seen = list(dict.fromkeys(doc for column in ranks for doc in column))
    for doc in sorted(seen, key=marked.__contains__):
        kind = "best" if doc in marked else "other"
        places = [(x(i), y(column[doc])) for i, column in enumerate(ranks) if doc in column]
        joined = [
            f'<line x1="{x(i):.1f}" y1="{y(r[doc]):.1f}" x2="{x(i + 1):.1f}" y2="{y(s[doc]):.1f}"/>'
            for i, (r, s) in enumerate(pairwise(ranks))
            if doc in r and doc in s
        ]
        dots = [f'<circle cx="{across:.1f}" cy="{down:.1f}" r="5"/>' for across, down in places]
        parts += [f'<g class="{kind}"><title>{escape(doc)}</title>', *joined, *dots, "</g>"]
    return _svg("Ranks of documents under each run", parts)


def _scale(low: float, high: float, start: float, end: float) -> Scale:
    return lambda value: round(start + (value - low) / (high - low) * (end - start), 2)


def _ticks(low: float, high: float) -> list[float]:
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if (high - low) / s <= 8)
    return [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _horizontal(y: float) -> str:
    return f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _vertical(x: float) -> str:
    return f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'


def _frame(across: str, up: str) -> str:
    middle = (TOP + HEIGHT - BOTTOM) / 2
    return (
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, across)
        + f'<text x="14" y="{middle:.0f}" text-anchor="middle" transform="rotate(-90 14 {middle:.0f})">'
        + f"{escape(up)}</text>"
    )


def _svg(label: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
        + "".join(parts)
        + "</svg>"
    )
