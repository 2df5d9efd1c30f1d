import pytest

from assistant.compare import compare, comparison_json, comparison_text
from assistant.errors import ModelError
from rerankers.base import KeepOrder, Reranker, WordOverlap
from tests.build import hit

POOL = [
    hit("aspirin in children", document="file:a", title="A"),
    hit("warfarin overview", document="file:b", title="B"),
    hit("warfarin dose in poor metabolisers", document="file:c", title="C"),
]


def test_moves_and_agreement_by_hand() -> None:
    found = compare("warfarin dose", POOL, {"none": KeepOrder(), "overlap": WordOverlap()})
    order = [h.metadata.title for h in found.rankings["overlap"].hits]
    assert order == ["C", "B", "A"]
    assert [found.move("overlap", h) for h in found.rankings["overlap"].hits] == [2, 0, -2]
    (agreement,) = found.agreements
    assert agreement.kendall == pytest.approx(-1.0)
    assert agreement.overlap == 1.0
    assert [h.metadata.title for h in found.rankings["none"].hits] == ["A", "B", "C"]


def test_json_and_text_show_every_reranker() -> None:
    found = compare("warfarin dose", POOL, {"none": KeepOrder(), "overlap": WordOverlap()})
    shown = comparison_json(found)
    assert [r["reranker"] for r in shown["rerankers"]] == ["none", "overlap"]
    assert [h["move"] for h in shown["rerankers"][1]["hits"]] == [2, 0, -2]
    text = comparison_text(found)
    assert "▲2" in text
    assert "▼2" in text
    assert "Kendall -1.00" in text


def test_an_empty_pool_compares() -> None:
    found = compare("warfarin", [], {"none": KeepOrder(), "overlap": WordOverlap()})
    assert found.agreements[0].kendall == 1.0
    assert comparison_json(found)["pool"] == []


class Broken(Reranker):
    name = "broken"

    def score(self, query: str, passages: object) -> list[float]:
        return []


def test_a_broken_reranker_is_not_left_out_in_silence() -> None:
    with pytest.raises(ModelError, match="broken"):
        compare("warfarin", POOL, {"none": KeepOrder(), "broken": Broken()})
