"""What other programs may ask of an open library, with the command line's JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from assistant import pipeline, present, status, turns
from assistant.compare import compare, comparison_json
from assistant.config import Loaded
from assistant.errors import UsageError
from assistant.events import Event, last
from assistant.index.engine import Where
from assistant.pipeline import Parts
from assistant.privacy import gate
from assistant.types import Hit, RetrieverName
from assistant.verify import judge
from rerankers import load
from rerankers.base import Reranker
from rerankers.catalog import RERANKERS

MOST_HITS = 100
MOST_RERANKERS = 4
LONGEST_TEXT = 20_000  # characters of a claim or a passage


class Functions:
    """`ask`, `search`, `compare`, `verify` and `status` over open parts; each computes in its turn.

    Rerankers are the catalogue's, by name: a caller over the network opens no folder. What was loaded stays.
    """

    def __init__(self, loaded: Loaded, parts: Parts) -> None:
        self._loaded, self._parts = loaded, parts
        self._rerankers: dict[str, Reranker] = {}

    def events(
        self,
        question: str,
        history: Sequence[str] = (),
        where: Where | None = None,
        pinned: Sequence[Hit] = (),
    ) -> Iterator[Event]:
        """The events of one question; `history`: the questions before it, oldest first. What is retracted
        is searched only as the settings say, whatever `where` says of it."""
        if where is not None:
            where = replace(where, include_retracted=self._parts.settings.include_retracted)
        return turns.in_turn(pipeline.ask(question, self._parts, where, history, pinned))

    def ask(self, question: str, history: Sequence[str] = ()) -> dict[str, Any]:
        """The fields of `ask --json`."""
        return present.answer_json(last(self.events(question, history)))

    def search(
        self,
        question: str,
        retriever: RetrieverName | None = None,
        reranker: str | None = None,
        top_k: int = 10,
    ) -> dict[str, Any]:
        """The fields of `search --json`. Raises UsageError for a `top_k` outside of 1 to 100."""
        question = pipeline.asked(question)
        if not 1 <= top_k <= MOST_HITS:
            raise UsageError(f"top_k is {top_k}; give 1 to {MOST_HITS}")
        made = self._parts.reranker if reranker is None else self.reranker(reranker)
        with turns.TURNS.computing(turns.TURNS.place()):
            pool = pipeline.search(question, self._with(retriever))
            ranking = pipeline.joined(pool, made.rerank(question, pool.hits))
        timings = {"searching": pool.milliseconds, "reranking": ranking.milliseconds}
        return present.ranking_json(replace(ranking, hits=ranking.hits[:top_k]), timings)

    def compare(
        self, question: str, rerankers: Sequence[str], retriever: RetrieverName | None = None
    ) -> dict[str, Any]:
        """The fields of `compare --json`. Raises UsageError unless two to four rerankers are named."""
        question = pipeline.asked(question)
        names = list(dict.fromkeys(name.strip() for name in rerankers if name.strip()))
        if not 2 <= len(names) <= MOST_RERANKERS:
            raise UsageError(f"{len(names)} rerankers to compare; name two to {MOST_RERANKERS}")
        made = {name: self.reranker(name) for name in names}
        with turns.TURNS.computing(turns.TURNS.place()):
            pool = pipeline.search(question, self._with(retriever)).hits
            return comparison_json(compare(question, pool, made))

    def verify(self, claim: str, passage: str) -> dict[str, Any]:
        """One object of `verify --json`: {verdict, score, reasons}."""
        for name, text in (("claim", claim), ("passage", passage)):
            if not text.strip() or len(text) > LONGEST_TEXT:
                raise UsageError(f"the {name} has {len(text):,} characters; give 1 to {LONGEST_TEXT:,}")
        with turns.TURNS.computing(turns.TURNS.place()):
            found = judge(claim, [passage])
        return {"verdict": found.verdict, "score": found.score, "reasons": list(found.reasons)}

    def status(self) -> dict[str, Any]:
        """The fields of `status --json`."""
        return status.report(self._loaded, self._parts.index.manifest)

    def reranker(self, name: str) -> Reranker:
        known = ["auto", *(entry.id for entry in RERANKERS)]
        if name not in known:
            raise UsageError(f"{name[:80]!r}: no such reranker here; known are {', '.join(known)}")
        if name not in self._rerankers:
            self._rerankers[name] = load(name, self._loaded.settings, gate)
        return self._rerankers[name]

    def _with(self, retriever: RetrieverName | None) -> Parts:
        if retriever is None:
            return self._parts
        if retriever not in ("bm25", "dense", "hybrid"):
            raise UsageError(f"{str(retriever)[:80]!r}: no such retriever; known are bm25, dense, hybrid")
        return replace(self._parts, settings=self._parts.settings.model_copy(update={"retriever": retriever}))
