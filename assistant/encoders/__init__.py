"""Encoders: texts -> vectors."""

from assistant.config import Settings
from assistant.encoders.base import Distance, Encoder, HashEncoder, Vectors
from assistant.errors import ConfigError

__all__ = ["Distance", "Encoder", "HashEncoder", "Vectors", "load"]


def load(name: str, settings: Settings) -> Encoder:
    """An encoder: "minilm", "medcpt", a sentence-transformers name of the hub, a local folder, or
    "openai:MODEL" of the service that the settings name.

    Finds the files and reads none of the weights but for a digest. Raises ModelMissing, naming the command
    that installs it, ConfigError for a reranker's name, and EgressRefused for a service that is not allowed.
    """
    from assistant.encoders.sentence import Sentence
    from assistant.encoders.transformer import MedCPT, MiniLM
    from assistant.models import PACKAGED
    from rerankers.catalog import BY_ID

    if name.startswith("openai:"):
        from assistant.encoders.openai_service import OpenAIService

        return OpenAIService(name, settings)
    if name in (MiniLM.name, PACKAGED):
        return MiniLM(settings)
    if name == MedCPT.name:
        return MedCPT(settings)
    if name in BY_ID:
        raise ConfigError(f"{name!r} is not an encoder; known are minilm, medcpt, a hub name or a folder")
    return Sentence(name, settings)
