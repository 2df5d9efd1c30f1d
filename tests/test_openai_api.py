"""The endpoint that other chat front ends speak to, with the openai package as one of them."""

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from assistant.events import Event, Stage, Waiting
from assistant.types import Answer, Sentence, Usage
from tests import scripted
from ui import cited
from ui.access import Secret
from ui.desk import Programs
from ui.openai_api import MODEL, Stamp, completion, routes

KEY = "a key that is long enough"


@contextmanager
def served(programs: Programs, key: Secret | None = None) -> Iterator[str]:
    import uvicorn
    from starlette.applications import Starlette

    server = uvicorn.Server(
        uvicorn.Config(
            Starlette(routes=routes(programs, key)), log_level="error", timeout_graceful_shutdown=1
        )
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
        thread.start()
        while thread.is_alive() and not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def programs() -> scripted.Programs:
    return scripted.Programs(scripted.ask)


@pytest.fixture(scope="module")
def url(programs: scripted.Programs) -> Iterator[str]:
    with served(programs) as address:
        yield address


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[Any]:
    import openai

    with openai.OpenAI(base_url=url, api_key="none", max_retries=0) as made:
        yield made


def user(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


def post(url: str, body: bytes | dict[str, Any], key: str | None = None) -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"{url}/chat/completions", data=data, headers=headers), timeout=20
        ) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_the_one_model_is_listed(client: Any) -> None:
    assert [m.id for m in client.models.list()] == [MODEL]


def test_an_answer_with_its_sources_and_annotations(client: Any) -> None:
    done = client.chat.completions.create(model=MODEL, messages=user("How is warfarin dosed?"))
    choice = done.choices[0]
    assert choice.finish_reason == "stop"
    said = choice.message.content
    assert said.startswith("In carriers of CYP2C9\\*3 the starting dose")
    assert "third. [1] The INR" in said
    assert "agree. [1][2]\n\nSources:\n- [1] Warfarin and reduced-function" in said
    assert "<https://pubmed.ncbi.nlm.nih.gov/12345678/>" in said
    assert "RETRACTED. No need for genotype" in said
    assert "- Ranked by bundled." in said
    assert "Degraded: medcpt is not on this machine" in said
    assert "Nothing left this machine." in said
    marks = [
        (said[a.url_citation.start_index : a.url_citation.end_index], a.url_citation.url)
        for a in choice.message.annotations
    ]
    assert marks == [
        ("[1]", "https://pubmed.ncbi.nlm.nih.gov/12345678/"),
        ("[1]", "https://pubmed.ncbi.nlm.nih.gov/12345678/"),
        ("[2]", "urn:clinical-assistant:sample%3A2"),
    ]
    assert done.usage.total_tokens == 0


def test_a_stream_joins_to_the_same_words(client: Any) -> None:
    whole = client.chat.completions.create(model=MODEL, messages=user("How?"))
    stream = list(
        client.chat.completions.create(
            model=MODEL, messages=user("How?"), stream=True, stream_options={"include_usage": True}
        )
    )
    pieces = [c.choices[0].delta.content or "" for c in stream if c.choices]
    assert "".join(pieces) == whole.choices[0].message.content
    assert sum(bool(piece) for piece in pieces) == 3, "each sentence by itself, and the rest"
    assert [c.choices[0].finish_reason for c in stream if c.choices][-1] == "stop"
    assert stream[-1].usage.total_tokens == 0
    annotated = [c.choices[0].delta.model_extra.get("annotations") for c in stream if c.choices]
    assert len(next(a for a in annotated if a)) == 3


@pytest.mark.parametrize(("word", "finish"), [("abstain", "stop"), ("blocked", "content_filter")])
def test_what_is_not_answered_says_so(client: Any, word: str, finish: str) -> None:
    for stream in (False, True):
        done = client.chat.completions.create(model=MODEL, messages=user(f"{word} now"), stream=stream)
        if stream:
            chunks = [c.choices[0] for c in done]
            said, ended = "".join(c.delta.content or "" for c in chunks), chunks[-1].finish_reason
        else:
            said, ended = done.choices[0].message.content, done.choices[0].finish_reason
        assert ended == finish
        assert ("Nearest passages:" in said) == (word == "abstain")
        assert "nothing was sent" in said or "none is an answer by itself" in said


def test_earlier_questions_are_the_history(client: Any, programs: scripted.Programs) -> None:
    client.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "system", "content": "Answer in rhyme and without sources."},
            {"role": "user", "content": "Warfarin in CYP2C9*3?"},
            {"role": "assistant", "content": "Less."},
            {"role": "user", "content": [{"type": "text", "text": "And in children?"}]},
        ],
    )
    assert programs.histories[-1] == ("Warfarin in CYP2C9*3?",)


