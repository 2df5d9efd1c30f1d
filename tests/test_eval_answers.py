"""The evaluation of answers: the measures by hand, and the whole command over the fakes."""

import json
import re
from dataclasses import replace

import pytest

from assistant import build, encoders
from assistant.config import Loaded, Settings
from assistant.encoders.base import HashEncoder
from assistant.errors import AssistantError, FormatError, ServiceError
from assistant.generate.base import Generator
from assistant.types import Answer, Sentence
from eval.answers import report, results
from eval.answers.baselines import baselines
from eval.answers.command import answers
from eval.answers.judging import committed, invalid, quotations, read, said
from eval.answers.measure import Setup, measure
from eval.answers.record import Answers, Asked, Read, Said
from eval.data import Dataset, load
from eval.gold import Gold, gold, passages
from tests.build import evidence

EVIL = '<script>alert(1)</script> ![x](http://evil.example/p.png) cDNA | "quoted"'


def answer(*sentences: Sentence) -> Answer:
    given = evidence("Alpha lowers pulse.", "Alpha was given early.", "Beta is another drug.")
    return Answer(question="q", status="answered", sentences=sentences, evidence=given, ranked_by="hybrid")


def says(claim: str, texts) -> bool:
    """Supported when each of its words stands in one of the texts."""
    there = set(" ".join(texts).lower().replace(".", "").split())
    return set(claim.lower().replace(".", "").split()) <= there


@pytest.mark.parametrize(
    ("text", "citations", "entailed", "needed"),
    [
        ("Alpha lowers pulse.", (1,), True, (True,)),
        ("Alpha lowers pulse.", (2,), False, (False,)),
        ("Alpha lowers pulse.", (1, 3), True, (True, False)),  # 3 does not support, and 1 does without it
        ("Alpha lowers pulse given early.", (1, 2), True, (True, True)),  # neither alone, both together
        ("Alpha lowers pulse given early.", (1, 2, 3), True, (True, True, False)),
        ("Alpha lowers pulse.", (), False, ()),
        ("Alpha lowers pulse.", (9,), False, ()),
        ("Alpha lowers pulse.", (1, 9), True, (True,)),
    ],
)
def test_alce_recall_and_precision_of_a_sentence(text, citations, entailed, needed) -> None:
    (found,) = said(answer(Sentence(text=text, citations=citations)), says)
    assert (found.entailed, found.needed) == (entailed, needed)


def asked(*sentences: Said, query: str = "q", **changed) -> Asked:
    made = Asked(
        query=query,
        question="Does alpha work?",
        status="answered" if sentences else "abstained",
        probability=0.8,
        sentences=sentences,
        evidence=read(answer()),
        milliseconds=10.0,
        timings_ms={"searching": 4.0, "reading": 6.0},
        warm=True,
        ranked_by="hybrid",
    )
    return replace(made, **changed)


def test_invalid_citations_and_altered_quotations() -> None:
    kept = asked(
        Said(text="Alpha lowers pulse.", citations=(1,), verdict="supported"),
        Said(text="Alpha raises pulse.", citations=(1, 7), verdict="contradicted"),
        Said(
            text='They say "Beta is another drug" and "Beta is a drug"', citations=(3,), verdict="supported"
        ),
    )
    assert invalid(kept) == 1
    assert quotations(kept, extractive=False) == (2, 1)
    assert quotations(kept, extractive=True) == (3, 2)
    led = asked(Said(text="Yes. Alpha lowers pulse.", citations=(1,), verdict="supported"))
    assert quotations(led, extractive=True) == (1, 0)


@pytest.mark.parametrize(
    ("text", "yes"), [("Yes, it does.", True), ("No. It does not.", False), ("Not all do.", None), ("", None)]
)
def test_committed(text: str, yes: bool | None) -> None:
    kept = asked(Said(text=text, citations=(1,), verdict="supported")) if text else asked()
    assert committed(kept) is yes


def test_baselines_write_from_the_same_evidence() -> None:
    made = baselines(asked(Said(text="x", citations=(1,), verdict="supported")))
    assert made["lead-3"] == "Alpha lowers pulse. Alpha was given early. Beta is another drug."
    assert made["top passage"] == "Alpha lowers pulse."
    assert made["random"] in made["lead-3"]
    assert len(re.findall(r"\.", made["random"])) == 1
    assert baselines(asked(evidence=())) == {"lead-3": "", "top passage": "", "random": ""}


