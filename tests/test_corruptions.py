"""Corruptions are real, and what is left untouched is supported, by the words alone."""

import random
import re
from decimal import Decimal

import pytest

from eval.corruptions import (
    KINDS,
    UNTOUCHED,
    Claim,
    Passage,
    from_answers,
    from_notes,
    from_snippets,
    make,
    quantities,
    wording,
)
from eval.corruptions.claims import common, support, tokens
from eval.corruptions.make import covered
from eval.corruptions.rewrite import rewritten
from eval.corruptions.terms import DIRECTIONS, DRUG_CLASSES
from eval.gold import notes

TRIAL = (
    "In 412 adults, examplinib 5 mg twice daily reduced stroke (hazard ratio 0.79, 95% CI 0.66-0.95). "
    "Major bleeding was not higher in women. Nausea occurred in 12 percent of those on placebo."
)


def claim(text: str, passage: str, *others: str) -> Claim:
    every = tuple(Passage("", p) for p in (passage, *others))
    return Claim(key="q:1", group="q", text=text, source="answer", tier="verbatim", passages=every, cited=1)


@pytest.mark.parametrize(
    ("said", "tier"),
    [
        ("Major bleeding was not higher in women.", "verbatim"),
        ("examplinib 5 mg twice daily reduced stroke, hazard ratio 0.79", "verbatim"),
        ("In the 412 adults, examplinib 5 mg twice daily reduced stroke (hazard ratio 0.79)", "near"),
        ("Stroke: examplinib 5 mg twice daily reduced it (412 adults, hazard ratio 0.79)", "covered"),
        ("In 412 adults, examplinib 5 mcg twice daily reduced stroke (hazard ratio 0.79)", None),
        ("In 412 adults, examplitinib 5 mg twice daily reduced stroke (hazard ratio 0.79)", None),
        ("In 413 adults, examplinib 5 mg twice daily reduced stroke (hazard ratio 0.79)", None),
        ("Major bleeding was higher in women.", None),
        ("Nausea did not occur in 12 percent of those on placebo.", None),
        ("A different drug altogether improves survival in sepsis", None),
    ],
)
def test_what_counts_as_supported(said: str, tier: str | None) -> None:
    assert support(said, TRIAL) == tier


def test_support_does_not_reach_across_sentences() -> None:
    far = (
        "Alpha lowers pressure in adults. "
        + "Nothing else is known about it at all. " * 3
        + "Beta raises pulse."
    )
    assert support("Alpha lowers pressure in adults and raises pulse", far) is None


def test_the_longest_common_subsequence() -> None:
    assert common(["a", "b", "c", "d"], ["a", "x", "c", "d"]) == 3
    assert common([], ["a"]) == 0


@pytest.mark.parametrize("seed", range(3))
def test_numbers_stand_nowhere_in_the_passage(seed: int) -> None:
    said = "In 412 adults, examplinib reduced nausea in 12 percent, and three of 20 stopped."
    there = quantities.values(TRIAL)
    made = list(quantities.number(said, TRIAL))
    assert made
    for text in made:
        assert text != said
        changed = [w for w, v in zip(tokens(text), tokens(said), strict=True) if w != v]
        assert len(changed) == 1
        assert Decimal(changed[0]) not in there


@pytest.mark.parametrize("name", ["CYP2C9", "IL-6", "COVID-19", "p53", "[12]", "5-HT", "1.2-3.4", "10^9"])
def test_a_number_in_a_name_an_interval_or_a_reference_is_no_number(name: str) -> None:
    assert not list(quantities.number(f"The effect of {name} is known", ""))


def test_a_percentage_stays_one() -> None:
    assert all(
        float(re.findall(r"\d+", t)[0]) <= 100 for t in quantities.number("It is 80% of all cases", "")
    )


def test_ten_times_a_dose_unless_the_passage_has_that_amount_in_any_unit() -> None:
    assert set(quantities.tenfold("give 5 mg daily", "5 mg")) == {"give 50 mg daily", "give 0.5 mg daily"}
    assert list(quantities.tenfold("give 5 mg daily", "5 mg or 0.05 g")) == ["give 0.5 mg daily"]
    assert list(quantities.tenfold("give 5 mg daily", "0.5mg and 50 mg")) == []
    assert not list(quantities.tenfold("in 5 people", ""))


def test_the_unit_of_a_dose() -> None:
    assert list(quantities.mass_unit("give 5 mg/kg", "5 mg/kg")) == ["give 5 mcg/kg"]
    assert list(quantities.mass_unit("give 100 micrograms", "")) == ["give 100 mg"]
    assert not list(quantities.mass_unit("give 5 mg", "5 mg, then 5 mcg"))
    assert not list(quantities.mass_unit("give 5 mL", ""))


@pytest.mark.parametrize("text", ["95% CI 0.66-0.95", "2 to 6 hours", "between 5 and 8", "20–25 percent"])
def test_one_end_of_an_interval_moves_and_the_order_stays(text: str) -> None:
    made = list(quantities.interval_bound(text, text))
    assert made
    for new in made:
        low, high = map(float, re.findall(r"\d+(?:\.\d+)?", new)[-2:])
        assert low < high
        assert new != text


@pytest.mark.parametrize("text", ["5 and 8 patients", "10 to 5 mg", "IL-2 to IL-4", "in 2010 or 2015"])
def test_what_is_no_interval(text: str) -> None:
    assert not list(quantities.interval_bound(text, ""))


def test_direction_turns_and_knows_whether_the_passage_has_the_word() -> None:
    assert list(wording.direction("Examplinib reduced stroke", TRIAL)) == [
        ("Examplinib increased stroke", "clean")
    ]
    near = TRIAL + " Pulse increased."
    assert list(wording.direction("Examplinib reduced stroke", near)) == [
        ("Examplinib increased stroke", "near")
    ]
    assert next(wording.direction("Higher doses are used", ""))[0] == "Lower doses are used"
    assert not list(wording.direction("It is increased or decreased", ""))
    assert not list(wording.direction("high-density lipoprotein", ""))


