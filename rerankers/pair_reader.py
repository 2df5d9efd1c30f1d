"""Question and passage read together -> one raw logit, by a cross-encoder from a local folder.

Models of the BERT family run on the engine, any other on transformers: not on
sentence_transformers.CrossEncoder, whose logits are the same (a test compares them), because the load report
is at hand, so that a model without a trained head is refused where CrossEncoder would score at random.
"""

import json
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from assistant.engine import Classifier, Memory, Precision, unfit
from assistant.errors import ModelError
from assistant.loading import by_length, count_tokens, reading, tokenizer
from assistant.models import weights

BATCH = 16
_FUSED = ".mixer.Wqkv."
# Names in the weights of jina-reranker-v2 (the layout of flash-attn) and in transformers' XLM-RoBERTa.
_RENAMED = (
    (r"^roberta\.emb_ln\.", "roberta.embeddings.LayerNorm."),
    (r"\.encoder\.layers\.", ".encoder.layer."),
    (r"\.mixer\.out_proj\.", ".attention.output.dense."),
    (r"\.norm1\.", ".attention.output.LayerNorm."),
    (r"\.mlp\.fc1\.", ".intermediate.dense."),
    (r"\.mlp\.fc2\.", ".output.dense."),
    (r"\.norm2\.", ".output.LayerNorm."),
)


class Reading(Protocol):
    """One question's passages."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens."""

    def ends(self, text: str) -> list[int]:
        """Where each of its tokens ends, in characters."""

    def logits(self, question: str, texts: Sequence[str]) -> list[float]:
        """Of the question with each text; what is beyond the limit is cut off at its end."""


class PairReader(Protocol):
    """`limit`: tokens read at once, `special` ones of a pair included. `why`: why it is not the engine."""

    runtime: str
    why: str

    @property
    def limit(self) -> int: ...

    @property
    def special(self) -> int: ...

    def start(self) -> Reading: ...


def pair_reader(
    folder: Path, *, max_tokens: int, threads: int = 0, precision: Precision = "auto"
) -> PairReader:
    """Reads nothing but the configuration; the first use loads."""
    why = unfit(folder)
    if why:
        return OnTorch(folder, max_tokens=max_tokens, threads=threads, why=why)
    return OnEngine(Classifier(folder, max_tokens=max_tokens, threads=threads, precision=precision))


class OnEngine:
    """The score of a pair depends on the others of its call by the rounding of `precision` alone."""

    runtime, why = "engine", ""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    @property
    def limit(self) -> int:
        return self._classifier.tokens.max_tokens

    @property
    def special(self) -> int:
        return self._classifier.tokens.special

    def start(self) -> Reading:
        return _Remembering(self._classifier)


