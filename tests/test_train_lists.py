"""From judged folders to lists: sources, tasks, negatives; nothing of a dev set is learned from."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant import encoders
from assistant.config import Settings
from assistant.encoders.base import HashEncoder
from assistant.errors import InputError, UsageError
from eval.corpus import library
from eval.data import Dataset, load
from rerankers.base import Reranker, Scored, WordOverlap
from rerankers.training import mine
from rerankers.training.plan import KINDS, Plan, Source, source
from rerankers.training.prepare import prepare
from rerankers.training.store import Lines
from rerankers.training.tasks import (
    conclusions,
    normal,
    take,
    tasks,
    titles_are_questions,
    without,
)
from tests.build import hit
from tests.train_parts import folder


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(encoders, "load", lambda name, settings: HashEncoder())
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda app: str(tmp_path / "cache"))
    return Settings(index=tmp_path / "own")


@pytest.fixture
def toy(tmp_path: Path) -> Dataset:
    return load(folder(tmp_path / "toy"), "train")


def test_a_source_is_a_folder_a_split_and_a_weight() -> None:
    assert source("data/bioasq:9b") == Source(folder=Path("data/bioasq"), split="9b")
    assert source("a:b@c:train@0.3", "MIT") == Source(
        folder=Path("a:b@c"), split="train", weight=0.3, licence="MIT"
    )
    for text in ("bioasq", ":train", "x:", "x:y@0", "x:y@1.2.3", "x:y@."):
        with pytest.raises(UsageError, match="DIR:SPLIT"):
            source(text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"data": ()}, "nothing to learn from"),
        ({"loss": "pairwise"}, "--loss pairwise: give one of listwise, ranknet, margin"),
        ({"kinds": ("title",)}, "--kinds title"),
        ({"kinds": ()}, "--kinds: give at least one"),
        ({"passages": 1}, "--passages 1: give 2 to 256"),
        ({"learning_rate": 2.0}, "--learning-rate 2"),
        ({"limit": 0}, "--limit 0"),
        ({"learning_rate": float("nan")}, "--learning-rate nan"),
    ],
)
def test_a_plan_is_checked(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Plan(**{"data": (source("a:b"),), "base": "x", "out": Path("y"), **wrong})  # type: ignore[arg-type]


def test_tasks_of_every_kind(toy: Dataset) -> None:
    texts = {f"aspirin-{s}": f"Aspirin in {s} is given at 5 mg daily. More." for s in ("sepsis", "heart")}
    only = take(replace(toy, queries={"q-aspirin": toy.queries["q-aspirin"]}), None, 0)
    only = replace(only, qrels={"q-aspirin": toy.qrels["q-aspirin"]})
    said = conclusions(only)
    assert said == {"q-aspirin": "The dose of aspirin is 5 mg in most of them."}
    made = list(tasks(only, texts, said, KINDS, 0))
    assert [t.kind for t in made] == ["question", "conclusion", "statement", "statement"]
    assert made[0].relevant == ("aspirin-sepsis", "aspirin-heart")  # not the one of grade 0
    for statement in made[2:]:
        (other,) = statement.relevant
        own = next(d for d in texts if d != other)
        assert statement.query == texts[own].removesuffix(" More.")
        assert statement.judged == {"aspirin-sepsis", "aspirin-heart"}  # its own document is no negative
    assert len({t.id for t in made}) == 4
    assert [t.kind for t in tasks(only, texts, said, ("question",), 0)] == ["question"]
    assert made == list(tasks(only, texts, said, KINDS, 0))


def test_no_dev_question_is_learned_from(tmp_path: Path, toy: Dataset) -> None:
    kept = without(toy, ["what is the dose, of ASPIRIN", "unknown?"])
    assert "q-aspirin" not in kept.queries
    assert list(kept.queries) == list(kept.qrels) == [q for q in toy.queries if q != "q-aspirin"]
    made = tasks(kept, {}, conclusions(kept), KINDS, 0)
    assert not [t for t in made if "aspirin" in t.query]


def test_a_sample_keeps_the_order(toy: Dataset) -> None:
    few = take(toy, 2, 7)
    assert list(few.queries) == [q for q in toy.queries if q in few.queries]
    assert list(few.queries) == list(few.qrels)
    assert len(few.queries) == 2
    assert take(toy, 99, 7) is toy


def test_titles_that_are_the_questions(toy: Dataset) -> None:
    told = {f"{q[2:]}-heart": text.upper() for q, text in toy.queries.items()}
    assert titles_are_questions(toy, told)
    assert not titles_are_questions(toy, dict.fromkeys(told, "Another title"))
    half = dict(list(told.items())[: len(told) // 2])
    assert not titles_are_questions(toy, half)


def test_the_same_id_answers(tmp_path: Path) -> None:
    root = tmp_path / "faq"
    root.mkdir()
    (root / "corpus.jsonl").write_text('{"_id": "a", "title": "What is X?", "text": "X is a drug."}\n')
    (root / "queries.jsonl").write_text('{"_id": "a", "text": "What is X?"}\n{"_id": "b", "text": "Why?"}\n')
    assert load(root, "same-id").qrels == {"a": {"a": 1}}
    (root / "queries.jsonl").write_text('{"_id": "b", "text": "Why?"}\n')
    with pytest.raises(InputError, match="no query has the _id of a document"):
        load(root, "same-id")


def prepared(toy: Dataset, settings: Settings, path: Path, *teachers: Reranker, **more: object):  # type: ignore[no-untyped-def]
    item = Source(folder=Path("toy"), split=toy.split)
    plan = Plan(**{"data": (item,), "base": "x", "out": path, **more})  # type: ignore[arg-type]
    with library(toy, settings) as corpus:
        return prepare(
            item, toy, corpus, teachers, plan, path=path / "l.jsonl", left_out=0, progress=lambda *a: None
        )


def test_negatives_are_unjudged_and_positives_judged(
    toy: Dataset, settings: Settings, tmp_path: Path
) -> None:
    made = prepared(toy, settings, tmp_path / "run")
    by_kind = made.summary["lists"]
    assert by_kind["question"] == by_kind["conclusion"] == 4  # type: ignore[index]
    for mined in made.pool.lists:
        drug = mined.task.split()[0].removeprefix("q-")
        documents = [i.split("#")[0].removeprefix("toy:") for i in mined.negatives]
        assert not {f"{drug}-sepsis", f"{drug}-heart"}.intersection(documents)
        assert all(i.startswith(f"toy:{drug}-") for i in mined.positives)
        assert len(set(documents)) == len(documents)
        assert mined.teacher == ()
    first = made.pool.passages[made.pool.lists[0].positives[0]]
    assert first.startswith("On warfarin for sepsis\nThe dose of warfarin in sepsis")


def test_mined_lists_are_kept(toy: Dataset, settings: Settings, tmp_path: Path) -> None:
    once = prepared(toy, settings, tmp_path / "run")
    path = tmp_path / "run" / "l.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])  # killed while it wrote
    assert prepared(toy, settings, tmp_path / "run").pool == once.pool
    assert path.read_bytes() == whole
    path.write_bytes(re.sub(rb'"near":\d+', b'"near":99', whole))  # what is there is not mined again
    again = prepared(toy, settings, tmp_path / "run")
    assert {m.near for m in again.pool.lists} == {99}
    other = prepared(toy, settings, tmp_path / "run", seed=5)  # of something else: made anew
    assert not [m for m in other.pool.lists if m.near == 99]


def test_titles_that_give_the_answer_away_are_dropped(tmp_path: Path, settings: Settings) -> None:
    root = tmp_path / "faq"
    root.mkdir()
    names = ("gout", "asthma", "stroke")
    (root / "corpus.jsonl").write_text(
        "".join(f'{{"_id": "{n}", "title": "What is {n}?", "text": "It is {n} and more."}}\n' for n in names)
    )
    (root / "queries.jsonl").write_text("".join(f'{{"_id": "{n}", "text": "What is {n}?"}}\n' for n in names))
    made = prepared(load(root, "same-id"), settings, tmp_path / "run")
    assert made.pool.passages["faq:gout#0:0-20"] == "\nIt is gout and more."
    assert any("titles are the questions" in note for note in made.notes)


def test_nothing_relevant_is_an_error(tmp_path: Path, settings: Settings, toy: Dataset) -> None:
    with pytest.raises(InputError, match="toy:none: nothing to learn from, nothing is judged relevant"):
        prepared(load(tmp_path / "toy", "none"), settings, tmp_path / "run")


def test_repetitions_are_no_negatives() -> None:
    relevant = [hit("Heparin is given.", document="file:r")]
    hits = [
        hit("Heparin, is GIVEN", document="file:1"),  # the same words
        hit("A near copy.", document="file:2"),  # cosine .95
        hit("Another.", document="file:3", title="What is heparin"),  # the question as its title
        hit("Far away.", document="file:4"),
    ]
    vectors = np.array([[0, 1], [0.95, 0.3122499], [0, 1], [0.89, 0.4559605], [1, 0]], dtype=np.float32)
    kept = mine.distinct("What is heparin?", hits, relevant, vectors)
    assert [h.chunk.document_id for h in kept] == ["file:4"]


def test_one_passage_each_document() -> None:
    hits = [hit("one"), hit("two", start=9), hit("three", document="file:b")]
    assert mine.one_each(hits) == [hits[0], hits[2]]


class Table(Reranker):
    """Scores by passage."""

    def __init__(self, name: str, scores: dict[str, float]) -> None:
        self.name, self._scores = name, scores

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        return [self._scores[passage.split("\n")[1]] for passage in passages]


def test_an_ensemble_is_standardised() -> None:
    hits = [hit("a"), hit("b")]
    logits, shares = Table("x", {"a": 10.0, "b": -30.0}), Table("y", {"a": 0.2, "b": 0.1})
    scores, said = mine.ensemble("q", hits, [logits, shares])
    assert scores == pytest.approx((3.0, -3.0))  # both say 1 and -1 standard deviations
    assert said == ()
    assert mine.ensemble("q", hits, [Table("flat", {"a": 1.0, "b": 1.0})])[0] == (0.0, 0.0)
    against = Table("z", {"a": 0.0, "b": 1.0})
    assert mine.ensemble("q", hits, [logits, against])[0] == pytest.approx((0.0, 0.0))


def test_what_a_teacher_could_not_do_is_kept() -> None:
    class Degraded(WordOverlap):
        def judge(self, query: str, hits: object) -> Scored:  # type: ignore[override]
            return Scored(scores=(1.0,), ranked_by="overlap", degraded=("medcpt is not installed",))

    assert mine.ensemble("q", [hit("a")], [Degraded()])[1] == ("medcpt is not installed",)


def test_negatives_above_the_positives_go() -> None:
    assert mine.worse([2.0, 4.0], [3.0, 3.1, -1.0]) == [0, 2]  # the bar is 3


class Childish(Reranker):
    name = "childish"

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        return [float("child" in passage) for passage in passages]


def test_a_teacher_filters_and_its_scores_are_kept(toy: Dataset, settings: Settings, tmp_path: Path) -> None:
    plain = prepared(toy, settings, tmp_path / "plain").pool.lists
    made = prepared(toy, settings, tmp_path / "run", Childish())
    for before, mined in zip(plain, made.pool.lists, strict=True):
        assert mined.negatives == tuple(i for i in before.negatives if "-child#" not in i)
        assert mined.above == len(before.negatives) - len(mined.negatives) > 0
        assert len(mined.teacher) == len(mined.positives) + len(mined.negatives)
        assert set(mined.teacher) == {mined.teacher[0]}  # none of them speaks of a child
        assert mined.teacher[0] < 0  # below the mean of all that were scored
    assert made.summary["left_out"]["above"] == sum(m.above for m in made.pool.lists)  # type: ignore[index]


def test_lines_survive_an_interruption(tmp_path: Path) -> None:
    path = tmp_path / "run" / "x.jsonl"
    with Lines(path, {"a": 1}) as kept:
        kept.append({"n": 1})
        kept.append({"n": 2})
    path.write_bytes(path.read_bytes()[:-1])  # the last line has no end
    with Lines(path, {"a": 1}) as kept:
        assert kept.records == [{"n": 1}]
    with Lines(path, {"a": 2}) as kept:
        assert kept.records == []
    with pytest.raises(InputError, match="cannot be written"):
        Lines(path / "below", {})


def test_normal_is_the_words() -> None:
    assert normal("What is  IL-2?\n") == "what is il 2"
