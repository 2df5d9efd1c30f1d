"""The whole evaluation over a tiny corpus, with a search written here."""

import json
import time
from dataclasses import replace

import pytest

from assistant.errors import AssistantError, ConfigError, InputError, ModelMissing, UsageError
from assistant.types import Chunk, Hit, Metadata, Origin, Ranking, Ranks, Scores, Usage
from eval import results, trec
from eval.data import load
from eval.metrics import METRICS, per_query
from eval.run import evaluate
from rerankers.base import KeepOrder, Reranker, WordOverlap

WORDS = ["aspirin", "statin", "warfarin", "insulin", "metformin", "heparin", "digoxin", "lithium"]


@pytest.fixture
def dataset(tmp_path):
    """Eight documents of two chunks; the question "w w2" is answered by w's document, whose name stands
    in its second chunk."""
    root = tmp_path / "tiny"
    (root / "qrels").mkdir(parents=True)
    corpus = [{"_id": word, "title": word, "text": f"{word} text"} for word in WORDS]
    queries = [{"_id": f"q{i}", "text": f"{word} dose"} for i, word in enumerate(WORDS)]
    (root / "corpus.jsonl").write_text("".join(json.dumps(d) + "\n" for d in corpus))
    (root / "queries.jsonl").write_text("".join(json.dumps(q) + "\n" for q in queries))
    rows = "".join(f"q{i}\t{word}\t1\n" for i, word in enumerate(WORDS))
    (root / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + rows)
    return load(root, "test")


def hit(word: str, part: int) -> Hit:
    text = f"{word} dose" if part else "general remarks <b>on</b> cDNA at http://example.org"
    chunk = Chunk(
        id=f"tiny:{word}#0:{part}-9",
        document_id=f"tiny:{word}",
        section=0,
        heading="",
        start=part,
        end=9,
        text=text,
    )
    return Hit(chunk=chunk, metadata=Metadata(title="", origin=Origin(path="x", format="beir")))


HITS = {h.chunk.id: h for h in (hit(word, part) for word in WORDS for part in (0, 1))}


class Source:
    """Finds every document in one order, its first chunk before its second; counts what it is asked."""

    def __init__(self) -> None:
        self.searched: list[str] = []
        self.looked_up = 0

    def search(self, question, retriever, passages):
        self.searched.append(question)
        stage = {"bm25": "bm25", "dense": "dense", "hybrid": "fused"}[retriever]
        words = WORDS if retriever == "bm25" else WORDS[::-1]
        found = [HITS[f"tiny:{word}#0:{part}-9"] for word in words for part in (0, 1)]
        hits = tuple(
            replace(h, scores=Scores(**{stage: 1 / (i + 1)}), ranks=Ranks(**{stage: i + 1}))
            for i, h in enumerate(found[:passages])
        )
        return Ranking(hits=hits, ranked_by=retriever, milliseconds=float(len(self.searched)))

    def lookup(self, ids):
        self.looked_up += 1
        return {key: HITS[key] for key in ids}


class Counting(WordOverlap):
    """Word overlap that records its questions, and may break at one of them."""

    def __init__(self, breaks_at: int | None = None, error: BaseException | None = None) -> None:
        self.asked: list[tuple[str, int]] = []
        self.breaks_at, self.error = breaks_at, error

    def score(self, query, passages):
        if self.error is not None and len(self.asked) == self.breaks_at:
            raise self.error
        self.asked.append((query, len(passages)))
        return super().score(query, passages)


def run(dataset, out, rerankers: dict[str, Reranker], source=None, retrievers=("bm25", "dense"), **options):
    def loader(spec):
        if spec not in rerankers:
            raise ConfigError(f"{spec!r}: known are {', '.join(rerankers)}")
        return rerankers[spec]

    source = source or Source()
    settings = {"depth": 5, "library": "tiny-1", **options}
    return evaluate(
        dataset,
        source.search,
        source.lookup,
        loader,
        retrievers=retrievers,
        rerankers=("none", *rerankers),
        out=out,
        **settings,
    )


def test_measures_save_and_compare(dataset, tmp_path):
    out = tmp_path / "out"
    found = run(dataset, out, {"overlap": WordOverlap()})
    assert [r.name for r in found.runs] == ["bm25.none", "dense.none", "bm25.overlap", "dense.overlap"]
    assert (found.dataset, found.split, found.n_queries, found.depth) == ("tiny", "test", 8, 5)
    bm25, _, over, _ = found.runs
    # the pool of bm25 holds the first five documents: each found at its place in WORDS
    assert bm25.metrics["mrr@10"] == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 5) / 8)
    assert bm25.pool_recall == over.pool_recall == over.metrics["recall@100"] == 5 / 8
    assert over.metrics["mrr@10"] == 5 / 8  # the reranker puts the right one first wherever it is there
    assert bm25.passages == 10
    assert set(over.per_query) == set(dataset.queries)
    assert over.per_query["q7"] == 0.0
    assert over.ranked_by == {"overlap": 8}
    assert len(found.comparisons) == 6 + 2  # pairs by nDCG@10; the rule for each reranker
    same = next(c for c in found.comparisons if (c.a, c.b) == ("bm25.overlap", "dense.overlap"))
    assert same.p == 1 or same.delta == 0
    assert {p.name for p in (out / "runs").glob("*.trec")} == {f"{r.name}.trec" for r in found.runs}
    assert results.load(out / "results.json") == found


