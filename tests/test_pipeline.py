"""The whole of ask() over fakes: the embedded index with a word-hash encoder."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant import build
from assistant.config import Settings, load
from assistant.encoders import HashEncoder
from assistant.errors import EgressRefused, ModelError, ModelMissing, ServiceError, UsageError
from assistant.events import Answered, Ranked, Rewritten, Stage, Wrote
from assistant.generate.extractive import Extractive
from assistant.generate.judge import Judge
from assistant.generate.llm import Gate, LLMGenerator
from assistant.generate.rewrite import Rewriter
from assistant.generate.service import ChatService, Limits
from assistant.index.store import open_index
from assistant.pipeline import Parts, ask
from assistant.privacy import gate as default_gate
from assistant.types import Answer, Hit
from ingest.run import ingest
from rerankers.base import Reranker, Scored, WordOverlap
from tests.local_service import EVENTS, Talking, event, streams, talking

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


# A language model as the writer


DOSE = "dose of warfarin in CYP2C9 poor metabolisers"
QUOTED = "CYP2C9 poor metabolisers need a lower dose of warfarin."
TOLD = f"{QUOTED} [1]\n"


def with_writer(
    parts: Parts, server: Talking, *, gate: Gate = default_gate, judge: bool = False, **settings: object
) -> Parts:
    told = parts.settings.model_copy(
        update={"egress": ("llm",), "llm_url": f"{server.url}/v1", "llm_model": "house-1", **settings}
    )
    limits = Limits(connect=2, silence=2, total=5)
    service = ChatService(told, limits, 0.001)
    return replace(
        parts,
        settings=told,
        generator=LLMGenerator(told, parts.generator, gate, limits=limits, pause=0.001),
        rewriter=Rewriter(service, gate),
        judge=Judge(service, gate) if judge else None,
    )


def test_a_model_answers_and_the_answer_says_what_left(parts: Parts) -> None:
    with talking(streams(TOLD)) as server:
        events = list(ask(DOSE, with_writer(parts, server)))
    done = events[-1].answer  # type: ignore[union-attr]
    assert [e.name for e in events if isinstance(e, Stage)] == [
        "searching",
        "reranking",
        "reading",
        "checking",
    ]
    assert tuple(e.sentence for e in events if isinstance(e, Wrote)) == done.sentences
    assert [(s.text, s.citations, s.verdict) for s in done.sentences] == [(QUOTED, (1,), "supported")]
    assert [e.service for e in done.egress] == ["llm"]
    assert (done.usage.calls, done.usage.input_tokens) == (1, 100)
    assert done.degraded == ()


def test_below_the_threshold_nothing_is_sent(parts: Parts) -> None:
    with talking(streams(TOLD)) as server:
        done = answer("tungsten hexafluoride in lunar regolith", with_writer(parts, server))
        assert (done.status, server.asked, done.egress) == ("abstained", [], ())


def test_a_question_with_a_persons_data_is_blocked(parts: Parts) -> None:
    with talking(streams(TOLD)) as server:
        done = answer(f"{DOSE}, her telephone is (617) 555-0134", with_writer(parts, server))
        assert server.asked == []
    assert (done.status, done.sentences, done.egress) == ("blocked", (), ())
    assert "telephone" in done.note


def test_a_dead_service_and_the_answer_is_quoted(parts: Parts) -> None:
    with talking(lambda body: (500, {}, [])) as server:
        model = with_writer(parts, server)
        done = answer(DOSE, model)
        assert done.status == "answered"
        assert done.sentences[0].text == QUOTED
        assert "busy or failing (500)" in done.degraded[0]
        with pytest.raises(ServiceError, match="fail_closed"):
            answer(DOSE, with_writer(parts, server, fail_closed=True))


def test_no_answer_in_the_passages_is_an_abstention(parts: Parts) -> None:
    with talking(streams("NONE")) as server:
        done = answer(DOSE, with_writer(parts, server))
    assert (done.status, done.sentences) == ("abstained", ())
    assert "none answers" in done.note
    assert len(done.egress) == 1


def test_withheld_sentences_are_counted_in_the_note(parts: Parts) -> None:
    with talking(streams(TOLD, "Warfarin 500 mg cures all. [1]\n")) as server:
        done = answer(DOSE, with_writer(parts, server, withhold_unsupported=True))
    assert [s.text for s in done.sentences] == [QUOTED]
    assert "1 sentence" in done.note


def test_a_judge_reads_each_sentence_again(parts: Parts) -> None:
    with talking(streams(TOLD), streams("NO")) as server:
        done = answer(DOSE, with_writer(parts, server, judge=True))
    assert any(s.verdict == "unsupported" for s in done.sentences) or "none" in done.degraded[0]
    assert {e.what.split(" (")[0] for e in done.egress} >= {"a sentence and 1 passages"}


def test_leaving_hangs_up(parts: Parts) -> None:
    with talking(lambda body: (200, EVENTS, [event(TOLD), 5.0])) as server:
        events = ask(DOSE, with_writer(parts, server))
        while not isinstance(next(events), Wrote):
            pass
        events.close()
        assert server.gone.wait(2)


# Conversation


def test_a_follow_up_is_shown_before_it_is_searched(parts: Parts) -> None:
    events = list(ask("and apixaban?", parts, history=["What is the usual dose of warfarin?"]))
    assert events[0] == Rewritten("What is the usual dose of apixaban?", "and apixaban?")
    done = events[-1].answer  # type: ignore[union-attr]
    assert (done.question, done.asked) == ("What is the usual dose of apixaban?", "and apixaban?")
    assert done.sentences[0].text.startswith("Apixaban 5 mg")


def test_a_full_question_is_searched_as_it_is(parts: Parts) -> None:
    events = list(ask(DOSE, parts, history=["How is asthma treated?"]))
    assert events[0] == Stage("searching")
    assert events[-1].answer.question == DOSE  # type: ignore[union-attr]


BEFORE = ["What is the usual dose of warfarin?"]


@pytest.mark.parametrize(
    ("reply", "searched", "by_rules"),
    [
        ("What is the usual dose of apixaban?", "What is the usual dose of apixaban?", False),
        ("usual apixaban dose?", "usual apixaban dose?", False),
        ("What is the usual dose of rivaroxaban?", "What is the usual dose of apixaban?", True),
        ("Apixaban cures tungsten.", "What is the usual dose of apixaban?", True),
        ("", "What is the usual dose of apixaban?", True),
        ("apixaban\ndose", "What is the usual dose of apixaban?", True),
    ],
)
def test_a_model_rewrites_and_the_rules_stand_behind_it(
    reply: str, searched: str, by_rules: bool, parts: Parts
) -> None:
    with talking(streams(reply), streams("NONE")) as server:
        events = list(ask("and apixaban?", with_writer(parts, server), history=BEFORE))
    first = next(e for e in events if isinstance(e, Rewritten))
    assert first.question == searched
    done = events[-1].answer  # type: ignore[union-attr]
    assert any("by rules" in line for line in done.degraded) == by_rules
    assert done.egress[0].what.startswith("the question and 1 before it")


def test_a_history_with_a_persons_data_is_not_sent(parts: Parts) -> None:
    history = ["Her SSN is 078-05-1120. What is the usual dose of warfarin?"]
    with talking(streams("NONE")) as server:
        list(ask("and apixaban?", with_writer(parts, server), history=history))
        assert not [body for body in server.asked if "078-05-1120" in str(body)]


# Build


def test_only_the_setting_chooses_the_writer(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    loaded = load({"index": parts.settings.index}, {})
    assert build.parts(loaded, parts.index, parts.encoder).generator.name == "extractive"
    asked = load({"generator": "llm"}, {})
    with pytest.raises(EgressRefused, match="egress"):
        build.parts(asked, parts.index, parts.encoder)
    named = {
        "ASSISTANT_EGRESS": "llm",
        "ASSISTANT_LLM_URL": "http://127.0.0.1:9/v1",
        "ASSISTANT_LLM_MODEL": "m",
    }
    made = build.parts(load({"generator": "llm", "llm_judge": True}, named), parts.index, parts.encoder)
    assert (made.generator.name, made.rewriter is None, made.judge is None) == ("llm", False, False)
    assert made.versions["generator"].startswith("llm m, prompts ")
