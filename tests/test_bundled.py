"""The cross-encoder that the repository carries."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

import rerankers
from assistant.config import Settings
from assistant.errors import ModelError
from assistant.models import check, intact
from assistant.types import Chunk, Hit, Metadata, Origin, Ranks, Scores
from rerankers.catalog import BUNDLED, BUNDLED_TOKENS

FOLDER = Path(str(files("rerankers"))) / "bundled"
PAIRS = (  # a question, what answers it, what shares its words and does not
    (
        "How is warfarin reversed in major bleeding?",
        "In major bleeding on warfarin, give four-factor prothrombin complex concentrate with vitamin K.",
        "Major depression is treated with a selective serotonin reuptake inhibitor or with psychotherapy.",
    ),
    (
        "Which gene is mutated in cystic fibrosis?",
        "Cystic fibrosis is caused by mutations of the CFTR gene, which encodes a chloride channel.",
        "Pulmonary fibrosis is a scarring of the lung; its cause often stays unknown.",
    ),
    (
        "metformin and kidney function",
        "Metformin is contraindicated when the estimated glomerular filtration rate is below 30.",
        "Liver function is monitored while methotrexate is taken.",
    ),
)


def hit(number: int, text: str, bm25: float | None, dense: float | None) -> Hit:
    chunk = Chunk(
        id=f"d{number}#0:0-1",
        document_id=f"d{number}",
        section=0,
        heading="",
        start=0,
        end=len(text),
        text=text,
    )
    meta = Metadata(title="", origin=Origin(path="x", format="text"))
    return Hit(chunk=chunk, metadata=meta, scores=Scores(bm25=bm25, dense=dense), ranks=Ranks())


@pytest.mark.parametrize(("question", "answer", "other"), PAIRS)
def test_what_answers_stands_above_what_shares_words(question: str, answer: str, other: str) -> None:
    good, bad = rerankers.load(BUNDLED).score(question, [answer, other])
    assert good > bad


def test_its_files_are_as_they_were_made_and_small() -> None:
    intact(FOLDER)
    megabytes = sum(file.stat().st_size for file in FOLDER.iterdir()) / 1e6
    assert megabytes <= 30
    assert [found.problem for found in check(Path("nowhere")) if found.entry.id == BUNDLED] == [""]


@pytest.mark.parametrize(
    "name", ["model.bin", "model.xml", "model.safetensors", "tokenizer.json", "config.json"]
)
def test_a_damaged_file_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(FOLDER, folder)
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ModelError, match=rf"{name}.*is not the file that was made"):
        rerankers.load(str(folder)).score("dose", ["The dose is 5 mg."])


def test_bundled_is_the_cross_encoder_fused_with_the_first_stage() -> None:
    question, answer, other = PAIRS[0]
    own = rerankers.load(BUNDLED).score(question, ["\n" + answer, "\n" + other])
    assert own[0] > own[1]
    pool = [hit(1, other, 3.0, 0.9), hit(2, answer, 1.0, 0.1)]
    ranking = rerankers.load("bundled").rerank(question, pool)
    assert ranking.ranked_by == "bundled"
    assert ranking.degraded == ()
    # z-scores of two values are 1 and -1: 0.35 + 0.35 for the first stage against 0.3
    assert [h.chunk.document_id for h in ranking.hits] == ["d1", "d2"]
    assert [h.scores.rerank for h in ranking.hits] == pytest.approx([0.4, -0.4])
    split = [
        replace(h, scores=Scores(bm25=score, dense=0.5)) for h, score in zip(pool, (3.0, 3.0), strict=True)
    ]
    assert [h.chunk.document_id for h in rerankers.load("bundled").rerank(question, split).hits] == [
        "d2",
        "d1",
    ]


def test_the_record_names_the_data_and_no_set_that_forbids_it() -> None:
    record = json.loads((FOLDER / "train.json").read_text("utf-8"))
    assert {data["name"] for data in record["data"]} == {"bioasq", "medquad", "pubmedqa"}
    assert "10b" not in {data["split"] for data in record["data"]}
    assert record["max_tokens"] == BUNDLED_TOKENS
    card = (FOLDER / "README.md").read_text("utf-8")
    assert all(name in card for name in ("BioASQ", "MedQuAD", "PubMedQA", "all-MiniLM-L6-v2"))


def test_it_loads_no_torch(tmp_path: Path) -> None:
    score = "import sys, rerankers; rerankers.load('bundled-ce').score('a dose', ['5 mg'])"
    code = f"{score}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_default_on_a_bare_machine(tmp_path: Path) -> None:
    pool = [hit(1, "x", 1.0, 0.2), hit(2, "y", 0.5, 0.1)]
    ranking = rerankers.load("auto", Settings(models=tmp_path, cache=tmp_path)).rerank("dose", pool)
    assert ranking.ranked_by == "bundled"
    assert all("is not installed" in reason for reason in ranking.degraded)
