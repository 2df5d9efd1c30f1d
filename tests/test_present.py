import io
import json

import pytest

from assistant.errors import InputError
from assistant.present import answer_json, answer_text, hits_from_lines, ranking_json, reranked_json
from assistant.types import Answer, Egress, Ranking, Ranks, Scores, Sentence
from rerankers.base import WordOverlap
from tests.build import evidence, hit

ANSWER = Answer(
    question="Apixaban dose?",
    status="answered",
    sentences=(Sentence(text="Apixaban 5 mg twice daily.", citations=(1, 2), verdict="supported"),),
    evidence=evidence("Apixaban 5 mg twice daily.", "Apixaban 5 mg twice daily."),
    ranked_by="overlap",
    degraded=("medcpt is not installed",),
    timings_ms={"searching": 1.23456},
    versions={"encoder": "hash@1"},
)


def test_the_contract_of_ask() -> None:
    found = answer_json(ANSWER)
    assert json.loads(json.dumps(found)) == found
    assert set(found) >= {
        *("question", "status", "sentences", "evidence", "ranked_by", "degraded"),
        *("egress", "timings_ms", "versions"),
    }
    assert found["sentences"] == [
        {"text": "Apixaban 5 mg twice daily.", "citations": [1, 2], "verdict": "supported", "reasons": []}
    ]
    assert set(found["evidence"][0]) >= {
        *("n", "chunk_id", "document_id", "title", "section", "text", "start", "end", "url"),
        *("study_design", "retracted", "scores", "ranks"),
    }
    assert found["timings_ms"] == {"searching": 1.23}


def test_the_terminal_shows_sources_degradation_and_egress() -> None:
    text = answer_text(ANSWER)
    assert "Apixaban 5 mg twice daily. [1] [2]" in text
    assert "Degraded: medcpt is not installed" in text
    assert "Nothing left this machine." in text
    left = answer_text(
        Answer(**{**_fields(ANSWER), "egress": (Egress(service="cohere", what="12 passages"),)})
    )
    assert "Left this machine: 12 passages to cohere" in left


def test_a_flagged_sentence_and_a_retracted_source_are_unmistakable() -> None:
    flagged = Sentence(text="Something.", citations=(1,), verdict="unsupported", reasons=("x",))
    source = evidence("A passage.")[0]
    retracted = hit("A passage.", retracted=True)
    item = type(source)(n=1, hit=retracted)
    text = answer_text(Answer(**{**_fields(ANSWER), "sentences": (flagged,), "evidence": (item,)}))
    assert "(unsupported)" in text
    assert "RETRACTED" in text


def _fields(answer: Answer) -> dict[str, object]:
    return {name: getattr(answer, name) for name in Answer.__dataclass_fields__}


def test_the_contract_of_search() -> None:
    found = hit("text", scores=Scores(bm25=1.0), ranks=Ranks(bm25=1))
    shown = ranking_json(Ranking(hits=(found,), ranked_by="none"), {"searching": 2.0})
    assert shown["hits"][0]["rank"] == 1
    assert shown["hits"][0]["scores"] == {"bm25": 1.0, "dense": None, "fused": None, "rerank": None}


def test_passages_from_lines_are_ranked_with_their_own_ids() -> None:
    lines = io.StringIO(
        '{"id": "a", "text": "aspirin"}\n\n{"id": 7, "text": "warfarin dose", "title": "Dose"}\n'
    )
    shown = reranked_json(WordOverlap().rerank("warfarin dose", hits_from_lines(lines)))
    assert [h["id"] for h in shown["hits"]] == ["7", "a"]
    assert shown["hits"][0]["score"] == 2.0


@pytest.mark.parametrize(
    "line", ["[1]", "nonsense", '{"id": "1"}', '{"text": "x"}', '{"id": "1", "text": 5}']
)
def test_a_bad_line_is_named(line: str) -> None:
    with pytest.raises(InputError, match="line 2"):
        hits_from_lines(['{"id": "0", "text": "fine"}', line])


def test_no_passages() -> None:
    with pytest.raises(InputError, match="no passages"):
        hits_from_lines(["", "\n"])