def test_numbers_are_those_of_the_saved_runs(dataset, tmp_path):
    found = run(dataset, tmp_path, {"overlap": WordOverlap()})
    for one in found.runs:
        saved = per_query(dataset.qrels, trec.ranked(trec.load(tmp_path / one.file)))
        for metric in METRICS:
            assert one.of(metric) == pytest.approx(saved[metric], abs=1e-6)
        assert one.per_query == saved["ndcg@10"]


def test_a_document_has_the_score_of_its_best_passage(dataset, tmp_path):
    run(dataset, tmp_path, {"overlap": WordOverlap()}, retrievers=("bm25",))
    ranked = trec.load(tmp_path / "runs" / "bm25.overlap.trec")
    assert ranked["q2"][0] == ("warfarin", 2.0)
    assert [doc for doc, _ in ranked["q2"]][1:] == ["aspirin", "statin", "insulin", "metformin"]


def test_every_reranker_scores_the_same_pool(dataset, tmp_path):
    one, two = Counting(), Counting()
    run(dataset, tmp_path, {"one": one, "two": two})
    assert one.asked == two.asked
    assert len(one.asked) == 16
    assert {count for _, count in one.asked} == {10}


def test_a_second_call_computes_nothing(dataset, tmp_path):
    first = run(dataset, tmp_path, {"overlap": Counting()})
    source, again = Source(), Counting()
    second = run(dataset, tmp_path, {"overlap": again}, source)
    assert (source.searched, again.asked) == ([], [])
    assert second == first


def test_a_longer_limit_only_does_the_rest(dataset, tmp_path):
    folder = dataset.corpus.parent
    run(load(folder, "test", limit=3), tmp_path, {"overlap": Counting()}, retrievers=("bm25",))
    source, more = Source(), Counting()
    found = run(dataset, tmp_path, {"overlap": more}, source, retrievers=("bm25",))
    assert len(source.searched) == len(more.asked) == 5
    assert found.n_queries == 8


@pytest.mark.parametrize("change", [{"library": "tiny-2"}, {"depth": 4}])
def test_another_library_or_depth_starts_anew(dataset, tmp_path, change):
    run(dataset, tmp_path, {"overlap": Counting()})
    again = Counting()
    run(dataset, tmp_path, {"overlap": again}, **change)
    assert len(again.asked) == 16


def test_new_weights_under_an_old_name_are_not_old_runs(dataset, tmp_path):
    class Trained(Counting):
        revision = "of today"

    run(dataset, tmp_path, {"overlap": Counting()})
    source, again, same = Source(), Trained(), Trained()
    run(dataset, tmp_path, {"overlap": again}, source)
    run(dataset, tmp_path, {"overlap": same})
    assert (len(source.searched), len(again.asked), len(same.asked)) == (0, 16, 0)


