"""The seam of every answer writer."""

from abc import ABC, abstractmethod
from collections import abc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.types import Egress, Evidence, Sentence, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How it went: the last thing that a writer says."""

    broke: str = ""  # why it is not whole; "" when it is
    declined: bool = False  # it read the evidence and found no answer there
    degraded: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    egress: tuple[Egress, ...] = ()
    usage: Usage | None = None


Stream = abc.Generator["Sentence | Account | None", None, None]


class Generator(ABC):
    """Question and evidence -> sentences, each with the evidence it cites; none when there is none."""

    name: str
    version: str = "1"
    fallback: "Generator | None" = None  # who completes what this one leaves undone

    @abstractmethod
    def write(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Sentence]:
        """Yields sentences as they are ready, unchecked; `verify` gives the verdict."""

    def stream(self, question: str, evidence: Sequence[Evidence]) -> Stream:
        """The same, None while nothing is ready, and an Account at the end. Closing it ends the work."""
        yield from self.write(question, evidence)
        yield Account()


class FirstSentence(Generator):
    """The deterministic fake for tests: the first line of the first passage."""

    name = "first"

    def write(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Sentence]:
        for item in evidence[:1]:
            yield Sentence(text=item.hit.chunk.text.splitlines()[0], citations=(item.n,))
