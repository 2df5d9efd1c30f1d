"""The speed benchmark: turns, medians, agreement; not how fast anything is."""

import json
from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.errors import AssistantError
from eval.bench import speed
from eval.bench.speed import BASELINE, ENGINE, Speed
from tests import tiny


def test_turns_alternate_the_first_round_is_not_counted_and_medians_are_taken() -> None:
    done: list[str] = []
    # Three rounds counted: a takes 1, 5, 2 and b takes 4, 4, 9 seconds.
    times = iter([0, 1, 1, 5, 10, 15, 20, 24, 30, 32, 40, 49])
    results, seconds = speed.in_turn(
        {"a": lambda: done.append("a"), "b": lambda: len(done)}, 3, clock=lambda: float(next(times))
    )
    assert done == ["a"] * 4
    assert results == {"a": None, "b": 4}
    assert seconds == {"a": 2.0, "b": 4.0}


def test_passages_are_what_an_encoder_reads_and_no_more_than_asked(tmp_path: Path) -> None:
    lines = [{"_id": str(n), "title": f"Title {n}", "text": f"Text {n}."} for n in range(5)]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, lines)))
    assert speed.passages(tmp_path, 2) == ["Title 0\nText 0.", "Title 1\nText 1."]
    assert len(speed.passages(tmp_path, 99)) == 5
    assert len(speed.passages(speed.CORPUS, 10)) == 10


def test_both_engines_give_the_same_vectors() -> None:
    found = speed.embedding("notes", ["dose of warfarin", "sepsis " * 20, ""], Settings(), runs=1)
    assert found.what == "embedding 3 passages of notes"
    assert min(found.seconds.values()) > 0
    assert float(found.agreement.split()[3].rstrip(",")) > 0.9999


def test_both_engines_rank_alike(tmp_path: Path) -> None:
    folder = tiny.bert_reranker(tmp_path / "reranker")
    texts = ["the dose is 5 mg", "sepsis", "insulin for the heart", "aspirin for the child", "what is"]
    found = speed.reranking(folder, texts, Settings(), runs=1)
    assert float(found.agreement.split()[-1]) > 0.99


def test_a_process_is_measured_alone() -> None:
    small, large = speed.fresh("pass"), speed.fresh("kept = b'x' * (60 * 2**20)")
    assert 55 < large - small < 75
    with pytest.raises(AssistantError, match="ZeroDivisionError"):
        speed.fresh("1 / 0")


def test_table_and_json_show_the_ratio() -> None:
    row = Speed(what="embedding", seconds={BASELINE: 5.0, ENGINE: 2.0}, agreement="cosine 1")
    assert row.ratio == 2.5
    assert "2.50  cosine 1" in speed.table([row])
    (shown,) = json.loads(speed.to_json([row]))
    assert shown == {
        "work": "embedding",
        "seconds": {BASELINE: 5.0, ENGINE: 2.0},
        "ratio": 2.5,
        "results": "cosine 1",
    }
