"""The seam of every answer writer."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from assistant.types import Evidence, Sentence


class Generator(ABC):
    """Question and evidence -> sentences, each with the evidence it cites; none when there is none."""

    name: str

    @abstractmethod
    def write(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Sentence]:
        """Yields sentences as they are ready, unchecked; `verify` gives the verdict."""


class FirstSentence(Generator):
    """The deterministic fake for tests: the first line of the first passage."""

    name = "first"

    def write(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Sentence]:
        for item in evidence[:1]:
            yield Sentence(text=item.hit.chunk.text.splitlines()[0], citations=(item.n,))
