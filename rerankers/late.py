"""Late interaction: question and passage are read apart, and compared token by token.

Khattab and Zaharia, ColBERT, SIGIR 2020, equation 3, divided by the question's length:

    score(q, d) = 1/|q| * sum over i in q of max over j in d of cos(E_q[i], E_d[j])

E are the last hidden states of an encoder before pooling, special tokens included. The encoder need not have
been trained for it. Measured on BioASQ 7b to 9b with the default encoder, nothing was gained from leaving
out special tokens, punctuation or stop words, from idf weights, from averaging layers or from a soft maximum.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from assistant import models
from assistant.config import Settings
from assistant.encoders.base import Vectors, unit
from assistant.types import Hit, hit_passage
from rerankers.base import Reranker, Scored
from rerankers.token_reader import TokenReader, readers
from rerankers.token_store import Tokens, TokenStore, pack

FORMAT = "late/1"


class Late(Reranker):
    """Scores from -1 to 1, by the encoder `settings.late_encoder`.

    The token vectors of a passage are computed once, for each revision of the encoder, and kept in the cache
    folder. A passage beyond the encoder's window is read in several; its score is that of the best. A long
    question is read in windows as well, and all its tokens count. Raises ModelMissing and ModelError at the
    first use.
    """

    name = "late"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store = TokenStore(settings.cache / "late.sqlite", settings.late_megabytes << 20)

    @cached_property
    def _readers(self) -> tuple[TokenReader, TokenReader]:
        return readers(self._settings.late_encoder, self._settings)

    @cached_property
    def revision(self) -> str:
        both = dict.fromkeys(f"{models.revision(r.folder)}@{r.max_tokens} {r.runtime}" for r in self._readers)
        return "+".join((FORMAT, *both))

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        return self._score(query, passages)[0]

    def judge(self, query: str, hits: Sequence[Hit]) -> Scored:
        scores, notes = self._score(query, [hit_passage(hit) for hit in hits])
        return Scored(scores=tuple(scores), ranked_by=self.name, notes=notes)

    def _score(self, query: str, passages: Sequence[str]) -> tuple[list[float], tuple[str, ...]]:
        if not passages:
            return [], ()
        query, *passages = (text.encode("utf-8", "replace").decode() for text in (query, *passages))
        asked, read = self._readers
        question = unit(np.concatenate(asked.states(query)))
        keys = [hashlib.sha256(f"{self.revision}\n{p}".encode()).digest() for p in passages]
        kept, notes = self._store.read(keys)
        new = {
            key: pack(read.states(passage))
            for key, passage in dict(zip(keys, passages, strict=True)).items()
            if key not in kept
        }
        if new:
            notes = tuple(dict.fromkeys((*notes, *self._store.write(new))))
        tokens = [kept[key] if key in kept else new[key] for key in keys]
        long = sum(len(t.windows) > 1 for t in tokens)
        if long:
            notes = (*notes, f"{long} passages exceed {read.max_tokens} tokens and were scored by windows")
        return [max_sim(question, t) for t in tokens], notes


def max_sim(question: Vectors, passage: Tokens) -> float:
    """The mean over the question's unit vectors of the largest cosine; of the best window."""
    cosines = (question @ passage.codes.astype(np.float32).T) * passage.scales
    starts = np.cumsum(passage.windows) - passage.windows
    return float(np.maximum.reduceat(cosines, starts, axis=1).mean(axis=0).max())
