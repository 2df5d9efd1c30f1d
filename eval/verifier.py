"""The verifier, as the evaluations call it."""

from collections.abc import Callable, Sequence

from assistant.types import Chunk, Evidence, Hit, Metadata, Origin, Sentence, Verdict
from assistant.verify import judge
from eval.corruptions import Passage

NAME = "the verifier of this project"

Check = Callable[[Sentence, Sequence[Evidence]], Sentence]


def supports(claim: str, texts: Sequence[str]) -> bool:
    """Whether the texts, taken together, get the verdict `supported`."""
    return judged(claim, texts)[0] == "supported"


def judged(claim: str, texts: Sequence[str]) -> tuple[Verdict, float]:
    """The verdict, and a score in 0..1."""
    found = judge(claim, texts)
    return found.verdict, found.score


def evidence(passages: Sequence[Passage]) -> tuple[Evidence, ...]:
    """As an answer would have them, numbered from 1."""
    return tuple(Evidence(n=n, hit=_hit(f"passage:{n}", p)) for n, p in enumerate(passages, start=1))


def _hit(name: str, passage: Passage) -> Hit:
    text = passage.text
    chunk = Chunk(id=name, document_id=name, section=0, heading="", start=0, end=len(text), text=text)
    return Hit(chunk=chunk, metadata=Metadata(title=passage.title, origin=Origin(path="", format="beir")))
