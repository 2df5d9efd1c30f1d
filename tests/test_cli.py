"""The command line as a user meets it: names, JSON, exit statuses, one-line errors."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from assistant import cli
from ingest.sample import CORPUS, FOLDER


class Done(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Done]
QUESTION = "Can metformin be continued when the eGFR falls below 30?"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("ASSISTANT_INDEX", str(tmp_path / "index"))

    def called(*arguments: object, stdin: str = "") -> Done:
        import io

        monkeypatch.setattr(sys, "argv", ["assistant", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as left:
            cli.main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Done(int(left.value.code or 0), printed.out, printed.err)

    return called


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample notes, indexed by the real command."""
    place = tmp_path_factory.mktemp("library") / "index"
    command = [sys.executable, "-m", "assistant.cli", "ingest", str(CORPUS), "--index", str(place)]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["documents"] == 118
    return place


def test_help_names_every_command(run: Run) -> None:
    shown = run("--help").out
    for name in ("chat", "ask", "search", "ingest", "fetch", "models", "rerank", "eval", "status"):
        assert re.search(rf"\b{name}\b", shown)


def test_an_answer_as_json(run: Run, library: Path) -> None:
    done = run("ask", QUESTION, "--index", library, "--json")
    assert done.status == 0
    answer = done.json
    assert answer["status"] == "answered"
    assert answer["egress"] == []
    texts = {e["n"]: e["text"] for e in answer["evidence"]}
    for sentence in answer["sentences"]:
        assert sentence["verdict"] == "supported"
        assert any(sentence["text"] in texts[n] for n in sentence["citations"])
    assert any("metformin" in s["text"].lower() for s in answer["sentences"])
    assert answer["degraded"]


def test_an_answer_as_text(run: Run, library: Path) -> None:
    done = run("ask", QUESTION, "--index", library)
    assert "[1]" in done.out
    assert "Nothing left this machine." in done.out
    assert "synthetic teaching text" in done.out


def test_it_abstains_with_status_3(run: Run, library: Path) -> None:
    done = run("ask", "What is the boiling point of tungsten hexafluoride?", "--index", library, "--json")
    assert done.status == 3
    assert done.json["status"] == "abstained"
    assert done.json["sentences"] == []


@pytest.mark.parametrize("question", ["", " ", "x" * 50_000])
def test_a_question_that_is_none_is_wrong_usage(run: Run, library: Path, question: str) -> None:
    done = run("ask", question, "--index", library)
    assert (done.status, done.out) == (2, "")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("retriever", ["bm25", "dense", "hybrid"])
def test_search(run: Run, library: Path, retriever: str) -> None:
    done = run("search", QUESTION, "--retriever", retriever, "--top-k", 4, "--index", library, "--json")
    hits = done.json["hits"]
    assert [h["rank"] for h in hits] == [1, 2, 3, 4]
    assert "metformin" in hits[0]["document_id"]
    assert (hits[0]["ranks"]["dense"] is None) == (retriever == "bm25")


def test_no_index_names_the_next_step(run: Run) -> None:
    done = run("ask", QUESTION)
    assert done.status == 1
    assert "assistant ingest" in done.err


def test_ingest_counts_add_up_and_the_same_again_adds_nothing(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "one.md").write_text("# One\n\nApixaban is taken twice daily.\n")
    (folder / "broken.xml").write_bytes(b"")
    first = run("ingest", folder, "--json").json
    assert (first["documents"], first["chunks"], first["unchanged"]) == (1, 1, 0)
    assert [Path(s["source"]).name for s in first["skipped"]] == ["broken.xml"]
    again = run("ingest", folder, "--json").json
    assert (again["documents"], again["chunks"], again["unchanged"]) == (0, 0, 1)
    (folder / "one.md").write_text("# One\n\nApixaban is taken twice a day.\n")
    assert run("ingest", folder, "--json").json["replaced"] == 1
    found = run("search", "apixaban", "--json").json["hits"]
    assert [h["text"] for h in found] == ["Apixaban is taken twice a day."]
    assert run("ingest", "--remove", found[0]["document_id"], "--json").json["removed"] == 1
    assert run("search", "apixaban", "--json").json["hits"] == []


