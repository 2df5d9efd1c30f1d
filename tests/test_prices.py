"""Prices: what calls cost, and what is not known."""

from pathlib import Path

import pytest

from assistant.errors import ConfigError
from assistant.types import Usage
from rerankers import prices

FILE = """
dated = "2026-11-01"
currency = "EUR"
[models."gpt-4.1-mini"]
input = 1.0
output = 3.0
[models.house]
thousand_searches = 5
"""


def test_tokens_and_searches_by_hand() -> None:
    table = prices.load()
    used = table.priced("gpt-4.1-mini", Usage(calls=2, input_tokens=500_000, output_tokens=250_000))
    assert used.money == pytest.approx(0.5 * 0.40 + 0.25 * 1.60)
    assert (used.calls, used.currency, used.prices_dated) == (2, "USD", prices.DATED)
    assert table.priced("rerank-v3.5", Usage(calls=1, searches=3)).money == pytest.approx(0.006)


def test_an_unknown_model_is_unknown_and_not_free() -> None:
    used = prices.load().priced("house-model", Usage(calls=1, input_tokens=9))
    assert (used.money, used.currency, used.prices_dated) == (None, "", "")
    assert prices.spoken(used) == "1 call, 9 tokens read, 0 written, cost unknown"


def test_a_file_adds_and_replaces(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(FILE)
    table = prices.load(file)
    mine = table.priced("gpt-4.1-mini", Usage(calls=1, input_tokens=1_000_000))
    assert (mine.money, mine.currency, mine.prices_dated) == (1.0, "EUR", "2026-11-01")
    assert table.priced("house", Usage(searches=2)).money == pytest.approx(0.01)
    kept = table.priced("gpt-4o", Usage(calls=1, output_tokens=1_000_000))
    assert (kept.money, kept.currency) == (10.0, "USD")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("dated = ", "not a readable TOML"),
        ('currency = "USD"\n[models]\n', "dated"),
        ('dated = "soon"\ncurrency = "USD"\n[models]\n', "dated"),
        ('dated = "2026-01"\ncurrency = "USD"\n[models.x]\ninput = -1\n', "models.x.input"),
        ('dated = "2026-01"\ncurrency = "USD"\n[models.x]\ninput = nan\n', "models.x.input"),
        ('dated = "2026-01"\ncurrency = "USD"\n[models.x]\ntokens = 1\n', "models.x.tokens"),
    ],
)
def test_a_broken_file_names_the_place(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=told) as raised:
        prices.load(file)
    assert "prices.toml" in str(raised.value)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no\.toml"):
        prices.load(tmp_path / "no.toml")


def test_sums() -> None:
    one = Usage(calls=1, input_tokens=10, money=0.5, currency="USD", prices_dated="2026-06")
    two = Usage(calls=2, searches=1, money=0.25, currency="USD", prices_dated="2026-01")
    assert prices.total([None, one, two]) == Usage(
        calls=3, input_tokens=10, searches=1, money=0.75, currency="USD", prices_dated="2026-01"
    )
    assert prices.total([None, None]) is None
    assert prices.total([]) is None
    unknown = prices.total([one, Usage(calls=1)])
    assert unknown is not None
    assert (unknown.calls, unknown.money, unknown.currency) == (2, None, "")
    mixed = prices.total([one, Usage(money=1.0, currency="EUR", prices_dated="2026-06")])
    assert mixed is not None
    assert mixed.money is None


def test_in_words() -> None:
    usage = Usage(calls=2, searches=1, money=0.002, currency="USD", prices_dated="2026-06")
    assert prices.spoken(usage) == "2 calls, 1 search unit, 0.0020 USD (prices of 2026-06)"
