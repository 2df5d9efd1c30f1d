import pytest

from assistant.retrieve import fuse
from assistant.types import Ranks, Scores
from tests.build import hit


def test_reciprocal_rank_fusion_by_hand() -> None:
    a, b, c = (hit("passage " + d, document=d) for d in "abc")
    lexical = [
        hit("passage a", document="a", scores=Scores(bm25=9.0), ranks=Ranks(bm25=1)),
        hit("passage b", document="b", scores=Scores(bm25=4.0), ranks=Ranks(bm25=2)),
    ]
    semantic = [
        hit("passage b", document="b", scores=Scores(dense=0.7), ranks=Ranks(dense=1)),
        hit("passage c", document="c", scores=Scores(dense=0.2), ranks=Ranks(dense=2)),
    ]
    fused = fuse([lexical, semantic])
    assert [h.chunk.document_id for h in fused] == ["b", "a", "c"]
    assert [h.scores.fused for h in fused] == pytest.approx([1 / 62 + 1 / 61, 1 / 61, 1 / 62])
    assert fused[0].scores == Scores(bm25=4.0, dense=0.7, fused=1 / 62 + 1 / 61)
    assert fused[0].ranks == Ranks(bm25=2, dense=1, fused=1)
    assert fused[2].scores.bm25 is None
    assert {h.chunk.id for h in fused} == {h.chunk.id for h in (a, b, c)}


def test_ties_keep_the_order_of_first_appearance() -> None:
    one, two = [hit("x", document="a")], [hit("y", document="b")]
    assert [h.chunk.document_id for h in fuse([one, two])] == ["a", "b"]


def test_nothing_fuses_to_nothing() -> None:
    assert fuse([[], []]) == ()
