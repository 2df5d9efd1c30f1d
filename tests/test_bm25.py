import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from assistant.index.bm25 import SparseVector, document_weights, query_weights, term_id, tokenise
from assistant.index.stem import american, stem


def meet(a: str, b: str) -> bool:
    """All the terms of the shorter form are found in the longer one, or the other way round."""
    return set(tokenise(a)) <= set(tokenise(b)) or set(tokenise(b)) <= set(tokenise(a))


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("IL-6", ["il", "6", "il6"]),
        ("CYP2C9*2", ["cyp", "2", "c", "9", "cyp2c9", "2", "cyp2c92"]),
        ("HbA1c", ["hba", "1", "c", "hba1c"]),
        ("5-HT3", ["5", "ht", "3", "ht3", "5ht3"]),
        ("TNF-α", ["tnf", "alpha", "tnfalpha"]),
        ("CD4+", ["cd", "4", "cd4", "cd4+"]),
        ("Na+ and K+", ["na", "na+", "k", "k+"]),
        ("25(OH)D", ["25", "oh", "d", "25ohd"]),
        ("1.5 mg, .03 and 1,000 units", ["1.5", "mg", "0.03", "1000", "unit"]),
        ("1.2-3.4", ["1.2", "3.4"]),
        ("2010-2012", ["2010", "2012"]),
        ("Crohn's disease", ["crohn", "diseas"]),
        ("KYMRIAH™ for children", ["kymriah", "children"]),
        ("the of and", []),
        ("", []),
    ],
)
def test_terms(text, terms):
    assert tokenise(text) == terms


@pytest.mark.parametrize(
    "forms",
    [
        ["IL-6", "IL6", "IL 6", "il‑6", "il–6"],
        ["beta-blockers", "beta blocker", "betablocker", "β-blocker", "Β blocker"],
        ["TNF-α", "TNFα", "TNFalpha", "TNF alpha", "tnf-alpha"],
        ["NF-κB", "NFkappaB", "NF-kappaB", "nf kappa b"],
        ["SARS-CoV-2", "SARS CoV 2", "sars-cov-2"],
        ["SARS-CoV2", "SARS-CoV-2"],
        ["HLA-B*57:01", "hla-b*57:01", "HLA‐B*57:01"],
        ["CYP2C9*2", "CYP2C9"],
        ["HbA1c", "HBA1C", "HbA1C"],
        ["5-HT3", "5HT3", "5-HT-3"],
        ["CD4+", "CD4(+)", "CD4", "CD4⁺"],
        ["p53", "P53", "p-53"],
        ["Sjögren's syndrome", "Sjogren syndrome", "Sjögren’s syndromes"],
        ["oedema", "edema"],
        ["haemorrhagic anaemia", "hemorrhagic anemia"],
        ["paediatric tumours", "pediatric tumor"],
        ["randomised", "randomized", "randomisation"],
        ["500 µg", "500 μg", "500 mcg"],
        ["5mg", "5 mg"],
        ["O₂", "O2"],
    ],
)
def test_forms_of_one_name_meet(forms):
    for form in forms[1:]:
        assert meet(forms[0], form), (tokenise(forms[0]), tokenise(form))


def test_the_exact_name_ranks_before_a_text_that_only_has_its_parts():
    assert set(tokenise("IL-6")) & set(tokenise("IL6 rose")) == {"il", "6", "il6"}
    assert "il6" not in tokenise("IL-2 rose on day 6")


name = st.text("abcdefgxyz", min_size=2, max_size=6).filter(lambda word: tokenise(word))
GREEK = [("α", "alpha"), ("β", "beta"), ("γ", "gamma"), ("κ", "kappa"), ("Δ", "delta")]


@given(name, name, st.sampled_from("-‐‑–−"))
@settings(deadline=None)
def test_hyphen_variants_meet(a, b, hyphen):
    assert meet(f"{a}{hyphen}{b}", f"{a} {b}")
    assert tokenise(f"{a}{hyphen}{b}") == tokenise(f"{a.upper()}-{b}")
    assert set(tokenise(a + b)) & set(tokenise(f"{a}{hyphen}{b}")) or not tokenise(a + b)


@given(name, st.sampled_from(GREEK))
@settings(deadline=None)
def test_greek_letters_and_their_names_meet(word, greek):
    letter, spelled = greek
    assert tokenise(f"{word}-{letter}") == tokenise(f"{word}-{spelled}") == tokenise(f"{word}{letter}")
    assert meet(f"{letter} {word}", f"{spelled} {word}")


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_terms_are_never_empty_and_case_does_not_count(text):
    terms = tokenise(text)
    assert all(term and not any(c.isspace() for c in term) for term in terms)
    if text.isascii():
        assert tokenise(text.upper()) == terms


