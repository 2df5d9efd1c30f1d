import numpy as np

from assistant.generate.candidates import Candidate
from assistant.generate.question import Kind
from assistant.generate.select import LIMIT, Asked, cite, lexical, select
from assistant.index.bm25 import tokenise

INF = float("inf")


def candidate(n: int, text: str, **known: object) -> Candidate:
    return Candidate(n, text, tuple(tokenise(text)), **known)  # type: ignore[arg-type]


def asked(question: str, kind: Kind = "factoid") -> Asked:
    return Asked(question, kind, tuple(tokenise(question)))


def picked(
    pool: list[Candidate], scores: list[float], kind: Kind = "factoid", question: str = "q"
) -> list[int]:
    return select(asked(question, kind), pool, scores, np.eye(len(pool), dtype=np.float32))


DIFFERENT = [
    candidate(1, "Aspirin thins blood."),
    candidate(2, "Aspirin thins."),
    candidate(3, "Ibuprofen soothes joints."),
    candidate(4, "Codeine stops cough."),
    candidate(5, "Insulin feeds muscle."),
]


def test_the_best_leads_and_what_follows_is_near_it_and_new() -> None:
    assert picked(DIFFERENT, [1.0, 0.99, 0.9, 0.8, 0.5]) == [0, 2, 3]


def test_a_good_passage_does_not_carry_a_sentence_that_bears_on_nothing() -> None:
    pool = [candidate(1, "Aspirin thins blood."), candidate(1, "Codeine stops cough."), DIFFERENT[2]]
    # without its passage's place (0.4 and 0.13) the first has 0.6, the second 0.41 and the third 0.68
    assert picked(pool, [1.0, 0.81, 0.81]) == [0, 2]


def test_no_more_than_the_kind_of_question_wants() -> None:
    for kind, limit in LIMIT.items():
        assert len(picked([DIFFERENT[i] for i in (0, 2, 3, 4)], [1.0, 0.99, 0.98, 0.97], kind)) == limit


def test_what_is_ruled_out_is_not_chosen() -> None:
    assert picked(DIFFERENT[:1] + DIFFERENT[2:4], [1.0, -INF, -INF]) == [0]
    assert picked([], []) == []


def test_likeness_in_meaning_costs() -> None:
    vectors = np.asarray([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    pool = [DIFFERENT[0], DIFFERENT[2], DIFFERENT[3]]
    assert select(asked("q", "quantity"), pool, [1.0, 0.95, 0.9], vectors) == [0, 2]


def test_a_sentence_that_points_back_brings_its_predecessor() -> None:
    pool = [
        candidate(1, "In children under two years codeine was studied."),
        candidate(1, "In these patients breathing slowed.", before=0, leans=True),
    ]
    assert picked(pool, [0.1, 1.0]) == [0, 1]


def test_a_sentence_that_hangs_in_the_air_is_not_told() -> None:
    pool = [
        candidate(1, "It was lower.", leans=True),
        candidate(1, "This was expected.", before=0, leans=True),
        candidate(2, "Codeine slows breathing."),
    ]
    assert picked(pool, [1.0, 0.9, 0.3]) == [2]


def test_sentences_that_follow_each_other_are_told_so() -> None:
    pool = [
        candidate(1, "Aspirin thins blood."),
        candidate(1, "Codeine stops cough.", before=0),
        DIFFERENT[2],
    ]
    assert picked(pool, [1.0, 0.9, 0.95]) == [0, 1, 2]


def test_a_source_that_contradicts_is_shown() -> None:
    question = "Does aspirin prevent stroke?"
    pool = [
        candidate(1, "Aspirin prevents stroke."),
        candidate(2, "In men of middle age, coated aspirin tablets dissolve late."),
        candidate(3, "In this large trial of old women aspirin did not prevent stroke."),
    ]
    assert picked(pool, [1.0, 0.95, 0.85], "yes/no", question) == [0, 2]


def test_another_number_is_another_fact() -> None:
    pool = [
        candidate(1, "Give 5 mg of warfarin daily."),
        candidate(2, "Give 5 mg of warfarin daily!"),
        candidate(3, "Give 50 mg of warfarin daily."),
    ]
    assert cite(0, pool) == (1, 2)
    assert picked(pool, [1.0, 0.9, 0.9]) == [0, 2]


def test_lexical_prefers_more_of_the_question_a_better_passage_and_a_report() -> None:
    question = asked("codeine in children", "factoid")
    pool = [
        candidate(1, "Codeine slows breathing in children."),
        candidate(1, "Codeine slows breathing."),
        candidate(2, "Codeine slows breathing."),
        candidate(2, "We investigated whether codeine slows breathing."),
        candidate(2, "We found that codeine slows breathing."),
    ]
    both, one, lower, planned, found = lexical(question, pool)
    assert both > one > lower > planned
    assert found > lower
