"""What the page works with: functions of the answering side, and nothing else of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.events import Event
from assistant.types import RetrieverName
from ui.chat import Ask, Describe


class Programs(Protocol):
    """What other programs may ask: assistant.functions.Functions, or a script of it in tests."""

    def events(self, question: str, history: Sequence[str] = ()) -> Iterator[Event]: ...

    def search(
        self,
        question: str,
        retriever: RetrieverName | None = None,
        reranker: str | None = None,
        top_k: int = 10,
    ) -> dict[str, Any]: ...

    def compare(
        self, question: str, rerankers: Sequence[str], retriever: RetrieverName | None = None
    ) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`ask`: a question -> events. `describe`: what the answers rest on. `programs`: for other programs."""

    ask: Ask
    describe: Describe
    programs: Programs | None = None
