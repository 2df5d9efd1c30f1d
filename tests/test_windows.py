"""Windows: whole sentences under the head line, nothing lost, nothing too long."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rerankers.windows import Count, shortened, windows


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
