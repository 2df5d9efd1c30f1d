import sys
from types import SimpleNamespace

import pytest

from assistant.errors import InputError, PackageMissing, ServiceError
from eval.data import load
from eval.online import fetch


class Collection:
    def __init__(self, error=None):
        self.error = error

    def has_docs(self):
        return True

    has_queries = has_qrels = has_docs

    def docs_iter(self):
        for i in (1, 2):
            if self.error is not None:
                raise self.error
            yield SimpleNamespace(doc_id=f"d{i}", title=f"T{i}", default_text=lambda i=i: f"text {i}")

    def queries_iter(self):
        yield SimpleNamespace(query_id="q1", default_text=lambda: "question")

    def qrels_iter(self):
        yield SimpleNamespace(query_id="q1", doc_id="d2", relevance=2)


@pytest.fixture
def registry(monkeypatch):
    known = {"beir/tiny/test": Collection(), "whole": Collection()}
    calls = []

    def load_one(name):
        calls.append(name)
        return known[name]

    monkeypatch.setitem(sys.modules, "ir_datasets", SimpleNamespace(load=load_one))
    return SimpleNamespace(known=known, calls=calls)


def test_writes_a_folder_once(registry, tmp_path):
    folder = fetch("beir/tiny", "test", cache=tmp_path)
    data = load(folder, "test")
    assert (data.documents, data.queries, data.qrels) == (2, {"q1": "question"}, {"q1": {"d2": 2}})
    assert fetch("beir/tiny", "test", cache=tmp_path) == folder
    assert registry.calls == ["beir/tiny/test"]


def test_a_collection_without_parts(registry, tmp_path):
    assert load(fetch("whole", "all", cache=tmp_path), "all").documents == 2


def test_an_unknown_name(registry, tmp_path):
    with pytest.raises(InputError, match="beir/other test: no such collection"):
        fetch("beir/other", "test", cache=tmp_path)


@pytest.mark.parametrize("error", [ConnectionError("reset"), OSError("no route")])
def test_a_broken_download_leaves_nothing(registry, tmp_path, error):
    registry.known["beir/tiny/test"] = Collection(error)
    with pytest.raises(ServiceError, match="beir/tiny: the download failed"):
        fetch("beir/tiny", "test", cache=tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_without_the_package(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "ir_datasets", None)
    with pytest.raises(PackageMissing, match=r"pip install 'clinical-assistant\[datasets\]'"):
        fetch("beir/tiny", "test", cache=tmp_path)
