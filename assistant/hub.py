"""Fetching a model's files from the Hugging Face hub, over plain HTTP, resumable and checked.

What the hub speaks: GET api/models/NAME/revision/REVISION?blobs=true lists the files with their size and
digest (sha256 for large files, git's blob sha1 for small ones); GET NAME/resolve/COMMIT/FILE is a file,
and honours Range.
"""

import hashlib
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx

from assistant.errors import ModelError, ServiceError

ATTEMPTS = 4
# Configuration, tokenizer, pooling and the model card; never code.
_SMALL = re.compile(
    r"(?:\d+_\w+/)?(?:config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|modules"
    r"|config_sentence_transformers|sentence_\w+_config)\.json"
    r"|vocab\.txt|merges\.txt|sentencepiece\.bpe\.model|spm\.model|spiece\.model|README\.md|LICENSE(?:\.\w+)?"
)
_SAFE = re.compile(r"(?:\d+_\w+/)?model(?:-\d+-of-\d+)?\.safetensors(?:\.index\.json)?")
_PICKLED = re.compile(r"(?:\d+_\w+/)?pytorch_model(?:-\d+-of-\d+)?\.bin(?:\.index\.json)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A file of a repository. One of the two digests is known: sha256, or the sha1 of git's blob."""

    name: str
    size: int
    sha256: str | None
    blob: str | None


class Hub:
    """One connection to a hub; HF_ENDPOINT and HF_TOKEN are read as the hub's own tools do."""

    def __init__(self, endpoint: str | None = None, *, timeout: float = 30.0, pause: float = 0.5) -> None:
        self._endpoint = (endpoint or os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
        token = os.environ.get("HF_TOKEN")
        self._http = httpx.Client(
            timeout=timeout,
            follow_redirects=True,
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )
        self._pause = pause

    def __enter__(self) -> "Hub":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def files(self, hub: str, revision: str | None) -> tuple[str, list[Remote]]:
        """The commit that a revision (None: "main") stands for, and the files that a model needs."""
        url = f"{self._endpoint}/api/models/{hub}/revision/{quote(revision or 'main', safe='')}"

        def ask() -> Any:
            reply = self._http.get(url, params={"blobs": "true"})
            _refuse(reply.status_code, hub, revision)
            return reply.json()

        try:
            found = self._retried(ask, hub)
            commit = str(found["sha"])
            remote = [_remote(sibling) for sibling in found["siblings"]]
        except (ValueError, KeyError, TypeError):
            raise ServiceError(f"{hub}: the hub sent a malformed list of files; try again later") from None
        if not re.fullmatch(r"[0-9a-f]{40}", commit) or (revision is not None and commit != revision):
            raise ModelError(f"{hub}: the hub gave commit {commit!r} for {revision or 'main'}; not fetched")
        needed = _needed(remote)
        if not any(_SAFE.fullmatch(f.name) or _PICKLED.fullmatch(f.name) for f in needed):
            raise ModelError(f"{hub}: no weights that can be used (safetensors or pytorch_model.bin)")
        return commit, needed

    def fetch(
        self, hub: str, commit: str, file: Remote, folder: Path, progress: Callable[[str, int, int], None]
    ) -> str:
        """Write one file below `folder`, going on where an earlier call stopped; returns its sha256.

        Raises ModelError when the digest is not the hub's; what was fetched is thrown away then.
        """
        target = folder / file.name
        if not target.is_file():
            part = target.with_name(target.name + ".part")
            part.parent.mkdir(parents=True, exist_ok=True)
            self._retried(lambda: self._append(hub, commit, file, part, progress), hub)
            if not _intact(part, file):
                part.unlink()
                raise ModelError(f"{hub}: {file.name} arrived damaged; run the same command again")
            part.rename(target)
        elif not _intact(target, file):
            target.unlink()
            return self.fetch(hub, commit, file, folder, progress)
        progress(file.name, file.size, file.size)
        with target.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def _append(
        self, hub: str, commit: str, file: Remote, part: Path, progress: Callable[[str, int, int], None]
    ) -> None:
        done = part.stat().st_size if part.exists() else 0
        if done == file.size and part.exists():
            return
        if done > file.size:
            part.unlink()
            done = 0
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
        url = f"{self._endpoint}/{hub}/resolve/{commit}/{quote(file.name)}"
        with self._http.stream("GET", url, headers=headers) as reply:
            _refuse(reply.status_code, hub, commit)
            if reply.status_code != 206:
                done = 0
            with part.open("r+b" if done else "wb") as out:
                out.seek(done)
                for block in reply.iter_bytes():
                    done += len(block)
                    if done > file.size:
                        raise ModelError(f"{hub}: {file.name} is longer than the hub says; not fetched")
                    out.write(block)
                    progress(file.name, done, file.size)
        if done < file.size:
            raise httpx.ReadError("cut short")

    def _retried(self, call: Callable[[], Any], hub: str) -> Any:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return call()
            except (httpx.TransportError, ServiceError) as error:
                if attempt == ATTEMPTS:
                    why = str(error) if isinstance(error, ServiceError) else type(error).__name__
                    raise ServiceError(
                        f"{hub}: the hub failed {ATTEMPTS} times ({why}); the same command goes on from here",
                        retryable=True,
                    ) from error
                time.sleep(self._pause * 2 ** (attempt - 1))
        raise AssertionError("unreachable")


def _refuse(status: int, hub: str, revision: str | None) -> None:
    if status in (401, 403):
        raise ModelError(
            f"{hub}: the hub refuses it ({status}): the name is wrong, or the model is gated; "
            "accept its terms on the hub and set HF_TOKEN"
        )
    if status == 404:
        raise ModelError(f"{hub}: the hub has no such model, or not at {revision or 'main'} (404)")
    if status == 429 or status >= 500:
        raise ServiceError(f"status {status}", retryable=True)
    if status not in (200, 206):
        raise ModelError(f"{hub}: the hub answered {status}")


def _remote(sibling: dict[str, Any]) -> Remote:
    large = sibling.get("lfs")
    return Remote(
        name=str(sibling["rfilename"]),
        size=int(large["size"] if large else sibling["size"]),
        sha256=str(large["sha256"]) if large else None,
        blob=None if large else str(sibling["blobId"]),
    )


def _needed(files: list[Remote]) -> list[Remote]:
    """Configuration and tokenizer, and of each folder's weights the pickles only where nothing else is."""
    safe = {Path(f.name).parent for f in files if _SAFE.fullmatch(f.name)}
    return [
        f
        for f in files
        if _SMALL.fullmatch(f.name)
        or _SAFE.fullmatch(f.name)
        or (_PICKLED.fullmatch(f.name) and Path(f.name).parent not in safe)
    ]


def _intact(file: Path, remote: Remote) -> bool:
    if file.stat().st_size != remote.size:
        return False
    with file.open("rb") as stream:
        if remote.sha256 is not None:
            return hashlib.file_digest(stream, "sha256").hexdigest() == remote.sha256
        blob = hashlib.sha1(b"blob %d\0" % remote.size, usedforsecurity=False)
        blob.update(stream.read())
        return blob.hexdigest() == remote.blob
