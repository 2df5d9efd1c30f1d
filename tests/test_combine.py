"""Cascade, Cached and what is loaded from a spec; Fallback and the contract stand in test_rerankers."""

import math
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

import rerankers
from assistant.config import Settings
from assistant.errors import ConfigError, ModelMissing, ServiceError
from assistant.types import Egress, Usage
from rerankers.base import KeepOrder, Reranker, Scored, WordOverlap
from rerankers.cached import Cached, Store
from rerankers.combine import Cascade, Fallback, above_the_rest, together
from tests.test_rerankers import Broken, hits

finite = st.floats(allow_nan=False, allow_infinity=False)


class Table(Reranker):
    """Scores by the passage's text; records what it was asked."""

    def __init__(self, name: str = "table", revision: str = "", **scores: float) -> None:
        self.name, self._revision, self.scores = name, revision, scores
        self.asked: list[list[str]] = []

    @property
    def revision(self) -> str:
        return self._revision

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        texts = [passage.split("\n")[-1] for passage in passages]
        self.asked.append(texts)
        return [self.scores[text] for text in texts]


FAST = {"a": 1.0, "b": 4.0, "c": 3.0, "d": 2.0, "e": 9.0}
PRECISE = {"a": 0.1, "b": 0.2, "c": 0.7, "d": 0.9, "e": 5.0}


# Cascade


def test_cascade_by_hand() -> None:
    """Fast reads a to d: b c d a. Precise reads b and c: c b. Then fast's d a, and e, which no one read."""
    fast, precise = Table("fast", **FAST), Table("precise", **PRECISE)
    ranking = Cascade(fast, 4, 2, precise).rerank("q", hits(*"abcde"))
    assert [h.chunk.text for h in ranking.hits] == ["c", "b", "d", "a", "e"]
    assert [h.scores.rerank for h in ranking.hits] == [0.7, 0.2, -0.8, -1.8, -2.8]
    assert (fast.asked, precise.asked) == ([["a", "b", "c", "d"]], [["b", "c"]])
    assert ranking.ranked_by == "cascade(fast@4>2,precise)"


def test_cascade_over_fewer_hits_than_it_would_read() -> None:
    cascade = Cascade(Table(**FAST), 100, 20, Table(**PRECISE))
    assert [h.chunk.text for h in cascade.rerank("q", hits("a", "b", "c")).hits] == ["c", "b", "a"]
    assert cascade.score("q", ["a"]) == [0.1]


def test_cascade_keeps_fast_order_where_precise_has_none() -> None:
    ranking = Cascade(Table(**FAST), 5, 3, KeepOrder()).rerank("q", hits(*"abcde"))
    assert [h.chunk.text for h in ranking.hits] == ["e", "b", "c", "d", "a"]


def test_cascade_says_who_really_ranked_and_all_that_happened() -> None:
    sent = ServiceError("busy", sent="the question and 2 passages")
    fast = Fallback(Broken(ModelMissing("fast is not installed")), WordOverlap())
    precise = Fallback(Broken(sent, name="hosted"), WordOverlap())
    cascade = Cascade(fast, 4, 2, precise)
    assert cascade.name == "cascade(fallback(broken,overlap)@4>2,fallback(hosted,overlap))"
    ranking = cascade.rerank("q", hits("a", "b"))
    assert ranking.ranked_by == "cascade(overlap@4>2,overlap)"
    assert ranking.degraded == ("fast is not installed", "a hosted reranker did not answer")
    assert ranking.egress == (Egress(service="hosted", what="the question and 2 passages"),)


def test_cascade_gives_strings_and_hits_the_same_scores() -> None:
    cascade = Cascade(Table(**FAST), 4, 2, Table(**PRECISE))
    assert cascade.score("q", list("abcde")) == list(cascade.judge("q", hits(*"abcde")).scores)


