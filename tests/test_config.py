from pathlib import Path

import pytest

from assistant.config import load
from assistant.errors import ConfigError


def test_later_layers_win_and_say_where_they_came_from(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('depth = 30\ntop_k = 7\nreranker = "minilm"\n')
    loaded = load(
        {"top_k": 3, "index": None},
        {"ASSISTANT_CONFIG": str(file), "ASSISTANT_DEPTH": "40", "ASSISTANT_INDEX": "", "HOME": "/x"},
    )
    assert (loaded.settings.depth, loaded.settings.top_k, loaded.settings.reranker) == (40, 3, "minilm")
    assert loaded.origin["depth"] == "ASSISTANT_DEPTH"
    assert loaded.origin["top_k"] == "option"
    assert loaded.origin["reranker"] == str(file)
    assert loaded.origin["index"] == "default"


@pytest.mark.parametrize(
    "environ", [{"ASSISTANT_DEPHT": "4"}, {"ASSISTANT_DEPTH": "many"}, {"ASSISTANT_TOP_K": "0"}]
)
def test_an_unknown_or_impossible_value_names_its_place(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=next(iter(environ))):
        load({}, environ)


@pytest.mark.parametrize("text", ["dephts = 3", "depth = ", "[index]\nx = 1", "depth = -1"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "c.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"c\.toml"):
        load({}, {"ASSISTANT_CONFIG": str(file)})


def test_a_missing_file_that_was_asked_for() -> None:
    with pytest.raises(ConfigError, match="not there"):
        load({}, {"ASSISTANT_CONFIG": "/nowhere/c.toml"})


def test_egress_is_a_closed_list() -> None:
    assert load({}, {"ASSISTANT_EGRESS": "cohere, qdrant"}).settings.egress == ("cohere", "qdrant")
    with pytest.raises(ConfigError, match="ASSISTANT_EGRESS"):
        load({}, {"ASSISTANT_EGRESS": "everything"})


def test_secrets_do_not_print() -> None:
    assert "s3cret" not in repr(load({}, {"ASSISTANT_COHERE_API_KEY": "s3cret"}))
