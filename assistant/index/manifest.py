"""What an index says of itself: how it was made, how much is in it, and whether it was closed in order."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

from assistant.encoders import Distance, Encoder
from assistant.errors import IndexDamaged, IndexMismatch
from assistant.index.bm25 import TOKENISER

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`clean`: the counts hold and no write is under way; otherwise they are counted again on opening.

    `average_length` (in tokens) is the one the BM25 weights were computed with, 0.0 before the first;
    `reweighing` is the one that a pass over all weights was moving to when it was broken off.
    `content` is a digest of everything that is in: the sum, modulo 2^256, over the documents of
    sha256(id and digest), so it does not depend on the order in which they came.
    """

    format: int = FORMAT
    encoder: str
    revision: str
    dim: int
    distance: Distance
    tokeniser: str
    chunker: str = ""
    average_length: float = 0.0
    reweighing: float | None = None
    documents: int = 0
    chunks: int = 0
    tokens: int = 0
    content: str = "0" * 64
    created: str
    updated: str
    clean: bool = True
    retraction_snapshot: str | None = None
    files: Mapping[str, int] = field(
        default_factory=dict, repr=False
    )  # of an embedded index: name -> bytes, when clean

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def counting(self, *, documents: int, chunks: int, tokens: int, content: int) -> "Manifest":
        """With so much more (or less) in it."""
        return replace(
            self,
            documents=self.documents + documents,
            chunks=self.chunks + chunks,
            tokens=self.tokens + tokens,
            content=f"{(int(self.content, 16) + content) % 2**256:064x}",
        )


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def new(encoder: Encoder) -> Manifest:
    """The manifest of an empty index."""
    date = now()
    return Manifest(
        encoder=encoder.name,
        revision=encoder.revision,
        dim=encoder.dim,
        distance=encoder.distance,
        tokeniser=TOKENISER,
        created=date,
        updated=date,
    )


def parse(text: str, place: str, remedy: str) -> Manifest:
    """A manifest from its JSON. Raises IndexDamaged, or IndexMismatch where a newer version wrote it."""
    try:
        known = json.loads(text)
        version = known["format"]
    except (ValueError, KeyError, TypeError):
        raise IndexDamaged(f"{place} cannot be read; {remedy}") from None
    if version != FORMAT:
        raise IndexMismatch(
            f"{place} has format {version!r}, this version of the assistant reads {FORMAT}: "
            "install the version that made it, or delete the index and ingest again"
        )
    types = {f.name: f.type for f in fields(Manifest)}
    if set(known) != set(types) or any(not _fits(known[name], types[name]) for name in types):
        raise IndexDamaged(f"{place} lacks an entry or has a wrong one; {remedy}")
    return Manifest(**known)


_TYPES: dict[Any, tuple[type, ...]] = {
    int: (int,),
    float: (int, float),
    bool: (bool,),
    float | None: (int, float, type(None)),
    str | None: (str, type(None)),
    Mapping[str, int]: (dict,),
}


def _fits(value: object, annotation: Any) -> bool:
    """Whether a value read from JSON has the type of its field; a bool is no number."""
    allowed = _TYPES.get(annotation, (str,))
    return isinstance(value, allowed) and (bool in allowed or not isinstance(value, bool))


def check(manifest: Manifest, encoder: Encoder, place: str) -> None:
    """Raises IndexMismatch unless the index was made with this encoder and this tokeniser."""
    pairs = {
        "encoder": (manifest.encoder, encoder.name),
        "encoder revision": (manifest.revision, encoder.revision),
        "dimension": (manifest.dim, encoder.dim),
        "distance": (manifest.distance, encoder.distance),
    }
    for what, (made, given) in pairs.items():
        if made != given:
            raise IndexMismatch(
                f"{place} was made with {what} {made}, not {given}: use --encoder {manifest.encoder}, "
                "or choose another --index and ingest again"
            )
    check_tokeniser(manifest, place)


def check_tokeniser(manifest: Manifest, place: str) -> None:
    if manifest.tokeniser != TOKENISER:
        raise IndexMismatch(
            f"{place} was made with tokeniser {manifest.tokeniser}, this version has {TOKENISER}: "
            "delete it and ingest again"
        )
