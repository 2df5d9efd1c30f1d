"""What other programs may ask, over a real index with a word-hash encoder; the same as tools for an agent."""

import asyncio
import json
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant import agents
from assistant.errors import PackageMissing, UsageError
from assistant.events import last
from assistant.functions import Functions
from assistant.generate.base import Account, Generator
from assistant.index.engine import Where
from assistant.turns import TURNS
from assistant.types import Evidence, Sentence
from tests import agent_server

QUESTION = "dose of warfarin in CYP2C9 poor metabolisers"


@pytest.fixture
def functions(tmp_path: Path) -> Iterator[Functions]:
    with agent_server.functions(tmp_path) as made:
        yield made


def test_the_fields_are_the_command_lines(functions: Functions) -> None:
    answer = functions.ask(QUESTION)
    assert answer["status"] == "answered"
    assert answer["sentences"][0]["citations"] == [1]
    assert answer["evidence"][0]["title"] == "Warfarin and CYP2C9"
    found = functions.search(QUESTION, "bm25", "none", 2)
    assert found["ranked_by"] == "none"
    assert [hit["rank"] for hit in found["hits"]] == list(range(1, len(found["hits"]) + 1))
    assert found["hits"][0]["ranks"]["dense"] is None, "the retriever was heard"
    sides = functions.compare(QUESTION, ["none", "none", "auto"])
    assert [side["reranker"] for side in sides["rerankers"]] == ["none", "auto"]
    assert sides["pool"] == [hit["chunk_id"] for hit in sides["rerankers"][0]["hits"]]
    judged = functions.verify("Warfarin 5 mg daily.", "Warfarin 5 mg daily was given.")
    assert judged["verdict"] == "supported"
    assert (
        functions.verify("Warfarin 50 mg daily.", "Warfarin 5 mg daily was given.")["verdict"] != "supported"
    )
    assert functions.status()["index"]["documents"] == 3


def test_a_reader_narrows_and_pins(functions: Functions) -> None:
    whole = last(functions.events(QUESTION))
    assert whole.narrowed == ""
    first, second = (e.hit for e in whole.evidence[:2])
    without = last(functions.events(QUESTION, where=Where(without=(first.chunk.document_id,))))
    assert first.chunk.document_id not in {e.hit.chunk.document_id for e in without.evidence}
    assert without.narrowed == f"without {first.chunk.document_id}"
    kept = last(functions.events(QUESTION, where=Where(years=(2200, None)), pinned=[second]))
    assert [e.hit.chunk.id for e in kept.evidence] == [second.chunk.id], "whatever the filter"


def test_what_is_out_of_range_is_named(functions: Functions, tmp_path: Path) -> None:
    for top_k in (0, 101):
        with pytest.raises(UsageError, match="top_k"):
            functions.search(QUESTION, top_k=top_k)
    with pytest.raises(UsageError, match="retriever"):
        functions.search(QUESTION, "magic")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="two to 4"):
        functions.compare(QUESTION, ["none"])
    with pytest.raises(UsageError, match="claim has 0"):
        functions.verify("", "x")
    for folder in (str(tmp_path), "cascade(late@9>3,none)", "../none"):
        with pytest.raises(UsageError, match="no such reranker"):
            functions.search(QUESTION, reranker=folder)


class Slow(Generator):
    """A writer behind a service that takes its time."""

    name = "slow"

    def __init__(self) -> None:
        self.asked, self.reply = threading.Event(), threading.Event()

    def write(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Sentence]:
        raise AssertionError("it streams")

    def stream(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Sentence | Account | None]:
        self.asked.set()
        with TURNS.aside():
            self.reply.wait(30)
        yield Sentence(text=evidence[0].hit.chunk.text, citations=(1,))
        yield Account()


def test_a_slow_writer_does_not_block_a_search(functions: Functions) -> None:
    slow = Slow()
    functions._parts = replace(functions._parts, generator=slow)
    answers: list[dict[str, Any]] = []
    asking = threading.Thread(target=lambda: answers.append(functions.ask(QUESTION)))
    asking.start()
    assert slow.asked.wait(30)
    assert functions.search("apixaban in atrial fibrillation")["hits"]
    assert answers == []
    slow.reply.set()
    asking.join()
    assert answers[0]["status"] == "answered"


def test_twenty_at_once_each_get_their_own_answer(functions: Functions) -> None:
    questions = [QUESTION, "usual dose of apixaban in atrial fibrillation"] * 10
    answers: dict[int, dict[str, Any]] = {}

    def one(n: int) -> None:
        answers[n] = functions.ask(questions[n])

    threads = [threading.Thread(target=one, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answers[n]["question"] for n in range(20)] == questions
    titles = ["Warfarin and CYP2C9", "Apixaban"] * 10
    assert [answers[n]["evidence"][0]["title"] for n in range(20)] == titles


def tool(answer: Any) -> Any:
    assert not answer.is_error, answer.content
    return answer.structured_content


def test_the_tools_have_typed_schemas_and_say_our_errors(functions: Functions) -> None:
    from mcp import Client

    async def talk() -> None:
        async with Client(agents.server(functions)) as client:
            tools = {t.name: t.input_schema for t in (await client.list_tools()).tools}
            assert sorted(tools) == ["ask", "compare", "search", "status", "verify"]
            assert tools["ask"]["required"] == ["question"]
            assert tools["search"]["properties"]["top_k"]["maximum"] == 100
            assert tools["compare"]["properties"]["rerankers"]["minItems"] == 2
            assert tool(await client.call_tool("ask", {"question": QUESTION}))["status"] == "answered"
            empty = await client.call_tool("ask", {"question": " "})
            assert empty.is_error
            assert "the question is empty" in empty.content[0].text
            many = await client.call_tool("search", {"question": QUESTION, "top_k": 1000})
            assert many.is_error

    asyncio.run(talk())


def test_over_stdio_nothing_but_the_protocol_is_said(tmp_path: Path) -> None:
    from mcp import Client, StdioServerParameters

    root = str(Path(__file__).parent.parent)
    called = StdioServerParameters(
        command=sys.executable, args=["-m", "tests.agent_server", str(tmp_path)], cwd=root
    )

    async def talk() -> tuple[Any, Any]:
        async with Client(called) as client:
            verdict = await client.call_tool(
                "verify", {"claim": "Warfarin 5 mg daily.", "passage": "Warfarin 5 mg daily was given."}
            )
            return tool(await client.call_tool("search", {"question": QUESTION})), tool(verdict)

    found, verdict = asyncio.run(talk())
    assert json.loads(json.dumps(found))["hits"][0]["title"] == "Warfarin and CYP2C9"
    assert verdict["verdict"] == "supported"


def test_without_the_package_the_command_that_installs_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    with pytest.raises(PackageMissing, match=r'pip install "clinical-assistant\[mcp\]"'):
        agents.installed()
