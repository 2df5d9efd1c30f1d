"""An evaluation's index: the corpus of a data set, kept in the user's cache for the next time."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from assistant import encoders
from assistant.config import APP, Settings
from assistant.encoders import Encoder
from assistant.index.bm25 import TOKENISER
from assistant.index.store import Index, Where, open_index
from assistant.retrieve import retrieve
from assistant.types import Hit, Ranking, RetrieverName
from eval.data import Dataset
from ingest.chunk import CHUNKER
from ingest.run import Progress, ingest

_EVERYTHING = Where(include_retracted=True)  # what is judged is searched


@dataclass(frozen=True, slots=True)
class Library:
    """A filled index with the encoder that made it. `key` names its content: equal keys, equal hits."""

    index: Index
    encoder: Encoder
    key: str
    place: Path
    notes: tuple[str, ...]

    def search(self, question: str, retriever: RetrieverName, passages: int) -> Ranking:
        return retrieve(
            question, self.index, self.encoder, retriever=retriever, depth=passages, where=_EVERYTHING
        )

    def lookup(self, chunks: set[str]) -> Mapping[str, Hit]:
        return {hit.chunk.id: hit for hit in self.index.hits() if hit.chunk.id in chunks}


@contextmanager
def library(
    dataset: Dataset,
    settings: Settings,
    *,
    encoder: Encoder | None = None,
    cache: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Iterator[Library]:
    """The index of the corpus, filled as far as it is not yet; an interrupted filling goes on.

    It lies in `cache`, by default the user's cache folder, under a name made of the corpus's digest, the
    encoder, the chunker and the tokeniser: a change of any of them makes another one. Always an embedded
    index; the one that answers questions is not touched. `encoder`: by default the settings'. Raises what
    `open_index` and `ingest` raise.
    """
    encoder = encoder or encoders.load(settings.encoder, settings)
    parts = (dataset.digest, dataset.prefix, encoder.name, encoder.revision, CHUNKER, TOKENISER)
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    place = (cache or Path(platformdirs.user_cache_dir(APP)) / "eval") / key
    own = settings.model_copy(update={"index": place, "qdrant_url": None})

    with open_index(own, encoder, create=True) as index:
        report = ingest([dataset.corpus], index, encoder, format="beir", progress=progress)
        notes = []
        if report.skips:
            first = report.skipped[0]
            notes.append(
                f"{report.skips} records of the corpus are not indexed, first {first.place}: {first.reason}"
            )
        yield Library(index, encoder, key, place, tuple(notes))
