"""`assistant train reranker` from end to end: a toy collection, a tiny base, the fake encoder."""

import json
import resource
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant import encoders
from assistant.cli_train import train_app
from assistant.config import Settings
from assistant.encoders.base import HashEncoder
from assistant.errors import AssistantError, InputError, ModelMissing, UsageError
from assistant.models import sha256
from eval.data import load as load_data
from rerankers import load
from rerankers.train import Watch, claim, train
from rerankers.training.card import card
from rerankers.training.plan import Plan, source
from tests import tiny
from tests.train_parts import folder


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(encoders, "load", lambda name, settings: HashEncoder())
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda app: str(tmp_path / "cache"))
    return Settings(index=tmp_path / "own", models=tmp_path / "models")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    toy = folder(tmp_path / "toy")
    return Plan(
        data=(source(f"{toy}:train", "CC BY 4.0"),),
        dev=(source(f"{toy}:dev"),),
        base=str(tiny.bert_encoder(tmp_path / "tiny-base")),
        out=tmp_path / "out",
        steps=6,
        lists=2,
        passages=4,
        max_tokens=64,
        every=2,
        dev_depth=5,
        precision="fp32",
    )


def test_a_folder_that_loads_with_its_record_and_card(plan: Plan, settings: Settings, tmp_path: Path) -> None:
    record = train(plan, settings)
    assert json.loads((plan.out / "train.json").read_text()) == json.loads(json.dumps(record))
    scores = load(str(plan.out), settings).score("What is the dose?", ["Note\nThe dose is 5 mg.", "\nHeart."])
    assert len(scores) == 2
    assert record["weights"]["model.safetensors"] == sha256(plan.out / "model.safetensors")
    (learned,) = record["data"]
    assert (learned["name"], learned["split"], learned["licence"]) == ("toy", "train", "CC BY 4.0")
    assert learned["questions"] == 4
    assert learned["lists"]["question"] == 4
    assert learned["sha256"]["corpus"] == load_data(tmp_path / "toy", "train").digest
    assert [point["step"] for point in record["curve"]] == [2, 4, 6]
    assert record["best"] in record["curve"]
    assert record["best"]["dev"]["toy:dev"] == max(point["dev"]["toy:dev"] for point in record["curve"])
    assert record["options"]["seed"] == 0
    assert record["versions"]["torch"]
    text = (plan.out / "README.md").read_text()
    assert text == card(json.loads(json.dumps(record)))
    assert "| toy | train | CC BY 4.0 | 4 |" in text
    assert (
        f"| toy dev | 2 | {record['first_stage']['toy:dev']:.3f} | {record['best']['dev']['toy:dev']:.3f} |"
        in text
    )
    for before, said in ((0.0, False), (1.1, True)):
        told = card({**record, "first_stage": {"toy:dev": before}})
        assert ("On toy:dev it ranks worse than the hybrid search alone." in told) is said
    assert str(tmp_path) not in text + (plan.out / "train.json").read_text()
    assert not (plan.out / "run" / "checkpoint.pt").exists()
    assert not (plan.out / "run" / "model").exists()


def test_without_a_dev_set_the_last_step_is_kept(plan: Plan, settings: Settings) -> None:
    record = train(replace(plan, dev=(), steps=3), settings)
    assert record["best"]["step"] == 3
    text = (plan.out / "README.md").read_text()
    assert "None were measured" in text
    assert load(str(plan.out), settings).score("dose", ["\nheart"])


