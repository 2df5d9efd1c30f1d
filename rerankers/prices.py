"""What calls to services cost, by a dated table of prices.

The built-in table is what the providers published at its date. Prices move: a TOML file, named by the setting
`prices`, brings its own date and currency and adds to or replaces the built-in models:

    dated = "2026-11-01"
    currency = "USD"

    [models."gpt-4.1-mini"]
    input = 0.40         # for a million tokens read
    output = 1.60        # for a million tokens written

    [models."rerank-v3.5"]
    thousand_searches = 2.00
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import ConfigError
from assistant.types import Usage


class Price(BaseModel):
    """Of one model; a kind of unit that it does not charge for is 0."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: float = Field(default=0.0, ge=0, allow_inf_nan=False, description="for a million tokens read")
    output: float = Field(default=0.0, ge=0, allow_inf_nan=False, description="for a million tokens written")
    thousand_searches: float = Field(default=0.0, ge=0, allow_inf_nan=False)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    dated: str = Field(pattern=r"^\d{4}-\d\d(-\d\d)?$")
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    models: dict[str, Price]


@dataclass(frozen=True, slots=True)
class Prices:
    """`dated` and `currency` by model, since a file may be newer than the built-in table."""

    models: Mapping[str, tuple[Price, str, str]]  # price, date, currency

    def priced(self, model: str, usage: Usage) -> Usage:
        """`usage` with its money; with None for a model whose price is not known."""
        found = self.models.get(model)
        if found is None:
            return replace(usage, money=None, currency="", prices_dated="")
        price, dated, currency = found
        tokens = usage.input_tokens * price.input + usage.output_tokens * price.output
        money = tokens / 1_000_000 + usage.searches * price.thousand_searches / 1_000
        return replace(usage, money=money, currency=currency, prices_dated=dated)


DATED, CURRENCY = "2026-06", "USD"
BUILT_IN: Mapping[str, Price] = {
    "rerank-v3.5": Price(thousand_searches=2.00),
    "rerank-v4.0-fast": Price(thousand_searches=2.00),
    "rerank-v4.0-pro": Price(thousand_searches=2.50),
    "gpt-4o": Price(input=2.50, output=10.00),
    "gpt-4o-mini": Price(input=0.15, output=0.60),
    "gpt-4.1": Price(input=2.00, output=8.00),
    "gpt-4.1-mini": Price(input=0.40, output=1.60),
    "gpt-4.1-nano": Price(input=0.10, output=0.40),
}


def load(path: Path | None = None) -> Prices:
    """The built-in table, under that of `path`. Raises ConfigError, naming the file and the key."""
    models = {name: (price, DATED, CURRENCY) for name, price in BUILT_IN.items()}
    if path is not None:
        file = _read(path)
        models |= {name: (price, file.dated, file.currency) for name, price in file.models.items()}
    return Prices(models)


def total(usages: Iterable[Usage | None]) -> Usage | None:
    """The sum of what several parts used; None when none asked a service.

    Its money is None when that of one part is unknown or the currencies differ; its date is the oldest.
    """
    parts = [usage for usage in usages if usage is not None]
    if not parts:
        return None
    known = [part.money for part in parts if part.money is not None]
    one = len(known) == len(parts) and len({part.currency for part in parts}) == 1
    return Usage(
        calls=sum(part.calls for part in parts),
        input_tokens=sum(part.input_tokens for part in parts),
        output_tokens=sum(part.output_tokens for part in parts),
        searches=sum(part.searches for part in parts),
        money=sum(known) if one else None,
        currency=parts[0].currency if one else "",
        prices_dated=min(part.prices_dated for part in parts) if one else "",
    )


def spoken(usage: Usage) -> str:
    """In words: "2 calls, 812 tokens read, 6 written, 0.0004 USD (prices of 2026-06)"."""
    said = [f"{usage.calls} call{'' if usage.calls == 1 else 's'}"]
    if usage.input_tokens or usage.output_tokens:
        said += [f"{usage.input_tokens} tokens read", f"{usage.output_tokens} written"]
    if usage.searches:
        said.append(f"{usage.searches} search unit{'' if usage.searches == 1 else 's'}")
    if usage.money is None:
        said.append("cost unknown")
    else:
        said.append(f"{usage.money:.4f} {usage.currency} (prices of {usage.prices_dated})")
    return ", ".join(said)


def _read(path: Path) -> _File:
    try:
        return _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not a readable TOML file of prices: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{path}: {place}: {first['msg']}") from None
