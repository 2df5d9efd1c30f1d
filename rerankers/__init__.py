"""Rerankers: question and passages -> scores."""

from pathlib import Path

from assistant.config import Settings
from assistant.errors import ConfigError
from rerankers.base import KeepOrder, Reranker

AUTO = ("medcpt", "pubmedbert", "minilm")


def load(spec: str, settings: Settings | None = None) -> Reranker:
    """A reranker by name: one of the catalogue, a local folder, or "auto", the best that is installed.

    Loads nothing yet. Raises ConfigError, listing what is known, for a name that is neither.
    """
    from rerankers.catalog import BY_ID, RERANKERS
    from rerankers.combine import Fallback
    from rerankers.cross_encoder import CrossEncoder

    settings = Settings.model_validate({}) if settings is None else settings
    if spec == "auto":
        hosted = "cohere" in settings.egress and settings.cohere_api_key is not None
        names = (*AUTO, "cohere") if hosted else AUTO
        return Fallback(*(load(name, settings) for name in names))
    if spec == "none":
        return KeepOrder()
    if spec == "cohere":
        from rerankers.cohere import Cohere

        return Cohere(settings)
    entry = BY_ID.get(spec)
    if entry is not None and entry.kind == "cross-encoder":
        return CrossEncoder(
            spec, models=settings.models, max_tokens=entry.max_tokens or 512, threads=settings.threads
        )
    if Path(spec).expanduser().is_dir():
        return CrossEncoder(spec, models=settings.models, threads=settings.threads)
    known = ", ".join(["auto", *(e.id for e in RERANKERS)])
    raise ConfigError(f"{spec!r}: no such reranker and no such folder; known are {known}")
