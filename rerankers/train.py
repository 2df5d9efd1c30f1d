"""`assistant train reranker`: an encoder and judged data -> a cross-encoder with its record and card.

OUT/                 what `rerankers.load(OUT)` reads: configuration, tokenizer, weights; from the first
                     evaluation on the best so far
OUT/train.json       the record: digests, seed, options, versions, the curve of loss and dev scores
OUT/README.md        the model card, written from the record
OUT/run/             the plan, the mined lists, the frozen dev pools, and until the end the checkpoint
"""

import json
import platform
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from assistant.config import Settings
from assistant.errors import InputError
from assistant.models import locate, revision, sha256
from eval import data
from eval.corpus import library
from eval.data import Dataset
from eval.trec import write_text
from ingest.run import Progress as Ingested
from rerankers import load as load_reranker
from rerankers.base import KeepOrder, Reranker
from rerankers.training import dev, loop, network
from rerankers.training.batches import Pool, batches
from rerankers.training.card import FORMAT, RECORD, card
from rerankers.training.loop import Point
from rerankers.training.plan import Plan, Source
from rerankers.training.prepare import Prepared, prepare
from rerankers.training.tasks import digests, take, without

Progress = Callable[[str, int, int], None]  # stage, done, of


@dataclass(frozen=True)
class Watch:
    """Who is told what while a run goes on."""

    ingesting: Callable[[Ingested], None] | None = None
    progress: Progress = lambda stage, done, total: None
    note: Callable[[str], None] = lambda line: None
    tell: Callable[[Point], None] = lambda point: None


def train(plan: Plan, settings: Settings, *, resume: bool = False, watch: Watch = Watch()) -> dict[str, Any]:
    """Run, or with `resume` go on with, a plan; returns its record.

    Questions of the dev splits are never learned from: a question with the same words is left out of the
    data. Raises ModelMissing or ModelError on a base that cannot be used, InputError on data that cannot be
    used or has nothing to learn from, on a folder that holds something else, and on a full disk.
    """
    base = locate(plan.base, settings.models)
    teachers = [load_reranker(spec, settings) for spec in plan.teachers]
    held = [data.load(source.folder, source.split) for source in plan.dev]
    questions = [question for dataset in held for question in dataset.queries.values()]
    learned = []
    for source in plan.data:
        loaded = data.load(source.folder, source.split)
        kept = without(loaded, questions)
        left_out = len(loaded.queries) - len(kept.queries)
        if left_out:
            watch.note(f"{loaded.name}:{source.split}: {left_out} questions of a dev set are left out")
        learned.append((source, take(kept, plan.limit, plan.seed), left_out))
    asked = [take(dataset, plan.dev_limit, plan.seed) for dataset in held]
    made_of = {
        "options": plan.options(),
        "base": revision(base),
        "teachers": [f"{teacher.name}@{teacher.revision}" for teacher in teachers],
        "data": [{"weight": source.weight, **_marks(dataset)} for source, dataset, _ in learned],
        "dev": [_marks(dataset) for dataset in asked],
    }
    folder = plan.out / "run"
    claim(plan.out, made_of, resume=resume)
    finished = plan.out / RECORD
    if finished.is_file():
        watch.note(f"{plan.out}: this run is finished")
        return dict(json.loads(finished.read_text("utf-8")))
    model = network.load(
        plan.base, settings, max_tokens=plan.max_tokens, precision=plan.precision, seed=plan.seed
    )
    sources = [
        _prepared(number, source, dataset, left_out, teachers, plan, settings, watch)
        for number, (source, dataset, left_out) in enumerate(learned)
    ]
    sets = [_frozen(number, dataset, plan, settings, watch) for number, dataset in enumerate(asked)]
    curve = loop.run(
        model,
        partial(_stream, [prepared.pool for prepared in sources], plan),
        plan,
        checkpoint=folder / "checkpoint.pt",
        evaluate=lambda: dev.measure(sets, network.Live(model)),
        publish=lambda: publish(model, plan.out),
        progress=watch.progress,
        tell=watch.tell,
    )
    record = {
        "format": FORMAT,
        "name": plan.out.resolve().name,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "base": {"name": Path(plan.base).name, "revision": revision(base), "new_head": model.new_head},
        "weights": {"model.safetensors": sha256(plan.out / "model.safetensors")},
        "max_tokens": model.limit,
        "options": plan.options(),
        "steps": curve[-1].step,
        "teachers": made_of["teachers"],
        "encoder": sources[0].encoder,
        "data": [prepared.summary for prepared in sources],
        "dev": [
            {**_marks(dataset), "licence": source.licence}
            for source, dataset in zip(plan.dev, asked, strict=True)
        ],
        "first_stage": dev.measure(sets, KeepOrder()),
        "best": asdict(loop.best(curve)),
        "curve": [asdict(point) for point in curve],
        "notes": _notes(plan, model, sources),
        "hardware": {
            "device": model.device,
            "precision": "bf16" if model.bf16 else "fp32",
            "processor": platform.machine(),
        },
        "before": _before(base),
        "versions": {
            name: version(name) for name in ("clinical-assistant", "torch", "transformers", "tokenizers")
        }
        | {"python": platform.python_version()},
    }
    write_text(plan.out / "README.md", [card(record)])
    write_text(finished, [json.dumps(record, indent=1, ensure_ascii=False), "\n"])
    with suppress(OSError):
        (folder / "checkpoint.pt").unlink()
    return record


