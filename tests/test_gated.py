"""Nothing leaves past the gate: hosted rerankers, embeddings, a server elsewhere; and nothing by default."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from typer.testing import CliRunner

from assistant import build, pipeline
from assistant.cli import app
from assistant.config import Loaded, Settings
from assistant.encoders import Encoder, HashEncoder
from assistant.errors import EgressBlocked, EgressRefused, ServiceError
from assistant.events import Answered
from assistant.generate.extractive import Extractive
from assistant.index.store import open_index
from assistant.loopback import here
from assistant.pipeline import Parts
from assistant.privacy import gate
from assistant.retrieve import retrieve
from assistant.types import Answer, Chunk, Egress, Hit, Metadata, Origin
from ingest.run import ingest
from rerankers import load
from rerankers.base import Reranker, Scored, WordOverlap
from rerankers.cached import Cached
from rerankers.combine import Fallback
from rerankers.gated import HERE, Gated, in_place

ROOT = Path(__file__).parent.parent
PERSON = "My patient John Miller takes warfarin, which dose?"


def hit(n: int, text: str) -> Hit:
    chunk = Chunk(id=f"c{n}", document_id=f"d{n}", section=0, heading="", start=0, end=len(text), text=text)
    return Hit(chunk=chunk, metadata=Metadata(title="", origin=Origin(path="x", format="text")))


class Hosted(Reranker):
    """Longer passages first; keeps what it was sent."""

    name = "hosted"

    def __init__(self) -> None:
        self.sent: list[str] = []

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        self.sent += [query, *passages]
        return [float(len(p)) for p in passages]

    def judge(self, query: str, hits: Sequence[Hit]) -> Scored:
        scored = super().judge(query, hits)
        return replace(scored, egress=(Egress(service=self.name, what=f"{len(hits)} passages"),))


HITS = [
    hit(0, "short"),
    hit(1, "SSN 078-05-1120"),
    hit(2, "a longer passage"),
    hit(3, "the longest passage of all"),
]


def test_a_passage_that_must_not_leave_keeps_its_place() -> None:
    hosted = Hosted()
    ranking = Gated(hosted, gate).rerank("warfarin dose", HITS)
    assert [h.chunk.id for h in ranking.hits] == ["c3", "c1", "c2", "c0"]
    assert not any("078" in text for text in hosted.sent)
    assert ranking.degraded[0].startswith("1 of 4 passages")
    assert ranking.egress == (Egress(service="hosted", what="3 passages"),)


def test_a_question_that_must_not_leave_ends_it_whatever_could_follow() -> None:
    hosted = Hosted()
    with pytest.raises(EgressBlocked, match="John Miller"):
        Fallback(Gated(hosted, gate), WordOverlap()).rerank(PERSON, HITS)
    assert hosted.sent == []


def test_with_nothing_to_send_the_order_stays() -> None:
    hosted = Hosted()
    ranking = Gated(hosted, gate).rerank("dose", [HITS[1], hit(9, "MRN 00482913")])
    assert [h.chunk.id for h in ranking.hits] == ["c1", "c9"]
    assert hosted.sent == []
    assert ranking.egress == ()


def test_scores_of_places_are_not_kept(tmp_path: Path) -> None:
    hosted = Hosted()
    cached = Cached(Gated(hosted, gate), tmp_path / "scores.sqlite", 10)
    cached.rerank("dose", HITS)
    assert not (tmp_path / "scores.sqlite").exists()


def test_a_service_on_this_machine_has_no_gate_and_says_where_it_is() -> None:
    ranking = Gated(Hosted(), None).rerank(PERSON, HITS)
    assert ranking.egress == (Egress(service="hosted", what="4 passages" + HERE),)


@examples(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(-3, 3)), min_size=1, max_size=12))
def test_every_row_gets_a_score_and_the_held_back_their_place(given_scores: list[int | None]) -> None:
    scores = {row: float(s) for row, s in enumerate(given_scores) if s is not None}
    found = in_place(len(given_scores), scores)
    assert {row: found[row] for row in scores} == scores
    if len(set(scores.values())) == len(scores):
        order = sorted(range(len(found)), key=lambda row: -found[row])
        assert all(order.index(row) == row for row in range(len(found)) if row not in scores)


@pytest.mark.parametrize(
    ("url", "is_here"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("http://localhost:8000", True),
        ("http://[::1]:80/v1", True),
        ("https://api.example.org/v1", False),
        ("http://127.0.0.1.example.org", False),
        ("http://10.0.0.7:8000", False),
        ("http://0.0.0.0:8000", False),
        ("nonsense", False),
        ("http://[bad", False),
        (None, False),
    ],
)
def test_addresses_of_this_machine(url: str | None, is_here: bool) -> None:
    assert here(url) == is_here


@pytest.mark.parametrize(
    "spec", ["cohere", "llm", "llm-listwise", "fallback(cohere,late)", "cascade(late@9>3,llm)"]
)
def test_every_hosted_reranker_is_behind_the_gate(spec: str) -> None:
    elsewhere = Settings(
        egress=("cohere", "llm"),
        cohere_api_key="k",  # type: ignore[arg-type]
        llm_url="https://llm.example.org/v1",
        llm_model="m",
    )
    asked: list[Sequence[str]] = []

    def closed(texts: Sequence[str]) -> None:
        asked.append(texts)
        raise EgressBlocked("closed")

    with pytest.raises(EgressBlocked):
        load(spec, elsewhere, closed).rerank("question", [hit(0, "warfarin question")])
    assert asked == [["question"]]


def test_every_place_that_loads_a_reranker_for_a_reader_gives_it_the_gate() -> None:
    """All calls of rerankers.load elsewhere, but for profiling and learning on sets of their own."""
    calls = []
    for top in ("assistant", "eval", "ui"):
        for path in (ROOT / top).rglob("*.py"):
            text = path.read_text("utf-8")
            if "from rerankers import" in text and "load" in text:
                calls += [
                    (path.name, line.strip())
                    for line in text.splitlines()
                    if re.search(
                        r"(?<![\w.])(?:load_reranker|load)\((?:settings\.reranker|name|reranker|.*partial)",
                        line,
                    )
                    or "partial(load_reranker" in line
                ]
    without = {name for name, line in calls if "gate" not in line}
    assert without <= {"cli_rerank.py", "learn.py", "calibrate.py"}
    assert {"build.py", "cli.py", "functions.py", "command.py"} <= {
        name for name, line in calls if "gate" in line
    }


class Away(HashEncoder):
    """An encoder that sends what it reads."""

    sends = "embeddings"

    def __init__(self) -> None:
        super().__init__(64)
        self.read: list[str] = []

    def embed_queries(self, texts: Sequence[str]):  # type: ignore[no-untyped-def]
        self.read += texts
        return super().embed_queries(texts)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    (tmp_path / "note.md").write_text("# Warfarin\n\nThe usual starting dose of warfarin is 5 mg a day.\n")
    with open_index(Settings(index=tmp_path / "index"), HashEncoder(64), create=True) as index:
        ingest([tmp_path / "note.md"], index, HashEncoder(64))
    return tmp_path / "index"


def answer(library: Path, encoder: Encoder, question: str, asks: tuple[Egress, ...]) -> Answer:
    settings = Settings(index=library, abstain_below=0.0)
    with open_index(settings) as index:
        parts = Parts(
            settings=settings,
            index=index,
            encoder=encoder,
            reranker=WordOverlap(),
            generator=Extractive(HashEncoder(64)),
            asks=asks,
        )
        *_, last = pipeline.ask(question, parts)
    assert isinstance(last, Answered)
    return last.answer


def test_a_search_that_sends_is_listed_or_blocked(library: Path) -> None:
    encoder = Away()
    asks = build.asks(Settings(), encoder)
    assert asks == (Egress(service="embeddings", what="the question"),)
    found = answer(library, encoder, "usual starting dose of warfarin", asks)
    assert found.egress == asks
    assert encoder.read
    encoder.read.clear()
    found = answer(library, encoder, PERSON, asks)
    assert (found.status, found.sentences, found.egress) == ("blocked", (), ())
    assert "John Miller" in found.note
    assert encoder.read == []


def test_a_server_elsewhere_is_sent_the_question_as_numbers() -> None:
    encoder = HashEncoder(8)
    assert build.asks(Settings(), encoder) == ()
    assert build.asks(Settings(qdrant_url="http://127.0.0.1:6333"), encoder) == ()
    (left,) = build.asks(Settings(qdrant_url="https://db.example.org"), encoder)
    assert left.service == "qdrant"
    assert build.asks(Settings(retriever="bm25"), Away()) == ()


def test_evidence_is_not_read_by_an_encoder_that_sends() -> None:
    assert build.reader(Settings(), Away()).sends == ""
    local = HashEncoder(8)
    assert build.reader(Settings(), local) is local


def test_words_alone_when_the_service_fails(library: Path) -> None:
    class Broken(Away):
        def embed_queries(self, texts: Sequence[str]):  # type: ignore[no-untyped-def]
            raise ServiceError("embeddings: no answer in time", retryable=True)

    with open_index(Settings(index=library)) as index:
        found = retrieve("warfarin dose", index, Broken())
        assert found.ranked_by == "bm25"
        assert found.degraded
        assert found.hits
        with pytest.raises(ServiceError):
            retrieve("warfarin dose", index, Broken(), retriever="dense")


def test_documents_leave_only_when_somebody_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("text")
    settings = Settings(egress=("embeddings",), embeddings_url="https://embed.example.org/v1")
    loaded = Loaded(settings, {})
    away = build.encoders.load("openai:text-embedding-3-small", settings)
    said: list[str] = []

    def no(what: str) -> bool:
        said.append(what)
        return False

    with pytest.raises(EgressRefused, match=r"nothing was sent.*1 files.*--yes-send-documents"):
        build.consented(away, loaded, [tmp_path], no)
    assert "embed.example.org" in said[0]
    yes = build.consented(away, loaded, [tmp_path], lambda what: True)
    assert yes.documents_allowed  # type: ignore[attr-defined]
    local = HashEncoder(8)
    assert build.consented(local, loaded, [tmp_path], no) is local
    assert build.documents_sent(settings, away, 3) == (
        Egress(service="embeddings", what="3 documents, whole"),
    )
    assert build.documents_sent(settings, local, 3) == ()


def test_the_command_refuses_without_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text("# T\n\ntext\n")
    monkeypatch.setenv("ASSISTANT_EGRESS", "embeddings")
    monkeypatch.setenv("ASSISTANT_EMBEDDINGS_URL", "https://embed.example.org/v1")
    asked = ["ingest", str(tmp_path / "a.md"), "--index", str(tmp_path / "i"), "--encoder"]
    done = CliRunner().invoke(app, [*asked, "openai:text-embedding-3-small"])
    assert isinstance(done.exception, EgressRefused)


def test_the_default_chain_connects_nowhere(tmp_path: Path) -> None:
    """The real build with the packaged encoder, in a process whose sockets are an error."""
    (tmp_path / "note.md").write_text(
        "# Warfarin\n\nThe usual starting dose of warfarin is 5 mg once a day.\n"
    )
    code = """
