"""A model's weights as float32 arrays."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant import models
from assistant.errors import ModelError

Weights = dict[str, NDArray[np.float32]]
_PREFIXES = ("bert.", "roberta.")
_OLD = {".gamma": ".weight", ".beta": ".bias"}


def read(folder: Path) -> Weights:
    """All weights of a folder by name, without the prefix of the architecture.

    safetensors are mapped into memory, not copied, where they hold float32; a pickle is read by torch,
    without running code. Raises ModelError when there are none.
    """
    files = models.weights(folder)
    if not files:
        raise ModelError(f"{folder}: no weights; pull the model again")
    found: Weights = {}
    for file in files:
        found |= safetensors(file) if file.suffix == ".safetensors" else _pickled(file)
    return {_plain(name): array for name, array in found.items()}


def safetensors(file: Path) -> Weights:
    """The floating-point tensors of one file: 8 bytes of length, a JSON header, the data."""
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(length))
    # Copy-on-write: OpenVINO shares memory only with arrays that could be written.
    data = np.memmap(file, np.uint8, mode="c", offset=8 + length)
    found: Weights = {}
    for name, about in header.items():
        if name == "__metadata__" or about["dtype"] not in ("F32", "F16", "BF16"):
            continue
        begin, end = about["data_offsets"]
        found[name] = _float32(np.asarray(data[begin:end]), about["dtype"]).reshape(about["shape"])
    return found


def _float32(data: NDArray[np.uint8], kind: str) -> NDArray[np.float32]:
    if kind == "F32":
        return data.view("<f4")
    if kind == "F16":
        return data.view("<f2").astype(np.float32)
    return (data.view("<u2").astype(np.uint32) << 16).view(np.float32)  # bfloat16: the upper half


def _pickled(file: Path) -> Weights:
    import torch

    stored: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    return {name: tensor.float().numpy() for name, tensor in stored.items() if tensor.is_floating_point()}


def _plain(name: str) -> str:
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    for old, new in _OLD.items():
        if name.endswith("LayerNorm" + old):
            name = name.removesuffix(old) + new
    return name
