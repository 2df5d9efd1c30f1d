"""What a team works on its library with: rerankers side by side, and evaluations that let questions pass."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from assistant import models, pipeline
from assistant.build import versions
from assistant.compare import Comparison, side_by_side
from assistant.config import Loaded, Settings
from assistant.encoders.base import Encoder, Vectors
from assistant.errors import AssistantError, ModelError, UsageError
from assistant.functions import MOST_RERANKERS, Functions
from assistant.pipeline import Parts
from assistant.turns import TURNS
from assistant.types import Hit, Ranking
from rerankers.catalog import BUNDLED, RERANKERS, Entry

LEAST_RERANKERS = 2
DEPTH = 30  # documents in a pool of an evaluation on the page; the command line takes 100
FEW = 16  # passages that are embedded in one turn
SPLIT = "judged"  # of a team's own judgements

Set = Literal["sample", "judged"]
Tell = Callable[[str, int, int], None]  # stage, done, of; what it raises ends the evaluation


@dataclass(frozen=True, slots=True)
class Choice:
    """A reranker of the catalogue. `missing`: why it cannot be used here, with the command; else ""."""

    name: str
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """A comparison as far as it has come. `failed`: name -> why, in one line; `running`: who ranks now, ""
    at the end; `pool`: the search itself, with what it lacked."""

    found: Comparison
    pool: Ranking
    failed: Mapping[str, str]
    running: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A whole document of the library."""

    id: str
    title: str
    text: str


class Workbench:
    """Over open parts. `judged`: the folder of a team's own judgements, in BEIR format."""

    def __init__(self, loaded: Loaded, parts: Parts, functions: Functions, judged: Path) -> None:
        self._settings, self._parts, self._functions = loaded.settings, parts, functions
        self._judged = judged
        self._warm: set[str] = set()

    def choices(self) -> tuple[Choice, ...]:
        """The catalogue: the order of the search, what can be used here, the rest. Reads no model."""
        every = [Choice(entry.id, missing(entry, self._settings)) for entry in RERANKERS]
        return tuple(sorted(every, key=lambda choice: (bool(choice.missing), choice.name != "none")))

    def compare(self, question: str, names: Sequence[str]) -> Iterator[Sides]:
        """After the search, and after each reranker; one that fails is said so and the others go on.

        Raises UsageError unless two to four are named, and what the search raises.
        """
        question = pipeline.asked(question)
        names = list(dict.fromkeys(names))
        if not LEAST_RERANKERS <= len(names) <= MOST_RERANKERS:
            raise UsageError(f"{len(names)} rerankers are chosen; choose two to {MOST_RERANKERS}")
        pool = pipeline.search(question, self._parts)
        rankings: dict[str, Ranking] = {}
        failed: dict[str, str] = {}

        def sides(running: str = "") -> Sides:
            found = side_by_side(question, pool.hits, rankings)
            return Sides(found=found, pool=pool, failed=dict(failed), running=running)

        for name in names:
            yield sides(name)
            try:
                rankings[name] = self._ranked(name, question, pool.hits)
            except AssistantError as error:
                failed[name] = str(error)
        yield sides()

    def _ranked(self, name: str, question: str, pool: Sequence[Hit]) -> Ranking:
        """Timed without the loading of a model, which the first use does."""
        made = self._functions.reranker(name)
        local = all(entry.kind != "service" for entry in RERANKERS if entry.id == name)
        if local and name not in self._warm:
            made.rerank(question, pool[:1])
            self._warm.add(name)
        return made.rerank(question, pool)

    def sources(self, ids: Sequence[str]) -> Iterator[Source]:
        """These documents, whole."""
        for document_id in ids:
            hits = self._parts.index.document(document_id)
            if hits:
                yield Source(document_id, hits[0].metadata.title, whole(hits))

    def evaluate(self, which: Set, rerankers: Sequence[str], limit: int | None, tell: Tell) -> Path:
        """`eval retrieval` with the settings' retriever; returns the folder of results.json and report.html.

        It computes in turns: before each question of the set, and before each few passages of its index,
        whoever waits goes first. What an earlier call has computed stays. Raises what `tell` raises, and
        AssistantErrors that leave no results; UsageError where the encoder would send whole documents away.
        """
        from eval.corpus import library
        from eval.data import load
        from eval.run import evaluate
        from ingest import sample

        settings = self._settings
        folder, split = (sample.FOLDER, "test") if which == "sample" else (self._judged, SPLIT)
        out = settings.cache / "evaluations" / which
        encoder = self._parts.encoder
        if encoder.sends:
            raise UsageError(
                f"{encoder.name} would send the set's documents to {encoder.sends}; run it from the command "
                f"line: assistant eval retrieval {folder} --split {split} --out FOLDER --encoder minilm"
            )
        last = ("Reading the documents", 0, 0)

        def told(stage: str, done: int, total: int) -> None:
            nonlocal last
            last = stage, done, total
            tell(*last)
            with TURNS.aside():
                pass

        with TURNS.computing(TURNS.place()):
            dataset = load(folder, split, limit=limit, seed=0)
            (out / "results.json").unlink(missing_ok=True)
            with library(
                dataset,
                settings,
                encoder=Considerate(encoder, lambda: told(*last)),
                progress=lambda now: told("Indexing the documents", now.read, dataset.documents),
            ) as corpus:
                try:
                    evaluate(
                        dataset,
                        corpus.search,
                        corpus.lookup,
                        self._functions.reranker,
                        retrievers=[settings.retriever],
                        rerankers=rerankers,
                        depth=DEPTH,
                        out=out,
                        library=corpus.key,
                        notes=corpus.notes,
                        versions=versions(corpus.index, corpus.encoder),
                        progress=told,
                    )
                except AssistantError:
                    if not (out / "results.json").exists():
                        raise  # else a reranker failed, which the results say
        return out


class Considerate(Encoder):
    """An encoder that calls `between` before each few documents."""

    def __init__(self, inner: Encoder, between: Callable[[], None]) -> None:
        self._inner, self._between = inner, between
        self.name, self.revision, self.dim = inner.name, inner.revision, inner.dim
        self.distance, self.max_tokens = inner.distance, inner.max_tokens

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._inner.embed_queries(texts)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        groups = [texts[i : i + FEW] for i in range(0, len(texts), FEW)]
        made = [np.empty((0, self.dim), dtype=np.float32)]
        for group in groups:
            self._between()
            made.append(self._inner.embed_documents(group))
        return np.concatenate(made)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._inner.count_tokens(texts)


def missing(entry: Entry, settings: Settings) -> str:
    """Why an entry of the catalogue cannot be used here; "" where it can."""
    if entry.kind == "service":
        if entry.id not in settings.egress:
            return f"{entry.id} asks a service, which is off: allow it with ASSISTANT_EGRESS={entry.id}"
        return ""
    if entry.kind not in ("cross-encoder", "fusion"):
        return ""
    try:
        models.locate(BUNDLED if entry.kind == "fusion" else entry.id, settings.models)
    except ModelError as error:
        return str(error)
    return ""


def whole(hits: Sequence[Hit]) -> str:
    """A document's text from its chunks in their order; what two of them share stands once."""
    parts: list[str] = []
    section, end = -1, 0
    for chunk in (hit.chunk for hit in hits):
        if chunk.section != section:
            parts.append(f"\n\n{chunk.heading}\n" if chunk.heading else "\n\n")
            section, end = chunk.section, chunk.start
        parts.append((" " if chunk.start > end else "") + chunk.text[max(0, end - chunk.start) :])
        end = max(end, chunk.end)
    return "".join(parts).strip()