def test_an_interruption_keeps_what_is_done(dataset, tmp_path):
    broken = Counting(5, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        run(dataset, tmp_path, {"overlap": broken}, retrievers=("bm25",))
    assert not (tmp_path / "results.json").exists()
    source, rest = Source(), Counting()
    found = run(dataset, tmp_path, {"overlap": rest}, source, retrievers=("bm25",))
    assert source.searched == []
    assert [q for q, _ in rest.asked] == [f"{word} dose" for word in WORDS[5:]]
    whole = run(dataset, tmp_path / "whole", {"overlap": Counting()}, retrievers=("bm25",))
    assert [r.metrics for r in found.runs] == [r.metrics for r in whole.runs]


def test_a_line_cut_by_a_kill_is_done_again(dataset, tmp_path):
    run(dataset, tmp_path, {"overlap": Counting()}, retrievers=("bm25",))
    journal = tmp_path / "runs" / "bm25.overlap.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])
    rest = Counting()
    run(dataset, tmp_path, {"overlap": rest}, retrievers=("bm25",))
    assert [q for q, _ in rest.asked] == ["lithium dose"]
    assert len(journal.read_text().splitlines()) == 9


def test_a_failing_reranker_costs_its_own_runs_alone(dataset, tmp_path):
    missing = Counting(0, ModelMissing("medcpt is not on this machine; assistant models pull medcpt"))
    with pytest.raises(AssistantError, match=r"bm25\.medcpt failed: medcpt is not .* \(and 1 more\)"):
        run(dataset, tmp_path, {"medcpt": missing, "overlap": WordOverlap()})
    found = results.load(tmp_path / "results.json")
    assert [f.run for f in found.failed] == ["bm25.medcpt", "dense.medcpt"]
    assert "bm25.overlap" in [r.name for r in found.runs]
    assert "bm25.medcpt: medcpt is not on this machine" in (tmp_path / "report.html").read_text()


def test_an_unknown_reranker_stops_before_anything_runs(dataset, tmp_path):
    source = Source()
    with pytest.raises(ConfigError, match="known are"):
        evaluate(
            dataset,
            source.search,
            source.lookup,
            lambda spec: (_ for _ in ()).throw(ConfigError(f"{spec}: known are none, late")),
            retrievers=("bm25",),
            rerankers=("nonsense",),
            depth=5,
            out=tmp_path / "out",
            library="x",
        )
    assert source.searched == []
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("wrong", [{"retrievers": ()}, {"depth": 0}])
def test_wrong_use(dataset, tmp_path, wrong):
    with pytest.raises(UsageError, match="an evaluation needs"):
        run(dataset, tmp_path, {}, **wrong)


def test_a_folder_that_cannot_be_written(dataset, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        run(dataset, tmp_path / "file", {})


def test_a_full_disk_is_one_line_and_leaves_a_usable_folder(dataset, tmp_path, monkeypatch):
    from eval.journal import Journal

    append, written = Journal.append, []

    class Full:
        def __init__(self, file):
            self.file = file

        def write(self, data):
            raise OSError(28, "No space left on device")

        def close(self):
            self.file.close()

    def fills_up(self, entry):
        written.append(entry)
        if len(written) == 4:
            self._file = Full(self._file)
        append(self, entry)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", fills_up)
        with pytest.raises(
            InputError, match=r"bm25\.none\.jsonl: cannot be written: No space left on device"
        ):
            run(dataset, tmp_path, {}, retrievers=("bm25",))
    source = Source()
    run(dataset, tmp_path, {}, source, retrievers=("bm25",))
    assert len(source.searched) == 5


def test_latency_leaves_the_cold_queries_out(dataset, tmp_path):
    """The fake search takes 1, 2, ... 8 ms; the first three are cold, the median of 4..8 is 6."""
    found = run(dataset, tmp_path, {}, retrievers=("bm25",))
    assert found.runs[0].latency_ms["p50"] == 6.0
    assert found.runs[0].latency_ms["p95"] == pytest.approx(7.8)


def test_latency_adds_up_the_stages(dataset, tmp_path):
    class Slow(WordOverlap):
        def score(self, query, passages):
            time.sleep(0.004)
            return super().score(query, passages)

    found = run(dataset, tmp_path, {"slow": Slow()}, retrievers=("bm25",))
    times = found.runs[1].latency_ms
    assert times["rerank_p50"] >= 4
    assert times["p50"] >= times["retrieve_p50"] + 4


def test_progress_names_stage_and_counts(dataset, tmp_path):
    seen = []
    run(
        dataset,
        tmp_path,
        {"keep": KeepOrder()},
        retrievers=("bm25",),
        progress=lambda *step: seen.append(step),
    )
    assert seen[0] == ("bm25", 0, 8)
    assert ("bm25", 8, 8) in seen
    assert seen[-1] == ("bm25.keep", 8, 8)


def test_specs_with_signs_have_their_own_files(dataset, tmp_path):
    specs = {
        "cascade(a@100>20,b)": WordOverlap(),
        "cascade(a@100>20, b)": KeepOrder(),
        "dir/model": KeepOrder(),
    }
    found = run(dataset, tmp_path, specs, retrievers=("bm25",))
    files = {r.file for r in found.runs}
    assert len(files) == 4
    assert all((tmp_path / name).is_file() and name.count("/") == 1 for name in files)


def test_moves_show_the_passages(dataset, tmp_path):
    found = run(dataset, tmp_path, {"overlap": WordOverlap()}, retrievers=("bm25",))
    assert [m.query for m in found.moves] == ["q4", "q3", "q2", "q1"]  # q0 was first, q5 to q7 are not there
    top = found.moves[0]
    assert (top.a, top.b, top.before < top.after) == ("bm25.none", "bm25.overlap", True)
    first = top.passages[0]
    assert (first.document, first.grade, first.rank_a, first.rank_b) == ("metformin", 1, 5, 1)
    assert first.text == "metformin dose"


class Paid(WordOverlap):
    """Word overlap that says it asked a service: half a cent a call."""

    def judge(self, query, hits):
        used = Usage(calls=1, input_tokens=100, money=0.005, currency="USD", prices_dated="2026-01")
        return replace(super().judge(query, hits), usage=used)


def test_cost_is_counted_and_survives_an_interruption(dataset, tmp_path):
    paid = Paid()
    first = run(dataset, tmp_path, {"paid": paid}, retrievers=("bm25",)).runs[1]
    again = run(
        dataset, tmp_path, {"paid": Counting(0, KeyError("not asked again"))}, retrievers=("bm25",)
    ).runs[1]
    assert first.cost == again.cost
    assert (first.cost.calls, first.cost.input_tokens) == (8, 800)
    assert first.cost.money == pytest.approx(0.04)
    assert "0.0400 USD" in (tmp_path / "report.html").read_text()
