import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from eval.significance import compare, compare_all, holm, interval


def named(values):
    return {f"q{i}": v for i, v in enumerate(values)}


def test_identical_runs_do_not_differ():
    values = named([0.1, 0.5, 0.9])
    found = compare(values, values)
    assert (found.delta, found.ci95, found.p, found.p_corrected) == (0, (0, 0), 1, 1)
    assert (found.wins, found.ties, found.losses) == (0, 3, 0)
    assert not found.significant


def test_exact_p_by_hand():
    """Differences 1, 1, 1, 1: of the 16 sign patterns only all plus and all minus sum to 4: 2/16."""
    found = compare(named([0, 0, 0, 0, 0.3]), named([1, 1, 1, 1, 0.3]))
    assert found.p == 2 / 16
    assert found.delta == pytest.approx(0.8)
    assert (found.wins, found.ties, found.losses) == (4, 1, 0)


def test_exact_p_with_a_loss_by_hand():
    """Differences 3, 1, -1 sum to 3; the patterns reaching |3| are +++ 5, ++- 3, +-+ 3 and mirrors: 6/8."""
    assert compare(named([0, 0, 1]), named([3, 1, 0])).p == 6 / 8


def test_one_query_and_constant_differences():
    found = compare(named([0.2]), named([0.7]))
    assert found.p == 1
    assert found.ci95 == pytest.approx((0.5, 0.5))


def test_agrees_with_scipy():
    chance = np.random.default_rng(3)
    a = chance.random(60)
    b = a + chance.normal(0.03, 0.12, 60)
    found = compare(named(a), named(b))
    oracle = stats.permutation_test(
        (b - a,),
        lambda x, axis: x.mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=9999,
        rng=1,
    )
    assert found.p == pytest.approx(oracle.pvalue, abs=0.015)
    bounds = stats.bootstrap((b - a,), np.mean, method="percentile", rng=1).confidence_interval
    assert found.ci95 == pytest.approx((bounds.low, bounds.high), abs=0.003)


def test_the_same_input_gives_the_same_output():
    a, b = named([i / 40 for i in range(40)]), named([(i * 7 % 40) / 40 for i in range(40)])
    assert compare(a, b) == compare(a, b)


def test_swapping_the_runs_mirrors_everything():
    chance = random.Random(5)
    a = named([chance.random() for _ in range(30)])
    b = named([chance.random() for _ in range(30)])
    there, back = compare(a, b), compare(b, a)
    assert there.delta == -back.delta
    assert there.p == back.p
    assert (there.wins, there.losses) == (back.losses, back.wins)


def test_false_alarms_stay_near_five_percent():
    """Under the null hypothesis p < .05 in about 5 % of cases: 200 draws, 10 expected."""
    chance = np.random.default_rng(9)
    alarms = sum(
        compare(named(chance.random(30)), named(chance.random(30)), resamples=400).p < 0.05
        for _ in range(200)
    )
    assert 2 <= alarms <= 22


def test_every_pair_once_and_corrected():
    chance = random.Random(1)
    base = [chance.random() * 0.5 for _ in range(50)]
    runs = {
        "low": named(base),
        "same": named(base),
        "high": named([v + 0.2 + chance.random() / 10 for v in base]),
    }
    found = {(c.a, c.b): c for c in compare_all(runs, metric="ndcg@10")}
    assert list(found) == [("low", "same"), ("low", "high"), ("same", "high")]
    assert found["low", "high"].significant
    assert found["low", "high"].p_corrected == pytest.approx(3 * found["low", "high"].p)
    assert not found["low", "same"].significant
    assert all(c.metric == "ndcg@10" for c in found.values())
    assert compare_all({"alone": named(base)}) == []


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_monotone_and_never_below_p(ps):
    adjusted = holm(ps)
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    assert all(p <= q <= 1 for p, q in zip(ps, adjusted, strict=True))
    assert all(adjusted[i] <= adjusted[j] for i, j in pairwise(order))


def test_other_queries_are_refused():
    with pytest.raises(ValueError, match="same queries"):
        compare({"a": 1.0}, {"b": 1.0})
    with pytest.raises(ValueError, match="at least one"):
        compare({}, {})


def test_interval_of_a_mean():
    assert interval([0.5] * 10) == pytest.approx((0.5, 0.5))
    low, high = interval([0.0, 1.0] * 50)
    assert low == pytest.approx(0.5 - 1.96 * 0.05, abs=0.015)
    assert high == pytest.approx(0.5 + 1.96 * 0.05, abs=0.015)
