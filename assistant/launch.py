"""The web UI over an open index: what `assistant chat` starts."""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import platformdirs
from pydantic import SecretStr

from assistant import build, pipeline
from assistant.config import APP, Loaded, Settings
from assistant.errors import AssistantError, ConfigError
from assistant.functions import Functions
from assistant.index.store import Index
from assistant.shelf import Shelf
from assistant.turns import in_turn
from assistant.workbench import Workbench
from ui.access import SHORTEST_KEY, SHORTEST_PASSWORD, Access, Secret
from ui.conversations import Store
from ui.desk import Desk
from ui.judgements import Judgements
from ui.parts import reader
from ui.render import LibraryCard
from ui.serve import check_access, is_loopback, serve
from ui.uploads import Uploads


def check(loaded: Loaded, host: str, *, openai: bool = False) -> Access:
    """Who may come in. UsageError before anything is loaded: another address than loopback without a
    password, /v1 open to others without a key; ConfigError: a password or key that cannot be used."""
    s = loaded.settings
    access = Access(
        password=secret("password", s.password, s.password_file, SHORTEST_PASSWORD),
        openai=openai,
        key=secret("api_key", s.api_key, s.api_key_file, SHORTEST_KEY),
    )
    check_access(host, access)
    return access


def secret(name: str, words: SecretStr | None, file: Path | None, shortest: int) -> Secret | None:
    """The hash of a setting, or of the first line of its file; None where neither is given."""
    if words is not None and file is not None:
        raise ConfigError(f"{name} and {name}_file are both set; leave one out")
    if words is not None:
        return Secret.read(words.get_secret_value(), shortest, name)
    if file is None:
        return None
    try:
        line = file.expanduser().read_text("utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise ConfigError(f"{name}_file: cannot read {file} ({why})") from None
    return Secret.read(line, shortest, f"{name}_file {file}")


def start(loaded: Loaded, host: str, port: int, note: Callable[[str], None], access: Access) -> None:
    """Serve until stopped. The models load while the page is already up. A new library is empty, and the page
    fills it; on a server's store none is made."""
    begin = time.perf_counter()
    index, encoder = build.open_library(loaded, create=loaded.settings.qdrant_url is None)
    with index:
        parts = build.parts(loaded, index, encoder)
        threading.Thread(target=warm, args=(parts,), daemon=True).start()

        def ready(address: str) -> None:
            note(f"Ready in {time.perf_counter() - begin:.1f} s: {address}  (Ctrl-C stops it)")

        alone = is_loopback(host) and access.password is None
        made = desk(parts, loaded, local=alone)
        try:
            serve(made, host=host, port=port, access=access, ready=ready)
        finally:
            if made.shelf is not None and made.uploads is not None:
                made.shelf.close()
                made.uploads.close()


def desk(parts: pipeline.Parts, loaded: Loaded, *, local: bool = False) -> Desk:
    """The functions that the page works with, over open parts. `local`: nobody but who sits at this machine
    can reach the page, and may add what lies here."""
    versions = dict(parts.versions)
    parts = replace(parts, versions=versions)

    def changed() -> None:
        """The next answer says what it rests on."""
        versions.update(build.versions(parts.index, parts.encoder))

    ranking = loaded.settings.reranker.replace("auto", "the best reranker installed")
    programs = Functions(loaded, parts)
    s = loaded.settings
    judged = Path(platformdirs.user_data_dir(APP)) / "judgements"
    return Desk(
        ask=programs.events,
        describe=lambda: card(parts.index, ranking),
        programs=programs,
        conversations=Store(s.conversations, reader) if s.history else None,
        shelf=Shelf(parts.index, parts.encoder, changed),
        uploads=Uploads(incoming(s)),
        local=local,
        status=lambda: (
            programs.status() | {"versions": versions, "history": str(s.conversations) if s.history else None}
        ),
        bench=Workbench(loaded, parts, programs, judged),
        judgements=Judgements(judged),
    )


def incoming(settings: Settings) -> Path:
    """Where files from browsers wait: a folder for each index, which one process holds."""
    place = settings.qdrant_url or str(settings.index.expanduser().absolute())
    digest = hashlib.sha256(f"{place} {settings.collection}".encode()).hexdigest()[:12]
    return settings.cache.expanduser().absolute() / "uploads" / digest


def warm(parts: pipeline.Parts) -> None:
    """Load the models before the first question, asking no service; what fails will say so in the answer."""
    try:
        quiet = replace(parts, audit=None, generator=parts.generator.fallback or parts.generator, judge=None)
        for _ in in_turn(pipeline.ask("warming up", quiet)):
            pass
    except AssistantError:
        return


def card(index: Index, reranker: str) -> LibraryCard:
    """What the answers rest on (C2)."""
    about = index.manifest
    gaps = ["English only"]
    if about.retraction_snapshot is None:
        gaps.append("retractions known only as far as the records themselves say")
    return LibraryCard(
        documents=about.documents,
        chunks=about.chunks,
        updated=about.updated,
        encoder=about.encoder,
        reranker=reranker,
        gaps=tuple(gaps),
    )
