"""The whole of ask() over fakes: the embedded index with a word-hash encoder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.config import Settings
from assistant.encoders import HashEncoder
from assistant.errors import ModelError, ModelMissing, UsageError
from assistant.events import Answered, Ranked, Stage, Wrote
from assistant.generate.extractive import Extractive
from assistant.index.store import open_index
from assistant.pipeline import Parts, ask
from assistant.types import Answer, Hit
from ingest.run import ingest
from rerankers.base import Reranker, Scored, WordOverlap

NOTES = {
    "warfarin.md": "# Warfarin and CYP2C9\n\nCYP2C9 poor metabolisers need a lower dose of warfarin.\n",
    "apixaban.md": "# Apixaban\n\nApixaban 5 mg twice daily is the usual dose in atrial fibrillation.\n",
    "asthma.md": "# Asthma\n\nInhaled corticosteroids are the mainstay of asthma treatment in adults.\n",
}


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    for name, text in NOTES.items():
        (tmp_path / name).write_text(text)
    encoder = HashEncoder(256)
    settings = Settings(index=tmp_path / "index")
    with open_index(settings, encoder, create=True) as index:
        ingest([tmp_path / name for name in NOTES], index, encoder)
        yield Parts(
            settings=settings,
            index=index,
            encoder=encoder,
            reranker=WordOverlap(),
            generator=Extractive(encoder),
            versions={"encoder": "hash@1"},
        )


def answer(question: str, parts: Parts) -> Answer:
    *_, last = ask(question, parts)
    assert isinstance(last, Answered)
    return last.answer


def test_stages_come_in_order_and_sentences_before_the_end(parts: Parts) -> None:
    events = list(ask("dose of warfarin in CYP2C9 poor metabolisers", parts))
    assert [e.name for e in events if isinstance(e, Stage)] == [
        "searching",
        "reranking",
        "reading",
        "checking",
    ]
    assert isinstance(events[-1], Answered)
    assert sum(isinstance(e, Ranked) for e in events) == 1
    wrote = [e.sentence for e in events if isinstance(e, Wrote)]
    assert tuple(wrote) == events[-1].answer.sentences


def test_an_answer_carries_all_it_rests_on(parts: Parts) -> None:
    done = answer("dose of warfarin in CYP2C9 poor metabolisers", parts)
    assert done.status == "answered"
    assert done.sentences[0].text == "CYP2C9 poor metabolisers need a lower dose of warfarin."
    assert done.sentences[0].verdict == "supported"
    first = done.evidence[0].hit
    assert first.metadata.title == "Warfarin and CYP2C9"
    assert None not in (first.scores.bm25, first.scores.dense, first.scores.fused, first.scores.rerank)
    assert done.ranked_by == "overlap"
    assert set(done.timings_ms) == {"searching", "reranking", "reading", "checking"}
    assert done.egress == ()
    assert done.versions == {"encoder": "hash@1"}


@pytest.mark.parametrize(
    "question", ["tungsten hexafluoride in lunar regolith", "高血压的一线治疗是什么?", "???"]
)
def test_it_abstains_on_what_the_library_does_not_have(question: str, parts: Parts) -> None:
    done = answer(question, parts)
    assert (done.status, done.sentences) == ("abstained", ())
    assert done.note


@pytest.mark.parametrize("question", ["", "   \n", "\x00\x07", "x" * 50_000])
def test_a_question_that_is_none(question: str, parts: Parts) -> None:
    with pytest.raises(UsageError):
        list(ask(question, parts))


class Broken(Reranker):
    name = "broken"

    def score(self, query: str, passages: object) -> list[float]:
        return [float("nan")]


class Second(WordOverlap):
    def judge(self, query: str, hits: object) -> Scored:
        scored = super().judge(query, hits)  # type: ignore[arg-type]
        return Scored(scores=scored.scores, ranked_by="overlap", degraded=("the first is not installed",))


def with_reranker(parts: Parts, reranker: Reranker, **settings: object) -> Parts:
    return Parts(
        settings=parts.settings.model_copy(update=settings),
        index=parts.index,
        encoder=parts.encoder,
        reranker=reranker,
        generator=parts.generator,
    )


def test_a_broken_reranker_is_an_error_of_ours(parts: Parts) -> None:
    with pytest.raises(ModelError, match="broken"):
        list(ask("warfarin dose", with_reranker(parts, Broken())))


def test_a_fallback_shows_in_the_answer_and_fail_closed_refuses(parts: Parts) -> None:
    done = answer("dose of warfarin in CYP2C9 poor metabolisers", with_reranker(parts, Second()))
    assert done.degraded == ("the first is not installed",)
    with pytest.raises(ModelMissing, match="fail_closed"):
        list(ask("dose of warfarin", with_reranker(parts, Second(), fail_closed=True)))


def test_the_callers_hits_are_not_changed(parts: Parts) -> None:
    hits: list[Hit] = parts.index.search_bm25("warfarin", 5)
    before = list(hits)
    parts.reranker.rerank("warfarin", hits)
    assert hits == before
