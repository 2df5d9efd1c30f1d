"""Windows: whole sentences under the head line, nothing lost, nothing too long."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.config import Settings
from assistant.present import ranking_json, ranking_text
from rerankers.cross_encoder import CrossEncoder
from rerankers.windows import Count, shortened, windows
from tests import tiny
from tests.test_rerankers import hits


def count(texts: Sequence[str]) -> list[int]:
    """A token is a word."""
    return [len(text.split()) for text in texts]


def characters(texts: Sequence[str]) -> list[int]:
    return [len("".join(text.split())) for text in texts]


def test_a_passage_that_fits_is_its_own_window() -> None:
    assert windows("Head\nOne two three.", count, 4) == ["Head\nOne two three."]
    assert windows("", count, 4) == [""]


def test_sentences_are_packed_under_the_head() -> None:
    text = "One two three. Four five six. Seven eight. Nine ten eleven twelve."
    assert windows(f"Head\n{text}", count, 7) == [
        "Head\nOne two three. Four five six.",
        "Head\nSeven eight. Nine ten eleven twelve.",
    ]
    assert windows(f"\n{text}", count, 5) == [
        "One two three.",
        "Four five six. Seven eight.",
        "Nine ten eleven twelve.",
    ]


def test_a_sentence_that_does_not_fit_is_halved_at_white_space() -> None:
    assert windows("Head\none two three four five six", count, 4) == [
        "Head\none two three",
        "Head\nfour five six",
    ]
    assert windows("H\nabcdefgh", characters, 5) == ["H\nabcd", "H\nefgh"]


def test_a_head_beyond_its_share_is_repeated_shortened_and_read_whole_once() -> None:
    found = windows("one two three four\nFive six. Seven eight nine ten.", count, 6)
    assert all(window.startswith("one two\n") for window in found)
    assert "three four" in " ".join(found)
    assert max(count(found)) <= 6


@pytest.mark.parametrize(
    ("room", "expected"), [(9, "one two three"), (3, "one two three"), (2, "one two"), (1, "one"), (0, "")]
)
def test_shortened_keeps_whole_words(room: int, expected: str) -> None:
    assert shortened("one two three", count, room) == expected


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=200), room=st.integers(4, 40))
@pytest.mark.parametrize("unit", [count, characters])
def test_every_character_is_in_one_window_and_every_window_fits(unit: Count, text: str, room: int) -> None:
    plain = windows("\n" + text, unit, room)
    assert max(unit(plain)) <= room
    assert "".join("".join(plain).split()) == "".join(text.split())
    headed = windows("T\n" + text, unit, room)
    assert max(unit(headed)) <= room
    assert all(window.startswith("T\n") for window in headed)
    assert "".join("".join(w.removeprefix("T\n") for w in headed).split()) == "".join(text.split())


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> CrossEncoder:
    """Reads 40 tokens at once."""
    folder = tmp_path_factory.mktemp("models")
    tiny.bert_reranker(folder / "minilm", positions=40)
    return CrossEncoder("minilm", models=folder)


def test_a_long_passage_has_the_score_of_its_best_window(short: CrossEncoder) -> None:
    """A question of 3 tokens and 3 special ones leave 34; a sentence here has 12 with its full stop."""
    sentences = [
        " ".join([word] * 11) + "." for word in ("warfarin", "sepsis", "insulin", "aspirin", "heart")
    ]
    long = "dose\n" + " ".join(s.capitalize() for s in sentences)
    parts = ["dose\n" + " ".join(s.capitalize() for s in sentences[i : i + 2]) for i in (0, 2, 4)]
    query = "what is dose"
    assert short.score(query, [long]) == pytest.approx([max(short.score(query, parts))], abs=1e-5)
    assert short.score(query, [long, *parts])[0] == pytest.approx(max(short.score(query, parts)), abs=1e-5)


def test_windows_are_counted_and_shown(short: CrossEncoder) -> None:
    ranking = short.rerank("dose", hits("heart. " * 60, "sepsis"))
    assert ranking.notes == ("1 of 2 passages are longer than minilm reads at once: best window",)
    assert ranking.degraded == ()
    assert ranking_json(ranking, {})["notes"] == list(ranking.notes)
    assert f"Note: {ranking.notes[0]}" in ranking_text(ranking)
    assert short.rerank("dose", hits("sepsis")).notes == ()


def test_a_long_question_is_shortened_and_shown(short: CrossEncoder) -> None:
    ranking = short.rerank("dose " * 50, hits("heart", "sepsis"))
    assert ranking.degraded == (
        "minilm read 20 of the question's 50 tokens: at most half of the 40 that it reads at once",
    )
    assert short.score("dose " * 50, ["heart"]) == short.score("dose " * 20, ["heart"])


def test_the_end_of_a_passage_is_read(short: CrossEncoder) -> None:
    filler = "The for is. " * 20
    scores = short.score("dose", [filler + word for word in ("Warfarin.", "Sepsis.", "Insulin.", "Aspirin.")])
    assert len(set(scores)) > 1


def test_the_revision_is_that_of_the_weights(tmp_path: Path) -> None:
    import rerankers

    tiny.bert_reranker(tmp_path / "minilm")
    first = rerankers.load("minilm", Settings(models=tmp_path)).revision
    assert first.startswith("sha256:")
    assert first == rerankers.load("minilm", Settings(models=tmp_path)).revision
    tiny.bert_reranker(tmp_path / "minilm", positions=64)
    assert rerankers.load("minilm", Settings(models=tmp_path)).revision != first