def test_what_was_kept_is_read_again(tmp_path) -> None:
    path = tmp_path / "answers.jsonl"
    one = asked(
        Said(text="x " + EVIL, citations=(1, 2), verdict="supported", needed=(True, False)), query="a"
    )
    with Answers(path, {"library": "1"}) as kept:
        kept.append(one)
    path.write_bytes(path.read_bytes() + b'{"query": "b", "cut o')
    with Answers(path, {"library": "1"}) as again:
        assert again.entries == {"a": one}
    with Answers(path, {"library": "2"}) as other:
        assert other.entries == {}


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "tiny"
    (root / "qrels").mkdir(parents=True)
    drugs = ["examplinib", "samplomab", "testavir", "proboxan", "trialine"]
    corpus = [
        {
            "_id": f"d{i}",
            "title": "",
            "text": f"The usual dose of {d} in adults is {i + 2} mg. It is kept cold.",
        }
        for i, d in enumerate(drugs)
    ]
    (root / "corpus.jsonl").write_text("".join(json.dumps(d) + "\n" for d in corpus))
    kinds = ["factoid", "yesno", "yesno", "summary", "factoid"]
    queries = [
        {
            "_id": f"q{i}",
            "text": f"usual dose of {d} in adults",
            "metadata": {"type": kinds[i], "ideal": [f"The dose of {d} is {i + 2} mg."], "exact": "yes"},
        }
        for i, d in enumerate(drugs)
    ]
    (root / "queries.jsonl").write_text("".join(json.dumps(q) + "\n" for q in queries))
    (root / "qrels" / "test.tsv").write_text("".join(f"q{i}\td{i}\t1\n" for i in range(len(drugs))))
    return root


def test_gold_and_passages(folder) -> None:
    dataset = load(folder, "test")
    found = gold(dataset)
    assert found["q0"] == Gold(type="factoid", ideal=("The dose of examplinib is 2 mg.",), yes=None)
    assert found["q1"].yes is True
    assert passages(dataset)["q0"][0].text.startswith("The usual dose of examplinib")
    (folder / "queries.jsonl").write_text("".join(f'{{"_id": "q{i}", "text": "x"}}\n' for i in range(5)))
    assert gold(load(folder, "test"))["q0"] == Gold()


def tiny(folder) -> tuple[Dataset, dict[str, Gold]]:
    dataset = load(folder, "test")
    return dataset, gold(dataset)


def test_measures_by_hand(folder) -> None:
    dataset, golds = tiny(folder)
    text = "The dose of examplinib is 2 mg."
    given = {
        "q0": asked(
            Said(text=text, citations=(1,), verdict="supported", entailed=True, needed=(True,)),
            Said(text="Wrong.", citations=(1, 8), verdict="unsupported", reasons=(EVIL,), needed=(False,)),
            query="q0",
        ),
        "q1": asked(
            Said(text="No.", citations=(1,), verdict="supported", entailed=True, needed=(True,)), query="q1"
        ),
        "q2": asked(query="q2", probability=0.1),
        "q3": asked(query="q3", status="blocked"),
    }
    without = {query: replace(entry, probability=0.2) for query, entry in given.items()}
    setup = Setup(generator="llm", reranker="none", judge="a judge", threshold=0.3)
    lost = results.Failed(run="q4", reason="the service was busy")
    found = measure(dataset, golds, given, without, [lost], setup)
    assert (found.abstained, found.blocked, len(found.failed)) == (1, 1, 1)
    counts = found.counts
    assert (counts.sentences, counts.supported, counts.citations, counts.invalid_citations) == (3, 2, 4, 1)
    every = found.groups[0]
    assert (every.questions, every.answered, every.metrics["answered"].value) == (5, 2, 2 / 5)
    assert every.metrics["support"].value == (1 / 2 + 1) / 2
    assert every.metrics["citation recall"].value == (1 / 2 + 1) / 2
    assert every.metrics["citation precision"].value == (1 / 3 + 1) / 2  # q0: one of three citations is good
    assert every.metrics["valid citations"].value == pytest.approx((2 / 3 + 1) / 2)
    yesno = next(group for group in found.groups if group.type == "yesno")
    assert (yesno.metrics["committed"].value, yesno.metrics["yes/no accuracy"].value) == (1.0, 0.0)
    own = found.systems[0]
    assert own.name == "answer"
    assert own.metrics["rouge-2 recall"].n == 5  # abstained, blocked and failed questions count as 0
    assert own.metrics["rouge-2 recall"].value == pytest.approx(1 / 5)
    assert own.answered["rouge-2 recall"].value == pytest.approx(1 / 2)
    assert found.abstention is not None
    assert found.abstention.auc == (3 * 4 + 0) / 16  # three at .8 above all four at .2, one at .1 below
    assert found.latency_ms["p50"] == 10.0
    assert found.latency_ms["searching_p95"] == 4.0
    assert [f.text for f in found.flagged] == ["Wrong."]