import socket, sys
def refused(*args, **kwargs):
    raise AssertionError("a socket was used")
for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, refused)
socket.create_connection = socket.getaddrinfo = refused
from assistant.cli import app
app(["ingest", "note.md"], standalone_mode=False)
app(["ask", "What is the usual starting dose of warfarin?", "--json"], standalone_mode=False)
"""
    dropped = ("ASSISTANT_", "OPENAI", "COHERE", "CO_API", "HF_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(dropped)} | {
        "ASSISTANT_INDEX": str(tmp_path / "index"),
        "ASSISTANT_MODELS": str(tmp_path / "models"),
        "ASSISTANT_CACHE": str(tmp_path / "cache"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "HF_HOME": str(tmp_path / "hub"),
        "OPENAI_API_KEY": "k",
        "COHERE_API_KEY": "k",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=tmp_path, timeout=240
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["status"] == "answered"
    assert found["egress"] == []


def test_no_question_stands_in_a_log(library: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    answer(library, HashEncoder(64), "usual starting dose of warfarin quokka", ())
    assert "quokka" not in caplog.text


def test_no_code_logs_a_question() -> None:
    """No call of a logger has an argument that holds a question, a text, or an error's words."""
    said = re.compile(
        r"\b(?:log|logger|logging|warnings)\.(?:debug|info|warn\w*|error|exception|critical)\(([^\n]*)"
    )
    words = re.compile(r"question|query|text|answer|passage|exc_info|\berror\b")
    for top in ("assistant", "ingest", "rerankers", "eval", "ui"):
        for path in (ROOT / top).rglob("*.py"):
            for match in said.finditer(path.read_text("utf-8")):
                given = re.sub(r'"[^"]*"', "", match[1])
                assert not words.search(given), f"{path}: {match[0]}"
