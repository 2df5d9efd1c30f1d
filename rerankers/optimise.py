"""A cross-encoder's folder -> the same in int8, for the engine."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from assistant.engine import GRAPH, Classifier, unfit
from assistant.errors import ModelError, UsageError
from assistant.models import MADE, Record, locate, revision, sha256, write_record

PAIRS = 100
TOKENS = 256
_COPIED = ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")


def optimise(
    name: str, models: Path, pairs: Sequence[tuple[str, str]], out: Path | None = None, threads: int = 0
) -> Path:
    """Write the int8 model of `name` to `out`, else into the models folder as NAME-int8; the new folder.

    `pairs`: questions and passages for the calibration, of which at most PAIRS are read. Loading compares
    every file with its digest. Raises ModelMissing, ModelError when the model is not one of the engine's,
    UsageError when the new folder is there already.
    """
    from assistant.engine.int8 import quantise

    folder = locate(name, models)
    reason = "it is already in int8" if (folder / GRAPH).is_file() else unfit(folder)
    if reason:
        raise ModelError(f"{folder}: cannot be optimised: {reason}")
    target = out or models / f"{Path(name).name}-int8"
    if target.exists():
        raise UsageError(f"{target} is there already; delete it, or name another folder with --out")
    partial = target.with_name(f"{target.name}.partial")
    partial.mkdir(parents=True, exist_ok=True)
    try:
        questions, passages = zip(*pairs[:PAIRS], strict=True)
        rows = Classifier(folder, max_tokens=TOKENS).tokens.pairs(questions, passages)
        files = quantise(folder, partial, rows, threads)
        files += [Path(shutil.copy2(folder / f, partial)) for f in _COPIED if (folder / f).is_file()]
        digests = {file.name: sha256(file) for file in files}
        write_record(partial, Record(hub=MADE, revision=f"int8 of {revision(folder)}", files=digests))
        return partial.rename(target)
    finally:
        if partial.exists():
            shutil.rmtree(partial)
