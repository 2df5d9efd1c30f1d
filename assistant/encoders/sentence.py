"""Any sentence-transformers model."""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from assistant import models
from assistant.config import Settings
from assistant.encoders.base import Distance, Encoder, Vectors
from assistant.errors import ModelError
from assistant.loading import count_tokens, reading

BATCH = 32


class Sentence(Encoder):
    """Any sentence-transformers model by hub name or folder: pooling, prompts, length and similarity are
    those of its own files. Loaded at first use."""

    def __init__(self, name: str, settings: Settings) -> None:
        self._threads = settings.threads
        self._folder = models.locate(name, settings.models)
        self.name = str(self._folder) if Path(name).is_dir() else name
        self.revision = models.revision(self._folder)

    @cached_property
    def _model(self) -> Any:
        with reading(self._folder, self._threads):
            from sentence_transformers import SentenceTransformer

            model = SentenceTransformer(
                str(self._folder), device="cpu", local_files_only=True, trust_remote_code=False
            )
            if model.similarity_fn_name not in ("cosine", "dot"):
                raise ModelError(f"{self.name}: similarity {model.similarity_fn_name} is not cosine or dot")
            return model

    @cached_property
    def dim(self) -> int:  # type: ignore[override]
        return int(self._model.get_embedding_dimension())

    @cached_property
    def distance(self) -> Distance:  # type: ignore[override]
        return "cosine" if self._model.similarity_fn_name == "cosine" else "dot"

    @cached_property
    def max_tokens(self) -> int:  # type: ignore[override]
        """What is left of the model's length behind its document prompt."""
        prompt = self._model.prompts.get("document") or ""
        return int(self._model.max_seq_length or 512) - self.count_tokens([prompt])[0]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(self._model.encode_query, texts)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return self._embed(self._model.encode_document, texts)

    def _embed(self, encode: Callable[..., Any], texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        unit_length = self.distance == "cosine"
        vectors = encode(
            list(texts), batch_size=BATCH, show_progress_bar=False, normalize_embeddings=unit_length
        )
        return np.asarray(vectors, dtype=np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return count_tokens(self._model.tokenizer, texts)
