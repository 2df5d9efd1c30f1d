"""Settings: defaults, then a TOML file, then ASSISTANT_* variables, then options; the last wins.

The file is ASSISTANT_CONFIG, else config.toml in the user's configuration folder. An unknown key is an
error in each of them.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from assistant.errors import ConfigError
from assistant.types import RetrieverName

APP = "clinical-assistant"
PREFIX = "ASSISTANT_"
Service = Literal["cohere", "llm", "embeddings", "qdrant"]


class Settings(BaseModel):
    """What is in force. Every field can be set in all four places under the same name."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    index: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir(APP)) / "index",
        description="the folder of the embedded index",
    )
    qdrant_url: str | None = Field(None, description="a Qdrant server instead of the embedded engine")
    qdrant_api_key: SecretStr | None = None
    collection: str = Field("clinical", description="the collection on a Qdrant server")
    models: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir(APP)) / "models",
        description="where pulled models are kept",
    )
    cache: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir(APP)),
        description="what can be made again: scores, profiles of rerankers",
    )
    cached_scores: int = Field(
        200_000, ge=1, description="scores that cached(...) keeps; the least recently used go first"
    )
    late_encoder: str = Field("minilm", description="the encoder whose token vectors `late` compares")
    late_megabytes: int = Field(1024, ge=1, description="token vectors that `late` keeps on disk")
    encoder: str = Field("minilm", description="the encoder of a new index")
    retriever: RetrieverName = "hybrid"
    reranker: str = Field("auto", description="auto takes the best that is installed")
    budget_ms: float | None = Field(None, gt=0, description="reranking time; it sizes the pool")
    fail_closed: bool = Field(False, description="refuse to answer when anything was degraded")
    depth: int = Field(50, ge=1, le=1000, description="passages handed to the reranker")
    top_k: int = Field(5, ge=1, le=50, description="passages an answer may cite")
    abstain_below: float = Field(
        0.3,
        ge=0,
        le=1,
        description="the probability that the library answers, below which it abstains; higher: fewer wrong "
        "answers, more refusals",
    )
    audit: Path | None = Field(
        None, description="the folder for a record of each answer, chained by hash; off: none"
    )
    audit_text: bool = Field(False, description="questions and answers stand in the audit in words")
    include_retracted: bool = False
    egress: tuple[Service, ...] = Field((), description="services that may be called")
    cohere_api_key: SecretStr | None = None
    cohere_model: str = "rerank-v3.5"
    cohere_url: str | None = None
    cohere_instruction: str = Field("", description="said to Cohere before the question, how to judge")
    cohere_per_minute: int = Field(1000, ge=1, description="calls a minute that the key is allowed")
    llm_url: str | None = Field(None, description="the base URL of an OpenAI-compatible service")
    llm_model: str | None = None
    llm_api_key: SecretStr | None = Field(None, description="left out for a server that wants none")
    embeddings_url: str | None = Field(
        None, description="the base URL of an OpenAI-compatible service for the encoder openai:MODEL"
    )
    embeddings_api_key: SecretStr | None = Field(None, description="left out for a server that wants none")
    embeddings_dimensions: int | None = Field(
        None, ge=1, le=65_536, description="of its vectors, where the model lets one choose"
    )
    embeddings_documents: bool = Field(
        False, description="whole documents may be sent to it, without a confirmation at each ingest"
    )
    llm_judge: bool = Field(
        False, description="the language model reads each sentence again; it may only flag"
    )
    generator: Literal["extractive", "llm"] = Field("extractive", description="who writes the answer")
    withhold_unsupported: bool = Field(
        False, description="leave out sentences that their sources do not support, instead of flagging them"
    )
    prices: Path | None = Field(None, description="a TOML file of prices, over the built-in ones")
    history: bool = Field(True, description="the web UI keeps conversations on this machine")
    conversations: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir(APP)) / "conversations.sqlite",
        description="the file of kept conversations",
    )
    password: SecretStr | None = Field(None, description="of the web UI; needed on any address but loopback")
    password_file: Path | None = Field(None, description="a file with the password, or with its hash")
    api_key: SecretStr | None = Field(None, description="what callers of /v1 show (chat --openai-api)")
    api_key_file: Path | None = Field(None, description="a file with that key, or with its hash")
    threads: int = Field(0, ge=0, description="CPU threads for models; 0 takes all cores")

    @field_validator("audit", mode="before")
    @classmethod
    def _off(cls, value: object) -> object:
        return None if value == "off" else value


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings and, for each field, where its value came from."""

    settings: Settings
    origin: Mapping[str, str]


def load(options: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Loaded:
    """Merge the four layers. Options that are None, and empty variables, count as not given.

    Raises ConfigError, naming key and place, on an unknown key or a value out of range.
    """
    env = dict(os.environ if environ is None else environ)
    values: dict[str, Any] = {}
    origin = dict.fromkeys(Settings.model_fields, "default")

    def layer(given: Mapping[str, Any], place: str) -> None:
        for key, value in given.items():
            if key not in Settings.model_fields:
                known = ", ".join(Settings.model_fields)
                raise ConfigError(f"{place}: unknown setting {key!r}; known are {known}")
            values[key], origin[key] = value, place

    path = env.pop(PREFIX + "CONFIG", "")
    file = Path(path) if path else Path(platformdirs.user_config_dir(APP)) / "config.toml"
    if path and not file.exists():
        raise ConfigError(f"{PREFIX}CONFIG names {file}, which is not there")
    if file.exists():
        layer(_read(file), str(file))
    for name, text in env.items():
        if name.startswith(PREFIX) and text:
            key = name.removeprefix(PREFIX).lower()
            split = key == "egress"
            layer({key: [t.strip() for t in text.split(",")] if split else text}, name)
    layer({k: v for k, v in (options or {}).items() if v is not None}, "option")
    try:
        return Loaded(Settings(**values), origin)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        raise ConfigError(f"{origin.get(key, 'settings')}: {key}: {first['msg']}") from None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: not a readable TOML file: {error}") from None
