"""Learning and measuring abstention, worked out by hand, and the two commands over a small library."""

import json
import math
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import encoders
from assistant.answerable import Fit, read
from assistant.config import Settings
from assistant.encoders import HashEncoder
from assistant.errors import UsageError
from eval.abstention import Example, auc, calibration_error, learn, measure, risk_coverage
from eval.calibrate import Source, calibrate, report
from eval.data import load
from eval.questions import even, questions


def example(n: int, answerable: bool, name: str = "s", **signals: float) -> Example:
    return Example(query=str(n), answerable=answerable, signals=signals, ranked_by="x", set=name)


def test_risk_and_coverage_by_hand() -> None:
    """Order: right, wrong, right, wrong; risks 0, 1/2, 1/3, 2/4."""
    found = measure([0.9, 0.8, 0.4, 0.1], [True, False, True, False], threshold=0.4)
    assert [coverage for coverage, _ in found.curve] == [0.25, 0.5, 0.75, 1.0]
    assert [risk for _, risk in found.curve] == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert found.aurc == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert found.auc == 0.75
    assert (found.answered, found.answered_wrongly) == (2, 1)
    assert found.brier == pytest.approx((0.01 + 0.64 + 0.36 + 0.01) / 4)


def test_equal_probabilities_count_as_their_average() -> None:
    found = risk_coverage(np.array([0.5, 0.5, 0.1]), np.array([False, True, True]))
    assert [r for _, r in found] == pytest.approx([0.5, 0.5, 1 / 3])
    assert auc(np.array([0.5, 0.5]), np.array([True, False])) == 0.5


def test_the_calibration_error_by_hand() -> None:
    p, y = np.array([0.25] * 4), np.array([True, False, False, True])
    parts = calibration_error(p, y, np.ones(4))
    assert parts == pytest.approx((0.75 + 0.25 + 0.25 + 0.75) / 4)  # four bins of one


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=40))
@settings(max_examples=60, deadline=None)
def test_the_bounds(pairs: list[tuple[float, bool]]) -> None:
    kinds = {y for _, y in pairs}
    if len(kinds) < 2:
        with pytest.raises(UsageError):
            measure([p for p, _ in pairs], [y for _, y in pairs], 0.3)
        return
    found = measure([p for p, _ in pairs], [y for _, y in pairs], 0.3)
    assert 0 <= found.aurc <= 1
    assert 0 <= found.auc <= 1
    assert found.curve[-1][1] == pytest.approx(1 - found.answerable / found.questions)


def test_learning_finds_the_law_that_made_the_data() -> None:
    draw = random.Random(0)
    made = []
    for n in range(1500):
        x = draw.gauss(0, 1)
        made.append(example(n, draw.random() < 1 / (1 + math.exp(-2 * x)), x=x, noise=draw.gauss(0, 1)))
    bias, weights = learn(made, ("x", "noise"))
    assert bias == pytest.approx(0, abs=0.2)
    assert weights["x"] == pytest.approx(2, abs=0.3)
    assert weights["noise"] == pytest.approx(0, abs=0.2)


def test_sets_and_outcomes_weigh_the_same() -> None:
    """Nine of ten are answerable, and the signal says nothing: the probability is one half."""
    made = [example(n, n % 10 != 0, x=float(n % 2)) for n in range(200)]
    made += [example(n, n % 2 == 0, name="t", x=float(n % 4 < 2)) for n in range(8)]
    bias, weights = learn(made, ("x",))
    fit = Fit(reranker="", bias=bias, weights=weights, about={})
    assert abs(fit.probability({"x": 0.5}) - 0.5) < 0.1


def test_what_cannot_be_learned_is_said() -> None:
    with pytest.raises(UsageError, match="one kind only"):
        learn([example(1, True, x=1.0), example(2, True, x=2.0)], ("x",))
    with pytest.raises(UsageError, match="lacks one of the signals"):
        learn([example(1, True, x=1.0), example(2, False, x=2.0)], ("best",))


def collection(folder: Path, *, marked: bool) -> Path:
    """Sixty notes, each with a question; with marks, also thirty questions that no note answers."""
    (folder / "qrels").mkdir(parents=True)
    words = ["liver", "kidney", "heart", "lung", "skin", "eye"]
    notes, asked, judged = [], [], ["query-id\tcorpus-id\tscore"]
    for n in range(60):
        topic = f"drug{n} {words[n % 6]}"
        notes.append(
            {
                "_id": f"d{n}",
                "title": folder.name,
                "text": f"The usual dose of {topic} disease is {n} mg daily.",
            }
        )
        asked.append({"_id": f"q{n}", "text": f"usual dose of {topic} disease", "metadata": {}})
        judged.append(f"q{n}\td{n}\t1")
    unheard = ((f"u{n}", f"usual dose of unheard{n} thing") for n in range(30 * marked))
    asked += [{"_id": key, "text": text, "metadata": {"answerable": False}} for key, text in unheard]
    for name, rows in (("corpus", notes), ("queries", asked)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "qrels" / "test.tsv").write_text("\n".join(judged) + "\n")
    return folder


def test_documents_of_every_other_question_are_left_out(tmp_path: Path) -> None:
    asked = questions(load(collection(tmp_path / "c", marked=False), "test"))
    assert len(asked) == 60
    assert all(q.answerable != even(q.query) for q in asked)
    assert all(q.without == ({f"d{q.query[1:]}"} if even(q.query) else set()) for q in asked)


def test_a_collection_with_marks_is_halved(tmp_path: Path) -> None:
    dataset = load(collection(tmp_path / "c", marked=True), "test")
    every = {q.query for q in questions(dataset)}
    halves = [{q.query for q in questions(dataset, half=half)} for half in (True, False)]
    assert len(every) == 90
    assert halves[0] | halves[1] == every
    assert not halves[0] & halves[1]
    assert {q.answerable for q in questions(dataset) if q.query.startswith("u")} == {False}


def test_calibrate_then_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.corpus.platformdirs.user_cache_dir", lambda app: str(tmp_path / "cache"))
    monkeypatch.setattr(encoders, "load", lambda *_: HashEncoder(128))
    known = Settings(models=tmp_path / "models", cache=tmp_path / "scores")
    one = Source(collection(tmp_path / "one", marked=True), "test")
    other = Source(collection(tmp_path / "other", marked=False), "test")
    fits, place = calibrate([one], known, reranker="none")
    assert place == tmp_path / "models" / "answerable.json"
    assert read(place) == tuple(fits)
    assert [f.reranker for f in fits] == ["", ""]
    assert fits[0].about["learned_on"][0]["questions"] == sum(even(f"q{n}") for n in range(60)) + sum(
        even(f"u{n}") for n in range(30)
    )
    worth = report(one, known, reranker="none", out=tmp_path / "out")
    found = json.loads((tmp_path / "out" / "results.json").read_text())
    assert found["half"] is True
    assert not {q for q in found["per_query"] if even(q)}
    assert found["abstention"]["auc"] == worth.auc > 0.9
    assert found["fit"]["about"]["learned_on"][0]["dataset"] == "one"
    page = (tmp_path / "out" / "report.html").read_text()
    assert page.count("<svg") == 2
    assert "the half that the fit did not see" in page
    assert report(other, known, reranker="none", out=tmp_path / "out2").questions == 60
    calibrate([other], known, reranker="none")
    with pytest.raises(UsageError, match="the fit was learned on it"):
        report(other, known, reranker="none", out=tmp_path / "out3")