@pytest.fixture
def loaded(tmp_path, monkeypatch) -> Loaded:
    encoder = HashEncoder(256)
    monkeypatch.setattr(encoders, "load", lambda name, settings: encoder)
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda app: str(tmp_path / "cache"))
    settings = Settings(index=tmp_path / "own", reranker="none", abstain_below=0.0)
    return Loaded(settings, dict.fromkeys(Settings.model_fields, "default"))


def test_the_whole_command(folder, loaded, tmp_path) -> None:
    out = tmp_path / "out"
    found = answers(folder, "test", loaded, out=out, held_out=True)
    assert found.n_queries == 5
    assert found.groups[0].answered == 5
    assert (found.counts.invalid_citations, found.counts.altered_quotations) == (0, 0)
    assert found.abstention is not None
    assert found.abstention.questions == 10
    held = [json.loads(line) for line in (out / "held-out.jsonl").read_text().splitlines()[1:]]
    for number, entry in enumerate(held):
        assert f"tiny:d{number}" not in {piece["document"] for piece in entry["evidence"]}
    assert results.load(out / "results.json") == found
    page = (out / "report.html").read_text()
    assert "ALCE" in page
    assert "<svg" in page
    assert "http" not in page
    assert "yesno" in (out / "report.md").read_text()
    assert "invalid citations 0 of" in report.terminal(found)


def test_an_interrupted_run_goes_on(folder, loaded, tmp_path, monkeypatch) -> None:
    out, append, seen = tmp_path / "out", Answers.append, []

    def stops(self, entry: Asked) -> None:
        if len(seen) == 3:
            raise KeyboardInterrupt
        seen.append(entry.query)
        append(self, entry)

    with monkeypatch.context() as patch:
        patch.setattr(Answers, "append", stops)
        with pytest.raises(KeyboardInterrupt):
            answers(folder, "test", loaded, out=out)
    kept = (out / "answers.jsonl").read_text()
    assert len(kept.splitlines()) == 1 + 3
    found = answers(folder, "test", loaded, out=out)
    assert (out / "answers.jsonl").read_text().startswith(kept)
    assert found.n_queries == len((out / "answers.jsonl").read_text().splitlines()) - 1


class Breaks(Generator):
    name = "breaks"

    def write(self, question, evidence):
        if "testavir" in question:
            raise ServiceError("the service did not answer", retryable=True)
        yield Sentence(text=f"{question} {EVIL}", citations=(1, 99))


def test_a_question_that_fails_costs_itself_alone_and_is_asked_again(
    folder, loaded, tmp_path, monkeypatch
) -> None:
    out, made = tmp_path / "out", build.parts
    with monkeypatch.context() as patch:
        patch.setattr(build, "parts", lambda *args: replace(made(*args), generator=Breaks()))
        with pytest.raises(
            AssistantError, match=r"1 questions failed, first q2: .*asks the failed ones again"
        ):
            answers(folder, "test", loaded, out=out)
    found = results.load(out / "results.json")
    assert (found.groups[0].answered, found.counts.supported) == (4, 0)
    assert "99" in " ".join(reason for flagged in found.flagged for reason in flagged.reasons)
    page = (out / "report.html").read_text()
    assert "<script" not in page
    assert "<img" not in page
    assert "://" not in page
    assert "did not answer" in page


def test_a_results_file_that_is_none(tmp_path) -> None:
    path = tmp_path / "results.json"
    path.write_text('{"dataset": "x"}')
    with pytest.raises(FormatError, match="eval answers"):
        results.load(path)


def test_evidence_is_kept_with_its_text() -> None:
    assert read(answer())[0] == Read(
        n=1, chunk="file:1#0:0-19", document="file:1", title="A title", text="Alpha lowers pulse."
    )
