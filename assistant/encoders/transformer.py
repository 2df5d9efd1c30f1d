"""The encoders that transformers alone can read: the packaged MiniLM, and MedCPT's pair."""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np

from assistant import models
from assistant.config import Settings
from assistant.encoders.base import Distance, Encoder, Vectors, unit
from assistant.errors import ModelError
from assistant.loading import by_length, count_tokens, reading, tokenizer
from assistant.types import split_passage

BATCH = 32


class Tower:
    """A transformer with its fast tokenizer: texts -> one vector each. Loaded at first use.

    `pooling` is the mean of the tokens' states or the first token's ("cls"). What exceeds `max_tokens`
    is cut off at its end (of a pair, off the longer one).
    """

    def __init__(
        self, folder: Path, *, max_tokens: int, pooling: Literal["mean", "cls"], threads: int = 0
    ) -> None:
        self.folder, self.max_tokens = folder, max_tokens
        self._pooling, self._threads = pooling, threads

    @cached_property
    def dim(self) -> int:
        return int(json.loads((self.folder / "config.json").read_text("utf-8"))["hidden_size"])

    @cached_property
    def _tokenizer(self) -> Any:
        return tokenizer(self.folder)

    @cached_property
    def _model(self) -> Any:
        with reading(self.folder, self._threads):
            import torch
            from transformers import AutoModel

            model, info = AutoModel.from_pretrained(
                self.folder,
                local_files_only=True,
                trust_remote_code=False,
                dtype=torch.float32,
                output_loading_info=True,
            )
            # A pooler is not used here, and the weights of some encoders leave it out.
            missing = [name for name in info["missing_keys"] if not name.startswith("pooler.")]
            if missing:
                raise ModelError(f"{self.folder}: {len(missing)} weights are missing, first {missing[0]}")
            return model.eval()

    def embed(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> Vectors:
        """float32 (n, dim). With `pairs`, each text is read together with its second part."""
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        if not texts:
            return vectors
        encode, model = self._tokenizer, self._model
        import torch

        whole = texts if pairs is None else [a + b for a, b in zip(texts, pairs, strict=True)]
        with torch.inference_mode():
            for rows in by_length(whole, BATCH):
                batch = encode(
                    [texts[i] for i in rows],
                    None if pairs is None else [pairs[i] for i in rows],
                    truncation=True,
                    max_length=self.max_tokens,
                    padding=True,
                    return_tensors="pt",
                )
                states = model(**batch).last_hidden_state
                if self._pooling == "cls":
                    pooled = states[:, 0]
                else:
                    mask = batch["attention_mask"].unsqueeze(-1).to(states.dtype)
                    pooled = (states * mask).sum(1) / mask.sum(1)
                vectors[rows] = pooled.numpy()
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return count_tokens(self._tokenizer, texts)


class MiniLM(Encoder):
    """The packaged all-MiniLM-L6-v2: mean of the token states, unit length (Reimers and Gurevych 2019).

    Read by transformers alone: the same vectors as sentence-transformers, a second sooner.
    """

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
        return unit(self._tower.embed(texts))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._tower.count_tokens(texts)


class MedCPT(Encoder):
    """MedCPT's two encoders (Jin 2023): questions of 64 tokens, [title, text] pairs of 512 tokens; the first
    token's state, compared by dot product."""

    name = "medcpt"
    distance: Distance = "dot"
    max_tokens = 512

    def __init__(self, settings: Settings) -> None:
        query = models.locate("medcpt-query", settings.models)
        article = models.locate("medcpt-article", settings.models)
        self.revision = "+".join(models.revision(folder)[:23] for folder in (query, article))
        self._query = Tower(query, max_tokens=64, pooling="cls", threads=settings.threads)
        self._article = Tower(article, max_tokens=512, pooling="cls", threads=settings.threads)
        self.dim = self._article.dim

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._query.embed(texts)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        parts = [split_passage(text) for text in texts]
        return self._article.embed([head for head, _ in parts], [text for _, text in parts])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self._article.count_tokens(texts)
