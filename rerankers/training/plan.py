"""What a training run is asked to do."""

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, get_args

from assistant.errors import UsageError

Kind = Literal["question", "statement", "conclusion"]
Loss = Literal["listwise", "ranknet", "margin"]
Distillation = Literal["kl", "margin-mse"]
Schedule = Literal["cosine", "linear"]
Precision = Literal["auto", "fp32", "bf16"]

KINDS: tuple[Kind, ...] = get_args(Kind)

_SOURCE = re.compile(r"(?P<folder>.+):(?P<split>[^:@/\\]+)(?:@(?P<weight>[0-9.]+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A split of a folder in BEIR format. `weight`: its share of the lists, relative to the others'."""

    folder: Path
    split: str
    weight: float = 1.0
    licence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run. What decides the weights stands here or in the files that `data`, `base` and `teachers` name.

    `kinds`: what serves as a query: the split's questions; a statement (a sentence of one relevant document,
    for the other relevant documents of its question); a conclusion (the first sentence of the query's
    metadata.ideal or metadata.long). `lists` a step, of one positive and `passages` - 1 negatives.
    `distil_weight`: the share of the teachers in the loss, 0 to 1. `every`: steps between two evaluations,
    each with a checkpoint; after `patience` of them without a new best the run ends. `limit`, `dev_limit`:
    questions of a split, drawn by `seed`. Raises UsageError on a value out of range.
    """

    data: tuple[Source, ...]
    base: str
    out: Path
    dev: tuple[Source, ...] = ()
    kinds: tuple[Kind, ...] = KINDS
    teachers: tuple[str, ...] = ()
    loss: Loss = "listwise"
    distil: Distillation = "kl"
    distil_weight: float = 0.5
    steps: int = 2000
    lists: int = 8
    passages: int = 8
    max_tokens: int = 256
    learning_rate: float = 3e-5
    schedule: Schedule = "cosine"
    warmup: float = 0.05
    every: int = 200
    patience: int = 5
    seed: int = 0
    limit: int | None = None
    candidates: int = 40
    dev_limit: int = 100
    dev_depth: int = 30
    precision: Precision = "auto"

    def __post_init__(self) -> None:
        if not self.data:
            raise UsageError("nothing to learn from: give --data DIR:SPLIT")
        _one_of("--loss", self.loss, get_args(Loss))
        _one_of("--distil", self.distil, get_args(Distillation))
        _one_of("--schedule", self.schedule, get_args(Schedule))
        _one_of("--precision", self.precision, get_args(Precision))
        for kind in self.kinds:
            _one_of("--kinds", kind, KINDS)
        if not self.kinds:
            raise UsageError(f"--kinds: give at least one of {', '.join(KINDS)}")
        for name, least, most in (
            ("steps", 1, 10_000_000),
            ("lists", 1, 1024),
            ("passages", 2, 256),
            ("max_tokens", 16, 8192),
            ("learning_rate", 1e-9, 1.0),
            ("warmup", 0.0, 1.0),
            ("distil_weight", 0.0, 1.0),
            ("every", 1, 10_000_000),
            ("patience", 1, 10_000),
            ("limit", 1, 10**9),
            ("candidates", 1, 1000),
            ("dev_limit", 1, 10**9),
            ("dev_depth", 2, 1000),
        ):
            value = getattr(self, name)
            if value is not None and not least <= value <= most:
                raise UsageError(f"--{name.replace('_', '-')} {value:g}: give {least:g} to {most:g}")

    def options(self) -> dict[str, object]:
        """What is said in the record: every field but the sources and the places."""
        left_out = ("data", "dev", "base", "out")
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in left_out}


def source(text: str, licence: str = "") -> Source:
    """ "DIR:SPLIT" or "DIR:SPLIT@WEIGHT". Raises UsageError."""
    match = _SOURCE.fullmatch(text)
    try:
        weight = float(match["weight"] or 1) if match else 0.0
    except ValueError:
        weight = 0.0
    if match is None or weight <= 0:
        raise UsageError(f"{text!r}: expected DIR:SPLIT, or DIR:SPLIT@WEIGHT with a weight above 0")
    return Source(folder=Path(match["folder"]), split=match["split"], weight=weight, licence=licence)


def _one_of(option: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise UsageError(f"{option} {value}: give one of {', '.join(known)}")
