"""The speed benchmark: turns, medians, agreement; not how fast anything is."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.config import Settings
from assistant.errors import AssistantError
from eval.bench import rerank, speed
from eval.bench.turns import BASELINE, ENGINE, Speed, in_turn
from eval.cli import eval_app
from tests import tiny


def test_turns_alternate_the_first_round_is_not_counted_and_medians_are_taken() -> None:
    done: list[str] = []
    # Three rounds counted: a takes 1, 5, 2 and b takes 4, 4, 9 seconds.
    times = iter([0, 1, 1, 5, 10, 15, 20, 24, 30, 32, 40, 49])
    results, seconds = in_turn(
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


TEXTS = ["the dose is 5 mg", "sepsis", "insulin for the heart", "aspirin for the child", "what is"]


def test_a_cross_encoder_is_compared_in_every_precision_with_its_own_weights(tmp_path: Path) -> None:
    folder = tiny.bert_reranker(tmp_path / "own", positions=512)
    found = rerank.reranking(str(folder), TEXTS, Settings(models=tmp_path), runs=1)
    kinds = [
        "score by own",
        "own over the first 25",
        "own over late's best 25",
        "engine float32",
        "engine bfloat16",
        "engine int8",
    ]
    assert [row.what for row in found] == [f"reranking 5 passages, {kind}" for kind in kinds]
    assert len({row.seconds[BASELINE] for row in found}) == 1
    assert found[3].agreement == "same first; Kendall's tau 1.000, correlation 1.00000"
    assert all(float(row.agreement.split()[-1]) > 0.99 for row in found[:5])
    assert found[5].agreement != found[3].agreement  # int8 has no meaning for a tiny random model


def test_without_its_float_weights_only_speed_is_compared(tmp_path: Path) -> None:
    tiny.bert_reranker(tmp_path / "minilm", positions=512)
    small = rerank.optimise("minilm", tmp_path, [("dose", text) for text in TEXTS])
    found = rerank.reranking(str(small), TEXTS, Settings(models=tmp_path), runs=1)
    assert [row.what.split(", ", 1)[1] for row in found] == [
        "score by minilm-int8",
        "minilm-int8 over the first 25",
        "minilm-int8 over late's best 25",
        "engine int8",
    ]
    assert {row.agreement for row in found} == {"speed alone is compared"}


def test_agreement_by_hand() -> None:
    assert rerank.agreement([1, 2, 3], [1, 3, 2]) == "another first; Kendall's tau 0.333, correlation 0.50000"
    assert rerank.agreement([3, 1], [5, 4]) == "same first; Kendall's tau 1.000, correlation 1.00000"


def test_a_process_is_measured_alone() -> None:
    small, large = speed.fresh("pass"), speed.fresh("kept = b'x' * (60 * 2**20)")
    assert 55 < large - small < 75
    with pytest.raises(AssistantError, match="ZeroDivisionError"):
        speed.fresh("1 / 0")


def test_table_and_json_show_the_ratio() -> None:
    row = Speed(what="embedding", seconds={BASELINE: 5.0, ENGINE: 2.0}, agreement="cosine 1")
    assert row.ratio == 2.5
    assert "2.50  cosine 1" in speed.table([row])
    (shown,) = speed.to_json([row])
    assert shown == {
        "work": "embedding",
        "seconds": {BASELINE: 5.0, ENGINE: 2.0},
        "ratio": 2.5,
        "results": "cosine 1",
    }


def test_the_command_shows_every_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    row = Speed(what="embedding", seconds={BASELINE: 5.0, ENGINE: 2.0}, agreement="cosine 1")
    asked: list[dict[str, object]] = []

    def fake(folders: object, settings: Settings, **given: object) -> list[Speed]:
        asked.append(given)
        return [row]

    monkeypatch.setattr(speed, "bench", fake)
    plain = CliRunner().invoke(eval_app, ["bench", "--reranker", "minilm", "--limit", "5"])
    assert (plain.exit_code, plain.stdout) == (0, speed.table([row]) + "\n")
    as_json = CliRunner().invoke(eval_app, ["bench", "--json"])
    assert json.loads(as_json.stdout) == speed.to_json([row])
    assert asked == [
        {"limit": 5, "runs": 5, "reranker": "minilm"},
        {"limit": 300, "runs": 5, "reranker": ""},
    ]
