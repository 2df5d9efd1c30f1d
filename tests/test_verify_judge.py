"""Claims against synthetic passages; the facts are of textbooks, the numbers are made up."""

from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assistant.verify import Judgement, judge

TRIAL = (
    "In 300 adults with heart failure, bisoprolol 10 mg once daily reduced mortality compared with placebo "
    "(hazard ratio 0.66, 95% CI 0.54–0.81; p<0.001). Bradycardia was more frequent with bisoprolol "
    "(8.1% vs 3.2%). Bisoprolol may improve exercise capacity. It was not studied in children."
)
ANAEMIA = (
    "Oral iron is effective in women with iron deficiency. Hepcidin (encoded by HAMP) inhibits ferroportin."
)
QT = "Haloperidol was not associated with weight gain in 24 healthy volunteers. TNF-α was unchanged."


def reasons(claim: str, *passages: str) -> tuple[str, str]:
    found = judge(claim, passages)
    return found.verdict, "; ".join(found.reasons)


@pytest.mark.parametrize(
    "claim",
    [
        "Bisoprolol 10 mg once daily reduced mortality compared with placebo.",
        "Bisoprolol 0.01 g daily lowered mortality versus placebo (HR 0.66, 95% CI 0.54 to 0.81).",
        "Mortality was lower with bisoprolol than with placebo.",
        "Bradycardia occurred in 8.1% with bisoprolol and 3.2% with placebo.",
        "Bisoprolol may improve exercise capacity.",
        "In 300 adults with heart failure (HF), bisoprolol reduced mortality [1].",
    ],
)
def test_a_paraphrase_is_supported(claim: str) -> None:
    assert reasons(claim, TRIAL) == ("supported", "")


@pytest.mark.parametrize(
    ("claim", "verdict", "said"),
    [
        ("Bisoprolol 100 mg once daily reduced mortality.", "contradicted", "10 mg, not 100 mg"),
        ("Bisoprolol 10 mcg once daily reduced mortality.", "contradicted", "10 mg, not 10 mcg"),
        ("Bisoprolol 10 mg twice daily reduced mortality.", "contradicted", "once daily, not twice daily"),
        ("Bisoprolol reduced mortality (95% CI 0.54-0.91).", "contradicted", "not 0.91"),
        ("Bisoprolol reduced mortality (p<0.01).", "contradicted", "0.001, not less than 0.01"),
        ("Bisoprolol reduced mortality (p=0.001).", "unsupported", "less than 0.001, not 0.001"),
        ("Bradycardia was 8% with bisoprolol.", "unsupported", "8% rounds"),
        ("Bradycardia occurred in 3.2% with bisoprolol and 8.1% with placebo.", "contradicted", "8.1"),
        ("Bisoprolol increased mortality compared with placebo.", "contradicted", "reduced”, not “increased"),
        ("Mortality was lower with placebo than with bisoprolol.", "contradicted", "placebo"),
        ("Bisoprolol did not reduce mortality compared with placebo.", "contradicted", "not reduce"),
        ("Metoprolol 10 mg once daily reduced mortality.", "unsupported", "Metoprolol is not in the passage"),
        ("Bisoprolol improves exercise capacity.", "unsupported", "may be so"),
        ("Bisoprolol reduced mortality in children.", "unsupported", "children"),
        ("Bisoprolol reduced mortality in pregnant women.", "unsupported", "pregnant"),
        ("In 3000 adults with heart failure, bisoprolol reduced mortality.", "contradicted", "300, not 3000"),
        ("Metformin lowers blood glucose.", "unsupported", "Metformin"),
        ("Regular exercise keeps joints supple.", "unsupported", "not in the passage"),
        ('The authors write "mortality fell at once".', "unsupported", "quotation"),
    ],
)
def test_an_altered_claim_is_not(claim: str, verdict: str, said: str) -> None:
    found = reasons(claim, TRIAL)
    assert found[0] == verdict
    assert said in found[1]


