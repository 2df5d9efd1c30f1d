import pytest

from assistant.generate.stance import stance

SAFE = "Is ramipril safe in pregnancy?"
REDUCES = "Does apixaban reduce stroke compared with warfarin?"


@pytest.mark.parametrize(
    ("question", "sentence", "side"),
    [
        (SAFE, "Ramipril is safe in pregnancy.", "yes"),
        (SAFE, "Ramipril is not safe in pregnancy.", "no"),
        (SAFE, "Ramipril is contraindicated in pregnancy.", "no"),
        (REDUCES, "Apixaban reduced stroke compared with warfarin.", "yes"),
        (REDUCES, "Apixaban did not reduce stroke compared with warfarin.", "no"),
        (REDUCES, "Apixaban increased stroke compared with warfarin.", "no"),
        (REDUCES, "Not only stroke but also bleeding was reduced by apixaban compared with warfarin.", "yes"),
        ("Is ramipril contraindicated in pregnancy?", "Ramipril is contraindicated in pregnancy.", "yes"),
    ],
)
def test_a_clear_sentence_takes_a_side(question: str, sentence: str, side: str) -> None:
    assert stance(question, [sentence]) == side


@pytest.mark.parametrize(
    "sentence",
    [
        "Whether apixaban reduces stroke compared with warfarin is unclear.",
        "Apixaban and warfarin are being evaluated for how they reduce stroke, compared head to head.",
        "The aim was to compare how apixaban and warfarin reduce stroke.",
        "Edoxaban is a tablet.",
    ],
)
def test_a_doubt_or_another_subject_takes_none(sentence: str) -> None:
    assert stance(REDUCES, [sentence]) is None


def test_sentences_that_disagree_leave_it_open() -> None:
    both = [
        "Apixaban reduced stroke compared with warfarin.",
        "Apixaban did not reduce stroke compared with warfarin.",
    ]
    assert stance(REDUCES, both) is None
    assert stance(REDUCES, [*both[:1], "Edoxaban is a tablet."]) == "yes"


def test_other_questions_have_no_stance() -> None:
    assert stance("Which drug reduces stroke?", ["Apixaban reduces stroke."]) is None
    assert stance(REDUCES, []) is None