def test_interrupted_and_resumed_it_is_the_same_model(plan: Plan, settings: Settings, tmp_path: Path) -> None:
    whole = train(plan, settings)

    def press(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("Training", 2):
            signal.raise_signal(signal.SIGINT)

    again = replace(plan, out=tmp_path / "again")
    with pytest.raises(KeyboardInterrupt):
        train(again, settings, watch=Watch(progress=press))
    assert load(str(again.out), settings).score("dose", ["\nheart"])  # the best so far can be used
    with pytest.raises(InputError, match="holds this run already; go on with --resume"):
        train(again, settings)
    with pytest.raises(InputError, match=r"holds another run \(it differs in seed\)"):
        train(replace(again, seed=7), settings, resume=True)
    resumed = train(again, settings, resume=True)
    assert resumed["curve"] == whole["curve"]
    assert resumed["weights"] == whole["weights"]
    told: list[str] = []
    assert train(again, settings, resume=True, watch=Watch(note=told.append)) == json.loads(
        json.dumps(resumed)
    )
    assert told == [f"{again.out}: this run is finished"]


def test_no_dev_question_is_learned_from(plan: Plan, settings: Settings, tmp_path: Path) -> None:
    told: list[str] = []
    both = tmp_path / "toy" / "qrels"
    (both / "all.tsv").write_text((both / "train.tsv").read_text() + (both / "dev.tsv").read_text())
    leaky = replace(plan, data=(source(f"{tmp_path / 'toy'}:all"),), dev_limit=1, steps=2)
    record = train(leaky, settings, watch=Watch(note=told.append))
    assert told[0] == "toy:all: 2 questions of a dev set are left out"  # all of the split, not the one asked
    assert record["data"][0]["questions"] == 4
    lists = (plan.out / "run" / "lists-1.jsonl").read_text()
    assert "q-warfarin" in lists
    assert "q-digoxin" not in lists
    assert "q-statin" not in lists
    every = replace(leaky, dev=leaky.data, out=tmp_path / "other")
    with pytest.raises(
        InputError, match="toy:all: nothing to learn from, its 6 questions are those of the dev"
    ):
        train(every, settings)


def test_the_record_of_a_base_that_was_trained_here(plan: Plan, settings: Settings, tmp_path: Path) -> None:
    first = train(replace(plan, steps=2), settings)
    second = train(replace(plan, steps=2, base=str(plan.out), out=tmp_path / "on"), settings)
    assert second["before"] == json.loads(json.dumps(first))
    assert first["before"] is None
    text = (tmp_path / "on" / "README.md").read_text()
    assert "The base was itself trained here, for 2 steps from tiny-base" in text
    assert "toy train (CC BY 4.0)" in text


def test_a_teacher_stands_in_the_record(plan: Plan, settings: Settings, tmp_path: Path) -> None:
    teacher = tiny.bert_reranker(tmp_path / "teacher")
    record = train(replace(plan, teachers=(str(teacher),), steps=2), settings)
    assert record["teachers"][0].startswith("teacher@sha256:")
    lists = (plan.out / "run" / "lists-1.jsonl").read_text().splitlines()[1:]
    assert all(json.loads(line)["teacher"] for line in lists if json.loads(line)["negatives"])
    text = (plan.out / "README.md").read_text()
    assert "that the teachers put above it" in text
    assert "kl (share 0.5) from teacher@" in text


def test_what_cannot_be_used(plan: Plan, settings: Settings, tmp_path: Path) -> None:
    def fails(said: str, kind: type[AssistantError], **other: object) -> None:
        with pytest.raises(kind, match=said):
            train(replace(plan, **other), settings)  # type: ignore[arg-type]
        assert not plan.out.exists()

    fails("no such folder, and not in the catalogue", ModelMissing, base=str(tmp_path / "none"))
    fails("config.json or weights are missing", ModelMissing, base=str(tmp_path / "toy"))
    fails(
        "no split 'test'; there are: dev, none, train", InputError, data=(source(f"{tmp_path / 'toy'}:test"),)
    )
    fails("no split 'test'", InputError, dev=(source(f"{tmp_path / 'toy'}:test"),))
    fails("no such reranker", AssistantError, teachers=("nonsense",))
    plan.out.mkdir()
    (plan.out / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="there is something else already"):
        train(plan, settings)
    with pytest.raises(InputError, match="there is something else already"):
        claim(plan.out / "notes.txt", {}, resume=True)


def test_a_full_disk_while_the_model_is_written(plan: Plan, settings: Settings) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("Training", 1):
            resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))

    try:
        with pytest.raises(InputError, match=r"out: cannot be written: .*free space, then --resume"):
            train(plan, settings, watch=Watch(progress=fill))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (plan.out / "model.safetensors").exists()
    assert train(plan, settings, resume=True)["steps"] == 6


def test_the_command(plan: Plan, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_MODELS", str(tmp_path / "models"))
    toy = tmp_path / "toy"
    options = "--steps 4 --every 2 --lists 2 --passages 4 --max-tokens 64 --kinds question,statement"
    call = [
        *("reranker", "--data", f"{toy}:train@2", "--licence", "CC0", "--dev", f"{toy}:dev"),
        *("--base", plan.base, "--out", str(plan.out), *options.split()),
    ]
    done = CliRunner().invoke(train_app, call, catch_exceptions=False)
    assert done.exit_code == 0
    assert "step 2 of 4: loss " in done.stderr
    assert "s a step" in done.stderr
    assert "of 4 is kept" in done.stdout
    assert "toy:dev                  nDCG@10 " in done.stdout
    record = json.loads((plan.out / "train.json").read_text())
    assert set(record["data"][0]["lists"]) == {"question", "statement"}
    assert record["data"][0]["weight"] == 2
    again = CliRunner().invoke(train_app, [*call, "--resume", "--json"], catch_exceptions=False)
    assert json.loads(again.stdout) == record
    with pytest.raises(UsageError, match="2 --licence for 1 --data"):
        CliRunner().invoke(train_app, [*call, "--licence", "MIT"], catch_exceptions=False)
