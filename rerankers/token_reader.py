"""Texts -> the last state of every token, by an encoder from a local folder."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from assistant import models
from assistant.config import Settings
from assistant.encoders.base import Vectors
from assistant.encoders.transformer import MedCPT, MiniLM
from assistant.errors import ModelError
from assistant.loading import count_tokens, reading, tokenizer
from rerankers.windows import windows

MOST_TOKENS = 512  # of a window


class TokenReader:
    """An encoder before pooling. Constructing one loads nothing."""

    def __init__(self, folder: Path, *, max_tokens: int, threads: int = 0) -> None:
        self.folder, self.max_tokens, self._threads = folder, max_tokens, threads

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

    def states(self, text: str) -> list[Vectors]:
        """float32 (tokens, dim) of each window, special tokens included.

        A text of more than `max_tokens` is read in several windows. Each is read alone: its states depend on
        nothing else, and on a CPU padding costs more than batches save.
        """
        encode, model = self._tokenizer, self._model
        import torch

        room = self.max_tokens - encode.num_special_tokens_to_add(pair=False)
        parts = windows(text, lambda texts: count_tokens(encode, texts), room)
        rows = encode(parts, truncation=True, max_length=self.max_tokens)["input_ids"]
        with torch.inference_mode():
            states = [model(input_ids=torch.tensor([row])).last_hidden_state[0] for row in rows]
        return [np.asarray(s.numpy(), dtype=np.float32) for s in states]


def readers(name: str, settings: Settings) -> tuple[TokenReader, TokenReader]:
    """What reads questions, and what reads passages, of the encoder `name`: minilm, medcpt, a hub name or a
    local folder. Raises ModelMissing."""

    def reader(name: str, max_tokens: int | None = None) -> TokenReader:
        folder = models.locate(name, settings.models)
        limit = longest(folder) if max_tokens is None else max_tokens
        return TokenReader(folder, max_tokens=limit, threads=settings.threads)

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
