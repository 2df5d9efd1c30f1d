"""Texts -> the last state of every token, by an encoder from a local folder.

Models of the BERT family run on the engine, any other on transformers.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from assistant import models
from assistant.config import Settings
from assistant.encoders.base import Vectors
from assistant.encoders.transformer import MedCPT, MiniLM
from assistant.engine import Tower, unfit
from assistant.errors import ModelError
from assistant.loading import count_tokens, reading, tokenizer
from rerankers.windows import windows

MOST_TOKENS = 512  # of a window


class TokenReader(ABC):
    """An encoder before pooling. Constructing one loads nothing."""

    runtime: str  # what computes the states

    def __init__(self, folder: Path, *, max_tokens: int, threads: int = 0) -> None:
        self.folder, self.max_tokens, self._threads = folder, max_tokens, threads

    def states(self, text: str) -> list[Vectors]:
        """float32 (tokens, dim) of each window, special tokens included.

        A text of more than `max_tokens` is read in several windows. Texts are read one by one, so that the
        states of one depend on nothing else: on a CPU, padding costs more than batches save.
        """
        return self._read(windows(text, self._count, self.max_tokens - self._special))

    @property
    @abstractmethod
    def _special(self) -> int:
        """Special tokens that a text gets."""

    @abstractmethod
    def _count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens."""

    @abstractmethod
    def _read(self, texts: Sequence[str]) -> list[Vectors]:
        """The states of each text, which fits."""


class OnEngine(TokenReader):
    runtime = "engine"

    @cached_property
    def _tower(self) -> Tower:
        return Tower(self.folder, max_tokens=self.max_tokens, pooling="mean", threads=self._threads)

    @cached_property
    def _special(self) -> int:
        return len(self._tower.tokens.rows([""])[0].ids)

    def _count(self, texts: Sequence[str]) -> list[int]:
        return self._tower.count_tokens(texts)

    def _read(self, texts: Sequence[str]) -> list[Vectors]:
        return self._tower.token_states(texts)


class OnTransformers(TokenReader):
    runtime = "transformers"

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

    @cached_property
    def _special(self) -> int:
        return int(self._tokenizer.num_special_tokens_to_add(pair=False))

    def _count(self, texts: Sequence[str]) -> list[int]:
        return count_tokens(self._tokenizer, texts)

    def _read(self, texts: Sequence[str]) -> list[Vectors]:
        encode, model = self._tokenizer, self._model
        import torch

        rows = encode(list(texts), truncation=True, max_length=self.max_tokens)["input_ids"]
        with torch.inference_mode():
            states = [model(input_ids=torch.tensor([row])).last_hidden_state[0] for row in rows]
        return [np.asarray(state.numpy(), dtype=np.float32) for state in states]


def readers(name: str, settings: Settings) -> tuple[TokenReader, TokenReader]:
    """What reads questions, and what reads passages, of the encoder `name`: minilm, medcpt, a hub name or a
    local folder. Raises ModelMissing."""

    def reader(name: str, max_tokens: int | None = None) -> TokenReader:
        folder = models.locate(name, settings.models)
        limit = longest(folder) if max_tokens is None else max_tokens
        kind = OnTransformers if unfit(folder) else OnEngine
        return kind(folder, max_tokens=limit, threads=settings.threads)

    if name == MedCPT.name:
        return reader("medcpt-query", 64), reader("medcpt-article", MedCPT.max_tokens)
    one = reader(models.PACKAGED, MiniLM.max_tokens) if name == MiniLM.name else reader(name)
    return one, one


def longest(folder: Path) -> int:
    """Tokens that an encoder reads at once: the least of its positions, the length that its
    sentence-transformers files state, and 512."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        positions = config.get("max_position_embeddings") or MOST_TOKENS
        if "roberta" in str(config.get("model_type")):
            positions -= config.get("pad_token_id", 1) + 1  # its positions start behind the padding index
        limits = [MOST_TOKENS, int(positions)]
        sentence = folder / "sentence_bert_config.json"
        if sentence.is_file():
            limits.append(int(json.loads(sentence.read_text("utf-8")).get("max_seq_length") or MOST_TOKENS))
    except (ValueError, TypeError, AttributeError):
        raise ModelError(f"{folder}: an unreadable configuration; pull the model again") from None
    return min(limits)
