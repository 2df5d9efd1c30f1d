"""The gate before every call that leaves this machine."""

from collections.abc import Callable, Sequence

from assistant.errors import EgressBlocked
from assistant.loopback import here
from assistant.privacy.find import find
from assistant.privacy.kinds import SPOKEN

Gate = Callable[[Sequence[str]], None]

SHOWN = 60  # characters of a finding


def gate(texts: Sequence[str]) -> None:
    """Raises EgressBlocked when a text holds what could tell who a person is: nothing is sent then.

    The message, for the reader whose words they are, has each finding by kind and in words; `findings` have
    (number of the text, Span), without words. It gives no assurance: what no rule knows passes.
    """
    findings = tuple((n, span) for n, text in enumerate(texts) for span in find(text))
    if not findings:
        return
    told = dict.fromkeys(
        f"{SPOKEN[span.kind]} ({_short(texts[n][span.start : span.end])})" for n, span in findings
    )
    raise EgressBlocked(
        f"It seems to hold {', '.join(told)}; nothing was sent. Leave that out and ask again.", findings
    )


def gate_for(url: str | None) -> Gate:
    """The gate before a service at this address: none before one on this machine, for nothing leaves it."""
    return _open if here(url) else gate


def _open(texts: Sequence[str]) -> None:
    pass


def withheld(texts: Sequence[str]) -> tuple[int, ...]:
    """The numbers of the texts that must not be sent."""
    return tuple(n for n, text in enumerate(texts) if find(text))


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= SHOWN else words[:SHOWN] + "..."
