"""`assistant eval answers`: a labelled folder's questions through the product's own chain."""

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from assistant import build
from assistant.answerable import probability
from assistant.config import Loaded
from assistant.errors import AssistantError
from assistant.progress import counting, ingesting
from assistant.types import Hit
from eval import result_file
from eval.answers import report
from eval.answers.asking import ask_all
from eval.answers.measure import Setup, measure
from eval.answers.results import AnswerResults
from eval.corpus import library
from eval.data import load
from eval.gold import gold
from eval.verifier import NAME, supports


def answers(
    folder: Path,
    split: str,
    loaded: Loaded,
    *,
    out: Path,
    limit: int | None = None,
    seed: int | None = None,
    held_out: bool = False,
) -> AnswerResults:
    """Ask every question, judge, measure, report into `out`; nothing is written to the audit. What an earlier
    call with the same library and settings left there is not asked again, so an interrupted one goes on.

    Raises AssistantError when a question failed, after the others were reported.
    """
    dataset = load(folder, split, limit=limit, seed=seed)
    golds = gold(dataset)
    settings = loaded.settings
    with ExitStack() as stack:
        with ingesting() as told:
            corpus = stack.enter_context(library(dataset, settings, progress=told))
        sys.stderr.write(f"The index of the corpus is kept in {corpus.place}\n")
        own = replace(loaded, settings=settings.model_copy(update={"index": corpus.place}))
        parts = replace(build.parts(own, corpus.index, corpus.encoder), audit=None)
        progress = stack.enter_context(counting())

        def likely(question: str, hits: tuple[Hit, ...], ranked_by: str) -> float:
            fits = settings.models / "answerable.json"
            return probability(question, hits, corpus.encoder, ranked_by, fits)

        kept = {"library": corpus.key, **_fingerprint(loaded), "versions": dict(parts.versions)}
        asked, failed = ask_all(
            dataset,
            parts,
            supports,
            likely,
            held_out=False,
            path=out / "answers.jsonl",
            fingerprint={**kept, "held_out": False},
            progress=progress,
        )
        without = None
        if held_out:
            without, more = ask_all(
                dataset,
                parts,
                lambda claim, texts: False,  # nothing of these is measured but whether they are answered
                likely,
                held_out=True,
                path=out / "held-out.jsonl",
                fingerprint={**kept, "held_out": True},
                progress=progress,
            )
            failed += [replace(f, run=f"{f.run} without its documents") for f in more]
        setup = Setup(
            generator=parts.generator.name,
            reranker=settings.reranker,
            judge=NAME,
            threshold=settings.abstain_below,
            notes=corpus.notes,
            versions=parts.versions,
        )
    found = measure(dataset, golds, asked, without, failed, setup)
    result_file.save(out / "results.json", found)
    report.write(out)
    if failed:
        raise AssistantError(
            f"{len(failed)} questions failed, first {failed[0].run}: {failed[0].reason}; the others stand in "
            f"{out / 'report.html'}, and the same command asks the failed ones again"
        )
    return found


def _fingerprint(loaded: Loaded) -> Mapping[str, object]:
    """What an answer depends on."""
    fields = (
        "retriever reranker budget_ms depth top_k abstain_below generator llm_model llm_url llm_judge "
        "withhold_unsupported fail_closed"
    )
    chosen = loaded.settings.model_dump(mode="json", include=set(fields.split()))
    return {**chosen, "code": version("clinical-assistant")}
