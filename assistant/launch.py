"""The web UI over an open index: what `assistant chat` starts."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from assistant import build, pipeline
from assistant.config import Loaded
from assistant.errors import AssistantError
from assistant.index.store import Index
from ui.desk import Desk
from ui.render import LibraryCard
from ui.serve import check_access, serve


def check(loaded: Loaded, host: str) -> None:
    """UsageError before anything is loaded: another address than loopback without a password."""
    check_access(host, _password(loaded))


def start(loaded: Loaded, host: str, port: int, note: Callable[[str], None]) -> None:
    """Serve until stopped. The models load while the page is already up."""
    begin = time.perf_counter()
    index, encoder = build.library(loaded)
    with index:
        parts = build.parts(loaded, index, encoder)
        threading.Thread(target=warm, args=(parts,), daemon=True).start()

        def ready(address: str) -> None:
            note(f"Ready in {time.perf_counter() - begin:.1f} s: {address}  (Ctrl-C stops it)")

        serve(
            desk(parts, loaded),
            host=host,
            port=port,
            password=_password(loaded),
            ready=ready,
        )


def desk(parts: pipeline.Parts, loaded: Loaded) -> Desk:
    """The functions that the page works with, over open parts."""
    ranking = loaded.settings.reranker.replace("auto", "the best reranker installed")
    return Desk(
        ask=lambda question: pipeline.ask(question, parts), describe=lambda: card(parts.index, ranking)
    )


def warm(parts: pipeline.Parts) -> None:
    """Load the models before the first question; what fails will say so in the answer."""
    try:
        for _ in pipeline.ask("warming up", replace(parts, audit=None)):
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


def _password(loaded: Loaded) -> str | None:
    secret = loaded.settings.password
    return None if secret is None else secret.get_secret_value()
