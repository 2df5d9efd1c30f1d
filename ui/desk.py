"""What the page works with: functions of the answering side, and nothing else of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from assistant.events import Event
from assistant.index.engine import Where
from assistant.shelf import Shelf
from assistant.types import Answer, Hit, RetrieverName
from assistant.workbench import Choice, Set, Sides, Source, Tell
from ui.chat import Ask, Describe
from ui.conversations import Listing
from ui.judgements import Judgements
from ui.uploads import Uploads


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


class Bench(Protocol):
    """Rerankers side by side and measured: assistant.workbench.Workbench, or a script of it in tests."""

    def choices(self) -> tuple[Choice, ...]: ...

    def compare(self, question: str, names: Sequence[str]) -> Iterator[Sides]: ...

    def sources(self, ids: Sequence[str]) -> Iterator[Source]: ...

    def evaluate(self, which: Set, rerankers: Sequence[str], limit: int | None, tell: Tell) -> Path: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`ask`: a question -> events. `describe`: what the answers rest on. `programs`: for other programs, and
    what the page narrows a search with. `conversations` None: a reload forgets what was asked.

    `shelf`, `uploads`: the library as it can be changed; `local`: also by a path on this machine. `status`:
    the fields of `status --json`, with "versions" and "history".
    """

    ask: Ask
    describe: Describe
    programs: Programs | None = None
    conversations: Conversations | None = None
    bench: Bench | None = None  # with `judgements`: the tabs Compare and Evaluate
    judgements: Judgements | None = None
    shelf: Shelf | None = None
    uploads: Uploads | None = None
    local: bool = False
    status: Callable[[], dict[str, Any]] | None = None