def test_ingest_of_nothing(run: Run, tmp_path: Path) -> None:
    assert run("ingest").status == 2
    assert run("ingest", tmp_path / "missing.xml").status == 1


def test_rerank_lines(run: Run) -> None:
    lines = '{"id": "a", "text": "Aspirin."}\n{"id": "b", "text": "Warfarin."}\n'
    done = run("rerank", "--query", "warfarin", "--reranker", "none", "--json", stdin=lines)
    assert [h["id"] for h in done.json["hits"]] == ["a", "b"]
    assert run("rerank", "--query", "x", "--reranker", "none", stdin="nonsense").status == 1


def test_an_unknown_reranker_lists_the_known(run: Run, library: Path) -> None:
    done = run("ask", QUESTION, "--reranker", "nonsense", "--index", library)
    assert done.status in (1, 2)
    assert "medcpt" in done.err


def test_a_reranker_asked_for_by_name_is_that_or_an_error(run: Run, library: Path) -> None:
    done = run("ask", QUESTION, "--reranker", "medcpt", "--index", library)
    assert done.status == 1
    assert "assistant models pull medcpt" in done.err


def test_another_encoder_is_refused(run: Run, library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_ENCODER", "medcpt")
    done = run("ask", QUESTION, "--index", library)
    assert done.status == 1
    assert "medcpt" in done.err


def test_status_and_models(run: Run, library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_COHERE_API_KEY", "s3cret")
    done = run("status", "--index", library)
    assert "118 documents" in done.out
    assert "off: nothing leaves" in done.out
    assert "s3cret" not in done.out
    assert "ASSISTANT_COHERE_API_KEY" in done.out
    rows = run("models", "list", "--json").json
    assert {r["id"] for r in rows} >= {"medcpt", "minilm", "bge-m3", "cohere", "none"}
    assert "assistant models pull medcpt" in run("models", "list").out
    assert run("models", "check").status == 0


def test_status_without_an_index_still_answers(run: Run) -> None:
    done = run("status")
    assert done.status == 0
    assert "no index" in done.out


def test_a_wrong_setting_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_TOPK", "3")
    done = run("status")
    assert done.status == 2
    assert "ASSISTANT_TOPK" in done.err


def test_a_held_index_names_its_holder(run: Run, library: Path) -> None:
    from assistant.config import Settings
    from assistant.index.store import open_index

    with open_index(Settings(index=library)):
        command = [sys.executable, "-m", "assistant.cli", "search", QUESTION, "--index", str(library)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.search(r"pid \d+|process \d+", done.stderr)


def test_chat_on_all_addresses_needs_a_password(run: Run, library: Path) -> None:
    done = run("chat", "--host", "0.0.0.0", "--index", library)
    assert done.status in (1, 2)
    assert "password" in done.err.lower()


def test_eval_retrieval_on_the_sample(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(
        "eval", "retrieval", FOLDER, "--split", "test", "--limit", 12, "--retrievers", "bm25", "--out", out
    )
    assert done.status == 0
    found = json.loads((out / "results.json").read_text())
    assert found["n_queries"] == 12
    assert found["runs"][0]["metrics"]["ndcg@10"] > 0.5
    assert list((out / "runs").glob("*.trec"))
    missing = run("eval", "retrieval", FOLDER, "--split", "dev", "--out", out)
    assert missing.status == 1
    assert "test" in missing.err


def test_fetch_asks_for_an_address_before_it_calls(run: Run, tmp_path: Path) -> None:
    done = run("fetch", "pubmed", "asthma", "--out", tmp_path / "p")
    assert done.status == 2
    assert "e-mail" in done.err


def test_an_unforeseen_error_is_one_line_and_keeps_the_question_out(
    run: Run, library: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from assistant import build

    def broken(*_: object) -> None:
        raise KeyError(QUESTION)

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(build, "open_library", broken)
    done = run("ask", QUESTION, "--index", library)
    assert done.status == 1
    assert done.err.count("\n") == 1
    assert "KeyError at broken" in done.err
    (log,) = (tmp_path / "state").rglob("errors.log")
    assert "broken" in log.read_text()
    assert "metformin" not in done.err + log.read_text()


def test_no_thread_is_left_behind() -> None:
    assert not [t for t in threading.enumerate() if not t.daemon and t is not threading.main_thread()]
