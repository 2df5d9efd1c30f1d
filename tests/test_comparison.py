"""Lists side by side and an evaluation in words, from results worked out by hand."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.compare import agree
from assistant.config import load as settings
from assistant.encoders import HashEncoder
from assistant.errors import InputError, ModelError, UsageError
from assistant.functions import Functions
from assistant.types import Hit
from assistant.workbench import Choice, Considerate, Workbench, whole
from eval import results
from rerankers.base import Reranker
from tests import agent_server, scripted_bench
from tests.build import hit
from tests.scripted_bench import MEDCPT, POOL, measured, sides
from ui import comparison
from ui.evaluating import Job, Standing
from ui.judgements import Count
from ui.measured import progress, shown, statements


def row(page: str, name: str, place: int) -> str:
    """The HTML of one place of one list."""
    side = page.split(f'aria-label="{name}"')[1].split("</section>")[0]
    return side.split('<li class="row ')[place]


def test_moves_are_in_words_and_a_passage_has_one_number_everywhere() -> None:
    page = comparison.shown(sides())
    assert "\n" not in page
    first = row(page, "late", 1)  # the order is reversed: the twelfth is first
    assert first.startswith("p-12")
    assert "▲ 11 from 12" in first
    assert "Its places: none 12 · late 1" in first
    assert "▼ 1 from 5" not in row(page, "late", 8)
    assert "▼ 3 from 5" in row(page, "late", 8)
    assert "= stays" in row(page, "none", 3)
    assert "only here in the top 5" in row(page, "none", 5)
    assert "only here" not in row(page, "none", 6)
    assert page.count('<li class="row ') == 20, "ten places of each"
    assert "and 2 more" in page


def test_agreement_and_what_one_has_alone_by_hand() -> None:
    page = comparison.shown(sides())
    assert "<td>none and late</td><td>-1.00</td><td>0 of 5</td>" in page
    alone = page.split("Only one has it in its top 5")[1]
    assert alone.count("<li>") == 10
    assert "<strong>late</strong> 1: Note 12 on warfarin" in alone
    found = sides(("none", "late")).found
    assert agree("a", "b", found.rankings["none"], found.rankings["none"]).kendall == pytest.approx(1.0)


def test_one_that_fails_and_one_that_still_ranks_stand_in_their_place() -> None:
    page = comparison.shown(sides())
    assert MEDCPT in page.split('aria-label="medcpt"')[1].split("</section>")[0]
    running = comparison.shown(sides(("none",), running="late"))
    assert "ranks now" in running.split('aria-label="late"')[1]
    assert "How far they agree" not in running


def test_markup_of_a_source_is_text() -> None:
    page = comparison.shown(sides(("none", "late"), scripted_bench.HOSTILE, "<b>bold</b>"))
    assert "\n" not in page
    assert not re.search(r"<(script|img|iframe|b)\b", page)
    assert "&lt;script&gt;" in page


def test_an_empty_pool_is_said() -> None:
    assert "found no passage" in comparison.shown(sides((), pool=()))


def test_verdicts_go_to_every_passage_of_the_document() -> None:
    marks = comparison.verdicts(POOL, {"sample:2": True, "sample:7": False, "sample:99": True})
    assert re.findall(r'class="v ([^"]+)"', marks) == ["n-2 is-relevant", "n-7 is-not"]
    said = comparison.kept(Count(questions=2, judgements=5, relevant=3), "/data/<j>", "Kept as relevant: A")
    assert "2 questions, 5 judgements (3 relevant)" in said
    assert "/data/&lt;j&gt; --split judged" in said
    assert "Nothing is judged yet" in comparison.kept(Count(), "/data")


def test_significance_is_said_honestly() -> None:
    (better, *_) = statements(measured(better=0.2), own=False)
    assert better.startswith(
        "▲ late ranks better than the search alone (ndcg@10 +0.200, 95 % interval +0.200"
    )
    (worse, *_) = statements(measured(better=-0.2), own=False)
    assert worse.startswith("▼ late ranks worse")
    few = statements(measured(better=0.2, questions=3), own=True)
    assert few[0].startswith("○ No difference between late and the search alone can be shown")
    assert "3 questions are few" in few[1]
    assert "nobody judged" in few[2]
    page = shown(measured(), own=False, report=True)
    assert "\n" not in page
    assert 'class="report"' in page
    assert "0.700 [0.700, 0.700]" in page


def test_progress_in_words() -> None:
    now = Standing(running=True, stage="hybrid.late", done=10, total=40, seconds=5.0)
    assert "10 of 40 · 2.0 a second · about 15 s left in this stage" in progress(now)
    assert "▰▰▰▰▰▱" in progress(now)
    assert "of 0" not in progress(Standing(running=True, stage="Reading"))


def test_one_job_at_a_time_and_stop_ends_it(tmp_path: Path) -> None:
    job, begun = Job(), threading.Event()

    def work(tell: Any) -> Path:
        while True:
            tell("stage", 1, 2)
            begun.set()

    assert job.start(work)
    assert begun.wait(10)
    assert not job.start(work)
    assert job.standing.running
    job.stop()
    while job.standing.running:
        pass
    assert "Stopped" in job.standing.problem

    def failing(tell: Any) -> Path:
        raise InputError("no such folder")

    for do, end in (
        (failing, Standing(problem="no such folder")),
        (lambda _: tmp_path, Standing(out=tmp_path)),
    ):
        assert job.start(do)
        while job.standing.running:
            pass
        assert job.standing == end


class Broken(Reranker):
    name = "broken"

    def score(self, query: str, passages: Any) -> list[float]:
        raise ModelError("its file is damaged")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[tuple[Workbench, Functions]]:
    with agent_server.functions(tmp_path) as made:
        yield Workbench(made._loaded, made._parts, made, tmp_path / "judged"), made


def test_a_broken_reranker_does_not_break_the_others(bench: tuple[Workbench, Functions]) -> None:
    work, functions = bench
    functions._rerankers["llm"] = Broken()
    steps = list(work.compare("dose of warfarin", ["none", "llm", "medcpt"]))
    assert [step.running for step in steps] == ["none", "llm", "medcpt", ""]
    assert list(steps[-1].found.rankings) == ["none"]
    assert steps[-1].failed["llm"] == "its file is damaged"
    assert "assistant models pull medcpt" in steps[-1].failed["medcpt"]
    for names in (["none"], ["none", "none"], ["none", "a", "b", "c", "d"]):
        with pytest.raises(UsageError, match="choose two to 4"):
            list(work.compare("dose", names))


def test_choices_say_what_is_missing(bench: tuple[Workbench, Functions]) -> None:
    choices = bench[0].choices()
    assert Choice("none") in choices
    missing = {choice.name: choice.missing for choice in choices if choice.missing}
    assert "assistant models pull medcpt" in missing["medcpt"]
    assert "ASSISTANT_EGRESS=cohere" in missing["cohere"]
    assert choices[0] == Choice("none")
    ready = [bool(choice.missing) for choice in choices]
    assert ready == sorted(ready), "what can be used here first"


def test_a_document_is_whole_again() -> None:
    chunks: list[Hit] = [hit("one two"), hit("two three", start=4), hit("five", start=20)]
    assert whole(chunks) == "one two three five"


def test_an_evaluation_of_own_judgements(
    bench: tuple[Workbench, Functions], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ui.judgements import Judgements

    work, functions = bench
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    work._settings = settings({"cache": tmp_path / "cache"}, environ={}).settings
    judgements = Judgements(tmp_path / "judged")
    ids = [h.chunk.document_id for h in functions._parts.index.hits()]
    for question, n in (("dose of warfarin", 0), ("asthma treatment", 1)):
        judgements.keep(question, ids[n], True, lambda: work.sources(ids))
    told: list[tuple[str, int, int]] = []
    functions._rerankers["llm"] = Broken()
    out = work.evaluate("judged", ["llm"], None, lambda *now: told.append(now))
    found = results.load(out / "results.json")
    assert found.n_queries == 2
    assert [run.reranker for run in found.runs] == ["none"]
    assert ("hybrid.none" in {c.a for c in found.comparisons}) == (len(found.runs) > 1)
    assert (out / "report.html").exists()
    assert ("hybrid", 1, 2) in told
    with pytest.raises(InputError):
        work.evaluate("judged", ["none"], None, stopping)


def test_documents_are_embedded_a_few_at_a_time_and_alike() -> None:
    inner, calls = HashEncoder(32), []
    texts = [f"word {n}" for n in range(40)]
    vectors = Considerate(inner, lambda: calls.append(1)).embed_documents(texts)
    assert len(calls) == 3, "16, 16 and 8"
    assert (vectors == inner.embed_documents(texts)).all()
    assert Considerate(inner, lambda: None).embed_documents([]).shape == (0, 32)


def stopping(stage: str, done: int, total: int) -> None:
    raise InputError("stopped by the reader")
