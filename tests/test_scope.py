"""What is declined, and above all what is not."""

import pytest

from assistant.scope import NOTES, outside

EMERGENCIES = [
    "my patient is in VF now what do I do",
    "he is not breathing, what should I do?",
    "Patient crashing, help",
    "Our patient just arrested, which drug first?",
    "My patient stopped breathing",
    "She's in anaphylaxis right now, dose of adrenaline?",
    "I have a 60 year old man in cardiac arrest right now",
    "we are coding a patient right now",
    "child having a seizure right now what do i do",
    "my baby is choking help",
    "I want to kill myself",
    "I just took 40 tablets of paracetamol",
]
ACTS = [
    "prescribe amoxicillin 500 mg for my patient",
    "Please write a prescription for metformin",
    "Can you write me a prescription for oxycodone?",
    "order a CT head for bed 4",
    "Book an MRI for my patient tomorrow",
    "please send this script to the pharmacy",
    "Refer him to cardiology",
    "draft a discharge summary",
    "Email the results to the GP",
    "give my patient 5 mg of morphine now",
]
IMAGES = [
    "Interpret this ECG",
    "What does this ECG show?",
    "Can you look at my chest x-ray?",
    "I attached an ECG, is it STEMI?",
    "read the attached CT scan",
]
GREETINGS = ["hello", "Hi there!", "Thanks a lot", "what can you do?", "How are you today?", "help"]
OTHER = [
    "what's the weather in Paris",
    "Tell me a joke",
    "Write a Python function to sort a list",
    "how do I reverse a string in javascript",
    "Who painted the ceiling of the Sistine Chapel?",
    "What is the capital of France?",
    "what is 2+2",
    "What time is it?",
    "how do I bake bread",
]
CLINICAL = [
    "Which antibiotic first in septic shock?",
    "What should be done first in ventricular fibrillation?",
    "How is anaphylaxis treated now?",
    "What is the dose of adrenaline for a child in anaphylaxis?",
    "patient in cardiac arrest after an overdose of propranolol: which antidote?",
    "How should status epilepticus that does not respond to lorazepam be treated now?",
    "what to do now for a patient with bleeding oesophageal varices",
    "my patient is on warfarin and has an INR of 9 what should I do",
    "My patient has AF and is bleeding on apixaban, reversal?",
    "My patient collapsed last week; is tilt testing useful?",
    "I have a patient with seizures on valproate who wants a pregnancy, what should I do",
    "The patient is unconscious after an overdose; is flumazenil safe?",
    "patient stopped bleeding after tranexamic acid",
    "Can you prescribe doxycycline in pregnancy?",
    "Can you give metformin with contrast?",
    "When should I refer a patient with CKD?",
    "Should I order a CT before lumbar puncture?",
    "Send blood cultures before antibiotics?",
    "Order of vaccines before splenectomy",
    "order sets for sepsis: do they reduce mortality?",
    "Schedule of hepatitis B vaccination",
    "Admit or discharge with a CURB-65 of 2?",
    "Refer to cardiology when?",
    "Does cognitive therapy help patients who want to harm themselves?",
    "What does ST elevation in aVR on the ECG suggest?",
    "Do ECG changes in hyperkalaemia predict arrest?",
    "Which images are needed before thrombolysis?",
    "python bite envenomation treatment",
    "Does the weather affect asthma?",
    "Which Java utility compares hidden Markov models?",
    "HELLP syndrome",
    "hi-flow oxygen in bronchiolitis",
    "help with smoking cessation in pregnancy",
    "CHA2DS2-VASc 2+1",
    "thank you note effect on depression",
    "warming up",
]


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        *(("emergency", q) for q in EMERGENCIES),
        *(("act", q) for q in ACTS),
        *(("image", q) for q in IMAGES),
        *(("greeting", q) for q in GREETINGS),
        *(("not clinical", q) for q in OTHER),
    ],
)
def test_declined_as_what_it_is(kind: str, question: str) -> None:
    found = outside(question)
    assert found is not None
    assert found.kind == kind
    shouted = outside(f"  {question.upper()} ")
    assert shouted is not None
    assert shouted.kind == kind


@pytest.mark.parametrize("question", CLINICAL)
def test_clinical_questions_pass(question: str) -> None:
    assert outside(question) is None


def test_the_notes_are_calm_and_say_what_can_be_done() -> None:
    for kind, note in NOTES.items():
        assert "!" not in note, kind
        assert len(note) < 420
        assert "look" in note or "sources" in note
    assert "emergency protocol" in NOTES["emergency"]


@pytest.mark.parametrize(
    "words", ["he is " * 300, "write a " * 250 + "x", "what is 1" + "+1" * 900 + "x", "my " * 600]
)
def test_no_pattern_takes_long(words: str) -> None:
    """Two thousand characters at most come here; a pattern that backtracks without end would hang."""
    outside(words[:2000])
