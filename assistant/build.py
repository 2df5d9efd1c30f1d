"""The only place that turns Settings into parts."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from assistant import encoders
from assistant.audit import Audit, Log
from assistant.config import Loaded, Settings
from assistant.encoders import Encoder
from assistant.errors import EgressRefused, IndexMissing
from assistant.generate.base import Generator
from assistant.generate.extractive import Extractive
from assistant.generate.judge import Judge
from assistant.generate.llm import LLMGenerator
from assistant.generate.rewrite import Rewriter
from assistant.generate.service import ChatService
from assistant.index.store import Index, open_index
from assistant.loopback import here
from assistant.pipeline import Parts
from assistant.privacy import gate, gate_for
from assistant.types import Egress
from rerankers import Reranker
from rerankers import load as load_reranker
from rerankers.budget import Budget


def open_library(loaded: Loaded, *, create: bool = False) -> tuple[Index, Encoder]:
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
        asks=asks(settings, encoder),
        generator=writer,
        rewriter=Rewriter(ChatService(settings), gate_for(settings.llm_url))
        if settings.generator == "llm"
        else None,
        judge=Judge(ChatService(settings), gate_for(settings.llm_url)) if settings.llm_judge else None,
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
    quoting = Extractive(reader(settings, encoder))
    return (
        LLMGenerator(settings, quoting, gate_for(settings.llm_url))
        if settings.generator == "llm"
        else quoting
    )


def reader(settings: Settings, encoder: Encoder) -> Encoder:
    """The encoder that reads evidence: the index's own, unless passages would leave for it."""
    return encoders.load("minilm", settings) if encoder.sends else encoder


def asks(settings: Settings, encoder: Encoder) -> tuple[Egress, ...]:
    """What a search sends away. To a Qdrant elsewhere too: the numbers of a question's words can be looked
    up, and its vector can be read back (Morris et al., EMNLP 2023)."""
    found = []
    if encoder.sends and settings.retriever != "bm25":
        found.append(Egress(service=encoder.sends, what="the question"))
    if settings.qdrant_url and not here(settings.qdrant_url):
        found.append(Egress(service="qdrant", what="the question's words and vector, as numbers"))
    return tuple(found)


def consented(
    encoder: Encoder, loaded: Loaded, paths: Sequence[Path], confirm: Callable[[str], bool]
) -> Encoder:
    """The encoder, where it needs no consent to be sent whole documents, or `confirm` gives it.

    Raises EgressRefused otherwise.
    """
    settings = loaded.settings
    if not encoder.sends or settings.embeddings_documents:
        return encoder
    found = (file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]))
    what = f"all documents of {sum(file.is_file() for file in found)} files, whole"
    service = f"{urlsplit(settings.embeddings_url or '').hostname} ({encoder.name})"
    if not confirm(f"This sends {what}, to {service}. Send them?"):
        raise EgressRefused(
            f"nothing was sent: {what}, would go to {service}; if that is meant, add --yes-send-documents"
        )
    return encoders.load(encoder.name, settings.model_copy(update={"embeddings_documents": True}))


def documents_sent(settings: Settings, encoder: Encoder, documents: int) -> tuple[Egress, ...]:
    """What an ingest of so many documents has sent away."""
    services = [encoder.sends] if encoder.sends else []
    if settings.qdrant_url and not here(settings.qdrant_url):
        services.append("qdrant")
    return tuple(Egress(service=s, what=f"{documents} documents, whole") for s in services if documents)


def reranker(settings: Settings) -> Reranker:
    """The reranker of the settings, within the budget where there is one."""
    made = load_reranker(settings.reranker, settings, gate)
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
