import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.generate.question import Kind, form, kind


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Is ramipril safe in pregnancy?", "yes/no"),
        ("In adults with asthma, does budesonide reduce exacerbations?", "yes/no"),
        ("gentamicin in myasthenia gravis?", "yes/no"),
        ("Is apixaban or warfarin safer in old age?", "comparison"),
        ("How do I tell neuroleptic malignant syndrome from serotonin syndrome?", "comparison"),
        ("What is the difference between unfractionated and low molecular weight heparin?", "comparison"),
        ("levothyroxine starting dose at 78 with angina", "quantity"),
        ("At what eGFR must metformin be stopped?", "quantity"),
        ("How many patients relapse?", "quantity"),
        ("When is non-invasive ventilation indicated?", "time"),
        ("How long should heparin overlap with warfarin?", "time"),
        ("How many days before surgery is dapagliflozin stopped?", "time"),
        ("List the symptoms of lithium toxicity.", "list"),
        ("Which drugs raise lithium levels?", "list"),
        ("What are the four pillars of heart failure treatment?", "list"),
        ("indications for emergency dialysis", "list"),
        ("What is gingipain?", "definition"),
        ("Describe Escobar syndrome", "definition"),
        ("Which gene controls the consistency of ear wax?", "factoid"),
        ("What is the mechanism of action of brigatinib?", "summary"),
        ("Why does morphine accumulate in kidney failure?", "summary"),
        ("voriconazole in ultrarapid metabolisers", "summary"),
        ("", "summary"),
    ],
)
def test_kind(question: str, wanted: Kind) -> None:
    assert kind(question) == wanted


@pytest.mark.parametrize(
    ("asked", "fits", "does_not"),
    [
        ("quantity", "Give 5 mg of it daily.", "Give a small dose of it daily."),
        ("time", "It is stopped 3 days before surgery.", "It is stopped for surgery."),
        ("list", "Causes include fever, thirst, gout and fasting.", "The cause is fever."),
        ("definition", "Gingipain is a protease of a bacterium.", "We measured gingipain in saliva."),
        ("comparison", "Bleeding was rarer than with warfarin.", "Bleeding was seen."),
        ("yes/no", "It should not be taken in pregnancy.", "Women of 20 to 40 years took part."),
    ],
)
def test_form_prefers_the_sentence_that_can_answer(asked: Kind, fits: str, does_not: str) -> None:
    assert form(asked, "What is gingipain?", fits) > form(asked, "What is gingipain?", does_not)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_has_a_kind_and_a_bounded_form(question: str, sentence: str) -> None:
    assert 0 <= form(kind(question), question, sentence) <= 1