def test_every_direction_has_another_opposite() -> None:
    assert all(word != other for word, other in DIRECTIONS.items())
    assert "cause" not in DIRECTIONS


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ("Bleeding was higher", "Bleeding was not higher"),
        ("It can be given early", "It cannot be given early"),
        ("It has been shown to work", "It has not been shown to work"),
        ("Bleeding was not higher", "Bleeding was higher"),
        ("There is no evidence of harm", "There is evidence of harm"),
        ("It did not change", "It did change"),
        ("It is given without food", "It is given with food"),
        ("Not only stroke was reduced but death", None),
        ("A drug that is old works", None),
        ("Whether it is safe is unknown", None),
        ("It works with or without food", None),
        ("No, it is not", None),
    ],
)
def test_negation(said: str, made: str | None) -> None:
    assert [text for text, _ in wording.negation(said, "")][:1] == ([made] if made else [])


def test_a_drug_for_another_of_its_class_that_nobody_names() -> None:
    made = [t for t, _ in wording.drug("Apixaban, an apixaban tablet", "apixaban or rivaroxaban")]
    assert made == ["Edoxaban, an edoxaban tablet", "Dabigatran, a dabigatran tablet"]
    assert not list(wording.drug("Examplinib works", ""))


def test_no_drug_is_in_two_classes() -> None:
    drugs = [drug for group in DRUG_CLASSES for drug in group]
    assert len(drugs) == len(set(drugs))
    assert all(len(group) > 1 for group in DRUG_CLASSES)


def test_population_unless_the_passage_speaks_of_the_new_one() -> None:
    assert ("It works in children", "clean") in wording.population("It works in adults", "in adults")
    assert not list(wording.population("It works in adults", "in adults and paediatric patients"))
    assert [t for t, _ in wording.population("Women bled, women died", "")] == ["Men bled, men died"]


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ("take 5 mg", "take 5mg"),
        ("take 500 mg", "take 0.5 g"),
        ("take 0.5 mg", "take 500 mcg"),
        ("CI 0.66-0.95", "CI 0.66 to 0.95"),
        ("2 to 6 hours", "2-6 hours"),
        ("in 12 percent", "in 12%"),
        ("5 mg twice daily", "5 mg two times a day"),
        ("in 1200 patients", "in 1,200 patients"),
    ],
)
def test_the_same_said_otherwise(said: str, same: str) -> None:
    assert same in [text for text, _ in rewritten(said)]


def test_a_range_after_from_keeps_its_to() -> None:
    assert not list(rewritten("it fell from 10 to 20 somehow"))
    assert not [text for text, how in rewritten("take 400 to 600 mg") if how == "unit"]


@pytest.fixture(scope="module")
def claims() -> list[Claim]:
    evidence = {
        "q1": [Passage("A trial", TRIAL), Passage("", "Sodium falls in older people on examplinib 20 mg.")]
    }
    ideals = {
        "q1": ["Major bleeding was not higher in women. It is unrelated to anything that was said here."]
    }
    return [*from_answers(ideals, evidence), *from_snippets(evidence), *from_notes(notes()[:40])]


def test_claims_of_each_source(claims: list[Claim]) -> None:
    answers = [c for c in claims if c.source == "answer"]
    assert [(c.text, c.tier, c.cited) for c in answers] == [
        ("Major bleeding was not higher in women.", "verbatim", 1)
    ]
    assert [c.cited for c in claims if c.source == "snippet"] == [1, 1, 1, 2]
    sample = [c for c in claims if c.source == "sample"]
    assert len(sample) > 200
    assert all(support(c.text, c.passage.text) == "verbatim" for c in claims)


@pytest.fixture(scope="module")
def cases(claims: list[Claim]):
    return make(claims, each=8)


def test_ten_kinds_and_as_many_untouched(cases) -> None:
    counted = {kind: sum(c.kind == kind for c in cases) for kind in (*KINDS, UNTOUCHED)}
    assert len(KINDS) == 10
    assert counted == {**dict.fromkeys(KINDS, 8), UNTOUCHED: 80}


def test_the_same_seed_makes_the_same_cases(claims: list[Claim], cases) -> None:
    assert make(claims, each=8) == cases
    assert make(claims, each=8, seed=1) != cases


def test_a_corruption_differs_and_an_untouched_one_cites_its_passage(cases) -> None:
    for case in cases:
        cited = case.citations[0]
        if case.kind == UNTOUCHED and not case.variant.startswith("rewritten"):
            assert case.text == case.original
            assert support(case.text, case.passages[cited - 1].text)
        elif case.kind == "citation number":
            assert case.text == case.original
            beyond = cited > len(case.passages)
            assert beyond == (case.variant == "no such passage")
            assert beyond or covered(case.text, case.passages[cited - 1]) < 0.3
        else:
            assert case.text != case.original
        if case.kind not in (UNTOUCHED, "citation number", "invented sentence"):
            assert support(case.text, case.passages[cited - 1].text) is None, case


def test_invented_sentences_are_not_in_the_passage(cases) -> None:
    invented = [c for c in cases if c.kind == "invented sentence"]
    assert {c.variant for c in invented} == {"made up", "of another question"}
    assert all(covered(c.text, c.passages[c.citations[0] - 1]) < 0.5 for c in invented)


def test_random_is_not_shared(claims: list[Claim]) -> None:
    random.seed(5)
    first = make(claims, each=3)
    random.seed(6)
    assert make(claims, each=3) == first
