"""The evaluation's index and the whole command, with the fake encoder."""

import json

import pytest

from assistant import encoders
from assistant.config import Settings
from assistant.encoders.base import HashEncoder
from assistant.errors import ConfigError, UsageError
from eval.command import retrieval, table
from eval.corpus import library
from eval.data import load

DRUGS = ["aspirin", "statin", "warfarin", "insulin", "metformin", "heparin"]


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "my set"
    (root / "qrels").mkdir(parents=True)
    corpus = [
        {"_id": f"d{i}", "title": f"On {d}", "text": f"The dose of {d} is small."}
        for i, d in enumerate(DRUGS)
    ]
    corpus[0]["metadata"] = {"publication_types": ["Retracted Publication"]}
    lines = [json.dumps(d) for d in corpus]
    (root / "corpus.jsonl").write_text("\n".join([*lines, '{"_id": "broken"', ""]))
    queries = [{"_id": f"q{i}", "text": f"dose of {drug}"} for i, drug in enumerate(DRUGS)]
    (root / "queries.jsonl").write_text("".join(json.dumps(q) + "\n" for q in queries))
    (root / "qrels" / "test.tsv").write_text("".join(f"q{i}\td{i}\t1\n" for i in range(len(DRUGS))))
    return root


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setattr(encoders, "load", lambda name, settings: HashEncoder())
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda app: str(tmp_path / "cache"))
    return Settings(index=tmp_path / "own")


def test_the_library_is_kept_and_keyed(folder, settings, tmp_path):
    dataset = load(folder, "test")
    with library(dataset, settings) as source:
        key, place = source.key, source.place
        assert len(source.index) == 6
        assert place.parent == tmp_path / "cache" / "eval"
        assert any("1 records of the corpus are not indexed, first line 7" in note for note in source.notes)
        ranking = source.search("dose of aspirin", "bm25", 3)  # retracted, but judged
        assert ranking.hits[0].chunk.document_id == "my set:d0"
        chunk = ranking.hits[0].chunk
        assert source.lookup({chunk.id})[chunk.id].chunk == chunk
    seen = []
    with library(dataset, settings, progress=seen.append) as again:
        assert (again.key, again.place) == (key, place)
        assert len(again.index) == 6
    assert seen[-1].unchanged == 6
    (folder / "corpus.jsonl").write_text('{"_id": "d0", "text": "another"}\n')
    with library(load(folder, "test"), settings) as other:
        assert other.key != key
    assert not settings.index.exists()


def test_the_command(folder, settings, tmp_path, capsys):
    out = tmp_path / "out"
    found = retrieval(
        folder,
        "test",
        settings,
        retrievers=["bm25", "dense", "hybrid"],
        rerankers=["none"],
        depth=100,
        out=out,
    )
    assert found.dataset == "my set"
    bm25 = found.runs[0]
    assert bm25.metrics["mrr@10"] == 1.0
    assert set(bm25.per_query) == {f"q{i}" for i in range(6)}
    first = (out / "runs" / "bm25.none.trec").read_text().splitlines()[0]
    assert first.startswith("q0 Q0 d0 1 ")  # the corpus's own id
    assert len(found.comparisons) == 3
    assert str(tmp_path / "cache") in capsys.readouterr().err
    assert str(tmp_path) not in (out / "results.json").read_text().replace(str(folder), "")
    assert (out / "report.html").exists()
    assert "my set test: 6 queries" in table(found)


def test_unknown_names_stop_before_anything_is_indexed(folder, settings, tmp_path):
    names = {"depth": 5, "out": tmp_path / "out"}
    with pytest.raises(UsageError, match="no retriever 'splade'; known are bm25, dense, hybrid"):
        retrieval(folder, "test", settings, retrievers=["splade"], rerankers=["none"], **names)
    with pytest.raises(ConfigError, match=r"known are .*medcpt"):
        retrieval(folder, "test", settings, retrievers=["bm25"], rerankers=["nonsense"], **names)
    assert not (tmp_path / "cache").exists()