@hypothesis(max_examples=60, deadline=None)
@given(
    fast=st.lists(finite, min_size=1, max_size=12),
    precise=st.lists(st.floats(-1e30, 1e30), min_size=12, max_size=12),
    first=st.integers(1, 14),
    best=st.integers(1, 14),
)
def test_cascade_is_the_order_it_promises(
    fast: list[float], precise: list[float], first: int, best: int
) -> None:
    names = [f"t{i}" for i in range(len(fast))]
    one = Table(**dict(zip(names, fast, strict=True)))
    two = Table(**dict(zip(names, precise, strict=False)))
    ranking = Cascade(one, first, best, two).rerank("q", hits(*names))
    found = [int(h.chunk.text[1:]) for h in ranking.hits]
    read = sorted(range(len(fast))[:first], key=lambda i: -fast[i])
    head, tail = read[:best], [*read[best:], *range(first, len(fast))]
    assert set(found[: len(head)]) == set(head)
    assert [precise[i] for i in found[: len(head)]] == sorted((precise[i] for i in head), reverse=True)
    assert found[len(head) :] == tail
    scores = [h.scores.rerank or 0.0 for h in ranking.hits]
    assert all(a > b for a, b in zip(scores[len(head) - 1 :], scores[len(head) :], strict=False))


def test_steps_below_a_very_large_number_are_still_steps() -> None:
    found = above_the_rest([1], [-1e300], [1, 0, 2])
    assert found[1] > found[0] > found[2]
    assert above_the_rest([], [], [1, 0]) == (-2.0, -1.0)


def test_usage_adds_up() -> None:
    one = Usage(calls=1, input_tokens=10, output_tokens=2, money=0.5, currency="USD", prices_dated="x")
    two = Usage(calls=2, searches=3, money=0.25, currency="USD", prices_dated="x")
    assert together(one, None) is one
    assert together(None, two) is two
    assert together(one, two) == Usage(
        calls=3, input_tokens=10, output_tokens=2, searches=3, money=0.75, currency="USD", prices_dated="x"
    )
    free = together(one, Usage(calls=1))
    assert free is not None
    assert (free.calls, free.money) == (2, None)


# Cached


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "scores.sqlite"


def test_a_hit_is_bit_equal_and_asks_no_one(path: Path) -> None:
    odd = {"a": 0.1 + 0.2, "b": -0.0, "c": 5e-324, "d": 1 / 3, "e": -1e308}
    first = Cached(Table(**odd), path, 100).score("q", list("abcde"))
    part = Table(**odd)
    again = Cached(part, path, 100).score("q", list("edcba"))[::-1]
    assert [x.hex() for x in again] == [x.hex() for x in first] == [x.hex() for x in odd.values()]
    assert part.asked == []


def test_only_what_is_new_is_computed_and_once(path: Path) -> None:
    part = Table(**FAST)
    cached = Cached(part, path, 100)
    cached.score("q", ["a", "b", "a"])
    assert cached.score("q", ["a", "c", "b", "c"]) == [1.0, 3.0, 4.0, 3.0]
    assert sorted(map(sorted, part.asked)) == [["a", "b"], ["c"]]


def test_question_passage_name_and_revision_are_in_the_key(path: Path) -> None:
    base = Table("x", "1", a=1.0)
    Cached(base, path, 100).score("q", ["a"])
    others = [(Table("x", "2", a=2.0), "q"), (Table("y", "1", a=3.0), "q"), (Table("x", "1", a=4.0), "r")]
    assert [Cached(part, path, 100).score(query, ["a"]) for part, query in others] == [[2.0], [3.0], [4.0]]
    assert Cached(base, path, 100).score("q", ["a"]) == [1.0]
    assert len(base.asked) == 1


def test_the_least_recently_used_goes_first(path: Path) -> None:
    part = Table(**FAST)
    cached = Cached(part, path, 3)
    for text in ("a", "b", "c", "a", "d"):  # b is the one not used since
        cached.score("q", [text])
    part.asked.clear()
    cached.score("q", ["a", "c", "d"])
    assert part.asked == []
    cached.score("q", ["b"])
    assert part.asked == [["b"]]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM scores").fetchone() == (3,)


def test_no_text_is_stored(path: Path) -> None:
    Cached(Table(secret=1.0), path, 10).score("private question", ["secret"])
    stored = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"secret" not in stored
    assert b"private" not in stored


@pytest.mark.parametrize("spec", ["fusion(late)", "cascade(late@9>3,minilm)", "none", "auto"])
def test_what_depends_on_the_pool_is_refused(spec: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"scores depend on the whole pool.*fusion\(cached\(late\)\)"):
        rerankers.load(f"cached({spec})", Settings(models=tmp_path, cache=tmp_path))


