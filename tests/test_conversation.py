"""Follow-ups made to stand alone, by rules. The dialogues are synthetic, written for this file."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.conversation import LONGEST_FOLLOW_UP, Standalone, rewrite

# questions before, the follow-up, what it becomes; None: it stays as it is
DIALOGUES: list[tuple[tuple[str, ...], str, str | None]] = [
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "and in pregnancy?",
        "Does apixaban reduce stroke in atrial fibrillation in pregnancy?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "What about children?",
        "Does apixaban reduce stroke in atrial fibrillation in children?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "and the dose?",
        "What is the dose of apixaban in atrial fibrillation?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "why?",
        "Why does apixaban reduce stroke in atrial fibrillation?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "Is it safe with warfarin?",
        "Is apixaban safe with warfarin?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "and rivaroxaban?",
        "Does rivaroxaban reduce stroke in atrial fibrillation?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "What are the side effects?",
        "What are the side effects of apixaban in atrial fibrillation?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "how?",
        "How does apixaban reduce stroke in atrial fibrillation?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "What is its half-life?",
        "What is apixaban's half-life?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "and in renal failure?",
        "Does apixaban reduce stroke in atrial fibrillation in renal failure?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "what about bleeding?",
        "Does apixaban reduce bleeding in atrial fibrillation?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "Is this drug safe in breastfeeding?",
        "Is apixaban safe in breastfeeding?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "with aspirin?",
        "Does apixaban reduce stroke in atrial fibrillation with aspirin?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "What is the first-line treatment of sepsis?",
        None,
    ),
    (("Is metformin safe in renal impairment?",), "and in pregnancy?", "Is metformin safe in pregnancy?"),
    (("Is metformin safe in heart failure?",), "and in pregnancy?", "Is metformin safe in pregnancy?"),
    (
        ("Is metformin safe in heart failure?",),
        "what about liver cirrhosis?",
        "Is metformin safe in liver cirrhosis?",
    ),
    (
        ("What is the first-line treatment of community-acquired pneumonia in adults?",),
        "and in children?",
        "What is the first-line treatment of community-acquired pneumonia in children?",
    ),
    (
        ("What is the first-line treatment of community-acquired pneumonia in adults?",),
        "what about the elderly?",
        "What is the first-line treatment of community-acquired pneumonia in the elderly?",
    ),
    (
        ("What is the first-line treatment of community-acquired pneumonia in adults?",),
        "How is it diagnosed?",
        "How is community-acquired pneumonia diagnosed?",
    ),
    (
        ("What is the first-line treatment of community-acquired pneumonia in adults?",),
        "for how long?",
        "For how long: what is the first-line treatment of community-acquired pneumonia in adults?",
    ),
    (
        ("How is Kawasaki disease diagnosed?",),
        "and the treatment?",
        "What is the treatment of Kawasaki disease?",
    ),
    (("How is Kawasaki disease diagnosed?",), "is it contagious?", "Is Kawasaki disease contagious?"),
    (("How is Kawasaki disease diagnosed?",), "What causes this condition?", "What causes Kawasaki disease?"),
    (
        ("What is the dose of amoxicillin in otitis media?",),
        "in infants?",
        "What is the dose of amoxicillin in otitis media in infants?",
    ),
    (
        ("What is the dose of amoxicillin in otitis media?",),
        "And if allergic to penicillin?",
        "What is the dose of amoxicillin in otitis media if allergic to penicillin?",
    ),
    (("Should lithium levels be monitored?",), "how often?", "How often should lithium levels be monitored?"),
    (("Should lithium levels be monitored?",), "Why?", "Why should lithium levels be monitored?"),
    (("How is sepsis treated?",), "for how long?", "For how long is sepsis treated?"),
    (("How is sepsis treated?",), "what about septic shock?", "How is septic shock treated?"),
    (("How is type 2 diabetes treated?",), "what about type 1 diabetes?", "How is type 1 diabetes treated?"),
    (
        ("Is aspirin effective for primary prevention of stroke?",),
        "and for secondary prevention?",
        "Is aspirin effective for secondary prevention of stroke?",
    ),
    (
        ("Can metformin be continued at an eGFR of 45?",),
        "and at an eGFR of 25?",
        "Can metformin be continued at an eGFR of 25?",
    ),
    (
        ("Can metformin be continued at an eGFR of 45?",),
        "What is the maximum dose?",
        "What is the maximum dose of metformin?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?", "and in pregnancy?"),
        "and the dose?",
        "What is the dose of apixaban in atrial fibrillation in pregnancy?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?", "What about dabigatran?"),
        "Is it reversible?",
        "Is dabigatran reversible?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "Is it safe to give ibuprofen to patients on warfarin?",
        None,
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "Is it safe to take with alcohol?",
        "Is apixaban safe to take with alcohol?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "How long does it take to work?",
        "How long does apixaban take to work?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "Does metformin cause weight loss and is it safe?",
        None,
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "Are there alternatives?",
        "Are there alternatives to apixaban in atrial fibrillation?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "any interactions?",
        "Are there any interactions of apixaban in atrial fibrillation?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "Children?",
        "Does apixaban reduce stroke in atrial fibrillation in children?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "Edoxaban?",
        "Does edoxaban reduce stroke in atrial fibrillation?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "What is the evidence in women?",
        "What is the evidence for apixaban in atrial fibrillation in women?",
    ),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "How is hypertension treated in pregnancy?",
        None,
    ),
    (("Does apixaban reduce stroke in atrial fibrillation?",), "How is pregnancy diagnosed?", None),
    (
        ("Does apixaban reduce stroke in atrial fibrillation?",),
        "What is the treatment for kidney disease?",
        None,
    ),
    (("Are statins recommended after stroke?",), "do they cause myopathy?", "Do statins cause myopathy?"),
    (
        ("Are statins recommended after stroke?",),
        "in people over 80?",
        "Are statins recommended after stroke in people over 80?",
    ),
    (
        ("Does dexamethasone reduce mortality in bacterial meningitis?",),
        "does that apply to children?",
        "Does dexamethasone reduce mortality in bacterial meningitis in children?",
    ),
    (
        ("Does dexamethasone reduce mortality in bacterial meningitis?",),
        "When should it be started?",
        "When should dexamethasone be started?",
    ),
    (
        ("Does dexamethasone reduce mortality in bacterial meningitis?",),
        "and viral meningitis?",
        "Does dexamethasone reduce mortality in viral meningitis?",
    ),
    (
        ("Does dexamethasone reduce mortality in bacterial meningitis?",),
        "Are these patients at risk of hearing loss?",
        "Are these patients at risk of hearing loss (dexamethasone in bacterial meningitis)?",
    ),
    (
        ("Does tranexamic acid reduce bleeding in hip surgery?",),
        "and in knee surgery?",
        "Does tranexamic acid reduce bleeding in knee surgery?",
    ),
    (
        ("Does tranexamic acid reduce bleeding in hip surgery?",),
        "What dose?",
        "What dose of tranexamic acid in hip surgery?",
    ),
    (
        ("Does tranexamic acid reduce bleeding in hip surgery?",),
        "Does it increase thrombosis?",
        "Does tranexamic acid increase thrombosis?",
    ),
    (
        ("Does tranexamic acid reduce bleeding in hip surgery?",),
        "and mortality?",
        "Does tranexamic acid reduce mortality in hip surgery?",
    ),
    (
        ("What is the recommended dose of vancomycin in adults with sepsis?",),
        "and in neonates?",
        "What is the recommended dose of vancomycin in neonates with sepsis?",
    ),
    (
        ("What is the recommended dose of vancomycin in adults with sepsis?",),
        "How should levels be monitored?",
        "How should levels be monitored for vancomycin in adults with sepsis?",
    ),
    (
        ("What is the recommended dose of vancomycin in adults with sepsis?",),
        "Is it nephrotoxic?",
        "Is vancomycin nephrotoxic?",
    ),
    (
        ("What is the recommended dose of vancomycin in adults with sepsis?",),
        "what about gentamicin?",
        "What is the recommended dose of gentamicin in adults with sepsis?",
    ),
    (
        ("Can methotrexate be used during breastfeeding?",),
        "and during pregnancy?",
        "Can methotrexate be used during pregnancy?",
    ),
    (
        ("Can methotrexate be used during breastfeeding?",),
        "What about in men?",
        "Can methotrexate be used in men?",
    ),
    (
        ("Can methotrexate be used during breastfeeding?",),
        "why not?",
        "Why not: can methotrexate be used during breastfeeding?",
    ),
    (
        ("Is colchicine effective in acute gout?",),
        "and for prophylaxis?",
        "Is colchicine effective in acute gout for prophylaxis?",
    ),
    (
        ("Is colchicine effective in acute gout?",),
        "What are the contraindications?",
        "What are the contraindications to colchicine in acute gout?",
    ),
    (("Is colchicine effective in acute gout?",), "or naproxen?", "Is naproxen effective in acute gout?"),
    (
        ("Is colchicine effective in acute gout?",),
        "What about chronic gout?",
        "Is colchicine effective in chronic gout?",
    ),
    (
        ("How is anaphylaxis treated?",),
        "and in patients on beta blockers?",
        "How is anaphylaxis treated in patients on beta blockers?",
    ),
    (("How is anaphylaxis treated?",), "What dose of adrenaline is given?", None),
    (
        ("How is anaphylaxis treated?",),
        "what are the risk factors?",
        "What are the risk factors of anaphylaxis?",
    ),
    (
        ("Should warfarin be stopped before dental extraction?",),
        "How long before?",
        "How long should warfarin be stopped before dental extraction?",
    ),
    (
        ("Should warfarin be stopped before dental extraction?",),
        "and clopidogrel?",
        "Should clopidogrel be stopped before dental extraction?",
    ),
    (
        ("Should warfarin be stopped before dental extraction?",),
        "before colonoscopy?",
        "Should warfarin be stopped before colonoscopy?",
    ),
    (
        ("Should warfarin be stopped before dental extraction?",),
        "When should it be restarted?",
        "When should warfarin be restarted?",
    ),
    (
        ("What is the mechanism of action of dapagliflozin?",),
        "Does it help in heart failure without diabetes?",
        "Does dapagliflozin help in heart failure without diabetes?",
    ),
    (
        ("What is the mechanism of action of dapagliflozin?",),
        "and empagliflozin?",
        "What is the mechanism of action of empagliflozin?",
    ),
    (
        ("What is the mechanism of action of dapagliflozin?",),
        "side effects?",
        "What are the side effects of dapagliflozin?",
    ),
    (
        ("What is the mechanism of action of dapagliflozin?",),
        "Who should not receive it?",
        "Who should not receive dapagliflozin?",
    ),
    (
        ("Is levothyroxine safe in pregnancy?",),
        "Does the dose change?",
        "Does the dose change for levothyroxine in pregnancy?",
    ),
    (
        ("Is levothyroxine safe in pregnancy?",),
        "and while breastfeeding?",
        "Is levothyroxine safe while breastfeeding?",
    ),
    (("Is levothyroxine safe in pregnancy?",), "How often should TSH be checked?", None),
    (
        ("Which antibiotic is first choice for cellulitis?",),
        "in penicillin allergy?",
        "Which antibiotic is first choice for cellulitis in penicillin allergy?",
    ),
    (
        ("Which antibiotic is first choice for cellulitis?",),
        "For how many days?",
        "For how many days: which antibiotic is first choice for cellulitis?",
    ),
    (
        ("Which antibiotic is first choice for cellulitis?",),
        "and erysipelas?",
        "Which antibiotic is first choice for erysipelas?",
    ),
    (("Which antibiotic is first choice for cellulitis?",), "Is it contagious?", "Is cellulitis contagious?"),
    (
        ("Are SSRIs effective in children with depression?",),
        "Do they increase suicidality?",
        "Do SSRIs increase suicidality?",
    ),
    (
        ("Are SSRIs effective in children with depression?",),
        "and in adults?",
        "Are SSRIs effective in adults with depression?",
    ),
    (
        ("Are SSRIs effective in children with depression?",),
        "What about psychotherapy?",
        "Are psychotherapy effective in children with depression?",
    ),
    (
        ("How is giant cell arteritis diagnosed?",),
        "What is the treatment?",
        "What is the treatment of giant cell arteritis?",
    ),
    (
        ("How is giant cell arteritis diagnosed?",),
        "How is it treated?",
        "How is giant cell arteritis treated?",
    ),
    (
        ("How is giant cell arteritis diagnosed?",),
        "Can this disease cause blindness?",
        "Can giant cell arteritis cause blindness?",
    ),
    (
        ("Does vitamin D prevent falls in older adults?",),
        "and fractures?",
        "Does vitamin D prevent fractures in older adults?",
    ),
    (
        ("Does vitamin D prevent falls in older adults?",),
        "At what dose?",
        "At what dose does vitamin D prevent falls in older adults?",
    ),
    (
        ("Does vitamin D prevent falls in older adults?",),
        "What is the evidence?",
        "What is the evidence for vitamin D in older adults?",
    ),
    (
        ("Can ibuprofen be combined with lithium?",),
        "and paracetamol?",
        "Can paracetamol be combined with lithium?",
    ),
    (("Can ibuprofen be combined with lithium?",), "Why?", "Why can ibuprofen be combined with lithium?"),
    (
        ("Can ibuprofen be combined with lithium?",),
        "How should this interaction be managed?",
        "How should this interaction be managed (can ibuprofen be combined with lithium)?",
    ),
    (
        ("Is oral iron better than intravenous iron in iron deficiency?",),
        "and in chronic kidney disease?",
        "Is oral iron better than intravenous iron in iron deficiency in chronic kidney disease?",
    ),
    (
        ("Is oral iron better than intravenous iron in iron deficiency?",),
        "How long does treatment last?",
        "How long does treatment last for iron?",
    ),
    (
        ("What is the target INR for mechanical mitral valves?",),
        "and for aortic valves?",
        "What is the target INR for mechanical aortic valves?",
    ),
    (
        ("What is the target INR for mechanical mitral valves?",),
        "in pregnancy?",
        "What is the target INR for mechanical mitral valves in pregnancy?",
    ),
    (
        ("What is the target INR for mechanical mitral valves?",),
        "How often is it measured?",
        "How often is INR measured?",
    ),
    (
        ("Does dexamethasone reduce mortality in tuberculous meningitis?",),
        "For whom is it recommended?",
        "For whom is dexamethasone recommended?",
    ),
    (
        ("Does dexamethasone reduce mortality in tuberculous meningitis?",),
        "Which patients benefit?",
        "Which patients benefit from dexamethasone in tuberculous meningitis?",
    ),
    (
        ("Does dexamethasone reduce mortality in tuberculous meningitis?",),
        "And the route?",
        "What is the route of dexamethasone in tuberculous meningitis?",
    ),
    (
        ("Does dexamethasone reduce mortality in tuberculous meningitis?",),
        "What about using prednisolone instead?",
        "What about using prednisolone instead (dexamethasone in tuberculous meningitis)?",
    ),
    (
        ("How should status epilepticus be treated?",),
        "What if it persists?",
        "What if status epilepticus persists?",
    ),
    (
        ("How should status epilepticus be treated?",),
        "and second-line?",
        "What is the second-line treatment of status epilepticus?",
    ),
    (("How should status epilepticus be treated?",), "What is the usual dose of lorazepam?", None),
    (
        ("How should status epilepticus be treated?",),
        "And in children, is it different?",
        "In children, is status epilepticus different?",
    ),
    (
        ("Is there an interaction between clarithromycin and simvastatin?",),
        "What about azithromycin?",
        "Is there an interaction between azithromycin and simvastatin?",
    ),
    (
        ("Is there an interaction between clarithromycin and simvastatin?",),
        "is that dangerous?",
        "Is that dangerous (is there an interaction between clarithromycin and simvastatin)?",
    ),
]


@pytest.mark.parametrize(("before", "asked", "becomes"), DIALOGUES)
def test_a_dialogue(before: tuple[str, ...], asked: str, becomes: str | None) -> None:
    made = rewrite(asked, before)
    assert made.question == (becomes or asked)
    assert made.rewritten == (becomes is not None)
    assert bool(made.carried) == made.rewritten


FULL = [
    "Does apixaban reduce stroke in atrial fibrillation?",
    "Is it safe to give ibuprofen to patients on warfarin?",
    "Is it necessary to stop metformin before contrast?",
    "How is hypertension treated in pregnancy?",
    "How is pregnancy diagnosed?",
    "What is the treatment of kidney disease?",
    "Does aspirin lose its effect when it is stopped?",
    "In patients with asthma, do beta blockers cause harm?",
    "metformin renal dosing",
    "warfarin CYP2C9 dose",
    "What is the role of the drug imatinib in chronic myeloid leukaemia?",
    "Is there evidence that statins prevent dementia?",
    "Which antibiotics should be avoided in myasthenia gravis?",
    "When should blood cultures be taken in sepsis?",
    "Why do ACE inhibitors cause cough?",
    "Can children with epilepsy receive the measles vaccine?",
]


@pytest.mark.parametrize("asked", FULL)
@pytest.mark.parametrize(
    "before", [FULL[0], FULL[3], "How is gout treated?", "Which drugs prolong the QT interval?"]
)
def test_a_full_question_is_never_altered(asked: str, before: str) -> None:
    assert rewrite(asked, [before]) == Standalone(asked)


@pytest.mark.parametrize(
    "asked", ["and in pregnancy?", "why?", "Is it safe?", "What is the dose?", "", "???", "it"]
)
@pytest.mark.parametrize("history", [(), ("",), ("???",)])
def test_without_a_topic_nothing_is_added(asked: str, history: tuple[str, ...]) -> None:
    assert rewrite(asked, history) == Standalone(asked)


def test_the_history_may_be_as_typed_or_as_rewritten() -> None:
    first = "Does apixaban reduce stroke in atrial fibrillation?"
    typed = rewrite("and the dose?", [first, "what about edoxaban?"])
    made = rewrite("what about edoxaban?", [first]).question
    assert typed == rewrite("and the dose?", [first, made])
    assert typed.question == "What is the dose of edoxaban in atrial fibrillation?"


def test_a_changed_topic_starts_afresh() -> None:
    history = ["Does apixaban reduce stroke in atrial fibrillation?", "How is gout treated?"]
    assert rewrite("and in pregnancy?", history).question == "How is gout treated in pregnancy?"


def test_a_long_text_is_no_follow_up() -> None:
    asked = "and " + "in pregnancy " * 20
    assert len(asked) > LONGEST_FOLLOW_UP
    assert not rewrite(asked, ["How is gout treated?"]).rewritten


BITS = """
    and in it pregnancy why ? what about the dose of is safe with warfarin its that drug ( ,
    gout treated how these patients 25 eGFR children % Ä 高血圧 if for
"""
PIECES = st.lists(
    st.sampled_from(BITS.split()),
    max_size=12,
).map(" ".join)


@settings(max_examples=200, deadline=None)
@given(PIECES, st.lists(PIECES, max_size=3))
def test_any_words_make_one_line_or_stay(asked: str, history: list[str]) -> None:
    made = rewrite(asked, history)
    if not made.rewritten:
        assert made == Standalone(asked)
    else:
        assert made.question.endswith("?")
        assert "\n" not in made.question
        assert made.question[0] == made.question[0].upper()
        assert made.carried