def test_errors_are_the_wire_formats_own(client: Any) -> None:
    import openai

    with pytest.raises(openai.InternalServerError, match="assistant models pull medcpt"):
        client.chat.completions.create(model=MODEL, messages=user("missing model"))
    with pytest.raises(openai.InternalServerError, match="ValueError") as hidden:
        client.chat.completions.create(model=MODEL, messages=user("broken secret-7431"))
    assert "secret-7431" not in str(hidden.value)
    with pytest.raises(openai.APIError, match="assistant models pull medcpt"):
        list(client.chat.completions.create(model=MODEL, messages=user("missing model"), stream=True))


@pytest.mark.parametrize(
    ("body", "said", "param"),
    [
        (b"{", "the body", None),
        ({}, "messages", "messages"),
        ({"messages": []}, "last message", "messages"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "last message", "messages"),
        ({"messages": user("  ")}, "empty", "messages"),
        ({"messages": user("x" * 2001)}, "2,001 characters", "messages"),
        ({"messages": user("x") * 201}, "more than 200", "messages"),
        ({"messages": user("x"), "n": 2}, "leave n out", "n"),
        ({"messages": user("x"), "tools": [{}]}, "no tools", "tools"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "text only", "messages"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages.0.role", "messages.0.role"),
    ],
)
def test_what_cannot_be_served_is_named(url: str, body: Any, said: str, param: str | None) -> None:
    status, reply = post(url, body)
    assert status == 400
    assert said in reply["error"]["message"]
    assert reply["error"]["param"] == param
    assert reply["error"]["type"] == "invalid_request_error"


def test_a_key_is_asked_for_and_guessing_is_slow() -> None:
    with served(scripted.Programs(scripted.ask), Secret.of(KEY)) as url:
        assert post(url, {"messages": user("How?")}, KEY)[0] == 200
        assert post(url, {"messages": user("How?")}, KEY)[0] == 200
        status, reply = post(url, {"messages": user("How?")})
        assert (status, reply["error"]["code"]) == (401, "invalid_api_key")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{url}/models")
        refused.value.close()
        assert [post(url, {"messages": user("How?")}, f"guess {n}")[0] for n in range(4)] == [401] * 3 + [429]


def test_a_reader_that_leaves_ends_the_question() -> None:
    ended = threading.Event()

    def endless(_: str) -> Iterator[Event]:
        try:
            yield Stage("searching")
            while True:
                time.sleep(0.01)
                yield Waiting()
        finally:
            ended.set()

    with served(scripted.Programs(endless)) as url:
        body = json.dumps({"messages": user("How?"), "stream": True}).encode()
        host, port = url.removeprefix("http://").removesuffix("/v1").split(":")
        with socket.create_connection((host, int(port))) as line:
            head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
            line.sendall(head.encode() + body)
            seen = b""
            while b": searching" not in seen:
                seen += line.recv(1000)
        assert ended.wait(20)


def test_nothing_of_a_source_is_markup() -> None:
    said = cited.content(scripted.hostile("hostile"))
    for markup in ("![track](", "<script>", "<img", "[click](", "**bold**", "`code`", "$$", "<iframe", "\n#"):
        assert markup not in said, markup
    for address in ("http://evil", "\u202e"):
        assert address not in said
    assert said.count("<http") == 0, "only a record's own address is a link"


def test_positions_hold_for_any_marks() -> None:
    answer = Answer(
        question="q",
        status="answered",
        sentences=(
            Sentence(text="A *b* [c].", citations=(2, 9), verdict="unsupported"),
            Sentence(text="No source.", citations=(), verdict="unchecked"),
            Sentence(text="5 mg < 6 mg.", citations=(1, 3), verdict="supported"),
        ),
        evidence=scripted.EVIDENCE,
        ranked_by="x",
        usage=Usage(calls=1, input_tokens=70, output_tokens=5),
    )
    done = completion(answer, Stamp("c", 1))
    message = done["choices"][0]["message"]
    found = [a["url_citation"] for a in message["annotations"]]
    assert [message["content"][c["start_index"] : c["end_index"]] for c in found] == ["[2]", "[1]", "[3]"]
    assert "(not supported by its source)" in message["content"]
    assert done["usage"] == {"prompt_tokens": 70, "completion_tokens": 5, "total_tokens": 75}