def claim(out: Path, made_of: Mapping[str, object], *, resume: bool) -> None:
    """Make `out` this run's folder. Raises InputError when it holds something else, or without `resume` when
    it holds this run."""
    path = out / "run" / "plan.json"
    wanted = json.loads(json.dumps(made_of))
    if not path.is_file():
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise InputError(f"{out}: there is something else already; choose another folder for --out")
        write_text(path, [json.dumps(wanted, indent=1), "\n"])
        return
    try:
        there = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        raise InputError(f"{path}: unreadable; choose another folder for --out") from None
    if there != wanted:
        other = ", ".join(_differences(there, wanted))
        raise InputError(f"{out}: holds another run (it differs in {other}); choose another folder for --out")
    if not resume:
        raise InputError(f"{out}: holds this run already; go on with --resume, or choose another folder")


def publish(model: network.Network, out: Path) -> None:
    """The model as `rerankers.load(out)` reads it; each file is replaced in one step."""
    from safetensors import SafetensorError
    from transformers.utils import logging

    part = out / "run" / "model"
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model.model.save_pretrained(part)
        model.encode.save_pretrained(part)
        for file in part.iterdir():
            file.replace(out / file.name)
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise InputError(f"{out}: cannot be written: {reason}; free space, then --resume") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _prepared(
    number: int,
    source: Source,
    dataset: Dataset,
    left_out: int,
    teachers: Sequence[Reranker],
    plan: Plan,
    settings: Settings,
    watch: Watch,
) -> Prepared:
    with library(dataset, settings, progress=watch.ingesting) as corpus:
        return prepare(
            source,
            dataset,
            corpus,
            teachers,
            plan,
            path=plan.out / "run" / f"lists-{number + 1}.jsonl",
            left_out=left_out,
            progress=watch.progress,
        )


def _frozen(number: int, dataset: Dataset, plan: Plan, settings: Settings, watch: Watch) -> dev.Dev:
    with library(dataset, settings, progress=watch.ingesting) as corpus:
        path = plan.out / "run" / f"dev-{number + 1}.jsonl"
        return dev.freeze(dataset, corpus, depth=plan.dev_depth, path=path, progress=watch.progress)


def _stream(pools: Sequence[Pool], plan: Plan, start: int) -> Any:
    return batches(pools, lists=plan.lists, passages=plan.passages, seed=plan.seed, start=start)


def _marks(dataset: Dataset) -> dict[str, object]:
    return {
        "name": dataset.name,
        "split": dataset.split,
        "questions": len(dataset.queries),
        "sha256": digests(dataset),
    }


def _before(base: Path) -> dict[str, Any] | None:
    """The record of a base that was itself trained here."""
    path = base / RECORD
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else None


def _notes(plan: Plan, model: network.Network, sources: Sequence[Prepared]) -> list[str]:
    notes = [f"{p.pool.name}: {note}" for p in sources for note in p.notes]
    if model.limit < plan.max_tokens:
        notes.append(f"{plan.max_tokens} tokens were asked for, the base reads {model.limit} at once")
    counted = Counter(said for p in sources for mined in p.pool.lists for said in mined.said)
    return notes + [f"{said} ({count} lists)" for said, count in counted.most_common(5)]


def _differences(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """The names of what differs, options by their own."""
    found = [key for key in wanted if key != "options" and there.get(key) != wanted[key]]
    options = there.get("options") or {}
    return [*found, *(key for key, value in wanted["options"].items() if options.get(key) != value)]
