"""BERT and RoBERTa (Devlin 2019, Liu 2019) as an OpenVINO graph, built from the weights themselves.

No tracing and no converter: nothing of torch is needed, and there is no converted file to keep up to date.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.engine.runtime import openvino
from assistant.engine.weights import Weights
from assistant.errors import ModelError

_FAMILIES = ("bert", "roberta", "xlm-roberta")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the graph needs to know of config.json. `offset`: the row of the position table of the first
    token. `types`: rows of the token type table."""

    roberta: bool
    layers: int
    width: int
    heads: int
    epsilon: float
    vocabulary: int
    positions: int
    offset: int
    types: int
    labels: int


def unfit(folder: Path) -> str:
    """Why this folder's model cannot run on the engine; "" when it can."""
    config = _config(folder)
    kind = config.get("model_type")
    if kind not in _FAMILIES:
        return f"its architecture is {kind}, not one of {', '.join(_FAMILIES)}"
    if config.get("position_embedding_type", "absolute") != "absolute":
        return "its positions are relative"
    if config.get("hidden_act", "gelu") != "gelu":
        return f"its activation is {config['hidden_act']}, not gelu"
    if kind != "bert" and config.get("type_vocab_size", 2) != 1:
        return "it is a RoBERTa with token types"
    if "auto_map" in config:
        return "it brings code of its own, so its weights may have another layout"
    if config.get("is_decoder") or config.get("add_cross_attention"):
        return "it is a decoder"
    if not (folder / "tokenizer.json").is_file():
        return "it has no tokenizer.json"
    return ""


def shape(folder: Path) -> Shape:
    """Of a folder's config.json. Raises ModelError when the model is `unfit`, or an entry is missing."""
    reason = unfit(folder)
    if reason:
        raise ModelError(f"{folder}: cannot run on the engine: {reason}")
    try:
        return _shape(_config(folder))
    except KeyError as error:
        raise ModelError(f"{folder}: config.json has no {error}; pull the model again") from None


def _shape(config: dict[str, Any]) -> Shape:
    roberta = config["model_type"] != "bert"
    offset = int(config.get("pad_token_id", 1)) + 1 if roberta else 0
    return Shape(
        roberta=roberta,
        layers=config["num_hidden_layers"],
        width=config["hidden_size"],
        heads=config["num_attention_heads"],
        epsilon=config.get("layer_norm_eps", 1e-12),
        vocabulary=config["vocab_size"],
        positions=config["max_position_embeddings"] - offset,
        offset=offset,
        types=config.get("type_vocab_size", 2),
        labels=len(config["id2label"]) if "id2label" in config else 2,
    )


