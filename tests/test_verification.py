"""The measure of the verifier, on verifiers written here."""

import json
from dataclasses import replace

import pytest

from assistant.errors import FormatError, InputError
from assistant.types import Sentence
from eval import verification_report
from eval.corruptions import KINDS, UNTOUCHED, Case, Passage
from eval.verification import (
    Labelled,
    auc,
    auc_interval,
    claims,
    corruptions,
    load_claims,
    wilson,
)
from eval.verification_command import verification
from eval.verifier import evidence

PASSAGES = (Passage("A title", "The dose is 5 mg."), Passage("", "Something else."))


def case(kind: str, text: str = "The dose is 5 mg.", *, source: str = "answer", variant: str = "") -> Case:
    return Case(
        kind=kind, variant=variant, source=source, text=text, original=text, citations=(1,), passages=PASSAGES
    )


def contains(sentence: Sentence, given) -> Sentence:
    """Supported when the first passage has it to the letter; a verifier for tests."""
    verdict = "supported" if sentence.text in given[0].hit.chunk.text else "contradicted"
    return replace(sentence, verdict=verdict, reasons=() if verdict == "supported" else ("other words",))


def test_evidence_is_numbered_and_keeps_its_title() -> None:
    first, second = evidence(PASSAGES)
    assert (first.n, second.n) == (1, 2)
    assert (first.hit.metadata.title, first.hit.chunk.text) == ("A title", "The dose is 5 mg.")


def test_detection_and_false_alarms_are_counted_by_kind_variant_and_source() -> None:
    found = corruptions(
        [
            case("number", "The dose is 7 mg."),
            case("number", "The dose is 5 mg.", source="sample"),  # missed
            case("direction", "It fell.", variant="near"),
            case(UNTOUCHED, variant="verbatim"),
            case(UNTOUCHED, variant="verbatim"),
            case(UNTOUCHED, "The dose is 5mg.", variant="rewritten: spacing"),  # a false alarm
        ],
        contains,
    )
    assert (found.cases, found.untouched) == (3, 3)
    assert (found.detected.hits, found.detected.n) == (2, 3)
    assert (found.false_alarms.hits, found.false_alarms.n) == (1, 3)
    rates = {(r.kind, r.variant, r.source): (r.hits, r.n) for r in found.rates}
    assert rates["number", "", ""] == (1, 2)
    assert rates["number", "", "sample"] == (0, 1)
    assert rates["direction", "near", ""] == (1, 1)
    assert rates[UNTOUCHED, "rewritten: spacing", ""] == (1, 1)
    assert rates[UNTOUCHED, "verbatim", ""] == (0, 2)
    assert [(e.kind, e.source, e.reasons) for e in found.examples] == [
        ("number", "sample", ()),
        (UNTOUCHED, "answer", ("other words",)),
    ]


def test_unchecked_is_not_detected() -> None:
    found = corruptions([case("number", "x"), case(UNTOUCHED)], lambda s, e: s)
    assert (found.detected.hits, found.false_alarms.hits) == (0, 0)


def test_wilson_intervals() -> None:
    # 9 of 10: centre (0.9 + 3.8415/20) / 1.38415, half-width 1.96 sqrt(0.009 + 3.8415/400) / 1.38415
    assert wilson(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson(20, 20)[1] == 1.0
    assert wilson(0, 0) == (0.0, 1.0)


def test_auc_counts_ties_half() -> None:
    assert auc([0.9, 0.4], [0.4, 0.1]) == (1 + 1 + 0.5 + 1) / 4
    assert auc([1.0], [0.0]) == 1.0
    low, high = auc_interval([0.9, 0.8, 0.4] * 5, [0.5, 0.1, 0.2] * 5)
    assert low <= auc([0.9, 0.8, 0.4], [0.5, 0.1, 0.2]) <= high


CLAIMS = [
    Labelled("a", "SUPPORT", ("p",)),
    Labelled("b", "SUPPORT", ("p",)),
    Labelled("c", "CONTRADICT", ("p",)),
    Labelled("d", "NOT_ENOUGH_INFO", ("p",)),
]
SAID = {
    "a": ("supported", 0.9),
    "b": ("unsupported", 0.3),
    "c": ("supported", 0.6),
    "d": ("unsupported", 0.1),
}


def test_claims_by_label() -> None:
    found = claims(CLAIMS, lambda claim, passages: SAID[claim], file="claims.jsonl")
    assert found.auc == 3 / 4  # a over both, b over d alone
    assert found.auc_by_label == {"CONTRADICT": 0.5, "NOT_ENOUGH_INFO": 1.0}
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)
    assert found.confusion["SUPPORT"] == {"supported": 1, "unsupported": 1}
    contradict, unknown = found.classes[1:]
    assert (contradict.precision, contradict.recall) == (0.0, 0.0)
    assert (unknown.precision, unknown.recall) == (0.5, 1.0)


def test_claims_need_both_sides() -> None:
    with pytest.raises(InputError, match="supported"):
        claims(CLAIMS[:2], lambda claim, passages: SAID[claim], file="claims.jsonl")


def test_a_file_of_claims(tmp_path) -> None:
    path = tmp_path / "claims.jsonl"
    rows = [
        {"claim": "It works.", "label": "SUPPORT", "sentences": ["One.", "Two."]},
        {"claim": "It works.", "label": "PERHAPS", "sentences": ["One."]},
        {"claim": "It works.", "sentences": ["One."]},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "{broken\n")
    found, skipped = load_claims(path)
    assert found == [Labelled("It works.", "SUPPORT", ("One. Two.",))]
    assert ["line 2" in skipped[0], "line 3: no 'label'" in skipped[1], "line 4" in skipped[2]] == [True] * 3
    path.write_text("{}\n")
    with pytest.raises(FormatError, match="no line is a claim"):
        load_claims(path)


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "set"
    (root / "qrels").mkdir(parents=True)
    text = "In 412 adults examplinib 5 mg twice daily reduced stroke. Nausea was not common in this study."
    (root / "corpus.jsonl").write_text(json.dumps({"_id": "d", "title": "A trial", "text": text}) + "\n")
    ideal = {"ideal": ["In 412 adults examplinib 5 mg twice daily reduced stroke."], "type": "summary"}
    query = {"_id": "q", "text": "Does examplinib work?", "metadata": ideal}
    (root / "queries.jsonl").write_text(json.dumps(query) + "\n")
    (root / "qrels" / "test.tsv").write_text("q\td\t1\n")
    return root


def test_the_whole_evaluation(folder, tmp_path) -> None:
    from assistant.config import Settings

    found = verification(folder, "test", Settings(), out=tmp_path / "out", each=3, seed=0)
    assert found.corruptions is not None
    assert found.corruptions.cases == 3 * len(KINDS) == found.corruptions.untouched
    saved = json.loads((tmp_path / "out" / "results.json").read_text())
    assert saved["corruptions"]["detected"]["n"] == 30
    assert "citation number" in (tmp_path / "out" / "report.html").read_text()
    printed = verification_report.terminal(found)
    assert all(kind in printed for kind in KINDS)


def test_a_folder_without_reference_answers(folder, tmp_path) -> None:
    from assistant.config import Settings

    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "Does it work?"}\n')
    with pytest.raises(InputError, match=r"metadata\.ideal"):
        verification(folder, "test", Settings(), out=tmp_path / "out", each=3, seed=0)
