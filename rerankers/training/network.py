"""The model in training: an encoder with one logit on top, where it computes and how precisely."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.config import Settings
from assistant.errors import ModelError
from assistant.loading import reading, tokenizer
from assistant.models import locate
from rerankers.cross_encoder import CrossEncoder
from rerankers.pair_reader import OnTorch
from rerankers.training.plan import Precision

if TYPE_CHECKING:
    from torch import Tensor

PIECE = 16  # pairs that are padded to one length
_HEAD = ("classifier", "score", "pooler")

Row = dict[str, list[int]]  # a tokenised pair


@dataclass(frozen=True)
class Network:
    """`limit`: tokens read at once, special ones included. `new_head`: the base had none that fits."""

    model: Any
    encode: Any
    limit: int
    device: str
    bf16: bool
    new_head: bool

    def rows(self, pairs: Sequence[tuple[str, str]]) -> list[Row]:
        """Tokenised; what is longer than the limit is cut at its end."""
        encoded = self.encode(
            [query for query, _ in pairs],
            [text for _, text in pairs],
            truncation="longest_first",
            max_length=self.limit,
        )
        return [{name: values[i] for name, values in encoded.items()} for i in range(len(pairs))]

    def logits(self, rows: Sequence[Row]) -> "Tensor":
        """float32 (n,), in order. Computed in pieces of like length, so that little is spent on padding."""
        import torch

        order = sorted(range(len(rows)), key=lambda i: len(rows[i]["input_ids"]))
        parts = []
        for begin in range(0, len(order), PIECE):
            piece = self.encode.pad([rows[i] for i in order[begin : begin + PIECE]], return_tensors="pt")
            with torch.autocast(self.device, torch.bfloat16, enabled=self.bf16):
                parts.append(self.model(**piece.to(self.device)).logits[:, 0].float())
        back = torch.tensor(order, device=self.device).argsort()
        return torch.cat(parts)[back]


class Live(CrossEncoder):
    """The model in training as a reranker: windows and question are made as for the saved folder."""

    def __init__(self, network: Network) -> None:
        super().__init__("in training", models=Path(), max_tokens=network.limit)
        self._network = network

    @cached_property
    def _reader(self) -> OnTorch:
        return _OnNetwork(self._network)


class _OnNetwork(OnTorch):
    def __init__(self, network: Network) -> None:
        super().__init__(Path(), max_tokens=network.limit)
        self._network = network

    @cached_property
    def _tokenizer(self) -> Any:
        return self._network.encode

    @cached_property
    def _model(self) -> Any:
        return self._network.model

    def logits(self, question: str, texts: Sequence[str]) -> list[float]:
        import torch

        with torch.inference_mode():
            rows = self._network.rows([(question, text) for text in texts])
            return [float(logit) for logit in self._network.logits(rows)]


def load(base: str, settings: Settings, *, max_tokens: int, precision: Precision, seed: int) -> Network:
    """The base with one logit; a head that it does not bring is drawn by `seed`.

    Raises ModelMissing when there is no such base or it has no weights, ModelError when its weights are not
    those of its configuration, or it has no tokenizer that can pad.
    """
    folder = locate(base, settings.models)
    encode = tokenizer(folder)
    with reading(folder, settings.threads):
        import torch
        from transformers import AutoModelForSequenceClassification

        torch.manual_seed(seed)
        model, info = AutoModelForSequenceClassification.from_pretrained(
            folder,
            num_labels=1,
            local_files_only=True,
            trust_remote_code=False,
            dtype=torch.float32,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
        )
    mismatched = [str(found[0]) for found in info["mismatched_keys"]]
    new = sorted({*info["missing_keys"], *mismatched})
    strange = [name for name in new if not any(part in name for part in _HEAD)]
    if strange:
        raise ModelError(
            f"{folder}: not this model's weights, {len(strange)} are missing, first {strange[0]}"
        )
    if encode.pad_token_id is None:
        raise ModelError(f"{folder}: its tokenizer has no padding token; take an encoder of the BERT family")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    limit = _OnNetwork(Network(model, encode, max_tokens, device, False, False)).limit
    encode.model_max_length = limit  # the saved folder reads by windows of what it was trained on
    return Network(model.to(device), encode, limit, device, _bf16(precision, device), bool(new))


def _bf16(precision: Precision, device: str) -> bool:
    """bfloat16 where the processor computes in it; where it does not, it would only be slower."""
    import torch

    if precision != "auto":
        return precision == "bf16"
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16") or able.get("bf16"))
