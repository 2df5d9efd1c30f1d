"""The encoders that run on the engine: the packaged MiniLM, and MedCPT's pair.

Their `revision` names the weights and not the precision: an index made on a processor with bfloat16 opens on
one without. Measured on 1,500 passages and 200 questions of BioASQ, vectors of the two have a cosine of at
least .9999; a score moves by .0003 on average, where neighbours in the top ten are .0046 apart; 99.5 % of the
top ten stay, whether the query, the index or both are bfloat16.
"""

from collections.abc import Sequence

from assistant import models
from assistant.config import Settings
from assistant.encoders.base import Distance, Encoder, Vectors, unit
from assistant.engine import Precision, Tower
from assistant.types import split_passage


class MiniLM(Encoder):
    """The packaged all-MiniLM-L6-v2: mean of the token states, unit length (Reimers and Gurevych 2019)."""

    name = "minilm"
    dim = 384
    distance: Distance = "cosine"
    max_tokens = 256

    def __init__(self, settings: Settings, *, precision: Precision = "auto") -> None:
        folder = models.locate(models.PACKAGED, settings.models)
        self.revision = models.revision(folder)
        self._tower = Tower(
            folder,
            max_tokens=self.max_tokens,
            pooling="mean",
            threads=settings.threads,
            precision=precision,
        )

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_documents(texts)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return unit(self._tower.embed(texts))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._tower.count_tokens(texts)


class MedCPT(Encoder):
    """MedCPT's two encoders (Jin 2023): questions of 64 tokens, [title, text] pairs of 512 tokens; the first
    token's state, compared by dot product."""

    name = "medcpt"
    distance: Distance = "dot"
    max_tokens = 512

    def __init__(self, settings: Settings, *, precision: Precision = "auto") -> None:
        query = models.locate("medcpt-query", settings.models)
        article = models.locate("medcpt-article", settings.models)
        self.revision = "+".join(models.revision(folder)[:23] for folder in (query, article))
        self._query, self._article = (
            Tower(folder, max_tokens=most, pooling="cls", threads=settings.threads, precision=precision)
            for folder, most in ((query, 64), (article, 512))
        )
        self.dim = self._article.dim

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._query.embed(texts)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        parts = [split_passage(text) for text in texts]
        return self._article.embed([head for head, _ in parts], [text for _, text in parts])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._article.count_tokens(texts)
