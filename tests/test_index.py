"""What every index keeps to, embedded or on a server."""

import inspect
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.config import Settings
from assistant.encoders import HashEncoder
from assistant.errors import IndexMismatch, IndexMissing
from assistant.index.bm25 import document_weights, tokenise
from assistant.index.store import DRIFT, Index, Where, open_index
from assistant.types import Notice
from tests.index_parts import ENCODER, add, chunks, document, ids
from tests.qdrant_server import serve

B = inspect.signature(document_weights).parameters["b"].default  # bm25.py says why


@pytest.fixture(params=["edge", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    if request.param == "edge":
        yield Settings(index=tmp_path / "index")
        return
    with serve() as fake:
        yield Settings(index=tmp_path / "unused", qdrant_url=fake.url)


@pytest.fixture
def index(place: Settings) -> Iterator[Index]:
    with open_index(place, ENCODER, create=True) as made:
        yield made


def test_a_hit_is_what_was_put_in(index: Index) -> None:
    notice = Notice(kind="corrected", reference="BMJ 2020;1:2", pmid="77")
    one = document(
        "pubmed:1", "Warfarin and INR.", "Bleeding.", title="Dosing", year=2001, authors=("A B", "C"),
        pmid="1", mesh=("Warfarin",), publication_types=("Review",), notices=(notice,), synthetic=True,
    )  # fmt: skip
    add(index, one)
    found = index.document("pubmed:1")
    assert [h.chunk for h in found] == chunks(one)
    assert {h.metadata for h in found} == {one.metadata}
    assert sorted(index.hits(), key=lambda h: h.chunk.section) == found
    assert index.document("pubmed:2") == []
    assert len(index) == 2


def test_bm25_by_hand(index: Index) -> None:
    # Four chunks of 2, 2, 2 and 4 tokens: average 2.5. Question "aspirin": N = 4, in 2 of them.
    add(
        index,
        document("a:1", "aspirin stroke"),
        document("a:2", "heparin stroke"),
        document("a:3", "insulin glucose"),
        document("a:4", "aspirin aspirin kidney liver"),
    )
    lengths = {h.chunk.document_id: len(tokenise(h.chunk.text)) for h in index.hits()}
    assert lengths == {"a:1": 2, "a:2": 2, "a:3": 2, "a:4": 4}
    assert index.manifest.average_length == 2.5
    idf = math.log(1 + (4 - 2 + 0.5) / (2 + 0.5))
    short = idf * 1 * 2.2 / (1 + 1.2 * (1 - B + B * 2 / 2.5))
    long = idf * 2 * 2.2 / (2 + 1.2 * (1 - B + B * 4 / 2.5))
    hits = index.search_bm25("aspirin", 10)
    assert ids(hits) == ["a:4", "a:1"]
    assert [h.scores.bm25 for h in hits] == pytest.approx([long, short], rel=1e-5)
    assert [h.ranks.bm25 for h in hits] == [1, 2]
    assert [h.scores.dense for h in hits] == [None, None]
    assert (
        index.search_bm25("metformin", 10)
        == index.search_bm25("?!", 10)
        == index.search_bm25("aspirin", 0)
        == []
    )
    assert ids(index.search_bm25("aspirin", 1)) == ["a:4"]


def test_dense_by_hand(index: Index) -> None:
    add(index, document("a:1", "red green"), document("a:2", "blue"), document("a:3", "red"))
    hits = index.search_dense(ENCODER.embed_queries(["red"])[0], 2)
    assert ids(hits) == ["a:3", "a:1"]
    assert [h.scores.dense for h in hits] == pytest.approx([1, 1 / math.sqrt(2)], abs=1e-6)
    assert [h.ranks.dense for h in hits] == [1, 2]
    with pytest.raises(ValueError, match="32 dimensions"):
        index.search_dense(np.zeros(7, dtype=np.float32), 2)


def test_vectors_come_back_in_the_order_asked(index: Index) -> None:
    add(index, document("a:1", "red"), document("a:2", "blue"))
    back = index.vectors(["a:2#0:0-4", "a:1#0:0-3", "a:2#0:0-4"])
    assert np.allclose(back, ENCODER.embed_documents(["blue", "red", "blue"]), atol=1e-6)
    assert index.vectors([]).shape == (0, 32)
    with pytest.raises(KeyError):
        index.vectors(["a:3#0:0-4"])


def test_where(index: Index) -> None:
    add(
        index,
        document("a:1", "aspirin one", year=1999, publication_types=("Randomized Controlled Trial",)),
        document("a:2", "aspirin two", year=2005, retracted=True),
        document("a:3", "aspirin three", publication_types=("Case Reports",)),
    )

    def found(**where: object) -> list[str]:
        asked = Where(**where)  # type: ignore[arg-type]
        dense = index.search_dense(ENCODER.embed_queries(["aspirin"])[0], 9, asked)
        sparse = index.search_bm25("aspirin", 9, asked)
        assert sorted(ids(dense)) == sorted(ids(sparse))
        return sorted(ids(sparse))

    assert found() == ["a:1", "a:3"]
    assert found(include_retracted=True) == ["a:1", "a:2", "a:3"]
    assert found(designs=("randomised trial",)) == ["a:1"]
    assert found(designs=("randomised trial", "case report")) == ["a:1", "a:3"]
    assert found(years=(1999, 2004)) == ["a:1"]
    assert found(years=(None, 2005), include_retracted=True) == ["a:1", "a:2"]
    assert found(years=(2000, None)) == []
    assert found(documents=("a:3", "a:2")) == ["a:3"]
    assert found(without=("a:3",)) == ["a:1"]


def test_a_changed_document_replaces_all_its_chunks(index: Index) -> None:
    before = document("a:1", "aspirin first", "heparin second", "insulin third")
    after = document("a:1", "aspirin first", "warfarin second")
    other = document("a:2", "aspirin other")
    add(index, before, other)
    add(index, after)
    assert [h.chunk for h in index.document("a:1")] == chunks(after)
    assert len(index) == 3 == index.manifest.chunks
    assert index.known() == {d.id: index.digest(d) for d in (after, other)}
    assert index.search_bm25("heparin", 5) == index.search_bm25("insulin", 5) == []
    assert index.manifest.documents == 2


def test_the_digest_sees_text_metadata_and_chunker_but_not_the_path(index: Index) -> None:
    same = document("a:1", "text")
    assert index.digest(same) == index.digest(document("a:1", "text"))
    others = [
        document("a:1", "text", retracted=True),
        document("a:1", "text", year=0),
        document("a:1", "text", title="T"),
        document("a:1", "texts"),
        document("a:2", "text"),
    ]
    assert len({index.digest(d) for d in [same, *others]}) == 6
    digest = index.digest(same)
    index.cut_by("another/2")
    assert index.digest(same) != digest


def test_remove(index: Index, place: Settings) -> None:
    add(index, document("a:1", "aspirin", "heparin"), document("a:2", "aspirin"))
    assert index.remove(["a:1", "a:9", "a:1"]) == 1
    assert index.remove(["a:1"]) == index.remove([]) == 0
    assert (len(index), index.manifest.documents, list(index.known())) == (1, 1, ["a:2"])
    assert ids(index.search_bm25("aspirin", 5)) == ["a:2"]


def test_document_frequencies_follow_removal_and_replacement(index: Index) -> None:
    for n in range(6):
        add(index, document(f"a:{n}", "aspirin stroke" if n < 3 else "insulin stroke"))
    index.remove(["a:0"])
    add(index, document("a:1", "insulin stroke"))
    # Five are left and "aspirin" stands in one; every length is the average.
    (hit,) = index.search_bm25("aspirin", 5)
    assert hit.scores.bm25 == pytest.approx(math.log(1 + (5 - 1 + 0.5) / (1 + 0.5)), rel=1e-5)


def test_calls_that_do_not_fit_are_refused(index: Index) -> None:
    one = document("a:1", "text")
    vectors = ENCODER.embed_documents(["text"])
    for documents, cut, rows in [
        ([one], [chunks(one)], vectors[:0]),
        ([one], [[]], vectors[:0]),
        ([one], [], vectors[:0]),
        ([one], [chunks(one)], np.zeros((1, 5), dtype=np.float32)),
        ([one, one], [chunks(one)] * 2, np.zeros((2, 32), dtype=np.float32)),
        ([one], [chunks(one)], np.full((1, 32), np.nan, dtype=np.float32)),
    ]:
        with pytest.raises(ValueError, match=r"fit|twice|finite"):
            index.add(documents, cut, rows)
    assert len(index) == 0


def test_opening(place: Settings) -> None:
    with pytest.raises(IndexMissing, match=r"assistant ingest PATH.*make chat"):
        open_index(place)
    with open_index(place, ENCODER, create=True) as index:
        add(index, document("a:1", "aspirin"))
        kept = index.manifest
    with open_index(place, ENCODER, create=True) as again:
        assert again.manifest == again.manifest
        assert (again.manifest.chunks, again.manifest.created, again.manifest.clean) == (
            1,
            kept.created,
            True,
        )
        assert ids(again.search_bm25("aspirin", 1)) == ["a:1"]
    with pytest.raises(IndexMismatch, match=r"dimension 32, not 16.*--encoder hash"):
        open_index(place, HashEncoder(16))
    with open_index(place) as index, pytest.raises(IndexMismatch):
        index.check(HashEncoder(16))


def test_the_content_digest_does_not_depend_on_the_way(tmp_path: Path) -> None:
    one, two, three = (document(f"a:{n}", f"text {n}") for n in range(3))
    with open_index(Settings(index=tmp_path / "a"), ENCODER, create=True) as a:
        add(a, one, two)
    with open_index(Settings(index=tmp_path / "b"), ENCODER, create=True) as b:
        add(b, three)
        add(b, document("a:1", "an older text"))
        add(b, two)
        add(b, one)
        assert a.manifest.content != b.manifest.content
        b.remove(["a:2"])
    assert a.manifest.content == b.manifest.content != "0" * 64


def _scores(index: Index, question: str) -> dict[str, float]:
    return {h.chunk.id: h.scores.bm25 or 0.0 for h in index.search_bm25(question, 1000)}


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 40), min_size=3, max_size=12), st.data())
def test_a_grown_index_scores_like_a_fresh_one(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], data: st.DataObject
) -> None:
    """After a flush each score is within the factor 1 + DRIFT of a fresh build's, all in one direction."""
    words = ["aspirin", "stroke", "heparin", "insulin", "kidney"]
    docs = [
        document(f"a:{n}", " ".join(words[(n * 7 + i * i) % 5] for i in range(length)))
        for n, length in enumerate(lengths)
    ]
    folder = tmp_path_factory.mktemp("grown")
    with open_index(Settings(index=folder / "grown"), ENCODER, create=True) as grown:
        add(grown, docs[0])
        add(grown, *docs[1:])
        gone = data.draw(st.sets(st.sampled_from([d.id for d in docs]), max_size=len(docs) - 1))
        grown.remove(sorted(gone))
        grown.flush()
        with open_index(Settings(index=folder / "fresh"), ENCODER, create=True) as fresh:
            add(fresh, *(d for d in docs if d.id not in gone))
            assert grown.manifest.tokens == fresh.manifest.tokens
            ratios = []
            for question in ["aspirin", "stroke kidney", "insulin heparin aspirin"]:
                have, want = _scores(grown, question), _scores(fresh, question)
                assert have.keys() == want.keys()
                ratios += [have[c] / want[c] for c in want]
    assert all(1 / (1 + DRIFT) - 1e-5 <= r <= 1 + DRIFT + 1e-5 for r in ratios)
    assert all(r >= 1 - 1e-5 for r in ratios) or all(r <= 1 + 1e-5 for r in ratios)


def test_drift_beyond_the_bound_weighs_everything_again(index: Index) -> None:
    add(index, document("a:1", "aspirin stroke"))
    add(index, document("a:2", "aspirin stroke kidney liver heart lung"))
    assert index.manifest.average_length == 2
    (long,) = (h.scores.bm25 for h in index.search_bm25("liver", 5))
    index.flush()
    assert index.manifest.average_length == 4
    (weighed,) = (h.scores.bm25 for h in index.search_bm25("liver", 5))
    idf = math.log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    assert long == pytest.approx(idf * 2.2 / (1 + 1.2 * (1 - B + B * 6 / 2)), rel=1e-5)
    assert weighed == pytest.approx(idf * 2.2 / (1 + 1.2 * (1 - B + B * 6 / 4)), rel=1e-5)