class _Remembering:
    """Each text is tokenised once, though it is counted, cut, and read."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier, self._memory = classifier, Memory(classifier.tokens)

    def count(self, texts: Sequence[str]) -> list[int]:
        return self._memory.count(texts)

    def ends(self, text: str) -> list[int]:
        return self._memory.ends(text)

    def logits(self, question: str, texts: Sequence[str]) -> list[float]:
        return self._classifier.logits(self._memory.pairs(question, texts))


class OnTorch:
    """In float32. No code from the folder is run."""

    runtime = "torch"

    def __init__(self, folder: Path, *, max_tokens: int, threads: int = 0, why: str = "") -> None:
        self.folder, self.why = folder, why
        self._max_tokens, self._threads = max_tokens, threads

    @cached_property
    def _tokenizer(self) -> Any:
        return tokenizer(self.folder)

    @cached_property
    def _model(self) -> Any:
        return load_classifier(self.folder, self._threads)

    @property
    def limit(self) -> int:
        own = int(self._tokenizer.model_max_length)
        return min(self._max_tokens, own, _positions(self._model.config))

    @property
    def special(self) -> int:
        return int(self._tokenizer.num_special_tokens_to_add(pair=True))

    def start(self) -> Reading:
        return self

    def count(self, texts: Sequence[str]) -> list[int]:
        return count_tokens(self._tokenizer, texts)

    def ends(self, text: str) -> list[int]:
        found = self._tokenizer(
            text, add_special_tokens=False, truncation=False, return_offsets_mapping=True, verbose=False
        )
        return [end for _, end in found["offset_mapping"]]

    def logits(self, question: str, texts: Sequence[str]) -> list[float]:
        encode, model, limit = self._tokenizer, self._model, self.limit
        import torch

        scores = [0.0] * len(texts)
        with torch.inference_mode():
            for rows in by_length(texts, BATCH):
                batch = encode(
                    [question] * len(rows),
                    [texts[i] for i in rows],
                    truncation="only_second",
                    max_length=limit,
                    padding=True,
                    return_tensors="pt",
                )
                for i, logit in zip(rows, model(**batch).logits[:, 0].tolist(), strict=True):
                    scores[i] = logit
        return scores


def load_classifier(folder: Path, threads: int = 0) -> Any:
    """The model in float32 and eval mode. No code from the folder is run.

    Raises ModelError when it has not exactly one label, or weights are missing (an encoder without a
    trained head).
    """
    with reading(folder, threads):
        import torch
        from transformers import AutoConfig, AutoModelForSequenceClassification

        config = json.loads((folder / "config.json").read_text("utf-8"))
        fused = _fused_weights(folder)
        if fused is None:
            settings = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            _one_label(folder, settings)
            model, info = AutoModelForSequenceClassification.from_pretrained(
                folder,
                config=settings,
                local_files_only=True,
                trust_remote_code=False,
                dtype=torch.float32,
                output_loading_info=True,
            )
            missing = sorted(info["missing_keys"])
        else:
            model, missing = _from_fused(folder, config, fused)
        if missing:
            raise ModelError(
                f"{folder}: not a complete reranker, {len(missing)} weights are missing, first {missing[0]}"
            )
        return model.eval()


def _one_label(folder: Path, config: Any) -> None:
    if config.num_labels != 1:
        raise ModelError(
            f"{folder}: a reranker has one label, this model has {config.num_labels}; "
            "fine-tune it as a cross-encoder with num_labels=1"
        )


def _positions(config: Any) -> int:
    """Tokens the position table holds; RoBERTa's starts behind the padding index."""
    offset = config.pad_token_id + 1 if config.model_type == "xlm-roberta" else 0
    return int(config.max_position_embeddings) - offset


def _fused_weights(folder: Path) -> dict[str, Any] | None:
    """All weights, if query, key and value are stored as one; None for the usual layout."""
    from safetensors import safe_open
    from safetensors.torch import load_file

    files = [file for file in weights(folder) if file.suffix == ".safetensors"]
    for file in files:
        with safe_open(file, framework="pt") as stored:
            if any(_FUSED in name for name in stored.keys()):  # noqa: SIM118 - not a dict
                return {name: tensor for part in files for name, tensor in load_file(part).items()}
    return None


def _from_fused(folder: Path, config: dict[str, Any], stored: dict[str, Any]) -> tuple[Any, list[str]]:
    """jina-reranker-v2 as XLM-RoBERTa: the same arithmetic, post-norm, absolute positions, exact GELU."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification

    settings = XLMRobertaConfig.from_dict({**config, "auto_map": None, "model_type": "xlm-roberta"})
    _one_label(folder, settings)
    renamed: dict[str, Any] = {}
    for name, tensor in stored.items():
        for pattern, replacement in _RENAMED:
            name = re.sub(pattern, replacement, name)
        tensor = tensor.to(torch.float32)
        if _FUSED in name:
            for part, piece in zip(("query", "key", "value"), tensor.chunk(3), strict=True):
                renamed[name.replace(_FUSED, f".attention.self.{part}.")] = piece
        else:
            renamed[name] = tensor
    model = XLMRobertaForSequenceClassification(settings)
    result = model.load_state_dict(renamed, strict=False)
    if result.unexpected_keys:
        raise ModelError(
            f"{folder}: weights of another layout, the first {sorted(result.unexpected_keys)[0]}"
        )
    return model, sorted(result.missing_keys)
