"""report.html and report.md of an evaluation of answers, from results.json alone; the terminal's lines."""

from pathlib import Path

from eval import plots
from eval.answers import results
from eval.answers.results import ALL, OWN, AnswerResults, Group, Mean
from eval.page import Table, figure, html_table, markdown_table, page, plain
from eval.trec import write_text
from rerankers.prices import spoken

_TRUST = ("support", "citation recall", "citation precision", "valid citations")
_ROUGE = ("rouge-2 recall", "rouge-2 f", "rouge-su4 recall", "rouge-su4 f")


def write(out: Path) -> None:
    """OUT/report.html and OUT/report.md. Raises InputError or FormatError."""
    found = results.load(out / "results.json")
    write_text(out / "report.html", [html(found)])
    write_text(out / "report.md", [markdown(found)])


def title(found: AnswerResults) -> str:
    return f"{found.dataset} {found.split}: {found.n_queries} questions answered by {found.generator}"


def html(found: AnswerResults) -> str:
    body: list[str] = []
    for table in tables(found):
        body += html_table(table)
    if found.abstention is not None:
        svg = plots.curve(
            found.abstention.curve, ("coverage", "risk"), "Share wrongly answered at each share answered"
        )
        body.append(
            figure(svg, "Risk (of the answered, the share that the library does not answer) and coverage.")
        )
    return page(title(found), body)


def markdown(found: AnswerResults) -> str:
    lines = [f"# {plain(title(found))}", ""]
    for table in tables(found):
        lines += markdown_table(table)
    return "\n".join(lines)


def terminal(found: AnswerResults) -> str:
    """A few lines."""
    counts, every = found.counts, found.groups[0]
    lines = [
        title(found),
        f"answered {every.answered}, abstained {found.abstained}, blocked {found.blocked}, "
        f"failed {len(found.failed)}",
        f"invalid citations {counts.invalid_citations} of {counts.citations}, altered quotations "
        f"{counts.altered_quotations} of {counts.quotations}, supported {counts.supported} of "
        f"{counts.sentences} sentences",
        "citation recall and precision "
        + " and ".join(_of(every, m) or "-" for m in ("citation recall", "citation precision"))
        + f" (ALCE, judged by {found.judge})",
    ]
    if found.systems:
        lines.append(f"{'writer':14}{'words':>7}" + "".join(f"{m:>24}" for m in _ROUGE))
        lines += [
            f"{s.name:14}{s.words:7.0f}" + "".join(f"{_mean(s.metrics[m]):>24}" for m in _ROUGE)
            for s in found.systems
        ]
    if "yes/no accuracy" in every.metrics:
        said, right = every.metrics["committed"], every.metrics["yes/no accuracy"]
        lines.append(f"yes/no: commits itself in {said.value:.1%} of {said.n}, right in {_mean(right)}")
    if found.abstention is not None:
        a = found.abstention
        lines.append(
            f"answerable or not: AUC {a.auc:.3f}; at {a.threshold:g} answers {a.answered} of {a.answerable} "
            f"that the library has and {a.answered_wrongly} of {a.questions - a.answerable} that it has not"
        )
    times = found.latency_ms
    lines.append(f"milliseconds: p50 {times.get('p50', 0):.0f}, p95 {times.get('p95', 0):.0f}")
    if found.cost is not None:
        lines.append(f"cost: {spoken(found.cost)}")
    return "\n".join(lines)


def tables(found: AnswerResults) -> list[Table]:
    """Those with something to say."""
    every = [
        _counts(found),
        _trust(found),
        _systems(found),
        _types(found),
        _comparisons(found),
        _abstention(found),
        _times(found),
        _flagged(found),
        _troubles(found),
    ]
    return [table for table in every if table.rows]


def _counts(found: AnswerResults) -> Table:
    c = found.counts
    return Table(
        title="Counted",
        note="An invalid citation names evidence that there is not. A quotation is altered when no "
        "cited passage has it to the letter; every sentence of an extractive answer is one. Both must be 0.",
        head=["what", "count", "of"],
        rows=[
            ["invalid citations", str(c.invalid_citations), f"{c.citations} citations"],
            ["altered quotations", str(c.altered_quotations), f"{c.quotations} quotations"],
            ["sentences without a citation", str(c.uncited_sentences), f"{c.sentences} sentences"],
            ["sentences supported", str(c.supported), f"{c.sentences} sentences"],
            ["questions answered", str(found.groups[0].answered), f"{found.n_queries} questions"],
            ["questions abstained from", str(found.abstained), f"{found.n_queries} questions"],
            ["questions blocked", str(found.blocked), f"{found.n_queries} questions"],
            ["questions failed", str(len(found.failed)), f"{found.n_queries} questions"],
        ],
    )


def _trust(found: AnswerResults) -> Table:
    return Table(
        title="Support and citations",
        note="Means over the answered questions, 95 % bootstrap intervals in brackets. Citation recall and "
        f"precision as ALCE defines them, with {found.judge} in the place of its entailment model: they say "
        "what that judge finds, and cannot find what it misses. Support is the verdict that a reader sees.",
        head=["questions", "n", "answered", *_TRUST],
        rows=[
            [g.type, str(g.questions), _of(g, "answered"), *(_of(g, m) for m in _TRUST)] for g in found.groups
        ],
    )