@pytest.mark.parametrize(
    ("word", "stemmed"),
    [  # worked out by hand with the rules of Porter's paper
        ("caresses", "caress"), ("ponies", "poni"), ("cats", "cat"), ("feed", "feed"), ("agreed", "agre"),
        ("plastered", "plaster"), ("motoring", "motor"), ("sing", "sing"), ("conflated", "conflat"),
        ("hopping", "hop"), ("falling", "fall"), ("filing", "file"), ("happy", "happi"), ("sky", "sky"),
        ("relational", "relat"), ("vietnamization", "vietnam"), ("hopefulness", "hope"),
        ("formality", "formal"),
        ("electrical", "electr"), ("replacement", "replac"), ("adoption", "adopt"), ("probate", "probat"),
        ("rate", "rate"), ("controlling", "control"), ("roll", "roll"), ("cardiology", "cardiolog"),
        ("dosing", "dose"), ("doses", "dose"), ("is", "is"), ("il6", "il6"), ("größe", "größe"),
    ],
)  # fmt: skip
def test_stem(word, stemmed):
    assert stem(word) == stemmed


@pytest.mark.parametrize(
    ("british", "us"),
    [("oestrogen", "estrogen"), ("leukaemia", "leukemia"), ("behavioural", "behavioral"), ("fibre", "fiber"),
     ("litres", "liters"), ("sulphate", "sulfate"), ("analysed", "analyzed"),
     ("hospitalisation", "hospitalization"),
     ("four", "four"), ("disease", "disease"), ("basis", "basis")],
)  # fmt: skip
def test_american(british, us):
    assert american(british) == us


def test_weights_by_hand():
    # tf 2 and 1, length 3, average 6, k1 1.2, b .5: norm = 1.2 (.5 + .5 * 3 / 6) = .9
    weights = document_weights(["a", "b", "a"], 6.0, k1=1.2, b=0.5)
    found = dict(zip(weights.indices, weights.values, strict=True))
    assert found == pytest.approx({term_id("a"): 2 * 2.2 / 2.9, term_id("b"): 2.2 / 1.9})
    asked = query_weights(["a", "c", "a"])
    assert dict(zip(asked.indices, asked.values, strict=True)) == {term_id("a"): 2.0, term_id("c"): 1.0}


def test_an_empty_text_has_no_weights():
    assert document_weights([], 10.0) == query_weights([]) == SparseVector((), ())


def test_term_ids_are_stable_and_in_range():
    assert term_id("warfarin") == term_id("warfarin") == 0x8C79B995  # b2sum -l 32
    weights = document_weights(tokenise("one two three four five six seven"), 5.0)
    assert list(weights.indices) == sorted(set(weights.indices))
    assert all(0 <= i < 2**32 for i in weights.indices)


def scores(corpus: list[list[str]], question: list[str], k1: float, b: float) -> list[float]:
    """What a store with the IDF modifier answers."""
    average = sum(map(len, corpus)) / len(corpus)
    vectors = [document_weights(tokens, average, k1, b) for tokens in corpus]
    documents = [dict(zip(v.indices, v.values, strict=True)) for v in vectors]
    asked = query_weights(question)
    total = []
    for document in documents:
        score = 0.0
        for term, weight in zip(asked.indices, asked.values, strict=True):
            n = sum(term in other for other in documents)
            score += weight * document.get(term, 0.0) * math.log(1 + (len(corpus) - n + 0.5) / (n + 0.5))
        total.append(score)
    return total


def test_scores_agree_with_rank_bm25_where_its_idf_is_comparable():
    """One term a question: any positive idf gives the same order, so tf and length must agree exactly."""
    chance = random.Random(7)
    vocabulary = [f"term{i}" for i in range(40)]
    corpus = [chance.choices(vocabulary, k=chance.randint(3, 25)) for _ in range(60)]
    oracle = BM25Okapi(corpus, k1=1.2, b=0.5)
    for term in vocabulary:
        n = sum(term in tokens for tokens in corpus)
        assert 0 < n < len(corpus) / 2  # rank-bm25 floors the idf of more frequent terms
        ours, theirs = scores(corpus, [term], 1.2, 0.5), oracle.get_scores([term])
        ratio = math.log(1 + (60 - n + 0.5) / (n + 0.5)) / math.log((60 - n + 0.5) / (n + 0.5))
        assert ours == pytest.approx(list(theirs * ratio))


def test_ranks_agree_with_rank_bm25_when_it_is_given_the_same_idf():
    chance = random.Random(11)
    vocabulary = [f"term{i}" for i in range(60)]
    corpus = [chance.choices(vocabulary, k=chance.randint(5, 30)) for _ in range(80)]
    oracle = BM25Okapi(corpus, k1=0.9, b=0.4)
    for term in oracle.idf:
        n = sum(term in tokens for tokens in corpus)
        oracle.idf[term] = math.log(1 + (80 - n + 0.5) / (n + 0.5))
    for _ in range(10):
        question = chance.choices(vocabulary, k=5)
        assert scores(corpus, question, 0.9, 0.4) == pytest.approx(list(oracle.get_scores(question)))
