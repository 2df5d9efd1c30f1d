"""What is made of the states: a vector a text, or a score a pair."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from assistant import models
from assistant.engine import bert, weights
from assistant.engine.network import Floats, Network, Precision, native
from assistant.engine.tokens import Row, Tokens, longest
from assistant.errors import ModelError
from assistant.loading import explained

Pooling = Literal["mean", "cls"]
GRAPH = "model.xml"  # of a quantised model


def arithmetic(folder: Path) -> str:
    """What a folder's model is computed in on this machine: "bf16" or "f32"; "int8 + bf16" or "int8 + f32"
    of a quantised one, whose attention and norms are not; "f32 (torch)" of one that the engine cannot run."""
    if bert.unfit(folder):
        return "f32 (torch)"
    return f"int8 + {native()}" if (folder / GRAPH).is_file() else native()


class Transformer:
    """A folder's tokenizer and network. Constructing one reads nothing; the first use loads.

    What exceeds `max_tokens`, the length that the folder states, or its position table is cut off at its end
    (of a pair, off the longer one). `threads` 0 takes all cores.
    """

    def __init__(
        self, folder: Path, *, max_tokens: int, threads: int = 0, precision: Precision = "auto"
    ) -> None:
        self.folder, self.max_tokens = folder, max_tokens
        self._threads, self._precision = threads, precision

    @cached_property
    def _shape(self) -> bert.Shape:
        return bert.shape(self.folder)

    @cached_property
    def tokens(self) -> Tokens:
        stated = longest(self.folder) or self.max_tokens
        limit = min(self.max_tokens, self._shape.positions, stated)
        return Tokens(self.folder, max_tokens=limit, typed=not self._shape.roberta)

    def _load(self, *, first: bool, head: Sequence[str] = ()) -> tuple[Network, list[Floats]]:
        """The network, and the weights named in `head`."""
        if self.tokens.vocabulary > self._shape.vocabulary:  # a graph reads past its table in silence
            raise ModelError(
                f"{self.folder}: the tokenizer has {self.tokens.vocabulary} tokens, "
                f"the model {self._shape.vocabulary}; pull the model again"
            )
        stored = weights.read(self.folder)
        bert.check(self.folder, stored, [*bert.names(self._shape), *head])
        model = bert.graph(self._shape, bert.Layers(stored), first=first)
        return self._compiled(model), [stored[name] for name in head]

    def _compiled(self, model: object) -> Network:
        return Network(model, longest=self._shape.positions, threads=self._threads, precision=self._precision)


class Tower(Transformer):
    """An encoder: texts, or pairs of texts -> one vector each.

    `pooling` is the mean of the tokens' states, taken in float32, or the first token's ("cls").
    """

    def __init__(
        self,
        folder: Path,
        *,
        max_tokens: int,
        pooling: Pooling,
        threads: int = 0,
        precision: Precision = "auto",
    ) -> None:
        super().__init__(folder, max_tokens=max_tokens, threads=threads, precision=precision)
        self._pooling = pooling

    @cached_property
    def network(self) -> Network:
        with explained(self.folder):
            return self._load(first=self._pooling == "cls")[0]

    @property
    def dim(self) -> int:
        return self._shape.width

    def embed(self, texts: Sequence[str], pairs: Sequence[str] | None = None) -> Floats:
        """float32 (n, dim). With `pairs`, each text is read together with its second part."""
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)
        if not texts:
            return vectors
        rows = self.tokens.rows(texts) if pairs is None else self.tokens.pairs(texts, pairs)
        for numbers, states, mask in self.network.run(rows):
            if self._pooling == "cls":
                vectors[numbers] = states[:, 0]
            else:
                total = np.einsum("nld,nl->nd", states, mask)
                vectors[numbers] = total / np.maximum(mask.sum(1, keepdims=True), 1)
        return vectors

    def token_states(self, texts: Sequence[str]) -> list[Floats]:
        """The last state of every token of each text, special tokens included: float32 (tokens, dim). For a
        Tower with mean pooling, whose graph gives them all."""
        states: list[Floats] = [np.empty((0, self.dim), np.float32)] * len(texts)
        for numbers, output, mask in self.network.run(self.tokens.rows(texts)):
            for number, state, tokens in zip(numbers, output, mask, strict=True):
                states[number] = state[: int(tokens.sum())]
        return states

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self.tokens.count(texts)


def head_names(about: bert.Shape) -> list[str]:
    """The weights of a classifier's head: a dense layer and its bias, the output and its bias."""
    parts = ("classifier.dense", "classifier.out_proj") if about.roberta else ("pooler.dense", "classifier")
    return [f"{part}.{kind}" for part in parts for kind in ("weight", "bias")]


class Classifier(Transformer):
    """A cross-encoder with one label: rows of token ids -> raw logits.

    The graph, whose output is the first token's state, is built from the weights, or read from the file that
    `int8.quantise` wrote. The head is computed in float32, so that scores keep their resolution where the
    states are bfloat16.
    """

    @cached_property
    def _loaded(self) -> tuple[Network, list[Floats]]:
        with explained(self.folder):
            if self._shape.labels != 1:
                raise ModelError(
                    f"{self.folder}: a reranker has one label, this model has {self._shape.labels}; "
                    "fine-tune it as a cross-encoder with num_labels=1"
                )
            head = head_names(self._shape)
            file = self.folder / GRAPH
            if not file.is_file():
                return self._load(first=True, head=head)
            models.intact(self.folder)
            stored = weights.read(self.folder)
            bert.check(self.folder, stored, head)
            return self._compiled(file), [stored[name] for name in head]

    @property
    def network(self) -> Network:
        return self._loaded[0]

    def logits(self, rows: Sequence[Row]) -> list[float]:
        """One logit a row, in order: any real number, higher is better. `tokens.pairs` makes the rows.

        Raises ModelError at the first use of a folder without exactly one label, or with missing weights.
        """
        network, (dense, dense_bias, out, out_bias) = self._loaded
        states = np.empty((len(rows), self._shape.width), dtype=np.float32)
        for numbers, output, _ in network.run(rows):
            states[numbers] = output[:, 0]
        # Only now: between batches, the threads of numpy's products would go on spinning beside the engine's,
        # which doubled the time.
        scores = np.tanh(states @ dense.T + dense_bias) @ out.T + out_bias
        return [float(score) for score in scores[:, 0]]
