"""The catalogue is a table: what must hold of each row."""

import re

import pytest

from rerankers.catalog import BY_ID, ENTRIES, RERANKERS, Entry


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.id)
def test_every_entry_is_whole(entry: Entry) -> None:
    assert re.fullmatch(r"[a-z0-9-]+", entry.id)
    if entry.hub is not None:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+", entry.hub)
        assert re.fullmatch(r"[0-9a-f]{40}", entry.revision or "")
    else:
        assert entry.revision is None
    if entry.kind in ("cross-encoder", "encoder"):
        assert entry.domain in ("biomedical", "general")
        assert (entry.parameters or 0) > 0
        assert (entry.max_tokens or 0) >= 64
        assert entry.licence
    if entry in RERANKERS:
        assert entry.scores


def test_ids_and_hub_names_are_unique() -> None:
    assert len(BY_ID) == len(ENTRIES)
    hubs = [e.hub for e in ENTRIES if e.hub]
    assert len(set(hubs)) == len(hubs)


def test_the_rerankers_that_the_comparison_needs_are_there() -> None:
    kinds = {e.id: (e.domain, e.kind) for e in RERANKERS}
    assert {name for name, (domain, _) in kinds.items() if domain == "biomedical"} >= {"medcpt", "pubmedbert"}
    others = {name: kind for name, (_, kind) in kinds.items() if kind != "cross-encoder"}
    assert {n: others[n] for n in ("late", "cohere", "llm", "none")} == {
        "late": "late",
        "cohere": "service",
        "llm": "service",
        "none": "none",
    }
    assert len(kinds) >= 12


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.kind == "service"], ids=lambda e: e.id)
def test_a_service_says_that_something_leaves(entry: Entry) -> None:
    assert "leave this machine" in entry.note
    assert "egress" in entry.note


def test_licences_that_restrict_say_so() -> None:
    assert BY_ID["jina-v2"].licence.startswith("CC-BY-NC-4.0")
    assert BY_ID["bge-large"].licence == "MIT"
    assert BY_ID["bge-m3"].licence == "Apache-2.0"
