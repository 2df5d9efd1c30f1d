"""Small values that many tests need."""

from assistant.types import Chunk, Evidence, Hit, Metadata, Origin, Ranks, Scores


def metadata(title: str = "A title", **known: object) -> Metadata:
    return Metadata(title=title, origin=Origin(path="notes.md", format="markdown"), **known)  # type: ignore[arg-type]


def hit(
    text: str,
    *,
    document: str = "file:a",
    start: int = 0,
    title: str = "A title",
    scores: Scores = Scores(),  # noqa: B008
    ranks: Ranks = Ranks(),  # noqa: B008
    **known: object,
) -> Hit:
    end = start + len(text)
    chunk = Chunk(
        id=f"{document}#0:{start}-{end}",
        document_id=document,
        section=0,
        heading="",
        start=start,
        end=end,
        text=text,
    )
    return Hit(chunk=chunk, metadata=metadata(title, **known), scores=scores, ranks=ranks)


def evidence(*texts: str) -> tuple[Evidence, ...]:
    """One document a text, numbered from 1."""
    return tuple(Evidence(n=n, hit=hit(t, document=f"file:{n}")) for n, t in enumerate(texts, start=1))
