"""Profiles and budgets, with a clock that the fake reranker turns."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.errors import InputError, ModelMissing
from assistant.types import Egress, Hit
from rerankers.base import Reranker, Scored
from rerankers.budget import Budget
from rerankers.cached import Cached
from rerankers.profile import Profile, Timing, fit, keep, measure, place, stored, tokens
from tests.test_rerankers import Broken, hits


class Costly(Reranker):
    """Takes 5 ms a call, 2 ms a passage, 0.1 ms a token of question and passage, on its own clock."""

    name = "costly"

    def __init__(self, service: str = "") -> None:
        self.now, self.calls, self.service = 0.0, 0, service

    def clock(self) -> float:
        return self.now

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        self.calls += 1
        read = sum(tokens(query) + tokens(passage) for passage in passages)
        self.now += (5 + 2 * len(passages) + 0.1 * read) / 1000
        return [float(len(passage)) for passage in passages]

    def judge(self, query: str, hits: Sequence[Hit]) -> Scored:
        scores = self.score(query, [hit.chunk.text for hit in hits])
        egress = (Egress(service=self.service, what="all"),) if self.service else ()
        return Scored(scores=tuple(scores), ranked_by=self.name, egress=egress)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache=tmp_path, models=tmp_path)


@pytest.mark.parametrize(("quick", "calls"), [(True, 4), (False, 27)])
def test_the_costs_are_found_again(quick: bool, calls: int) -> None:
    part = Costly()
    found = measure(part, quick=quick, clock=part.clock)
    assert (found.call_ms, found.passage_ms, found.token_ms) == pytest.approx((5, 2, 0.1))
    assert (found.p50, found.p95) == pytest.approx((1, 1))
    assert (len(found.timings), found.quick, found.services) == (calls, quick, ())
    assert part.calls == 1 + calls + (4 if quick else 9)  # warming up, and each pool once before
    assert found.first_time == pytest.approx(1)


def test_measuring_ends_in_time_with_at_least_four_timings() -> None:
    part = Costly()
    assert len(measure(part, clock=part.clock, limit_s=0).timings) == 6


def test_tokens_are_words_and_signs() -> None:
    assert tokens("INR of 2.5, then 3!") == 9
    assert tokens("") == 0


def profile(p95: float = 1.0, **changes: object) -> Profile:
    costs = {"call_ms": 10.0, "passage_ms": 1.0, "token_ms": 0.5, "p50": 1.0, "p95": p95, "first_time": 1.0}
    rest = {"reranker": "costly", "revision": "", "date": "2026-01-01T00:00:00+00:00", "quick": False}
    return Profile(**{**costs, **rest, "timings": (Timing(1, 10, 16.0),), **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("budget", "p50", "fitting"),
    [
        (18.3, 1.0, 0),
        (18.5, 1.0, 1),
        (25.2, 1.0, 1),
        (25.4, 1.0, 2),
        (1000, 1.0, 3),
        (25.4, 1.1, 1),
        (0, 1.0, 0),
    ],
)
def test_what_fits_by_hand(budget: float, p50: float, fitting: int) -> None:
    """Passages of 10 tokens: 16 ms, 22 ms, 28 ms; with the margin 18.4, 25.3, 32.2. The slowest call has
    no say."""
    assert profile(9.0, p50=p50).fits([10, 10, 10], budget) == fitting
    assert profile(9.0).fits([10, 10, 10], budget, p50) == fitting


def test_p95_is_how_much_longer_a_call_may_take() -> None:
    timings = [Timing(n, n * 10, n * 10.0 * (2.0 if n % 10 == 0 else 1.0)) for n in range(1, 41)]
    found = fit(timings, Costly())
    usual = found.expected(20, 200)
    assert usual * found.p50 == pytest.approx(200, rel=0.05)
    assert usual * found.p95 == pytest.approx(400, rel=0.05)


def test_a_profile_is_kept_for_its_reranker_and_revision(settings: Settings) -> None:
    part = Costly()
    found = measure(part, quick=True, clock=part.clock)
    assert stored(part, settings) is None
    path = keep(found, part, settings)
    assert stored(part, settings) == found
    assert path.parent == settings.cache / "profiles"

    class Newer(Costly):
        revision = "2"

    assert stored(Newer(), settings) is None
    path.write_text("{")
    assert stored(part, settings) is None


def test_text_and_json_of_a_profile() -> None:
    """50 passages of 220 tokens take 10 + 50 + 5500 ms."""
    text = profile(1.2).text()
    assert "costly on this machine, 2026-01-01, 1 timed calls" in text
    assert "p50 5560 ms, p95 6672 ms" in text
    assert "in 1000 ms: 7 passages" in text  # (10 + 7 * 111) * 1.15 = 905; one more is 1033
    assert profile().json()["timings"] == ({"passages": 1, "tokens": 10, "ms": 16.0},)


def test_a_budget_cuts_the_pool_and_says_so(settings: Settings) -> None:
    """Three tokens a pair, with the title: 5 + 2.3 n ms; with the margin 4 passages take 16.3 ms."""
    part = Costly()
    keep(measure(part, clock=part.clock), part, settings)
    before = part.calls
    budget = Budget(part, 17, settings, clock=part.clock)
    ranking = budget.rerank("q", hits("b", "ab", "abc", "abcd", "abcde"))
    texts = [h.chunk.text for h in ranking.hits]
    assert ranking.degraded == ("budget of 17 ms: 4 of 5 passages reranked",)
    assert texts == ["abcd", "abc", "ab", "b", "abcde"]
    assert [h.scores.rerank for h in ranking.hits] == [4.0, 3.0, 2.0, 1.0, 0.0]
    assert (ranking.ranked_by, ranking.notes, part.calls - before) == ("costly", (), 1)


@pytest.mark.parametrize(
    ("slower", "calls", "read", "took"), [(1, 2, 20, 54), (2, 1, 9, 49.6), (0.5, 2, 40, 49)]
)
def test_a_pointwise_reranker_is_held_to_the_clock(
    slower: float, calls: int, read: int, took: float, settings: Settings
) -> None:
    """9 passages are planned for half of 60 ms; they take 24.8. What is left then is for 11 more, in 29.2 ms,
    if the machine is as fast as it was; for none if it takes twice as long, for all if half as long."""

    class Busy(Costly):
        pace = 1.0

        def score(self, query: str, passages: Sequence[str]) -> list[float]:
            before, scores = self.now, super().score(query, passages)
            self.now = before + (self.now - before) * self.pace
            return scores

    part = Busy()
    keep(measure(part, clock=part.clock), part, settings)
    part.pace, before, begin = slower, part.calls, part.now
    ranking = Budget(part, 60, settings, clock=part.clock).rerank("q", hits(*["a" * n for n in range(1, 41)]))
    assert part.calls - before == calls
    assert (part.now - begin) * 1000 == pytest.approx(took)
    assert ranking.degraded == ((f"budget of 60 ms: {read} of 40 passages reranked",) if read < 40 else ())
    assert [len(h.chunk.text) for h in ranking.hits] == [*range(read, 0, -1), *range(read + 1, 41)]


def test_any_other_reranker_is_called_once(settings: Settings) -> None:
    class Listwise(Costly):
        pointwise = False

    part = Listwise()
    keep(measure(part, clock=part.clock), part, settings)
    before = part.calls
    ranking = Budget(part, 60, settings, clock=part.clock).rerank("q", hits(*["a"] * 40))
    assert part.calls - before == 1
    assert ranking.degraded == ("budget of 60 ms: 20 of 40 passages reranked",)  # 51 * 1.15 = 58.7


def test_a_budget_that_is_large_enough_changes_nothing(settings: Settings) -> None:
    part = Costly()
    keep(measure(part, clock=part.clock), part, settings)
    pool = hits("b", "ab", "abc")
    ours, plain = Budget(part, 1000, settings).rerank("q", pool), part.rerank("q", pool)
    assert ours.hits == plain.hits
    assert ours.degraded == ()


def test_a_budget_for_nothing_keeps_the_order(settings: Settings) -> None:
    part = Costly()
    keep(measure(part, clock=part.clock), part, settings)
    ranking = Budget(part, 1, settings).rerank("q", hits("a", "abc"))
    assert [h.chunk.text for h in ranking.hits] == ["a", "abc"]
    assert (ranking.ranked_by, ranking.degraded) == ("none", ("budget of 1 ms: 0 of 2 passages reranked",))


def test_without_a_profile_a_quick_one_is_measured_kept_and_said(settings: Settings) -> None:
    part = Costly(service="hosted")
    budget = Budget(part, 1000, settings, clock=part.clock)
    first, second = (budget.rerank("q", hits("a")) for _ in range(2))
    quick = "costly was timed quickly for the budget; better: assistant rerank profile"
    assert first.notes == second.notes == (quick,)
    assert [e.what for e in first.egress] == ["made-up passages, to time it", "all"]
    assert [e.what for e in second.egress] == ["all"]
    found = stored(part, settings)
    assert found is not None
    assert found.quick
    assert part.calls == 9 + 2


class Keeping(Costly):
    """Ten times as long for a passage it has not met."""

    def __init__(self) -> None:
        super().__init__()
        self.met: set[str] = set()

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        before, scores = self.now, super().score(query, passages)
        self.now += 9 * (self.now - before) * (not self.met.issuperset(passages))
        self.met.update(passages)
        return scores


def test_what_a_reranker_keeps_of_passages_counts_as_kept_and_is_said(settings: Settings) -> None:
    part = Keeping()
    found = measure(part, clock=part.clock)
    assert (found.call_ms, found.passage_ms, found.token_ms) == pytest.approx((5, 2, 0.1))
    assert found.first_time == pytest.approx(10)
    assert "met for the first time: 10.0 times as long" in found.text()
    keep(found, part, settings)
    assert Budget(part, 1000, settings).rerank("q", hits("a")).notes == (
        "the budget holds for passages met before; costly takes 10 times as long for new ones",
    )


def test_kept_scores_do_not_count(settings: Settings) -> None:
    """Each question of a profile is new, so a cache of scores does not make a reranker look free."""
    part = Costly()
    found = measure(Cached(part, settings.cache / "scores.sqlite", 100), clock=part.clock)
    assert found.passage_ms == pytest.approx(2, rel=0.2)


def test_a_profile_that_cannot_be_kept_is_said(settings: Settings) -> None:
    part = Costly()
    (settings.cache / "profiles").write_text("a file where the folder would be")
    ranking = Budget(part, 1000, settings, clock=part.clock).rerank("q", hits("a"))
    assert "cannot be written" in ranking.notes[1]
    with pytest.raises(InputError, match="cannot be written"):
        keep(profile(), part, settings)


def test_a_missing_model_is_the_same_error_as_ever(settings: Settings) -> None:
    with pytest.raises(ModelMissing):
        Budget(Broken(ModelMissing("gone")), 100, settings).rerank("q", hits("a"))


def test_another_number_of_threads_has_another_profile(tmp_path: Path) -> None:
    one, two = (place(Costly(), Settings(cache=tmp_path, threads=n)) for n in (1, 2))
    assert one != two
