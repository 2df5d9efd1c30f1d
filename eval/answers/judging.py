"""Is an answer's sentence supported by what it cites, and is each citation of use?

ALCE (Gao et al., "Enabling large language models to generate text with citations", EMNLP 2023), with our own
verifier in the place of its entailment model: a verdict `supported` counts as entailment.

Citation recall of a sentence is 1 when its cited passages together support it; without citations it is 0. A
citation is irrelevant when its passage alone does not support the sentence and the others still do. Citation
precision of a citation is 1 when its sentence has recall 1 and it is not irrelevant.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.generate.stance import stance
from assistant.types import Answer, Sentence
from eval.answers.record import Asked, Read, Said

Supports = Callable[[str, Sequence[str]], bool]  # claim, passages

_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”')
_LEAST = 3  # words of a quotation; fewer are a term in quotation marks


def said(answer: Answer, supports: Supports) -> tuple[Said, ...]:
    """Each sentence of the answer, judged."""
    texts = {item.n: item.hit.chunk.text for item in answer.evidence}
    return tuple(_judged(sentence, texts, supports) for sentence in answer.sentences)


def read(answer: Answer) -> tuple[Read, ...]:
    return tuple(
        Read(
            n=item.n,
            chunk=item.hit.chunk.id,
            document=item.hit.chunk.document_id,
            title=item.hit.metadata.title,
            text=item.hit.chunk.text,
        )
        for item in answer.evidence
    )


def invalid(asked: Asked) -> int:
    """Citations of evidence that there is not."""
    there = {item.n for item in asked.evidence}
    return sum(n not in there for sentence in asked.sentences for n in sentence.citations)


def quotations(asked: Asked, *, extractive: bool) -> tuple[int, int]:
    """(quotations, those that are in no cited passage to the letter).

    A quotation is what stands in double quotation marks, of three words at least; of an extractive answer
    every sentence is one, what leads it ("Yes.") aside.
    """
    texts = {item.n: item.text for item in asked.evidence}
    told = altered = 0
    for sentence in asked.sentences:
        cited = [texts[n] for n in sentence.citations if n in texts]
        pieces = [a or b for a, b in _QUOTED.findall(sentence.text)]
        if extractive:
            pieces = [re.sub(r"^(?:yes|no)[.,:;]\s+", "", sentence.text, flags=re.IGNORECASE)]
        pieces = [piece for piece in pieces if len(piece.split()) >= _LEAST]
        told += len(pieces)
        altered += sum(not any(piece in text for text in cited) for piece in pieces)
    return told, altered


def committed(asked: Asked) -> bool | None:
    """Yes or no, where the answer begins with it or what it quotes takes a side."""
    match = re.match(r"(yes|no)\b", asked.text, re.IGNORECASE)
    side = match[1].lower() if match else stance(asked.question, [s.text for s in asked.sentences])
    return None if side is None else side == "yes"


def _judged(sentence: Sentence, texts: dict[int, str], supports: Supports) -> Said:
    cited = [texts[n] for n in dict.fromkeys(sentence.citations) if n in texts]
    made = Said(
        text=sentence.text, citations=sentence.citations, verdict=sentence.verdict, reasons=sentence.reasons
    )
    if not cited or not supports(sentence.text, cited):
        return replace(made, needed=(False,) * len(cited))
    if len(cited) == 1:
        return replace(made, entailed=True, needed=(True,))
    needed = tuple(
        supports(sentence.text, [text]) or not supports(sentence.text, [*cited[:i], *cited[i + 1 :]])
        for i, text in enumerate(cited)
    )
    return replace(made, entailed=True, needed=needed)
