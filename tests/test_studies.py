import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.studies import DESIGNS, LEVELS, evidence_level, study_design


@pytest.mark.parametrize(
    ("types", "design", "level"),
    [
        (["Journal Article", "Randomized Controlled Trial"], "randomised trial", 2),
        (["Clinical Trial, Phase III", "Randomized Controlled Trial"], "randomised trial", 2),
        (["Clinical Trial, Phase III", "Multicenter Study"], "clinical trial", 3),
        (["Meta-Analysis", "Review", "Systematic Review"], "systematic review", 1),
        (["Review", "Network Meta-Analysis"], "meta-analysis", 1),
        (["Observational Study", "Comparative Study"], "observational study", 3),
        (["Letter", "Case Reports"], "case report", 4),
        (["Journal Article", "Review"], "review", None),
        (["Practice Guideline", "Systematic Review"], "guideline", None),
        (["Published Erratum", "Randomized Controlled Trial"], "notice", None),
        (["Clinical Trial Protocol", "Randomized Controlled Trial"], "protocol", None),
        (["Editorial", "Comment"], "opinion", None),
        (["Journal Article", "Research Support, Non-U.S. Gov't"], None, None),
        ([], None, None),
    ],
)
def test_design_and_level(types: list[str], design: str | None, level: int | None) -> None:
    assert study_design(types) == design
    assert evidence_level(design) == level


@pytest.mark.parametrize(
    "not_the_type",
    [
        "randomized controlled trial",
        "Randomized Controlled Trials as Topic",
        "Myocardial Infarction",
        "rct",
        "Peer Review",
        "Book Review",
        "Clinical Trial, Phase",
    ],
)
def test_only_exact_names_count(not_the_type: str) -> None:
    assert study_design([not_the_type]) is None


def test_an_animal_trial_is_no_randomised_trial() -> None:
    assert study_design(["Randomized Controlled Trial, Veterinary"]) == "veterinary study"
    assert evidence_level("veterinary study") is None


def test_each_type_belongs_to_one_design_and_levels_to_known_designs() -> None:
    types = [name for names in DESIGNS.values() for name in names]
    assert len(types) == len(set(types))
    assert LEVELS.keys() <= DESIGNS.keys()


@given(
    st.lists(st.sampled_from([name for names in DESIGNS.values() for name in names]), max_size=5),
    st.randoms(),
)
def test_the_order_of_the_types_does_not_matter(types: list[str], random: object) -> None:
    shuffled = list(types)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert study_design(shuffled) == study_design(types)
