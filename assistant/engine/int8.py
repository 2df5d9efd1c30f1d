"""int8 by calibration: a cross-encoder folder -> the same model in a quarter of the size, and faster.

Weights are symmetric, with one scale for each output channel; inputs have one range each, from the
calibration. Two things keep the order of the passages:

* Input channels are weighed against each other before they are rounded: x / s and s W with
  s = max|x|^0.7 / max|W|^0.3 (SmoothQuant: Xiao, ICML 2023, equation 4), per channel.
* The few inputs of the second feed-forward layer whose values are far larger than all others stay float
  (LLM.int8(): Dettmers, NeurIPS 2022). The logits of a MiniLM then correlate with float32's by .999, with
  all in int8 by .995.

Attention, norms, and the head on the first token are not quantised.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.engine import bert, weights
from assistant.engine.heads import GRAPH, head_names
from assistant.engine.network import Network
from assistant.engine.runtime import openvino
from assistant.engine.tokens import Row
from assistant.engine.weights import Weights

SMOOTH = 0.7
APART = 16  # inputs of the second feed-forward layer that stay float
_TINY = 1e-5

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Seen:
    """The least and the largest value of each input channel: float32 (channels,)."""

    low: Array
    high: Array

    @property
    def largest(self) -> Array:
        return np.maximum(np.maximum(-self.low, self.high), _TINY)

    def of(self, channels: NDArray[np.int64]) -> "Seen":
        return Seen(self.low[channels], self.high[channels])


class _Watched(bert.Layers):
    """float32; keeps the input of every linear layer."""

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self.inputs: dict[str, Any] = {}

    def linear(self, x: Any, name: str) -> Any:
        self.inputs[name] = x
        return super().linear(x, name)


class _Quantised(bert.Layers):
    def __init__(self, weights: Weights, inputs: dict[str, Seen]) -> None:
        super().__init__(weights)
        self._inputs = inputs

    def rows(self, table: str, numbers: Any) -> Any:
        from openvino import opset13 as op

        codes, scales = rounded(self.weights[table])
        zero = op.constant(np.int64(0))
        picked = op.convert(op.gather(op.constant(codes), numbers, zero), "f32")
        return op.multiply(picked, op.gather(op.constant(scales), numbers, zero))

    def linear(self, x: Any, name: str) -> Any:
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        smooth = _smooth(self._inputs[name], weight)
        return _linear(_coded(x, self._inputs[name], smooth), weight * smooth, bias)

    def feed_forward(self, x: Any, layer: str) -> Any:
        from openvino import opset13 as op

        first, second = f"{layer}.intermediate.dense", f"{layer}.output.dense"
        weight, bias = self.weights[f"{first}.weight"], self.weights[f"{first}.bias"]
        smooth = _smooth(self._inputs[first], weight)
        x, weight = _coded(x, self._inputs[first], smooth), weight * smooth
        back, back_bias = self.weights[f"{second}.weight"], self.weights[f"{second}.bias"]
        order = np.argsort(self._inputs[second].largest, kind="stable")
        rest, apart = np.sort(order[:-APART]), np.sort(order[-APART:])
        wide, few = (op.gelu(_linear(x, weight[part], bias[part]), "erf") for part in (rest, apart))
        coded = _coded(wide, self._inputs[second].of(rest), np.ones(len(rest), np.float32))
        kept = op.matmul(few, op.constant(np.ascontiguousarray(back[:, apart])), False, True)
        return op.add(_linear(coded, back[:, rest], back_bias), kept)


def _smooth(seen: Seen, weight: Array) -> Array:
    by_weight = np.maximum(np.abs(weight).max(axis=0), _TINY)
    smooth: Array = seen.largest**SMOOTH / by_weight ** (1 - SMOOTH)
    return smooth


def _coded(x: Any, seen: Seen, smooth: Array) -> Any:
    """x / smooth in 256 steps; 0 is one of them."""
    from openvino import opset13 as op

    low, high = steps(float((seen.low / smooth).min()), float((seen.high / smooth).max()))
    if (smooth != 1).any():
        x = op.multiply(x, op.constant(1 / smooth))
    ends = [op.constant(np.float32(end)) for end in (low, high)]
    return op.fake_quantize(x, *ends, *ends, 256)


def steps(low: float, high: float) -> tuple[float, float]:
    """The range of 256 equal steps that holds low, 0 and high, with 0 on a step."""
    low, high = min(low, -_TINY), max(high, _TINY)
    below = min(max(round(-low * 255 / (high - low)), 1), 254)
    step = max(-low / below, high / (255 - below))
    return -below * step, (255 - below) * step


def _linear(x: Any, weight: Array, bias: Array) -> Any:
    from openvino import opset13 as op

    codes, scales = rounded(weight)
    stored = op.multiply(op.convert(op.constant(codes), "f32"), op.constant(scales))
    return op.add(op.matmul(x, stored, False, True), op.constant(np.ascontiguousarray(bias)))


def rounded(weight: Array) -> tuple[NDArray[np.int8], Array]:
    """int8 codes from -127 to 127 and float32 (rows, 1) scales: codes * scales is near `weight`, by row."""
    scales = np.maximum(np.abs(weight).max(axis=1, keepdims=True), 1e-12) / 127
    return np.rint(weight / scales).astype(np.int8), scales.astype(np.float32)


def seen(folder: Path, stored: Weights, rows: Sequence[Row], threads: int = 0) -> dict[str, Seen]:
    """What each linear layer of a folder's model reads of `rows`."""
    layers = _Watched(stored)
    about = bert.shape(folder)
    inputs = bert.graph(about, layers, first=True).get_parameters()
    model = openvino().Model(list(layers.inputs.values()), inputs, "watched")
    network = Network(model, longest=about.positions, threads=threads, precision="f32")
    found: dict[str, Seen] = {}
    for row in rows:
        for name, values in zip(layers.inputs, network.outputs(row), strict=True):
            low, high = values.min(axis=(0, 1)), values.max(axis=(0, 1))
            if name in found:
                low, high = np.minimum(low, found[name].low), np.maximum(high, found[name].high)
            found[name] = Seen(low, high)
    return found


def quantise(folder: Path, out: Path, rows: Sequence[Row], threads: int = 0) -> list[Path]:
    """Write the graph of a cross-encoder, and its head in float32, to the folder `out`; its files.

    `rows`: pairs of question and passage like those it will read; a hundred are enough. Raises ModelError
    when the model cannot run on the engine or weights are missing.
    """
    ov = openvino()
    from safetensors.numpy import save_file

    about, stored = bert.shape(folder), weights.read(folder)
    head = head_names(about)
    bert.check(folder, stored, [*bert.names(about), *head])
    layers = _Quantised(stored, seen(folder, stored, rows, threads))
    ov.save_model(bert.graph(about, layers, first=True), out / GRAPH, compress_to_fp16=False)
    save_file({name: np.array(stored[name]) for name in head}, out / "model.safetensors")
    return [out / GRAPH, (out / GRAPH).with_suffix(".bin"), out / "model.safetensors"]
