"""Excerpts: the sentences nearest to the question, in their order, never too long; and who reads them."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rerankers
from assistant.config import Settings
from assistant.index.bm25 import tokenise
from assistant.present import ranking_json, ranking_text
from rerankers.cross_encoder import CrossEncoder
from rerankers.excerpt import excerpt
from rerankers.pair_reader import OnTorch
from tests import tiny
from tests.test_rerankers import hits


def ends(text: str) -> list[int]:
    """A token is a word, with its signs."""
    return [word.end() for word in re.finditer(r"\S+", text)]


def taken(question: str, passage: str, room: int) -> str:
    return excerpt(frozenset(tokenise(question)), passage, ends(passage), room)


def test_sentences_with_the_words_of_the_question_stand_in_their_order_under_the_head() -> None:
    """13 tokens: the head has 1, three sentences 12."""
    text = (
        "Nothing is said here. Sepsis needs fluids early. We looked at it. Fluids help in shock. That is all."
    )
    assert taken("fluids in shock", f"Head\n{text}", 13) == (
        "Head\nNothing is said here. Sepsis needs fluids early. Fluids help in shock."
    )


def test_a_word_counts_less_the_more_sentences_have_it_and_the_oftener_it_is_taken() -> None:
    """ln(1 + 5/3) = 0.98 for fluids, ln 6 = 1.79 for lactate and for pressure."""
    fluids = "Fluids one two three. Fluids four five six. Fluids seven eight nine."
    text = f"{fluids} The lactate was low. The pressure was low."
    assert taken("fluids lactate pressure", f"Head\n{text}", 13) == (
        "Head\nFluids one two three. The lactate was low. The pressure was low."
    )
    assert taken("fluids lactate", f"Head\n{text}", 13) == (
        "Head\nFluids one two three. Fluids four five six. The lactate was low."
    )


def test_words_meet_in_any_inflection() -> None:
    text = "Nothing is said here. Nothing is said there. Doses were adjusted twice. The end is near."
    assert "Doses were adjusted twice." in taken("dose adjustment", f"Head\n{text}", 12)


def test_without_a_head_line_the_first_sentence_leads() -> None:
    text = "Here we go now. One two three four. Five six seven eight. Now aspirin is given."
    assert taken("aspirin", text, 12) == "Here we go now. One two three four. Now aspirin is given."


def test_without_a_word_in_common_it_is_the_beginning() -> None:
    text = "One two three four. Five six seven eight. Nine ten eleven twelve."
    assert taken("aspirin", f"Head\n{text}", 12) == "Head\nOne two three four. Five six seven eight."


def test_a_long_head_is_cut_and_its_rest_may_be_chosen() -> None:
    """2 tokens for the head and for a sentence; "three aspirin" and "five" are what is left of the head."""
    passage = "one two three aspirin five\nSix seven. Eight nine. Ten eleven."
    assert taken("aspirin", passage, 6) == "one two\nthree aspirin five"


def test_a_sentence_that_is_too_long_is_cut_at_white_space() -> None:
    text = "one two three four five six seven eight nine ten eleven"
    assert taken("seven", f"Head\n{text}", 9) == "Head\none two three seven eight nine ten eleven"
    assert taken("", "x" * 30, 3) == "x" * 30  # one token


def test_a_word_that_is_too_long_is_cut_inside() -> None:
    assert excerpt(frozenset(), "abcdefghijkl", range(1, 13), 9) == "abc def ghi"


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(alphabet="ab .!?\n\tAB1é高", max_size=120),
    question=st.text(alphabet="ab AB", max_size=12),
    room=st.integers(3, 20),
)
def test_it_fits_and_keeps_the_words_and_their_order(text: str, question: str, room: int) -> None:
    found = taken(question, text, room)
    assert len(ends(found)) <= room
    words = iter(re.findall(r"\S+", text))
    assert all(word in words for word in found.split())
    if len(ends(text)) < 3 * room:
        assert len(ends(found)) >= min(len(ends(text)), room // 3)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> CrossEncoder:
    """Reads 40 tokens at once: with a question of 3 tokens and 3 special ones, 34 of a passage."""
    folder = tmp_path_factory.mktemp("models")
    tiny.bert_reranker(folder / "minilm", positions=40)
    return CrossEncoder("minilm", models=folder)


QUERY = "what is heart"


def sentence(word: str) -> str:
    """10 tokens with its full stop."""
    return " ".join([word] * 9).capitalize() + "."


SAID = [sentence(word) for word in ("warfarin", "sepsis", "insulin", "aspirin", "heart")]
LONG = "dose\n" + " ".join(SAID)


def test_a_long_passage_has_the_score_of_its_excerpt(short: CrossEncoder) -> None:
    read = f"dose\n{SAID[0]} {SAID[1]} {SAID[4]}"
    alone = short.score(QUERY, [read])
    assert short.score(QUERY, [LONG]) == alone
    assert short.score(QUERY, [*SAID, LONG, read])[-2:] == pytest.approx([*alone, *alone], abs=1e-5)


def test_torch_and_the_engine_read_the_same_excerpt(short: CrossEncoder) -> None:
    torch, engine = OnTorch(short.folder, max_tokens=40).start(), short._reader.start()
    assert torch.ends(LONG) == engine.ends(LONG)
    assert torch.count([LONG]) == engine.count([LONG]) == [51]


def test_what_is_read_in_part_is_said(short: CrossEncoder) -> None:
    ranking = short.rerank("dose", hits("heart. " * 60, "sepsis"))
    assert ranking.notes == (
        "1 of 2 passages are longer than minilm reads at once (40 tokens with the question): "
        "their sentences nearest to the question were read",
    )
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


def test_the_end_of_a_passage_is_read_where_the_words_of_the_question_are(short: CrossEncoder) -> None:
    filler = "The for is. " * 20
    words = ("Warfarin.", "Sepsis.", "Insulin.", "Aspirin.")
    scores = short.score("warfarin sepsis insulin aspirin", [filler + word for word in words])
    assert len(set(scores)) == len(words)


def test_the_revision_is_that_of_the_weights(tmp_path: Path) -> None:
    tiny.bert_reranker(tmp_path / "minilm")
    first = rerankers.load("minilm", Settings(models=tmp_path)).revision
    assert first.startswith("sha256:")
    assert first == rerankers.load("minilm", Settings(models=tmp_path)).revision
    tiny.bert_reranker(tmp_path / "minilm", positions=64)
    assert rerankers.load("minilm", Settings(models=tmp_path)).revision != first
