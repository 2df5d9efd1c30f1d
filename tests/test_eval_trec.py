from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import FormatError, InputError
from eval import trec


def test_round_trip(tmp_path):
    path = tmp_path / "runs" / "bm25.none.trec"
    trec.save(path, {"q1": [("a", 2.5), ("b", -1.0)], "q2": [("c", 0.0)]}, "bm25.none")
    assert path.read_text() == ("q1 Q0 a 1 2.5 bm25.none\nq1 Q0 b 2 -1 bm25.none\nq2 Q0 c 1 0 bm25.none\n")
    assert trec.load(path) == {"q1": [("a", 2.5), ("b", -1.0)], "q2": [("c", 0.0)]}
    assert trec.ranked(trec.load(path)) == {"q1": ["a", "b"], "q2": ["c"]}
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e30, 1e30), max_size=30))
def test_sorting_by_score_gives_back_the_rank(tmp_path_factory, scores):
    """Ties, rising scores and scores closer than float32 tells apart included."""
    path = tmp_path_factory.getbasetemp() / "any.trec"
    trec.save(path, {"q": [(f"d{i}", s) for i, s in enumerate(scores)]}, "t")
    written = [np.float32(line.split()[4]) for line in path.read_text().splitlines()]
    assert all(x > y for x, y in pairwise(written))
    assert trec.ranked(trec.load(path)).get("q", []) == [f"d{i}" for i in range(len(scores))]


@pytest.mark.parametrize("name", ["a b", "", "a\tb", "a\u00a0b", "a\n"])
def test_white_space_is_refused(tmp_path, name):
    path = tmp_path / "x.trec"
    for run, tag in (({name: [("d", 1.0)]}, "t"), ({"q": [(name, 1.0)]}, "t"), ({"q": [("d", 1.0)]}, name)):
        with pytest.raises(FormatError, match="white space"):
            trec.save(path, run, tag)
    assert not path.exists()


def test_a_broken_line_is_named(tmp_path):
    path = tmp_path / "x.trec"
    path.write_text("q Q0 d 1 0.5 t\nq Q0 d 2 half t\n")
    with pytest.raises(FormatError, match="line 2"):
        trec.load(path)


def test_a_foreign_run_is_sorted_by_score_then_rank(tmp_path):
    path = tmp_path / "x.trec"
    path.write_text("q Q0 late 3 1.0 t\nq Q0 first 9 5.0 t\nq Q0 tie 2 1.0 t\n")
    assert trec.ranked(trec.load(path)) == {"q": ["first", "tie", "late"]}


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "x.trec"
    trec.save(path, {"q": [("old", 1.0)]}, "t")

    def full(_):
        yield "q Q0 new"
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match=r"No space left on device; free space"):
        trec.write_text(path, full(None))
    assert trec.ranked(trec.load(path)) == {"q": ["old"]}
    assert [p.name for p in tmp_path.iterdir()] == ["x.trec"]
