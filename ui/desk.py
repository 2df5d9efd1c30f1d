"""What the page works with: functions of the answering side, and nothing else of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from assistant.events import Event
from assistant.index.engine import Where
from assistant.types import Answer, Hit, RetrieverName
from ui.chat import Ask, Describe
from ui.conversations import Listing


class Programs(Protocol):
    """What other programs may ask: assistant.functions.Functions, or a script of it in tests."""

    def events(
        self,
        question: str,
        history: Sequence[str] = (),
        where: Where | None = None,
        pinned: Sequence[Hit] = (),
    ) -> Iterator[Event]: ...

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


class Conversations(Protocol):
    """Conversations that are kept on this machine: ui.conversations.Store, or a script of it in tests. Each
    method raises an AssistantError where it cannot."""

    @property
    def path(self) -> Path:
        """Where they lie."""
        ...

    def new(self) -> str:
        """An id that nobody can guess: it opens the conversation."""
        ...

    def append(self, conversation_id: str, answer: Answer) -> None: ...

    def load(self, conversation_id: str) -> tuple[Answer, ...]:
        """In order; empty where there is none of this id."""
        ...

    def listing(self, search: str = "") -> Listing: ...

    def delete(self, conversation_id: str) -> int:
        """How many answers went, for good."""
        ...

    def delete_all(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`ask`: a question -> events. `describe`: what the answers rest on. `programs`: for other programs, and
    what the page narrows a search with. `conversations` None: a reload forgets what was asked."""

    ask: Ask
    describe: Describe
    programs: Programs | None = None
    conversations: Conversations | None = None
