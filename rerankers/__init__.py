"""Rerankers: question and passages -> scores."""

from collections.abc import Callable
from pathlib import Path

from assistant.config import Settings
from assistant.errors import ConfigError
from assistant.loopback import here
from rerankers.base import KeepOrder, Reranker
from rerankers.gated import Gate, Gated
from rerankers.spec import FORMS, Cached, Cascade, Fallback, Fusion, Name, Spec, names, parse

__all__ = ["AUTO", "KeepOrder", "Reranker", "load", "names"]

AUTO = ("medcpt", "pubmedbert", "minilm")
OWN = "bundled"  # carried in the repository; fused with the first stage it is safe where it is weak


def load(spec: str, settings: Settings | None = None, gate: Gate | None = None) -> Reranker:
    """A reranker by its spec (see `spec`): a name of the catalogue, a local folder, "auto" (the best that is
    installed), or a composition of them. A text that is an existing folder's path is that folder.

    `gate` stands before every hosted part, but for one on this machine; without it nothing is looked through.
    Loads nothing yet. Raises ConfigError: for a wrong spec with the position, for an unknown name with what
    is known, for a composition that cannot be.
    """
    settings = Settings.model_validate({}) if settings is None else settings
    return _made(Name(spec) if _is_folder(spec) else parse(spec), settings, gate)


def _made(spec: Spec, settings: Settings, gate: Gate | None) -> Reranker:
    match spec:
        case Name(text):
            return _named(text, settings, gate)
        case Cascade(fast, first, best, precise):
            from rerankers import combine

            return combine.Cascade(_made(fast, settings, gate), first, best, _made(precise, settings, gate))
        case Fusion(part, file):
            from rerankers import fusion

            if file and not _there(file, Path.is_file):
                raise ConfigError(f"{spec}: no file {file}; make one: assistant eval fit ... --out {file}")
            return fusion.Fusion(_made(part, settings, gate), settings, file)
        case Fallback(parts):
            from rerankers import combine

            return combine.Fallback(*(_made(part, settings, gate) for part in parts))
        case Cached(part):
            from rerankers import cached

            path = settings.cache / "scores.sqlite"
            return cached.Cached(_made(part, settings, gate), path, settings.cached_scores)


def _named(name: str, settings: Settings, gate: Gate | None) -> Reranker:
    from rerankers.catalog import BUNDLED, BY_ID, RERANKERS
    from rerankers.combine import Fallback
    from rerankers.cross_encoder import CrossEncoder

    if name == "auto":
        hosted = "cohere" in settings.egress and settings.cohere_api_key is not None
        chain = (*AUTO, "cohere") if hosted else AUTO
        return Fallback(*(_named(part, settings, gate) for part in (*chain, OWN)), name="auto")
    if name == "none":
        return KeepOrder()
    if name == "cohere":
        from rerankers.cohere import Cohere

        return _hosted(Cohere(settings), settings.cohere_url, gate)
    if name == "bundled":
        from rerankers import fusion

        part = _named(BUNDLED, settings, gate)
        return fusion.Fusion(part, settings, given=fusion.BUNDLED, name=name)
    if name == "late":
        from rerankers.late import Late

        return Late(settings)
    if name in ("llm", "llm-listwise"):
        from rerankers.llm import LLM

        return _hosted(LLM(settings, "pointwise" if name == "llm" else "listwise"), settings.llm_url, gate)
    entry = BY_ID.get(name)
    if entry is not None and entry.kind == "cross-encoder":
        return CrossEncoder(
            name, models=settings.models, max_tokens=entry.max_tokens or 512, threads=settings.threads
        )
    if _is_folder(name):
        return CrossEncoder(name, models=settings.models, threads=settings.threads)
    known = ", ".join(["auto", *(e.id for e in RERANKERS), "llm-listwise"])
    raise ConfigError(
        f"{name!r}: no such reranker and no such folder; known are {known}, and {', '.join(FORMS.values())}"
    )


def _hosted(part: Reranker, url: str | None, gate: Gate | None) -> Reranker:
    return part if gate is None else Gated(part, None if here(url) else gate)


def _is_folder(name: str) -> bool:
    return _there(name, Path.is_dir)


def _there(name: str, kind: Callable[[Path], bool]) -> bool:
    """False also for a text that cannot be a path: too long, a null character, a user without a home."""
    try:
        return bool(name.strip()) and kind(Path(name).expanduser())
    except (OSError, ValueError, RuntimeError):
        return False
