"""Cross-encoders from a local folder: question and passage read together -> one raw logit.

Read by transformers itself, not by sentence_transformers.CrossEncoder: the logits are the same (a test
compares them), the import is a second shorter, and the load report is at hand, so that a model without a
trained head is refused where CrossEncoder would score at random.
"""

import json
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from assistant.errors import ModelError
from assistant.loading import by_length, count_tokens, reading, tokenizer
from assistant.models import locate, revision, weights
from assistant.types import Hit, hit_passage
from rerankers.base import Reranker, Scored
from rerankers.windows import shortened, windows

BATCH = 16
QUESTION_SHARE = 2  # the question takes at most one part in so many of what a model reads
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


class CrossEncoder(Reranker):
    """A sequence classifier with one label. `spec` is a catalogue id, a hub name or a local folder.

    A passage that does not fit beside the question into `max_tokens` is scored by its best window; a question
    of more than half of them is shortened to whole words. Both are said in the Scored. float32 on the CPU;
    the score of a pair does not depend on the others of its call. Raises ModelMissing and ModelError at the
    first use.
    """

    def __init__(self, spec: str, *, models: Path, max_tokens: int = 512, threads: int = 0) -> None:
        self.name = Path(spec).name
        self._spec, self._models, self._max_tokens, self._threads = spec, models, max_tokens, threads

    @cached_property
    def folder(self) -> Path:
        return locate(self._spec, self._models)

    @cached_property
    def _tokenizer(self) -> Any:
        return tokenizer(self.folder)

    @cached_property
    def _model(self) -> Any:
        return load_classifier(self.folder, self._threads)

    @property
    def revision(self) -> str:
        return f"{revision(self.folder)}/{self._max_tokens}"

    @cached_property
    def _limit(self) -> int:
        """Tokens read at once, special ones included."""
        own = int(self._tokenizer.model_max_length)
        return min(self._max_tokens, own, _positions(self._model.config))

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        return list(self._scored(query, passages).scores)

    def judge(self, query: str, hits: Sequence[Hit]) -> Scored:
        return self._scored(query, [hit_passage(hit) for hit in hits])

    def _scored(self, query: str, passages: Sequence[str]) -> Scored:
        if not passages:
            return Scored(scores=(), ranked_by=self.name)
        encode, limit = self._tokenizer, self._limit

        def count(texts: Sequence[str]) -> list[int]:
            return count_tokens(encode, texts)

        question = shortened(query, count, limit // QUESTION_SHARE)
        room = limit - encode.num_special_tokens_to_add(pair=True) - count([question])[0]
        parts = [
            [passage] if tokens <= room else windows(passage, count, room)
            for passage, tokens in zip(passages, count(passages), strict=True)
        ]
        logits = iter(self._logits(question, [window for part in parts for window in part]))
        long = sum(len(part) > 1 for part in parts)
        return Scored(
            scores=tuple(max(next(logits) for _ in part) for part in parts),
            ranked_by=self.name,
            degraded=()
            if question == query
            else (
                f"{self.name} read {count([question])[0]} of the question's {count([query])[0]} tokens: "
                f"at most half of the {limit} that it reads at once",
            ),
            notes=(f"{long} of {len(parts)} passages are longer than {self.name} reads at once: best window",)
            if long
            else (),
        )

    def _logits(self, question: str, texts: Sequence[str]) -> list[float]:
        encode, model = self._tokenizer, self._model
        import torch

        scores = [0.0] * len(texts)
        with torch.inference_mode():
            for rows in by_length(texts, BATCH):
                batch = encode(
                    [question] * len(rows),
                    [texts[i] for i in rows],
                    truncation="only_second",
                    max_length=self._limit,
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
