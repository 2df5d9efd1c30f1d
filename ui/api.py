"""What programs call through Gradio's API. The names ask, search and compare are a contract, and so is their
JSON: the command line's."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from assistant.errors import AssistantError
from assistant.present import answer_json
from ui.chat import explain, final
from ui.desk import Desk

AT_ONCE = 24  # questions under way; they wait for each other in assistant.turns, the oldest first
_T = TypeVar("_T")


def register(desk: Desk) -> None:
    """The endpoints, inside an open gr.Blocks. Without `desk.programs` there is `ask` alone."""
    import gradio as gr

    def told(call: Callable[[], _T]) -> _T:
        """Our errors are the message; of another one only its kind (C10, C12)."""
        try:
            return call()
        except AssistantError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except Exception as error:
            raise gr.Error(explain(error), print_exception=False) from None

    def ask(question: str) -> dict[str, Any]:
        """The answer to one clinical question: the fields of `assistant ask --json`."""
        return told(lambda: answer_json(final(desk.ask, question)))

    gr.events.api(ask, api_name="ask", concurrency_limit=AT_ONCE, concurrency_id="ask")
    programs = desk.programs
    if programs is None:
        return

    def search(
        question: str,
        retriever: Literal["bm25", "dense", "hybrid"] | None = None,
        reranker: str | None = None,
        top_k: int = 10,
    ) -> dict[str, Any]:
        """The best passages: the fields of `assistant search --json`. `reranker`: a name of the catalogue."""
        return told(lambda: programs.search(question, retriever, reranker, whole(top_k)))

    def compare(
        question: str,
        rerankers: list[str],
        retriever: Literal["bm25", "dense", "hybrid"] | None = None,
    ) -> dict[str, Any]:
        """Two to four rerankers on one frozen pool: the fields of `assistant compare --json`."""
        return told(lambda: programs.compare(question, rerankers, retriever))

    gr.events.api(search, api_name="search", concurrency_limit=AT_ONCE, concurrency_id="search")
    gr.events.api(compare, api_name="compare", concurrency_limit=4, concurrency_id="compare")


def whole(number: object) -> int:
    """Clients send what they like; 10.0 is 10, and anything else that is no count is out of every range."""
    return int(number) if isinstance(number, int | float) and number == int(number) else 0
