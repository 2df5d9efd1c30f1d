"""A reranker, alone and behind a cascade, beside sentence_transformers.CrossEncoder in float32."""

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import kendalltau

import rerankers
from assistant import models
from assistant.config import Settings
from assistant.engine import GRAPH, Classifier, Precision, unfit
from assistant.loading import reading
from eval.bench.turns import BASELINE, BATCH, ENGINE, QUESTION, Speed, in_turn
from ingest.sample import calibration
from rerankers.base import Reranker
from rerankers.cross_encoder import CrossEncoder
from rerankers.optimise import optimise
from rerankers.spec import MOST, quoted

MAX_TOKENS = 256  # of a pair, for the baseline and the engine alone; `score` reads what the reranker does
READ = 25  # passages that a cascade leaves to the reranker


def reranking(spec: str, texts: Sequence[str], settings: Settings, runs: int) -> list[Speed]:
    """One question with each text: the `score` of a reranker, and of cascades that give it the first READ and
    the best READ by late interaction, whose vectors are kept; of a cross-encoder also the engine alone, in
    each precision.

    The baseline has the same weights where the reranker is a cross-encoder that brings them as floats.
    Otherwise it is an untrained one of its size, or of the packaged MiniLM's, and only the speed is compared.
    """
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        settings = settings.model_copy(update={"cache": scratch})
        spec = spec or str(untrained(scratch / "minilm", settings))
        reranker = rerankers.load(spec, settings)
        folder = reranker.folder if isinstance(reranker, CrossEncoder) else None
        same = folder is not None and not (folder / GRAPH).is_file()
        reference = folder if folder and same else untrained(scratch / "size", settings, folder)
        work: dict[str, Callable[[], Any]] = {
            BASELINE: _baseline(reference, texts),
            f"score by {reranker.name}": partial(_scored, reranker, texts),
            **{
                f"{reranker.name} over {which} {READ}": partial(_scored, cascade(fast, spec, settings), texts)
                for which, fast in (("the first", "none"), ("late's best", "late"))
            },
            **(_engines(folder, texts, settings, scratch) if folder else {}),
        }
        results, seconds = in_turn(work, runs)
    return [
        Speed(
            what=f"reranking {len(texts)} passages, {what}",
            seconds={BASELINE: seconds[BASELINE], ENGINE: seconds[what]},
            agreement=agreement(results[BASELINE], results[what]) if same else "speed alone is compared",
        )
        for what in work
        if what != BASELINE
    ]


def cascade(fast: str, spec: str, settings: Settings) -> Reranker:
    part = quoted(spec) if Path(spec).is_dir() else spec
    return rerankers.load(f"cascade({fast}@{MOST}>{READ},{part})", settings)


def agreement(exact: Sequence[float], found: Sequence[float]) -> str:
    """Of two lists of scores."""
    first = "same" if np.argmax(exact) == np.argmax(found) else "another"
    correlation, tau = np.corrcoef(exact, found)[0, 1], kendalltau(exact, found).statistic
    return f"{first} first; Kendall's tau {tau:.3f}, correlation {correlation:.5f}"


def untrained(folder: Path, settings: Settings, like: Path | None = None) -> Path:
    """A cross-encoder without training, for its speed alone: the packaged MiniLM with a new head, or one of
    the size of another folder's."""
    source = like or models.locate(models.PACKAGED, settings.models)
    with reading(source):
        from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

        if like is None:
            model = AutoModelForSequenceClassification.from_pretrained(
                source, num_labels=1, local_files_only=True
            )
        else:
            made: Any = AutoModelForSequenceClassification
            about = AutoConfig.from_pretrained(source, local_files_only=True)
            model = made.from_config(about)
        model.save_pretrained(folder)
        AutoTokenizer.from_pretrained(source, local_files_only=True).save_pretrained(folder)
    return folder


def _baseline(folder: Path, texts: Sequence[str]) -> Callable[[], Any]:
    from sentence_transformers import CrossEncoder as Reference
    from torch import nn

    with reading(folder):
        reference = Reference(str(folder), max_length=MAX_TOKENS, device="cpu", local_files_only=True)
    pairs = [(QUESTION, text) for text in texts]
    return partial(
        reference.predict, pairs, batch_size=BATCH, show_progress_bar=False, activation_fn=nn.Identity()
    )


def _scored(reranker: Reranker, texts: Sequence[str]) -> list[float]:
    return reranker.score(QUESTION, texts)


def _engines(
    folder: Path, texts: Sequence[str], settings: Settings, scratch: Path
) -> dict[str, Callable[[], Any]]:
    if unfit(folder):
        return {}
    kinds: list[tuple[str, Path, Precision]] = [("int8", folder, "auto")]
    if not (folder / GRAPH).is_file():
        small = optimise(str(folder), scratch, calibration(), scratch / "int8", settings.threads)
        kinds = [("float32", folder, "f32"), ("bfloat16", folder, "bf16"), ("int8", small, "auto")]
    return {
        f"engine {kind}": partial(
            _logits,
            Classifier(where, max_tokens=MAX_TOKENS, threads=settings.threads, precision=precision),
            texts,
        )
        for kind, where, precision in kinds
    }


def _logits(classifier: Classifier, texts: Sequence[str]) -> list[float]:
    return classifier.logits(classifier.tokens.pairs([QUESTION] * len(texts), texts))
