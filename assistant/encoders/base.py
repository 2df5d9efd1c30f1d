"""The seam of every encoder: texts -> vectors; questions and documents are different methods."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Distance = Literal["cosine", "dot"]


class Encoder(ABC):
    """Constructing one loads nothing; the first use does. Same text, same vector, whatever else the call has
    (in bfloat16 to a cosine of .9999)."""

    name: str
    revision: str
    dim: int
    distance: Distance
    max_tokens: int  # of a document, special tokens included
    sends: str = ""  # the service that texts leave this machine for

    @abstractmethod
    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, dim); unit length where the distance is cosine."""

    @abstractmethod
    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """float32 (n, dim). A text is what `types.passage` wrote: a head line, then the passage."""

    @abstractmethod
    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens and without truncation."""


class HashEncoder(Encoder):
    """The deterministic fake for tests: words hashed into a bag, no model."""

    name = "hash"
    revision = "1"
    distance: Distance = "cosine"
    max_tokens = 64

    def __init__(self, dim: int = 64) -> None:
        self.dim = dim

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_documents(texts)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                bucket = hashlib.sha256(word.encode()).digest()
                vectors[row, int.from_bytes(bucket[:4], "big") % self.dim] += 1.0
        return unit(vectors)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


def unit(vectors: Vectors) -> Vectors:
    """Rows of length 1; a row of zeros stays."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms == 0, 1, norms), dtype=np.float32)
