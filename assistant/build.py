"""The only place that turns Settings into parts."""

from importlib.metadata import version

from assistant import encoders
from assistant.config import Loaded, Settings
from assistant.encoders import Encoder
from assistant.errors import IndexMissing
from assistant.generate.extractive import Extractive
from assistant.index.store import Index, open_index
from assistant.pipeline import Parts
from rerankers import Reranker
from rerankers import load as load_reranker
from rerankers.budget import Budget


def library(loaded: Loaded, *, create: bool = False) -> tuple[Index, Encoder]:
    """The index and the encoder that made it; with `create`, a new one by the encoder of the settings.

    An encoder that was asked for by name must be the index's own: IndexMismatch otherwise.
    """
    settings = loaded.settings
    try:
        index = open_index(settings)
    except IndexMissing:
        if not create:
            raise
        encoder = encoders.load(settings.encoder, settings)
        return open_index(settings, encoder, create=True), encoder
    asked = loaded.origin["encoder"] != "default"
    try:
        encoder = encoders.load(settings.encoder if asked else index.manifest.encoder, settings)
        index.check(encoder)
    except Exception:
        index.close()
        raise
    return index, encoder


def parts(loaded: Loaded, index: Index, encoder: Encoder) -> Parts:
    """Everything `pipeline.ask` needs."""
    settings = loaded.settings
    return Parts(
        settings=settings,
        index=index,
        encoder=encoder,
        reranker=reranker(settings),
        generator=Extractive(encoder),
        versions=versions(index, encoder),
    )


def reranker(settings: Settings) -> Reranker:
    """The reranker of the settings, within the budget where there is one."""
    made = load_reranker(settings.reranker, settings)
    return made if settings.budget_ms is None else Budget(made, settings.budget_ms, settings)


def versions(index: Index, encoder: Encoder) -> dict[str, str]:
    """What an answer rests on, for the record (C13)."""
    return {
        "assistant": version("clinical-assistant"),
        "encoder": f"{encoder.name}@{encoder.revision}",
        "tokeniser": index.manifest.tokeniser,
        "chunker": index.manifest.chunker,
        "index": index.manifest.updated,
    }