def _systems(found: AnswerResults) -> Table:
    return Table(
        title="Against the reference answers",
        note="ROUGE as BioASQ computes it. Over every question with a reference an abstention scores 0, "
        "though the baselines never abstain; over the answered ones all have the same questions. The "
        "baselines write from the same evidence: its first three sentences, its first passage, random ones.",
        head=["writer", "words", *(f"{m}, all" for m in _ROUGE), *(f"{m}, answered" for m in _ROUGE)],
        rows=[
            [
                "this answer" if s.name == OWN else s.name,
                f"{s.words:.0f}",
                *(_mean(s.metrics[m]) for m in _ROUGE),
                *(_mean(s.answered[m]) if m in s.answered else "" for m in _ROUGE),
            ]
            for s in found.systems
        ],
    )


def _types(found: AnswerResults) -> Table:
    shown = (*_ROUGE, "committed", "yes/no accuracy")
    return Table(
        title="By type of question",
        note="Over the answered questions. An answer commits itself when it begins with yes or no, "
        "or when what it quotes takes a side (assistant.generate.stance); accuracy is over those.",
        head=["questions", "answered", *shown],
        rows=[
            [g.type, str(g.answered), *(_of(g, m) for m in shown)]
            for g in found.groups
            if g.type != ALL or any(m in g.metrics for m in shown)
        ],
    )


def _comparisons(found: AnswerResults) -> Table:
    return Table(
        title="This answer against the baselines",
        note="Over the answered questions: paired randomisation test, bootstrap interval, p corrected by "
        "Holm over the comparisons of a metric. Wins are questions where this answer is higher.",
        head=["metric", "baseline", "change", "95 % interval", "p (Holm)", "wins/ties/losses", ""],
        rows=[
            [
                c.metric,
                c.a,
                f"{c.delta:+.4f}",
                f"{c.ci95[0]:+.4f} to {c.ci95[1]:+.4f}",
                f"{c.p_corrected:.4f}",
                f"{c.wins}/{c.ties}/{c.losses}",
                "significant" if c.significant else "not significant",
            ]
            for c in found.comparisons
        ],
    )


def _abstention(found: AnswerResults) -> Table:
    a = found.abstention
    rows = []
    if a is not None:
        rows = [
            ["questions asked with their documents", str(a.answerable)],
            ["the same without them", str(a.questions - a.answerable)],
            ["AUC of the probability", f"{a.auc:.3f}"],
            ["area under risk and coverage", f"{a.aurc:.3f}"],
            ["Brier score, calibration error", f"{a.brier:.3f}, {a.ece:.3f}"],
            [f"answered at {a.threshold:g}, with their documents", f"{a.answered} of {a.answerable}"],
            ["answered without them", f"{a.answered_wrongly} of {a.questions - a.answerable}"],
        ]
    return Table(
        title="Abstention",
        note="Each question asked again with its relevant documents taken out of the search. Another "
        "document may still answer some: not every answer among these is wrong.",
        head=["", "value"],
        rows=rows,
    )


def _times(found: AnswerResults) -> Table:
    stages = list(dict.fromkeys(name.rpartition("p")[0] for name in found.latency_ms))
    rows = [
        [stage.rstrip("_") or "whole answer", *(f"{found.latency_ms[f'{stage}p{p}']:,.1f}" for p in (50, 95))]
        for stage in stages
    ]
    if found.cost is not None:
        rows.append(["cost", spoken(found.cost), ""])
    return Table(
        title="Time and cost",
        note="Milliseconds a question, the first three of a process left out.",
        head=["stage", "p50", "p95"],
        rows=rows,
    )


def _flagged(found: AnswerResults) -> Table:
    return Table(
        title="Sentences that are not supported",
        note=f"The first {len(found.flagged)}, as a reader sees them.",
        head=["question", "sentence", "verdict", "reasons"],
        rows=[[f.question, f.text, f.verdict, "; ".join(f.reasons)] for f in found.flagged],
    )


def _troubles(found: AnswerResults) -> Table:
    rows = [["failed", f"{failed.run}: {failed.reason}"] for failed in found.failed]
    rows += [["ranked by", f"{name} ({count} questions)"] for name, count in found.ranked_by.items()]
    rows += [["degraded", f"{why} ({count} questions)"] for why, count in found.degraded.items()]
    rows += [["left this machine", f"{to} ({count} calls)"] for to, count in found.egress.items()]
    rows += [["note", note] for note in found.notes]
    rows += [["skipped", line] for line in found.skipped[:20]]
    if len(found.skipped) > 20:
        rows.append(["skipped", f"and {len(found.skipped) - 20} more lines"])
    return Table(title="To know", note="", head=["", "what"], rows=rows)


def _of(group: Group, metric: str) -> str:
    return _mean(group.metrics[metric]) if metric in group.metrics else ""


def _mean(mean: Mean) -> str:
    return f"{mean.value:.3f} [{mean.ci95[0]:.3f}, {mean.ci95[1]:.3f}]"
