"""From kept answers to numbers.

Citation measures, support and yes/no accuracy are means over the questions that were answered; ROUGE counts
every question that has a reference, an abstention or a failure as 0, and again the answered ones alone.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from eval import abstention
from eval.answers.baselines import baselines
from eval.answers.judging import committed, invalid, quotations
from eval.answers.record import Asked
from eval.answers.results import ALL, OWN, AnswerResults, Counts, Flagged, Group, Mean, System
from eval.data import Dataset
from eval.gold import Gold
from eval.results import Failed
from eval.rouge import rouge_2, rouge_su4
from eval.significance import Comparison, compare_all, interval
from rerankers.prices import total

ROUGE = ("rouge-2 recall", "rouge-2 f", "rouge-su4 recall", "rouge-su4 f")
TRUST = ("support", "citation recall", "citation precision", "valid citations")
SHOWN = 30  # unsupported sentences that are kept

Values = Mapping[str, Mapping[str, float]]  # query -> metric -> value


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How it was asked, for the record."""

    generator: str
    reranker: str
    judge: str
    threshold: float
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] | None = None


def measure(
    dataset: Dataset,
    golds: Mapping[str, Gold],
    answers: Mapping[str, Asked],
    held_out: Mapping[str, Asked] | None,
    failed: Sequence[Failed],
    setup: Setup,
) -> AnswerResults:
    """`answers` and `held_out` as `ask_all` gives them; questions that failed are missing there."""
    texts = {query: _texts(answers.get(query)) for query in dataset.queries if golds[query].ideal}
    rouge = {
        name: {query: _rouge(of.get(name, ""), golds[query].ideal) for query, of in texts.items()}
        for name in (OWN, "lead-3", "top passage", "random")
    }
    given = {query for query, asked in answers.items() if asked.sentences}
    values = {
        query: _values(asked, golds[query]) | rouge[OWN].get(query, {})
        for query, asked in answers.items()
        if query in given
    }
    types = [ALL, *sorted({golds[query].type for query in dataset.queries})]
    return AnswerResults(
        dataset=dataset.name,
        split=dataset.split,
        n_queries=len(dataset.queries),
        generator=setup.generator,
        reranker=setup.reranker,
        judge=setup.judge,
        counts=_counts([answers[query] for query in given], setup.generator),
        groups=tuple(_group(kind, dataset, golds, answers, values) for kind in types),
        systems=tuple(_system(name, scores, given, texts) for name, scores in rouge.items()) if texts else (),
        comparisons=tuple(_comparisons(rouge, given)),
        abstained=sum(asked.status == "abstained" for asked in answers.values()),
        blocked=sum(asked.status == "blocked" for asked in answers.values()),
        abstention=None if held_out is None else _abstention(answers, held_out, setup.threshold),
        latency_ms=_latency(list(answers.values())),
        cost=total(asked.usage for asked in answers.values()),
        egress=dict(Counter(service for asked in answers.values() for service in asked.egress)),
        ranked_by=dict(Counter(asked.ranked_by for asked in answers.values())),
        degraded=dict(Counter(reason for asked in answers.values() for reason in asked.degraded)),
        flagged=tuple(_flagged(answers.values()))[:SHOWN],
        per_query={query: {k: round(v, 6) for k, v in of.items()} for query, of in values.items()},
        failed=tuple(failed),
        notes=(*dataset.notes, *setup.notes),
        skipped=tuple(f"{s.source} {s.place}: {s.reason}" for s in dataset.skipped),
        versions=setup.versions,
    )


def _texts(asked: Asked | None) -> dict[str, str]:
    return {} if asked is None else {OWN: asked.text, **baselines(asked)}


def _rouge(text: str, references: Sequence[str]) -> dict[str, float]:
    two, four = rouge_2(text, references), rouge_su4(text, references)
    return dict(zip(ROUGE, (two.recall, two.f, four.recall, four.f), strict=True))