class Poor(Table):
    """Degraded at its first call."""

    def judge(self, query: str, hits: Sequence[object]) -> Scored:
        reasons = () if self.asked else ("half the question was read",)
        self.asked.append([])
        return Scored(scores=(1.0,) * len(hits), ranked_by=self.name, degraded=reasons, notes=("slow",))


def test_degraded_scores_are_not_kept(path: Path) -> None:
    cached = Cached(Poor(), path, 10)
    rankings = [cached.rerank("q", hits("a")) for _ in range(3)]
    assert [r.degraded for r in rankings] == [("half the question was read",), (), ()]
    assert [r.notes for r in rankings] == [("slow",), ("slow",), ()]
    assert {r.ranked_by for r in rankings} == {"cached(table)"}


def test_a_damaged_file_costs_the_cache_not_the_ranking(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database, but long enough to be taken for the header of one" * 20)
    ranking = Cached(Table(**FAST), path, 10).rerank("q", hits("a", "b"))
    assert [h.chunk.text for h in ranking.hits] == ["b", "a"]
    assert "cannot be used" in ranking.notes[0]
    assert str(path) in ranking.notes[0]


def test_threads_and_processes_share_it(path: Path) -> None:
    numbers = {f"t{i}": float(i) for i in range(40)}
    code = (
        "import sys; from pathlib import Path; from rerankers.cached import Store\n"
        "store = Store(Path(sys.argv[1]), 1000)\n"
        "for i in range(40): store.write({bytes([i]) * 32: float(i)})"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)]) as other, ThreadPoolExecutor(4) as pool:
        cached = Cached(Table(**numbers), path, 1000)
        found = list(pool.map(lambda name: cached.score("q", [name]), numbers))
        assert other.wait(60) == 0
    assert found == [[value] for value in numbers.values()]
    written = Store(path, 1000).read([bytes([i]) * 32 for i in range(40)])
    assert sorted(written.values()) == sorted(numbers.values())


# From a spec


def test_a_spec_becomes_its_composition(tmp_path: Path) -> None:
    settings = Settings(models=tmp_path, cache=tmp_path)
    for spec in (
        "cascade(minilm@100>20,fallback(medcpt,pubmedbert))",
        "fusion(cached(minilm))",
        "cascade(cascade(minilm@50>20,medcpt)@20>5,auto)",
    ):
        assert rerankers.load(spec.replace(",", " , "), settings).name == spec
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_name_inside_a_composition_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'bert4ever': no such reranker.*medcpt.*cascade\(fast@100>20"):
        rerankers.load("cascade(minilm@100>20,bert4ever)", Settings(models=tmp_path))


@hypothesis(max_examples=60, deadline=None)
@given(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(["a" * 5000, "~nobody-here/x", "a\0b", "\ud800", "fusion(none,\0)"]),
    )
)
def test_any_text_is_a_reranker_or_a_config_error(text: str) -> None:
    try:
        assert isinstance(rerankers.load(text), Reranker)
    except ConfigError as error:
        assert str(error)  # noqa: PT017 - either outcome is right


def test_no_name_is_not_the_working_folder() -> None:
    for text in ("", " "):
        with pytest.raises(ConfigError, match="expected a name"):
            rerankers.load(text)


def test_a_folder_with_signs_in_its_name_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "my model, (old)@home"
    folder.mkdir()
    assert rerankers.load(str(folder)).name == folder.name
    assert rerankers.load(f'cached("{folder}")', Settings(cache=tmp_path)).name == f"cached({folder.name})"


def test_revisions_compose() -> None:
    one, two = Table(revision="r1", a=1.0), Table(revision="r2", a=1.0)
    assert Cascade(one, 2, 1, two).revision == "r1|r2"
    assert Fallback(one, two).revision == "r1|r2"
    assert math.isfinite(Cascade(one, 2, 1, two).score("q", ["a"])[0])


def test_a_fallback_with_a_missing_part_has_a_revision(tmp_path: Path) -> None:
    settings = Settings(models=tmp_path)
    assert rerankers.load("fallback(medcpt,none)", settings).revision == "not usable|"
