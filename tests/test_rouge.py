"""ROUGE against figures worked out by hand from its definition."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.rouge import rouge_2, rouge_su4, tokens


def test_tokens_are_lower_case_runs_of_letters_and_digits() -> None:
    assert tokens("IL-6 rose 2.5% (P<0.05), naïve") == [
        "il",
        "6",
        "rose",
        "2",
        "5",
        "p",
        "0",
        "05",
        "na",
        "ve",
    ]


def test_rouge_2_of_one_reference() -> None:
    # answer bigrams: the-cat cat-sat; reference: the-cat cat-ran ran-off; one in common
    found = rouge_2("the cat sat", ["the cat ran off"])
    assert (found.recall, found.precision) == (1 / 3, 1 / 2)
    assert found.f == pytest.approx(2 * (1 / 3) * (1 / 2) / (1 / 3 + 1 / 2))


def test_references_are_joint_not_the_best_of_them() -> None:
    # hits 2 + 0 of 2 + 3 bigrams; the answer's own 2 count once for each reference
    found = rouge_2("a b c", ["a b c", "w x y z"])
    assert (found.recall, found.precision) == (2 / 5, 2 / 4)


def test_a_repeated_bigram_counts_as_often_as_the_reference_has_it() -> None:
    # answer: a-b b-a a-b b-a a-b; reference: a-b b-a a-b
    found = rouge_2("a b a b a b", ["a b a b"])
    assert (found.recall, found.precision) == (1.0, 3 / 5)


def test_rouge_su4_counts_unigrams_and_pairs_with_at_most_four_words_between() -> None:
    # reference: 7 words, pairs at a distance of 1 to 5: 6 + 5 + 4 + 3 + 2 = 20, and 7 unigrams
    # answer "one seven": 2 unigrams and one pair, which stands 6 apart in the reference and does not count
    found = rouge_su4("one seven", ["one two three four five six seven"])
    assert (found.recall, found.precision) == (2 / 27, 2 / 3)
    # "one six" stands 5 apart, with four words between: it counts
    assert rouge_su4("one six", ["one two three four five six seven"]).recall == 3 / 27


def test_rouge_su4_of_two_references() -> None:
    # answer: a, b, a-b = 3 units. "a b": 3 units, 3 hits. "b a": 3 units (b, a, b-a), 2 hits
    found = rouge_su4("a b", ["a b", "b a"])
    assert (found.recall, found.precision) == (5 / 6, 5 / 6)


@pytest.mark.parametrize("measure", [rouge_2, rouge_su4])
@pytest.mark.parametrize(("answer", "references"), [("", ["a b"]), ("a b", []), ("a b", [""]), ("?", ["!"])])
def test_nothing_to_count_is_0(measure, answer, references) -> None:
    assert measure(answer, references).f == 0.0


@given(st.text(alphabet="ab c", max_size=20), st.lists(st.text(alphabet="ab c", max_size=20), max_size=3))
@settings(max_examples=40, deadline=None)
def test_in_bounds_and_1_only_for_equals(answer: str, references: list[str]) -> None:
    for measure in (rouge_2, rouge_su4):
        found = measure(answer, references)
        assert 0 <= found.f <= 1
        assert 0 <= found.recall <= 1
        own = measure(answer, [answer])
        assert own.recall == own.precision == (1.0 if own.f else 0.0)
