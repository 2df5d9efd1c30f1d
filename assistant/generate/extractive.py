"""An answer without a language model: the sentences of the evidence that answer, to the letter, cited."""

from collections.abc import Iterator, Sequence

import numpy as np

from assistant.encoders import Encoder
from assistant.encoders.base import unit
from assistant.generate.base import Generator
from assistant.generate.candidates import candidates
from assistant.generate.question import kind
from assistant.generate.select import Asked, cite, lexical, select
from assistant.index.bm25 import tokenise
from assistant.types import Evidence, Sentence, passage

PLAUSIBLE = 14  # sentences that are worth a vector, which is most of an answer's time


class Extractive(Generator):
    """Quotes one to four sentences, chosen for the sort of question; the same fact in another source adds
    that source's number."""

    name = "extractive"

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder

    def write(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Sentence]:
        pool = candidates(evidence)
        if not pool:
            return
        asked = Asked(question, kind(question), tuple(tokenise(question)))
        known = lexical(asked, pool)
        near = sorted(range(len(pool)), key=lambda i: -known[i])[:PLAUSIBLE]
        titles = {item.n: item.hit.metadata.title for item in evidence}
        vectors = np.zeros((len(pool), self.encoder.dim), dtype=np.float32)
        vectors[near] = unit(
            self.encoder.embed_documents([passage(titles[pool[i].n], "", pool[i].text) for i in near])
        )
        cosine = vectors @ unit(self.encoder.embed_queries([question]))[0]
        scores = np.full(len(pool), -np.inf)
        scores[near] = np.asarray(known)[near] + cosine[near]
        for i in select(asked, pool, scores.tolist(), vectors):
            yield Sentence(text=pool[i].text, citations=cite(i, pool))
