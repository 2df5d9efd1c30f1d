"""A compiled graph: rows of token ids in, arrays out, in small batches of like length."""

import os
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from assistant.engine.runtime import openvino
from assistant.engine.tokens import Row

Precision = Literal["auto", "f32", "bf16"]
Floats = NDArray[np.float32]

# Of a batch, padding included, for each thread. More is not faster on two cores, and takes more memory.
TOKENS_A_THREAD = 512
# Lengths are padded to these: the kernels of such lengths are faster (10 % in int8), and fewer are made.
MULTIPLE = 16


class Network:
    """A model whose inputs are input_ids, attention_mask and, if it has them, token_type_ids.

    `model` is a graph, or the path of an OpenVINO file (.xml), quantised or not. Rows have at most `longest`
    tokens. `threads` 0 takes all cores. `precision` "auto" is bfloat16 where the processor computes in it,
    else float32. May be called by several threads: they take turns, batch by batch.
    """

    def __init__(self, model: Any, *, longest: int, threads: int = 0, precision: Precision = "auto") -> None:
        core = openvino().Core()
        if precision == "auto":
            able = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
            precision = "bf16" if "BF16" in able else "f32"
        options = {
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": "1",
            "INFERENCE_PRECISION_HINT": precision,
            "ENABLE_CPU_PINNING": "NO",  # the cores are shared with torch and with other programs
        }
        if threads:
            options["INFERENCE_NUM_THREADS"] = str(threads)
        self.precision, self._longest = precision, longest
        self._model = model  # keeps the weights that the graph shares
        compiled = core.compile_model(model, "CPU", options)
        self._inputs = {i.get_any_name(): i.get_element_type().to_dtype() for i in compiled.inputs}
        self._request = compiled.create_infer_request()
        self._lock = threading.Lock()
        self._budget = TOKENS_A_THREAD * (threads or os.cpu_count() or 1)

    def run(self, rows: Sequence[Row]) -> Iterator[tuple[list[int], Floats, Floats]]:
        """For each batch the numbers of its rows, the output (rows first), and the mask (rows, length), 1.0
        for a token and 0.0 for padding. Every row comes once; the longest come first."""
        for numbers in batches([len(row.ids) for row in rows], self._budget):
            given = self._given([rows[number] for number in numbers])
            with self._lock:
                self._request.infer(given, share_inputs=True)
                output = np.array(self._request.get_output_tensor(0).data, dtype=np.float32)
            yield numbers, output, given["attention_mask"].astype(np.float32)

    def outputs(self, row: Row) -> list[Floats]:
        """Every output of the graph for one row, which is not padded."""
        given = self._given([row])
        whole = {name: array[:, : len(row.ids)] for name, array in given.items()}
        with self._lock:
            self._request.infer(whole)
            return [np.array(tensor.data, dtype=np.float32) for tensor in self._request.output_tensors]

    def _given(self, rows: Sequence[Row]) -> dict[str, Any]:
        """The inputs, padded to one length. `rows`: the longest first."""
        tokens = max(1, len(rows[0].ids))
        length = max(tokens, min(-(-tokens // MULTIPLE) * MULTIPLE, self._longest))
        given = {name: np.zeros((len(rows), length), kind) for name, kind in self._inputs.items()}
        for place, row in enumerate(rows):
            given["input_ids"][place, : len(row.ids)] = row.ids
            given["attention_mask"][place, : len(row.ids)] = 1
            if "token_type_ids" in given:
                given["token_type_ids"][place, : len(row.ids)] = row.types
        return given


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Row numbers, longest first; a batch has one row, or rows times its longest are at most `budget`."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    begin = 0
    while begin < len(order):
        size = max(1, budget // max(1, lengths[order[begin]]))
        yield order[begin : begin + size]
        begin += size
