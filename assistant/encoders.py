"""The seam of every encoder: texts -> vectors; questions and documents are different methods."""

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from assistant import models
from assistant.config import Settings
from assistant.errors import ModelMissing

Vectors = NDArray[np.float32]
Distance = Literal["cosine", "dot"]
BATCH = 32


class Encoder(ABC):
    """Constructing one loads nothing; the first use does. Same text, same vector."""

    name: str
    revision: str
    dim: int
    distance: Distance
    max_tokens: int  # of a document, special tokens included

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


class Tower:
    """A BERT-like model with its fast tokenizer: texts -> one vector each. Loaded at first use.

    `pooling` is the mean of the tokens' states or the first token's ("cls"). What exceeds `max_tokens`
    is cut off at its end.
    """

    def __init__(
        self, folder: Path, *, max_tokens: int, pooling: Literal["mean", "cls"], threads: int = 0
    ) -> None:
        self.folder, self.max_tokens = folder, max_tokens
        self._pooling, self._threads = pooling, threads

    @cached_property
    def tokenizer(self) -> Any:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from transformers import AutoTokenizer

        with models.quiet():
            return AutoTokenizer.from_pretrained(self.folder, local_files_only=True)

    @cached_property
    def model(self) -> Any:
        import torch
        from transformers import AutoModel

        if self._threads:
            torch.set_num_threads(self._threads)
        with models.quiet():
            model = AutoModel.from_pretrained(self.folder, local_files_only=True, dtype=torch.float32)
        return model.eval()

    def embed(self, texts: Sequence[str] | Sequence[tuple[str, str]], dim: int) -> Vectors:
        """float32 (n, dim), in batches of like length so that little is spent on padding."""
        import torch

        vectors = np.empty((len(texts), dim), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: -sum(map(len, texts[i])))
        with torch.inference_mode():
            for begin in range(0, len(order), BATCH):
                rows = order[begin : begin + BATCH]
                batch = self.tokenizer(
                    [texts[i] for i in rows],
                    truncation=True,
                    max_length=self.max_tokens,
                    padding=True,
                    return_tensors="pt",
                )
                states = self.model(**batch).last_hidden_state
                if self._pooling == "cls":
                    pooled = states[:, 0]
                else:
                    mask = batch["attention_mask"].unsqueeze(-1).to(states.dtype)
                    pooled = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
                vectors[rows] = pooled.numpy()
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        if not texts:
            return []
        ids = self.tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(row) for row in ids["input_ids"]]


class MiniLM(Encoder):
    """The packaged all-MiniLM-L6-v2: mean of the token states, unit length (Reimers and Gurevych 2019)."""

    name = "minilm"
    dim = 384
    distance: Distance = "cosine"
    max_tokens = 256

    def __init__(self, settings: Settings) -> None:
        folder = models.locate(models.PACKAGED, settings.models)
        self.revision = models.revision(folder)
        self._tower = Tower(folder, max_tokens=self.max_tokens, pooling="mean", threads=settings.threads)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_documents(texts)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return unit(self._tower.embed(texts, self.dim))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._tower.count_tokens(texts)


def unit(vectors: Vectors) -> Vectors:
    """Rows of length 1; a row of zeros stays."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(norms == 0, 1, norms), dtype=np.float32)


def load(name: str, settings: Settings) -> Encoder:
    """An encoder by name. Raises ModelMissing, naming the command that installs it."""
    if name == "minilm":
        return MiniLM(settings)
    raise ModelMissing(f"{name}: no such encoder; known are minilm")