@pytest.mark.parametrize(
    ("claim", "passage", "verdict"),
    [
        ("Oral iron is effective in men with iron deficiency.", ANAEMIA, "contradicted"),
        ("Intravenous iron is effective in women with iron deficiency.", ANAEMIA, "contradicted"),
        ("Oral iron is ineffective in women with iron deficiency.", ANAEMIA, "contradicted"),
        ("Hepcidin activates ferroportin.", ANAEMIA, "contradicted"),
        ("Hepcidin (encoded by HFE2) inhibits ferroportin.", ANAEMIA, "unsupported"),
        ("Haloperidol was associated with weight gain in 24 healthy volunteers.", QT, "contradicted"),
        ("Haloperidol was not associated with weight gain in 24 patients with diabetes.", QT, "unsupported"),
        ("TNF-alpha was unchanged.", QT, "supported"),
        ("TNF-beta was unchanged in 24 volunteers after IL-6.", QT, "unsupported"),
    ],
)
def test_direction_negation_names_and_populations(claim: str, passage: str, verdict: str) -> None:
    assert judge(claim, [passage]).verdict == verdict


def test_a_brand_name_that_the_passage_explains() -> None:
    passage = "Bisoprolol (Concor) reduced mortality in atrial fibrillation (AF)."
    assert judge("Concor reduced mortality in AF.", [passage]).verdict == "supported"


def test_a_sentence_cut_out_of_its_negation_is_no_quotation() -> None:
    assert (
        judge("iron is effective in men.", ["It is not true that iron is effective in men."]).verdict
        != "supported"
    )


def test_passages_support_together() -> None:
    assert (
        judge("Oral iron is effective in women, and hepcidin inhibits ferroportin.", [QT, ANAEMIA]).verdict
        == "supported"
    )


def test_support_moves_the_score() -> None:
    def certain(claim: str, passages: Sequence[str]) -> float:
        return 1.0

    def never(claim: str, passages: Sequence[str]) -> float:
        return 0.0

    claim = "Iron given by mouth helps women with iron deficiency."
    alone = judge(claim, [ANAEMIA]).score
    assert judge(claim, [ANAEMIA], certain).score > judge(claim, [ANAEMIA], never).score
    assert judge(claim, [ANAEMIA], never).verdict == "unsupported"
    assert 0 <= alone <= 1


def test_support_clears_no_finding() -> None:
    assert (
        judge("Oral iron is ineffective in women.", [ANAEMIA], lambda claim, passages: 1.0).verdict
        == "contradicted"
    )


def test_a_second_judge_adds_a_flag_and_removes_none() -> None:
    quoted = "Oral iron is effective in women with iron deficiency."
    assert judge(quoted, [ANAEMIA], second=lambda c, p: "odd").reasons == ("odd",)
    wrong = judge("Hepcidin activates ferroportin.", [ANAEMIA])
    assert judge("Hepcidin activates ferroportin.", [ANAEMIA], second=lambda c, p: "") == wrong


def test_no_passage_and_no_claim() -> None:
    assert judge("Iron is a metal.", []).verdict == "unsupported"
    assert judge("", [ANAEMIA]).verdict == "unsupported"
    assert judge("Iron is a metal.", ["  "]).verdict == "unsupported"


NOUNS = ["apixaban", "mortality", "HER2", "sodium", "5 mg", "women", "24 weeks", "stroke", "30%"]
VERBS = [
    "increased",
    "did not reduce",
    "may improve",
    "was lower than",
    "is effective in",
    "was not studied in",
]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(NOUNS), st.sampled_from(VERBS), st.sampled_from(NOUNS)),
        min_size=1,
        max_size=5,
    )
)
def test_a_passages_own_sentences_are_supported(parts: list[tuple[str, str, str]]) -> None:
    sentences = [f"The {a} {b} {c}." for a, b, c in parts]
    for sentence in sentences:
        assert judge(sentence, [" ".join(sentences)]) == Judgement("supported", 1.0)
        assert judge(sentence.replace("  ", " "), ["\n".join(sentences)]).verdict == "supported"


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=120), st.lists(st.text(max_size=120), max_size=3))
@example('"' * 9, ['"""'])
@example("not" * 40, ["not not not."])
@example("1" * 400 + "e9 mg", ["9" * 400])
def test_any_text_is_judged(claim: str, passages: list[str]) -> None:
    found = judge(claim, passages)
    assert 0 <= found.score <= 1
    assert found.verdict == "supported" or found.reasons


def test_a_table_of_numbers_is_not_compared_forever() -> None:
    found = judge("The values were " + "1 " * 300, ["1 " * 5000])
    assert (found.verdict, found.score) == ("unsupported", 0.0)
    assert "more than 100 numbers" in found.reasons[0]


def test_an_items_number_is_no_quantity() -> None:
    assert judge("2. Iron is effective in women with iron deficiency.", [ANAEMIA]).verdict == "supported"