def _values(asked: Asked, gold: Gold) -> dict[str, float]:
    """Of an answered question."""
    needed = [flag for sentence in asked.sentences for flag in sentence.needed]
    wrong, cited = invalid(asked), sum(len(sentence.citations) for sentence in asked.sentences)
    found = {
        "support": fmean(sentence.verdict == "supported" for sentence in asked.sentences),
        "citation recall": fmean(sentence.entailed for sentence in asked.sentences),
        "citation precision": sum(needed) / (len(needed) + wrong) if cited else 0.0,
        "valid citations": 1 - wrong / cited if cited else 0.0,
    }
    said = committed(asked)
    if gold.yes is not None:
        found["committed"] = float(said is not None)
        if said is not None:
            found["yes/no accuracy"] = float(said == gold.yes)
    return found


def _counts(answers: Sequence[Asked], generator: str) -> Counts:
    sentences = [sentence for asked in answers for sentence in asked.sentences]
    quoted = [quotations(asked, extractive=generator == "extractive") for asked in answers]
    return Counts(
        sentences=len(sentences),
        supported=sum(sentence.verdict == "supported" for sentence in sentences),
        citations=sum(len(sentence.citations) for sentence in sentences),
        invalid_citations=sum(map(invalid, answers)),
        uncited_sentences=sum(not sentence.citations for sentence in sentences),
        quotations=sum(told for told, _ in quoted),
        altered_quotations=sum(altered for _, altered in quoted),
    )


def _group(
    kind: str, dataset: Dataset, golds: Mapping[str, Gold], answers: Mapping[str, Asked], values: Values
) -> Group:
    queries = [query for query in dataset.queries if kind in (ALL, golds[query].type)]
    metrics = {"answered": _mean([float(query in values) for query in queries])}
    for metric in (*TRUST, *ROUGE, "committed", "yes/no accuracy"):
        found = [values[query][metric] for query in queries if metric in values.get(query, {})]
        if found:
            metrics[metric] = _mean(found)
    answered = sum(query in values for query in queries)
    return Group(type=kind, questions=len(queries), answered=answered, metrics=metrics)


def _system(name: str, scores: Values, given: set[str], texts: Mapping[str, Mapping[str, str]]) -> System:
    lengths = [len(of[name].split()) for of in texts.values() if of.get(name)]
    chosen = [query for query in scores if query in given]
    return System(
        name=name,
        metrics={metric: _mean([of[metric] for of in scores.values()]) for metric in ROUGE},
        answered={metric: _mean([scores[query][metric] for query in chosen]) for metric in ROUGE if chosen},
        words=fmean(lengths) if lengths else 0.0,
    )


def _comparisons(rouge: Mapping[str, Values], given: set[str]) -> list[Comparison]:
    """Each baseline against the answer, over the answered questions that have a reference."""
    pairs = [(name, OWN) for name in rouge if name != OWN]
    shared = [query for query in rouge[OWN] if query in given]
    return [
        comparison
        for metric in (ROUGE if shared else ())
        for comparison in compare_all(
            {name: {query: of[query][metric] for query in shared} for name, of in rouge.items()},
            metric=metric,
            pairs=pairs,
        )
    ]


def _abstention(
    answers: Mapping[str, Asked], held_out: Mapping[str, Asked], threshold: float
) -> abstention.Abstention:
    both = [
        *((a.probability, True) for a in answers.values()),
        *((h.probability, False) for h in held_out.values()),
    ]
    return abstention.measure([p for p, _ in both], [known for _, known in both], threshold)


def _latency(answers: Sequence[Asked]) -> dict[str, float]:
    """Milliseconds of an answer and of its stages, questions that a process met cold left out."""
    warm = [asked for asked in answers if asked.warm] or answers
    stages = dict.fromkeys(stage for asked in warm for stage in asked.timings_ms)
    times = {f"{stage}_": [asked.timings_ms.get(stage, 0.0) for asked in warm] for stage in stages}
    times[""] = [asked.milliseconds for asked in warm]
    return {
        f"{name}p{p}": round(float(np.percentile(of, p)), 3)
        for name, of in times.items()
        if of
        for p in (50, 95)
    }


def _flagged(answers: Iterable[Asked]) -> list[Flagged]:
    return [
        Flagged(query=asked.query, question=asked.question, text=s.text, verdict=s.verdict, reasons=s.reasons)
        for asked in answers
        for s in asked.sentences
        if s.verdict != "supported"
    ]


def _mean(values: Sequence[float]) -> Mean:
    return (
        Mean(value=fmean(values), ci95=interval(values), n=len(values))
        if values
        else Mean(value=0.0, ci95=(0.0, 0.0), n=0)
    )