def _config(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise ModelError(f"{folder}: config.json cannot be read; pull the model again") from None
    return found if isinstance(found, dict) else {}


def names(about: Shape) -> list[str]:
    """Every weight that `graph` reads."""
    tables = [f"embeddings.{t}_embeddings.weight" for t in ("word", "position", "token_type")]
    parts = [f"attention.self.{part}" for part in ("query", "key", "value")]
    parts += ["attention.output.dense", "attention.output.LayerNorm"]
    parts += ["intermediate.dense", "output.dense", "output.LayerNorm"]
    layers = [f"encoder.layer.{n}.{part}" for n in range(about.layers) for part in parts]
    both = ["embeddings.LayerNorm", *layers]
    return tables + [f"{part}.{kind}" for part in both for kind in ("weight", "bias")]


def check(folder: Path, weights: Weights, wanted: list[str]) -> None:
    """Raises ModelError when weights are missing."""
    missing = [name for name in wanted if name not in weights]
    if missing:
        raise ModelError(f"{folder}: not complete, {len(missing)} weights are missing, first {missing[0]}")


class Layers:
    """The parts of the graph that have large weights, in float32. They share the memory of `weights`, which
    must live as long as the graph does."""

    def __init__(self, weights: Weights) -> None:
        openvino()
        self.weights = weights

    def constant(self, name: str) -> Any:
        from openvino import opset13 as op

        return op.constant(self.weights[name], shared_memory=True)

    def rows(self, table: str, numbers: Any) -> Any:
        """Rows of a table of embeddings."""
        from openvino import opset13 as op

        return op.gather(self.constant(table), numbers, op.constant(np.int64(0)))

    def linear(self, x: Any, name: str) -> Any:
        from openvino import opset13 as op

        product = op.matmul(x, self.constant(f"{name}.weight"), False, True)
        return op.add(product, self.constant(f"{name}.bias"))

    def feed_forward(self, x: Any, layer: str) -> Any:
        """Before the residual is added."""
        from openvino import opset13 as op

        wide = op.gelu(self.linear(x, f"{layer}.intermediate.dense"), "erf")
        return self.linear(wide, f"{layer}.output.dense")


def graph(about: Shape, layers: Layers, *, first: bool) -> Any:
    """input_ids, token_type_ids, attention_mask: int32 (n, length) -> states (n, length, width).

    With `first`, (n, 1, width): the last layer is computed for the first token alone, which saves most of
    that layer.
    """
    ov = openvino()
    from openvino import opset13 as op

    def numbers(*values: int) -> Any:
        return op.constant(np.array(values, dtype=np.int64))

    linear, weight = layers.linear, layers.constant

    def normalised(x: Any, name: str) -> Any:
        centred = op.mvn(x, numbers(-1), True, about.epsilon, "inside_sqrt")
        return op.add(op.multiply(centred, weight(f"{name}.weight")), weight(f"{name}.bias"))

    def by_head(x: Any) -> Any:  # (n, length, width) -> (n, heads, length, width / heads)
        split = op.reshape(x, numbers(0, 0, about.heads, about.width // about.heads), True)
        return op.transpose(split, numbers(0, 2, 1, 3))

    def attention(x: Any, queries: Any, name: str) -> Any:
        query = by_head(linear(queries, f"{name}.query"))
        key, value = by_head(linear(x, f"{name}.key")), by_head(linear(x, f"{name}.value"))
        alike = op.multiply(op.matmul(query, key, False, True), scale)
        mixed = op.matmul(op.softmax(op.add(alike, ignored), -1), value, False, False)
        return op.reshape(op.transpose(mixed, numbers(0, 2, 1, 3)), numbers(0, 0, about.width), True)

    def layer(x: Any, name: str, last: bool) -> Any:
        kept = op.slice(x, numbers(0), numbers(1), numbers(1), numbers(1)) if first and last else x
        seen = linear(attention(x, kept, f"{name}.attention.self"), f"{name}.attention.output.dense")
        kept = normalised(op.add(seen, kept), f"{name}.attention.output.LayerNorm")
        return normalised(op.add(layers.feed_forward(kept, name), kept), f"{name}.output.LayerNorm")

    zero, one = op.constant(np.int64(0)), op.constant(np.float32(1))
    scale = op.constant(np.float32((about.width // about.heads) ** -0.5))
    ids, types, mask = (
        op.parameter([-1, -1], ov.Type.i32, name=name)
        for name in ("input_ids", "token_type_ids", "attention_mask")
    )
    # 0 for a token, -1e9 for padding, whose share after the softmax is then exactly 0.
    blocked = op.multiply(op.subtract(op.convert(mask, "f32"), one), op.constant(np.float32(1e9)))
    ignored = op.unsqueeze(blocked, numbers(1, 2))
    length = op.gather(op.shape_of(ids), numbers(1), zero)
    position = op.slice(
        weight("embeddings.position_embeddings.weight"),
        numbers(about.offset),
        op.add(length, numbers(about.offset)),
        numbers(1),
        numbers(0),
    )
    words = layers.rows("embeddings.word_embeddings.weight", ids)
    kinds = layers.rows("embeddings.token_type_embeddings.weight", types)
    x = op.add(op.add(words, kinds), position)
    x = normalised(x, "embeddings.LayerNorm")
    for n in range(about.layers):
        x = layer(x, f"encoder.layer.{n}", last=n == about.layers - 1)
    model = ov.Model([x], [ids, types, mask], "encoder")
    for parameter in (ids, types, mask):
        parameter.output(0).get_tensor().set_names({parameter.get_friendly_name()})
    return model
