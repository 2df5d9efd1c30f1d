"""What an evaluation found: pure, results -> safe HTML on one line."""

from typing import get_args

from assistant.types import RetrieverName
from eval.metrics import MAIN
from eval.page import Table
from eval.results import NONE, Results
from eval.significance import Comparison
from eval.tables import tables, title
from ui.evaluating import Standing
from ui.evidence import text

BAR = 20  # signs of the bar
LONG = 40  # characters of a cell that is broken into lines
FEW = 30  # questions, below which only large differences can be seen


def progress(now: Standing) -> str:
    """Stage, count, rate and what is left, in words; the bar is for the eye alone."""
    share = now.done / now.total if now.total else 0.0
    filled = min(BAR, int(share * BAR))
    words = [f"{now.done:,} of {now.total:,}"] if now.total else []
    if now.done and now.seconds > 0.5:
        rate = now.done / now.seconds
        words += [f"{rate:.1f} a second", f"about {spoken((now.total - now.done) / rate)} left in this stage"]
    return (
        f'<p class="working"><strong>{text(named(now.stage))}</strong> <span class="bar" aria-hidden="true">'
        f"{'▰' * filled}{'▱' * (BAR - filled)}</span> {' · '.join(words)}</p>"
    )


def named(stage: str) -> str:
    """The stages of eval.run in words: a retriever, or a retriever with its reranker."""
    retriever, _, reranker = stage.partition(".")
    if retriever not in get_args(RetrieverName):
        return stage
    return f"Ranking by {reranker}" if reranker else f"Searching ({retriever})"


def spoken(seconds: float) -> str:
    seconds = max(0.0, seconds)
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"


def shown(results: Results, *, own: bool, report: bool = False) -> str:
    """What can be said, then every table of the report. `own`: a team's own judgements; `report`: the page
    has the whole report, too."""
    first, *others = tables(results)
    said = "".join(f"<li>{text(line)}</li>" for line in statements(results, own))
    button = '<p><button type="button" class="report">Save the report with its figures</button></p>'
    return (
        f'<section class="measured"><h2 class="question">{text(title(results))}</h2>'
        f'<ul class="said">{said}</ul>{button if report else ""}'
        f"{table(first, ' open')}{''.join(map(table, others))}</section>"
    )


def statements(results: Results, own: bool) -> list[str]:
    """Each reranker against the order of the search, honestly; then what bounds all of it."""
    lines = []
    for found in results.comparisons:
        retriever, _, reranker = found.b.partition(".")
        if found.metric == MAIN and found.a == f"{retriever}.{NONE}" and reranker != NONE:
            lines.append(statement(found, reranker, results.n_queries))
    lines += [f"✕ {failed.run} failed: {failed.reason}" for failed in results.failed]
    if results.n_queries < FEW:
        lines.append(f"△ {results.n_queries} questions are few: only large differences can be seen.")
    if own:
        lines.append(
            "△ What nobody judged counts as not relevant: a reranker that brings up passages which nobody "
            "looked at is judged too low."
        )
    else:
        lines.append(
            "△ The sample's synthetic notes and questions came with the assistant: they show that a reranker "
            "works, and say nothing about your library."
        )
    return lines


def statement(found: Comparison, reranker: str, questions: int) -> str:
    low, high = found.ci95
    p = f"{found.p_corrected:.3f}" if found.p_corrected >= 0.001 else "below 0.001"
    numbers = (
        f"{MAIN} {found.delta:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}, p {p} "
        f"after Holm's correction, {questions} questions"
    )
    if not found.significant:
        return f"○ No difference between {reranker} and the search alone can be shown ({numbers})."
    if found.delta > 0:
        return f"▲ {reranker} ranks better than the search alone ({numbers})."
    return f"▼ {reranker} ranks worse than the search alone ({numbers})."


def table(found: Table, state: str = "") -> str:
    head = "".join(f"<th>{text(cell)}</th>" for cell in found.head)
    rows = "".join(
        "<tr>"
        + "".join(f'<td class="{"long" if len(cell) > LONG else ""}">{text(cell)}</td>' for cell in row)
        + "</tr>"
        for row in found.rows
    )
    note = f'<p class="cost">{text(found.note)}</p>' if found.note else ""
    return (
        f'<details class="table"{state}><summary>{text(found.title)}</summary>{note}'
        f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></details>"
    )
