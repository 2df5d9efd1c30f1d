"""A compiled graph: rows of token ids in, arrays out, in small batches of like length."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from assistant.engine.runtime import openvino
from assistant.engine.tokens import Row

Precision = Literal["auto", "f32", "bf16"]
Floats = NDArray[np.float32]

# Of a batch, padding included. More is not faster, and takes more memory.
TOKENS = 1024
# Lengths are padded to these: the kernels of such lengths are faster (10 % in int8), and fewer are made.
MULTIPLE = 16


@cache
def native() -> Literal["bf16", "f32"]:
    """bfloat16 where the processor computes in it, else float32."""
    able = openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bf16" if "BF16" in able else "f32"


class Network:
    """A model whose inputs are input_ids, attention_mask and, if it has them, token_type_ids.

    `model` is a graph, or the path of an OpenVINO file (.xml), quantised or not. Rows have at most `longest`
    tokens. `threads` 0 takes all cores. `precision` "auto" is `native`. May be called by several threads.

    Several batches are computed side by side, each on one core: with all cores on each in turn, one that
    another program keeps busy holds up the others (a fifth slower at a load of two on two cores). A single
    batch takes all cores.
    """

    def __init__(self, model: Any, *, longest: int, threads: int = 0, precision: Precision = "auto") -> None:
        self._core = openvino().Core()
        self.precision = native() if precision == "auto" else precision
        self._longest = longest
        # The graph also keeps the weights that it shares.
        self._model = self._core.read_model(model) if isinstance(model, Path) else model
        self._inputs = {i.get_any_name(): i.get_element_type().to_dtype() for i in self._model.inputs}
        self._threads = threads or os.cpu_count() or 1

    @cached_property
    def _together(self) -> Any:
        return self._compiled("LATENCY", 1)

    @cached_property
    def _apart(self) -> Any:
        return self._compiled("THROUGHPUT", self._threads)

    def _compiled(self, hint: str, streams: int) -> Any:
        options = {
            "PERFORMANCE_HINT": hint,
            "NUM_STREAMS": str(streams),
            "INFERENCE_NUM_THREADS": str(self._threads),
            "INFERENCE_PRECISION_HINT": self.precision,
            "ENABLE_CPU_PINNING": "NO",  # the cores are shared with torch and with other programs
        }
        return self._core.compile_model(self._model, "CPU", options)

    def run(self, rows: Sequence[Row]) -> Iterator[tuple[list[int], Floats, Floats]]:
        """For each batch the numbers of its rows, the output (rows first), and the mask (rows, length), 1.0
        for a token and 0.0 for padding. Every row comes once; the longest come first."""
        made = list(batches([len(row.ids) for row in rows], TOKENS))
        compiled = self._together if len(made) < 2 else self._apart
        running: deque[tuple[list[int], dict[str, Any], Any]] = deque()
        for numbers in made:
            if len(running) == self._threads:
                yield _finished(*running.popleft())
            given, request = (
                self._given([rows[number] for number in numbers]),
                compiled.create_infer_request(),
            )
            request.start_async(given, share_inputs=True)
            running.append((numbers, given, request))
        while running:
            yield _finished(*running.popleft())

    def outputs(self, row: Row) -> list[Floats]:
        """Every output of the graph for one row, which is not padded."""
        given = {name: array[:, : len(row.ids)] for name, array in self._given([row]).items()}
        request = self._together.create_infer_request()
        request.infer(given)
        return [np.array(tensor.data, dtype=np.float32) for tensor in request.output_tensors]

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


def _finished(numbers: list[int], given: dict[str, Any], request: Any) -> tuple[list[int], Floats, Floats]:
    request.wait()
    output = np.array(request.get_output_tensor(0).data, dtype=np.float32)
    return numbers, output, given["attention_mask"].astype(np.float32)


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Row numbers, longest first; a batch has one row, or rows times its longest are at most `budget`."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    begin = 0
    while begin < len(order):
        size = max(1, budget // max(1, lengths[order[begin]]))
        yield order[begin : begin + size]
        begin += size
