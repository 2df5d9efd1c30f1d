"""Cross-encoders from a local folder: question and passage read together -> one raw logit."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from assistant.engine import Precision
from assistant.index.bm25 import tokenise
from assistant.models import locate, revision
from assistant.types import Hit, hit_passage
from rerankers.base import Reranker, Scored
from rerankers.excerpt import excerpt
from rerankers.pair_reader import PairReader, pair_reader
from rerankers.windows import shortened

QUESTION_SHARE = 2  # the question takes at most one part in so many of what a model reads


class CrossEncoder(Reranker):
    """A sequence classifier with one label. `spec` is a catalogue id, a hub name or a local folder.

    Of a passage that does not fit beside the question into `max_tokens`, an excerpt is read; a question of
    more than half of them is shortened to whole words. Both are said in the Scored, and once the reason why
    a model does not run on the engine. `precision` is the engine's; on torch it is float32. The score of
    a pair depends on the others of its call by rounding alone. Raises ModelMissing and ModelError at the
    first use.
    """

    def __init__(
        self,
        spec: str,
        *,
        models: Path,
        max_tokens: int = 512,
        threads: int = 0,
        precision: Precision = "auto",
    ) -> None:
        self.name = Path(spec).name
        self._spec, self._models, self._max_tokens = spec, models, max_tokens
        self._threads, self._precision, self._told = threads, precision, False

    @cached_property
    def folder(self) -> Path:
        return locate(self._spec, self._models)

    @cached_property
    def _reader(self) -> PairReader:
        return pair_reader(
            self.folder, max_tokens=self._max_tokens, threads=self._threads, precision=self._precision
        )

    @property
    def revision(self) -> str:
        return f"{revision(self.folder)}/{self._max_tokens}/{self._reader.runtime}"

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        return list(self._scored(query, passages).scores)

    def judge(self, query: str, hits: Sequence[Hit]) -> Scored:
        return self._scored(query, [hit_passage(hit) for hit in hits])

    def _scored(self, query: str, passages: Sequence[str]) -> Scored:
        if not passages:
            return Scored(scores=(), ranked_by=self.name)
        query, *passages = (text.encode("utf-8", "replace").decode() for text in (query, *passages))
        limit, reading = self._reader.limit, self._reader.start()
        question = shortened(query, reading.count, limit // QUESTION_SHARE)
        room = limit - self._reader.special - reading.count([question])[0]
        terms, sizes = frozenset(tokenise(query)), reading.count(passages)
        texts = [
            passage if tokens <= room else excerpt(terms, passage, reading.ends(passage), room)
            for passage, tokens in zip(passages, sizes, strict=True)
        ]
        scores = reading.logits(question, texts)
        degraded, notes = [], []
        if question != query:
            read, asked = reading.count([question, query])
            degraded.append(
                f"{self.name} read {read} of the question's {asked} tokens: "
                f"at most half of the {limit} that it reads at once"
            )
        long = sum(tokens > room for tokens in sizes)
        if long:
            notes.append(
                f"{long} of {len(passages)} passages are longer than {self.name} reads at once "
                f"({limit} tokens with the question): their sentences nearest to the question were read"
            )
        if self._reader.why and not self._told:
            notes.append(f"{self.name} runs on torch, not on the faster engine: {self._reader.why}")
            self._told = True
        return Scored(
            scores=tuple(scores),
            ranked_by=self.name,
            degraded=tuple(degraded),
            notes=tuple(notes),
        )
