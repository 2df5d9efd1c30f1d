"""Every question asked through the product's own chain, judged and kept, one by one.

OUT/answers.jsonl   each question with its answer, evidence and judgement
OUT/held-out.jsonl  the same questions, their relevant documents taken out of the search
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from assistant.errors import EgressRefused, ServiceError, UsageError
from assistant.events import Answered, Ranked
from assistant.index.engine import EVERYTHING, Where
from assistant.pipeline import Parts, ask
from assistant.types import Answer, Hit
from eval.answers.judging import Supports, read, said
from eval.answers.record import Answers, Asked
from eval.data import Dataset
from eval.rank import COLD, Progress
from eval.results import Failed

Likely = Callable[[str, tuple[Hit, ...], str], float]  # question, ranked hits, who ranked -> probability


def ask_all(
    dataset: Dataset,
    parts: Parts,
    supports: Supports,
    likely: Likely,
    *,
    held_out: bool,
    path: Path,
    fingerprint: Mapping[str, object],
    progress: Progress,
) -> tuple[dict[str, Asked], list[Failed]]:
    """Each question's answer, from `path` as far as it is there; what failed is asked again then.

    `held_out`: the relevant documents of each question are not searched.
    Raises what `ask` raises, but for a question that it refuses or a service that fails: these are counted.
    """
    failed: list[Failed] = []
    stage, total, fresh = ("held out" if held_out else "questions"), len(dataset.queries), 0
    with Answers(path, fingerprint) as kept:
        for number, (query, question) in enumerate(dataset.queries.items()):
            progress(stage, number, total)
            entry = kept.entries.get(query)
            if entry is not None and entry.question == question:
                continue
            without = _relevant(dataset, query) if held_out else ()
            try:
                answer, probability, spent = _answer(
                    question, parts, likely, replace(EVERYTHING, without=without)
                )
            except EgressRefused:
                raise
            except (UsageError, ServiceError) as error:
                failed.append(Failed(run=query, reason=str(error)))
                continue
            kept.append(
                Asked(
                    query=query,
                    question=question,
                    status=answer.status,
                    probability=probability,
                    sentences=said(answer, supports),
                    evidence=read(answer),
                    milliseconds=spent,
                    timings_ms=dict(answer.timings_ms),
                    warm=fresh >= COLD,
                    ranked_by=answer.ranked_by,
                    note=answer.note,
                    degraded=answer.degraded,
                    egress=tuple(egress.service for egress in answer.egress),
                    usage=answer.usage,
                )
            )
            fresh += 1
        progress(stage, total, total)
        return {query: kept.entries[query] for query in dataset.queries if query in kept.entries}, failed


def _answer(question: str, parts: Parts, likely: Likely, where: Where) -> tuple[Answer, float, float]:
    """The answer, the probability that there is one, and the milliseconds that the answer took."""
    begin = time.perf_counter()
    probability, answer = 0.0, None
    for event in ask(question, parts, where):
        if isinstance(event, Ranked):
            aside = time.perf_counter()
            probability = likely(question, event.ranking.hits, event.ranking.ranked_by)
            begin += time.perf_counter() - aside
        elif isinstance(event, Answered):
            answer = event.answer
    assert answer is not None
    return answer, probability, (time.perf_counter() - begin) * 1000


def _relevant(dataset: Dataset, query: str) -> tuple[str, ...]:
    return tuple(dataset.prefix + doc for doc, grade in dataset.qrels[query].items() if grade > 0)
