"""The only place that turns Settings into parts."""

from importlib.metadata import version

from assistant import encoders
from assistant.audit import Audit, Log
from assistant.config import Loaded, Settings
from assistant.encoders import Encoder
from assistant.errors import IndexMissing
from assistant.generate.base import Generator
from assistant.generate.extractive import Extractive
from assistant.generate.judge import Judge
from assistant.generate.llm import LLMGenerator
from assistant.generate.rewrite import Rewriter
from assistant.generate.service import ChatService
from assistant.index.store import Index, open_index
from assistant.pipeline import Parts
from assistant.privacy import gate
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
    writer = generator(settings, encoder)
    return Parts(
        settings=settings,
        index=index,
        encoder=encoder,
        reranker=reranker(settings),
        generator=writer,
        rewriter=Rewriter(ChatService(settings), gate) if settings.generator == "llm" else None,
        judge=Judge(ChatService(settings), gate) if settings.llm_judge else None,
        versions=versions(index, encoder) | {"generator": f"{writer.name} {writer.version}"},
        audit=audit(settings),
    )


def audit(settings: Settings) -> Audit | None:
    """What records the answers; None where that is off."""
    if settings.audit is None:
        return None
    return Audit(log=Log(settings.audit, version=version("clinical-assistant")), text=settings.audit_text)


def generator(settings: Settings, encoder: Encoder) -> Generator:
    """Who writes: quotations, or a language model that they complete. A key alone never chooses."""
    quoting = Extractive(encoder)
    return LLMGenerator(settings, quoting, gate) if settings.generator == "llm" else quoting


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
        "index_content": index.manifest.content,
    }
