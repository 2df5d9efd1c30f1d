"""What is known of each model before it is loaded: a frozen table, no sniffing.

`revision` is a commit of the hub, or None: then `pull` takes what the hub calls "main", records the commit
it was, and `assistant models list` shows the model as not pinned.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["cross-encoder", "encoder", "service", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One model. `parameters` in millions; `max_tokens` of question and passage together, special ones
    included; `scores` is the range of what a reranker returns."""

    id: str
    kind: Kind
    hub: str | None = None
    revision: str | None = None
    domain: Literal["biomedical", "general", ""] = ""
    parameters: float | None = None
    licence: str = ""
    max_tokens: int | None = None
    scores: str = ""
    note: str = ""


ENTRIES: tuple[Entry, ...] = (
    Entry(
        id="all-minilm",
        kind="encoder",
        domain="general",
        parameters=22.7,
        licence="Apache-2.0",
        max_tokens=256,
        note="sentence-transformers/all-MiniLM-L6-v2, comes with the installation; its digest is checked",
    ),
)

BY_ID = {entry.id: entry for entry in ENTRIES}
