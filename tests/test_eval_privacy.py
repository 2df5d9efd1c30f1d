"""Invented questions are what they say, and the measurement counts them rightly."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.errors import InputError
from assistant.privacy import KINDS
from eval.privacy.measure import alarms, recall, texts_of
from eval.privacy.synthetic import Item, questions
from eval.privacy.templates import HELD, SEEN

MADE = list(questions())


def test_at_least_1500_and_as_many_of_each_class() -> None:
    assert len(MADE) >= 1500
    assert {kind: sum(i.kind == kind for i in MADE) for kind in KINDS} == dict.fromkeys(KINDS, 90)
    assert sum(i.held for i in MADE) == len(MADE) // 2
    assert not {t for ts in SEEN.values() for t in ts} & {t for ts in HELD.values() for t in ts}


def test_each_has_its_identifier_where_it_says() -> None:
    for item in MADE:
        words = item.text[item.start : item.end]
        assert words
        assert words == words.strip()
        assert not set("<>{}~") & set(item.text)
    assert [i.text for i in questions(3, each=2)] == [i.text for i in questions(3, each=2)]
    assert [i.text for i in questions(3, each=2)] != [i.text for i in questions(4, each=2)]


def test_a_part_of_an_identifier_is_not_found() -> None:
    whole = Item("SSN 078-05-1120", 4, 15, "ssn", held=False, template="")
    half = Item("SSN 078-05-1120 etc", 4, 19, "ssn", held=True, template="")
    no = Item("aspirin for him", 12, 15, "name", held=False, template="")
    rows, missed = recall([whole, half, no])
    ssn, name = sorted(rows, key=lambda r: -r.n)
    assert (ssn.n, ssn.found, ssn.blocked, ssn.held_n, ssn.held_found) == (2, 1, 2, 1, 0)
    assert (ssn.recall, ssn.held_recall, ssn.precision) == (0.5, 0.0, 1.0)
    assert (name.n, name.found, name.blocked) == (1, 0, 0)
    assert missed == [half, no]


def test_alarms_are_counted_by_text() -> None:
    found = alarms("set", ["SSN 078-05-1120, MRN 00482913", "aspirin"])
    assert (found.n, found.alarmed, [a.words for a in found.alarms]) == (2, 1, ["078-05-1120", "00482913"])


def test_the_floor_of_what_is_found() -> None:
    """A tenth of the invented questions: no class falls, and nothing else in them is taken for a person."""
    rows, _ = recall(questions(seed=1, each=12))
    assert {r.kind for r in rows if r.recall < 0.6} == set()
    assert sum(r.found for r in rows) / sum(r.n for r in rows) > 0.95
    assert sum(r.right for r in rows) / sum(r.findings for r in rows) > 0.97


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "queries.jsonl").write_text('{"_id": "1", "text": "Dose of aspirin?"}\n')
    done = CliRunner().invoke(app, ["eval", "privacy", str(tmp_path), "--out", str(tmp_path / "out")])
    assert "a finding in 0 of 1 texts" in done.stdout
    kept = json.loads((tmp_path / "out" / "results.json").read_text())
    assert [c["kind"] for c in kept["synthetic"]["classes"]] == list(KINDS)
    with pytest.raises(InputError, match=r"queries\.jsonl"):
        texts_of(tmp_path / "none", "queries")
